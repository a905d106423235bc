//! The shop's server passes a path on to Deskbell: a cookie there remembers the shopper, for that shop's own pages alone.

use crate::harness::{Desk, SHOP, text};
use axum::http::header;
use serde_json::{Value, json};

struct Told {
    status: u16,
    cookie: Option<String>,
    body: Value,
}

/// As a browser would post it from a page of `origin`, at the address `host`.
async fn post(desk: &Desk, origin: &str, host: &str, cookie: Option<&str>, body: &Value) -> Told {
    let mut request = desk.http.post(format!("{}/v1/shopper/session", desk.base)).json(body);
    request = request.header(header::ORIGIN, origin).header(header::HOST, host);
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    told(request.send().await.unwrap()).await
}

async fn told(answer: reqwest::Response) -> Told {
    let cookie = answer.headers().get(header::SET_COOKIE).map(|cookie| cookie.to_str().unwrap().to_owned());
    Told { status: answer.status().as_u16(), cookie, body: answer.json().await.unwrap_or(Value::Null) }
}

fn pair(cookie: &str) -> &str {
    cookie.split(';').next().unwrap()
}

const HOST: &str = "shop.example";

#[tokio::test]
async fn behind_the_shop_s_own_address_a_cookie_remembers_the_shopper() {
    let desk = Desk::open().await;
    let first = post(&desk, SHOP, HOST, None, &desk.begin()).await;
    let cookie = first.cookie.unwrap();
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Max-Age=15552000"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.contains("Path=") && !cookie.contains("Domain="), "it stays beside the session: {cookie}");
    let again = post(&desk, SHOP, HOST, Some(pair(&cookie)), &desk.begin()).await;
    assert_eq!(again.body["shopper"]["id"], first.body["shopper"]["id"]);
    assert_eq!(again.body["token"], first.body["token"]);
    // The script's own token goes before the cookie.
    let (_, other) = desk.session(&desk.begin()).await;
    let mut begin = desk.begin();
    begin["token"] = other["token"].clone();
    let told = post(&desk, SHOP, HOST, Some(pair(&cookie)), &begin).await;
    assert_eq!(told.body["shopper"]["id"], other["shopper"]["id"]);
}

#[tokio::test]
async fn the_cookie_counts_for_the_shop_s_own_pages_at_its_own_address_alone() {
    let desk = Desk::open().await;
    let first = post(&desk, SHOP, HOST, None, &desk.begin()).await;
    let (cookie, shopper) = (first.cookie.unwrap(), &first.body["shopper"]["id"]);
    let own = desk.base.trim_start_matches("http://").to_owned();
    for (origin, host) in
        [(SHOP, own.as_str()), (SHOP, "other.example"), (desk.base.as_str(), HOST), (desk.base.as_str(), &own)]
    {
        let told = post(&desk, origin, host, Some(pair(&cookie)), &desk.begin()).await;
        assert_eq!(told.status, 200, "{origin} at {host}");
        assert_ne!(&told.body["shopper"]["id"], shopper, "{origin} at {host}");
        assert_eq!(told.cookie, None, "{origin} at {host}");
    }
    let strange = post(&desk, "https://evil.example", HOST, Some(pair(&cookie)), &desk.begin()).await;
    assert_eq!((strange.status, strange.cookie), (403, None));
    // What a form of another page could send is no session.
    let form = desk.http.post(format!("{}/v1/shopper/session", desk.base));
    let form = form.header(header::ORIGIN, SHOP).header(header::HOST, HOST).header(header::COOKIE, pair(&cookie));
    let form = form.header(header::CONTENT_TYPE, "text/plain").body(desk.begin().to_string());
    assert_eq!(told(form.send().await.unwrap()).await.status, 422);
    // The same cookie of another shop is nobody.
    let bikes = desk.second_site().await;
    let mut begin = desk.begin();
    begin["site"] = json!(bikes.public_key);
    let renamed = format!("deskbell_shopper_{}={}", bikes.public_key, text(&first.body, "token"));
    let told = post(&desk, "https://bikes.example", "bikes.example", Some(&renamed), &begin).await;
    assert_ne!(&told.body["shopper"]["id"], shopper);
}

#[tokio::test]
async fn who_signs_out_is_not_brought_back_by_the_cookie() {
    let desk = Desk::open().await;
    let first = post(&desk, SHOP, HOST, None, &desk.begin()).await;
    let cookie = first.cookie.unwrap();
    let mut begin = desk.begin();
    begin["token"] = json!("");
    let fresh = post(&desk, SHOP, HOST, Some(pair(&cookie)), &begin).await;
    assert_ne!(fresh.body["shopper"]["id"], first.body["shopper"]["id"]);
    let stolen = post(&desk, SHOP, HOST, Some(pair(&cookie)), &desk.begin()).await;
    assert_ne!(stolen.body["shopper"]["id"], first.body["shopper"]["id"], "the old token is good for nothing");

    let cookie = fresh.cookie.unwrap();
    let end = desk.http.delete(format!("{}/v1/shopper/session", desk.base));
    let end = end.header(header::ORIGIN, SHOP).header(header::HOST, HOST).header(header::COOKIE, pair(&cookie));
    let ended = told(end.send().await.unwrap()).await;
    assert_eq!(ended.status, 204);
    assert!(ended.cookie.unwrap().contains("Max-Age=0"));
    let after = post(&desk, SHOP, HOST, Some(pair(&cookie)), &desk.begin()).await;
    assert_ne!(after.body["shopper"]["id"], fresh.body["shopper"]["id"]);
}

#[tokio::test]
async fn the_panel_may_speak_with_the_address_it_came_from() {
    let desk = Desk::open().await;
    let url = format!("{}/w/panel?site={}", desk.base, desk.site.public_key);
    let policy = async |host: &str| {
        let answer = desk.http.get(&url).header(header::HOST, host).send().await.unwrap();
        answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
    };
    assert!(policy(HOST).await.contains("connect-src 'self' wss://shop.example;"));
    assert!(policy("evil.example").await.contains(&desk.base.replace("http", "ws")));
}
