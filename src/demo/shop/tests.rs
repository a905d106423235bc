//! The shop through its front door, as a browser without script meets it.

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;

async fn send(request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let answer = routes::<()>("site-key".into()).oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (head.status, head.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn open(path: &str) -> (StatusCode, HeaderMap, String) {
    send(Request::get(path).body(Body::empty()).unwrap()).await
}

fn form(path: &str, cookie: &str, body: &str) -> Request<Body> {
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, cookie)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn every_page_carries_the_chat_and_nothing_from_elsewhere() {
    let mut paths =
        vec!["/shop/".to_owned(), "/shop/cart".into(), "/shop/help".into(), "/shop/thanks/LM-123456".into()];
    paths.extend(goods::GOODS.iter().map(|good| format!("/shop/p/{}", good.slug)));
    for path in paths {
        let (status, headers, body) = open(&path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(body.contains("<script async src=\"/w/site-key.js\"></script>"), "{path}");
        // The name of a vocabulary is no address to load from.
        let body = body.replace("\"https://schema.org", "\"");
        assert!(!body.contains("://") && !body.contains("style="), "{path} has a foreign address or an inline style");
        assert!(text(&headers, &header::CONTENT_SECURITY_POLICY).contains("script-src 'self';"), "{path}");
    }
}

#[tokio::test]
async fn the_front_page_shows_a_dozen_goods_and_narrows_them() {
    let count = |body: &str| body.matches("<li class=\"card\">").count();
    assert_eq!(count(&open("/shop/").await.2), 12);
    assert_eq!(count(&open("/shop/?c=light").await.2), 2);
    assert_eq!(count(&open("/shop/?q=BRASS%20seal").await.2), 1);
    let (_, _, nothing) = open("/shop/?q=%3Cscript%3E").await;
    assert!(nothing.contains("Nothing on our shelves") && !nothing.contains("<script>"));
}

#[tokio::test]
async fn a_shopper_without_script_buys_something() {
    let (status, headers, _) = send(form("/shop/cart/add", "", "slug=linen-notebook&choice=1&pieces=2")).await;
    assert_eq!((status, text(&headers, &header::LOCATION)), (StatusCode::SEE_OTHER, "/shop/cart"));
    let cookie = text(&headers, &header::SET_COOKIE).split(';').next().unwrap().to_owned();
    let (_, _, body) =
        send(Request::get("/shop/cart").header(header::COOKIE, &cookie).body(Body::empty()).unwrap()).await;
    assert!(body.contains("Ruling: Lined") && body.contains("€36.00") && body.contains("€40.90"), "{body}");

    let (status, _, body) = send(form("/shop/checkout", &cookie, "name=Ana&email=ana&country=Germany")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("Please enter an e-mail address") && body.contains("value=\"Ana\""));

    let whole = "name=Ana&email=ana%40example.org&street=Lindenweg+4&postcode=10115&city=Berlin&country=Germany";
    let (status, headers, _) = send(form("/shop/checkout", &cookie, whole)).await;
    let place = text(&headers, &header::LOCATION).to_owned();
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(text(&headers, &header::SET_COOKIE).contains("Max-Age=0"));
    let (_, _, body) = open(&place).await;
    assert!(body.contains("Thank you.") && body.contains(place.rsplit('/').next().unwrap()));
}

#[tokio::test]
async fn the_cart_tells_script_what_is_in_it() {
    let mut request = form("/shop/cart/add", "shop_cart=arc-lamp.0.1", "slug=cedar-pencils&pieces=2");
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let (_, _, body) = send(request).await;
    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&answer["ok"], &answer["pieces"]), (&true.into(), &3.into()));
    assert_eq!(answer["cart"]["items"][1]["title"], "Cedar Pencils, Set of Six");
    assert_eq!(answer["cart"]["total"], 153.0);
}

#[tokio::test]
async fn unknown_places_are_lost_and_empty_carts_do_not_check_out() {
    for path in ["/shop/p/nothing", "/shop/thanks/%3Cb%3E"] {
        let (status, _, body) = open(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(body.contains("Not on our shelves") && !body.contains("<b>%"));
    }
    let (status, headers, _) = open("/shop/checkout").await;
    assert_eq!((status, text(&headers, &header::LOCATION)), (StatusCode::SEE_OTHER, "/shop/cart"));
}

#[tokio::test]
async fn files_have_their_type_and_stay_in_the_cache() {
    let fingerprint = assets::FINGERPRINT.as_str();
    for (name, kind) in [
        ("shop.css", "text/css; charset=utf-8"),
        ("shop.js", "text/javascript; charset=utf-8"),
        ("arc-lamp.svg", "image/svg+xml"),
    ] {
        let (status, headers, _) = open(&format!("/shop/assets/{name}?v={fingerprint}")).await;
        assert_eq!((status, text(&headers, &header::CONTENT_TYPE)), (StatusCode::OK, kind));
        assert!(text(&headers, &header::CACHE_CONTROL).contains("immutable"));
    }
    let known = Request::get("/shop/assets/shop.css").header(header::IF_NONE_MATCH, format!("\"{fingerprint}\""));
    let (status, headers, _) = send(known.body(Body::empty()).unwrap()).await;
    assert_eq!((status, text(&headers, &header::CACHE_CONTROL)), (StatusCode::NOT_MODIFIED, "public, max-age=3600"));
    assert_eq!(open("/shop/assets/nothing.css").await.0, StatusCode::NOT_FOUND);
}
