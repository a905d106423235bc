//! Cards of the goods that a message links to: read from the shop's own pages, with pictures that we make anew.

use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::shop::{Page, Shop};
use crate::harness::{Desk, SHOP, Shopper, number, text};
use crate::identity::{begin_as, statement};
use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};
use std::io::Cursor;
use std::time::Duration;

const DATA: &str = r#"<title>Lamp</title><script type="application/ld+json">{"@type":"Product","name":"Dome <Lamp>","sku":"L-1",
    "image":"/lamp.png","offers":{"price":"49.90","priceCurrency":"EUR","availability":"InStock"}}</script>"#;

fn png() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(640, 480, image::Rgb([20, 90, 200])).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn cards(desk: &Desk, token: &str, chat: &str, seq: i64) -> (u16, Value) {
    let url = format!("{}/v1/shopper/conversations/{chat}/cards/{seq}", desk.base);
    let answer = desk.http.get(url).bearer_auth(token).header("origin", SHOP).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

/// The cards of a message that a shopper sends.
async fn of(desk: &Desk, shopper: &Shopper, body: &str) -> Value {
    let ack = shopper.say(body).await;
    let (status, answer) = cards(desk, &shopper.token, text(&ack, "conversation"), number(&ack, "seq")).await;
    assert_eq!(status, 200, "{answer}");
    answer["cards"].clone()
}

#[tokio::test]
async fn a_link_to_the_shop_becomes_a_card_and_its_picture_comes_from_us() {
    let mut desk = Desk::open().await;
    let shop = Shop::of(&mut desk).await;
    shop.put("/lamp", Page::html(DATA));
    shop.put("/lamp.png", Page::of("image/png", png()));
    let shopper = Shopper::come(&desk).await;
    let found = of(&desk, &shopper, &format!("How tall is {}?", shop.at("/lamp#size"))).await;
    let image = text(&found[0], "image").to_owned();
    let card = json!({ "url": shop.at("/lamp#size"), "title": "Dome <Lamp>", "image": image, "price": "49.90",
        "currency": "EUR", "stock": "in", "sku": "L-1" });
    assert_eq!(found, json!([card]));
    let headers = shop.headers();
    assert!(headers["user-agent"].to_str().unwrap().starts_with("Deskbell/"));
    assert!(!headers.contains_key("cookie") && !headers.contains_key("referer") && !headers.contains_key("origin"));
    assert!(image.starts_with(&format!("/w/{}/image?", desk.site.public_key)), "{image}");
    assert_eq!(shop.asked("/lamp.png"), 0, "asked when somebody looks");
    let picture = desk.http.get(format!("{}{image}", desk.base)).send().await.unwrap();
    assert_eq!(picture.status(), 200);
    assert_eq!(picture.headers()["content-type"], "image/jpeg");
    assert_eq!(picture.headers()["x-content-type-options"], "nosniff");
    assert!(picture.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
    let bytes = picture.bytes().await.unwrap();
    let made = image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg).unwrap();
    assert_eq!((made.width(), made.height()), (320, 240));
    for _ in 0..3 {
        assert_eq!(desk.http.get(format!("{}{image}", desk.base)).send().await.unwrap().status(), 200);
        of(&desk, &shopper, &format!("again {}", shop.at("/lamp"))).await;
    }
    assert_eq!((shop.asked("/lamp"), shop.asked("/lamp.png")), (1, 1), "kept");
    desk.app.clock.advance(Duration::from_mins(31));
    shop.put("/lamp", Page::html(DATA.replace("49.90", "39.90").replace("InStock", "OutOfStock")));
    let fresh = of(&desk, &shopper, &shop.at("/lamp")).await;
    assert_eq!((&fresh[0]["price"], &fresh[0]["stock"]), (&json!("39.90"), &json!("out")), "prices change");
}

#[tokio::test]
async fn what_is_not_the_shops_own_page_is_not_even_asked() {
    let mut desk = Desk::open().await;
    let (shop, other) = (Shop::of(&mut desk).await, Shop::open().await);
    for stranger in [&shop, &other] {
        stranger.put("/lamp", Page::html(DATA));
        stranger.put("/away", Page::to(&other.at("/lamp")));
        stranger.put("/inside", Page::to("http://10.0.0.1/"));
        stranger.put("/file", Page::of("application/pdf", DATA));
        stranger.put("/gone", Page { status: 404, ..Page::html(DATA) });
        stranger.put("/empty", Page::html("<p>nothing"));
    }
    let shopper = Shopper::come(&desk).await;
    for none in
        ["hello", "ftp://shop.example/lamp", &other.at("/lamp"), &format!("http://me@{}", &shop.at("/lamp")[7..])]
    {
        assert_eq!(of(&desk, &shopper, none).await, json!([]), "{none}");
    }
    for none in ["/away", "/inside", "/file", "/gone", "/empty", "/nowhere"] {
        assert_eq!(of(&desk, &shopper, &shop.at(none)).await, json!([]), "{none}");
        assert_eq!(of(&desk, &shopper, &shop.at(none)).await, json!([]), "{none}, kept");
        assert_eq!(shop.asked(none), 1, "{none}");
    }
    assert_eq!(other.asked("/lamp"), 0);
    let many: Vec<_> = (0..9).map(|n| shop.at(&format!("/lamp?{n}"))).collect();
    assert_eq!(of(&desk, &shopper, &many.join(" ")).await.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_page_that_many_want_at_once_is_asked_once() {
    let mut desk = Desk::open().await;
    let shop = Shop::of(&mut desk).await;
    shop.put("/lamp", Page::html(DATA));
    let shopper = Shopper::come(&desk).await;
    let ack = shopper.say(&shop.at("/lamp")).await;
    let (chat, seq) = (text(&ack, "conversation").to_owned(), number(&ack, "seq"));
    shop.shut(true);
    let asking = futures_util::future::join_all((0..12).map(|_| cards(&desk, &shopper.token, &chat, seq)));
    let opening = async {
        crate::harness::eventually("the page is asked", async || (shop.asked("/lamp") > 0).then_some(())).await;
        shop.shut(false);
    };
    let (answers, ()) = tokio::join!(asking, opening);
    assert!(answers.iter().all(|(status, answer)| *status == 200 && answer["cards"][0]["price"] == "49.90"));
    assert_eq!(shop.asked("/lamp"), 1);
}

#[tokio::test]
async fn a_shop_that_writes_gbk_is_read_as_it_is_meant() {
    let mut desk = Desk::open().await;
    let shop = Shop::of(&mut desk).await;
    let page = "<meta charset=gbk><title>x</title><meta property='og:title' content='台灯 &amp; 书'>";
    shop.put("/lamp", Page::of("text/html", encoding_rs::GBK.encode(page).0.into_owned()));
    let shopper = Shopper::come(&desk).await;
    assert_eq!(of(&desk, &shopper, &shop.at("/lamp")).await[0]["title"], "台灯 & 书");
}

#[tokio::test]
async fn nobody_sees_the_cards_of_anothers_message() {
    let mut desk = Desk::open().await;
    let shop = Shop::of(&mut desk).await;
    shop.put("/lamp", Page::html(DATA));
    let (shopper, other) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let ack = shopper.say(&shop.at("/lamp")).await;
    let (chat, seq) = (text(&ack, "conversation"), number(&ack, "seq"));
    assert_eq!(cards(&desk, "nobody", chat, seq).await.0, 401);
    let foreign = cards(&desk, &other.token, chat, seq).await;
    let unknown = cards(&desk, &other.token, &uuid::Uuid::nil().to_string(), 1).await;
    assert_eq!((foreign.0, &foreign), (404, &unknown));
    for seq in [0, -1, 99, i64::MAX, i64::MIN] {
        assert_eq!(cards(&desk, &shopper.token, chat, seq).await.0, 404, "{seq}");
    }
    assert_eq!(cards(&desk, &shopper.token, chat, 1).await.1["cards"], json!([]), "what is no message has none");
    shopper.must(json!({ "type": "recall", "event": ack["id"] })).await;
    assert_eq!(cards(&desk, &shopper.token, chat, seq).await.1["cards"], json!([]), "taken back");
    let vouched =
        Shopper::come_with(&desk, begin_as(&desk, None, &statement(&desk, "42", "li@shop.example")), json!([])).await;
    assert_eq!(cards(&desk, &vouched.token, chat, seq).await.0, 404);
}

#[tokio::test]
async fn only_addresses_that_we_signed_lead_to_a_picture() {
    let mut desk = Desk::open().await;
    let shop = Shop::of(&mut desk).await;
    let bombs: [(&str, Page); 4] = [
        ("/svg", Page::of("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")),
        ("/html", Page::of("image/png", "<script>alert(1)</script>")),
        ("/large", Page::of("image/png", vec![0_u8; 5 * 1024 * 1024])),
        ("/inside", Page::to("http://169.254.169.254/latest/meta-data/")),
    ];
    let shopper = Shopper::come(&desk).await;
    for (path, bomb) in bombs {
        shop.put(path, bomb);
        let page = format!("<meta property=og:title content=x><meta property=og:image content='{path}'>");
        shop.put(&format!("{path}-page"), Page::html(page));
        let found = of(&desk, &shopper, &shop.at(&format!("{path}-page"))).await;
        let image = format!("{}{}", desk.base, text(&found[0], "image"));
        for _ in 0..2 {
            let answer = desk.http.get(&image).send().await.unwrap();
            assert_eq!(answer.status(), 404, "{path}");
            assert!(answer.bytes().await.unwrap().is_empty(), "{path}");
        }
        assert_eq!(shop.asked(path), 1, "{path}");
        let signature = image.rsplit_once("&s=").unwrap().1.to_owned();
        let second = desk.second_site().await.public_key;
        for forged in [
            image.replace(&signature, &"A".repeat(43)),
            image.replace(&signature, ""),
            image.replace("127%2E0", "127%2E1"),
            image.replace(&desk.site.public_key, &second),
            format!("{}/w/{}/image", desk.base, desk.site.public_key),
        ] {
            let answer = desk.http.get(&forged).send().await.unwrap();
            assert_eq!(answer.status(), 404, "{forged}");
            assert!(answer.text().await.unwrap().contains("not_found"));
        }
    }
}

#[tokio::test]
async fn agents_see_the_cards_in_the_thread_and_only_they() {
    let mut desk = Desk::open().await;
    let shop = Shop::of(&mut desk).await;
    shop.put("/lamp", Page::html(DATA));
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.hire("Ana", Hire::agent(orders, 5)).await;
    let stranger = desk.second_site().await;
    let elsewhere = desk.team_of(&stranger, "Elsewhere").await;
    let eve = desk.hire_at(&stranger, "Eve", Hire::agent(elsewhere, 5)).await;
    let _ = returns;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open(&shop.at("/lamp")).await;
    let browser = Browser::sign_in(&desk, &ana).await;
    let (_, page) = browser.get(&format!("/console/c/{chat}")).await;
    let place =
        page.split("data-goods=\"").nth(1).expect("a place for the cards").split('"').next().unwrap().to_owned();
    let (status, html) = browser.get(&place).await;
    assert_eq!(status, 200);
    assert!(html.contains("Dome &#60;Lamp&#62;") && html.contains("49.90 EUR") && html.contains("In stock"), "{html}");
    assert!(html.contains("rel=\"noopener noreferrer nofollow\"") && html.contains("/image?u="), "{html}");
    assert_eq!(Browser::sign_in(&desk, &eve).await.get(&place).await.0, 404);
}
