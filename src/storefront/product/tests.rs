use super::{Card, Stock, card, decimal};
use crate::storefront::page::Page;
use url::Url;

fn read(html: &str) -> Option<Card> {
    card(&Page::read(html.as_bytes(), "text/html; charset=utf-8"), &Url::parse("https://shop.example/p/lamp").unwrap())
}

fn data(json: &str) -> Option<Card> {
    read(&format!("<title>The page</title><script type=application/ld+json>{json}</script>"))
}

fn whole() -> Card {
    Card {
        title: "Dome Lamp".into(),
        image: Some("https://shop.example/i/lamp.jpg".into()),
        price: Some("49.90".into()),
        currency: Some("EUR".into()),
        stock: Some(Stock::In),
        sku: Some("L-1".into()),
    }
}

#[test]
fn structured_data_are_found_wherever_shops_put_them() {
    let offer =
        r#"{"@type":"Offer","price":"49.90","priceCurrency":"EUR","availability":"https://schema.org/InStock"}"#;
    let lamp =
        format!(r#"{{"@type":"Product","name":"Dome Lamp","image":["/i/lamp.jpg"],"sku":"L-1","offers":{offer}}}"#);
    let cases = [
        lamp.clone(),
        format!("[{{\"@type\":\"BreadcrumbList\"}},{lamp}]"),
        format!("{{\"@context\":\"https://schema.org\",\"@graph\":[{{\"@type\":\"WebSite\",\"name\":\"x\"}},{lamp}]}}"),
        format!("{{\"@type\":\"ItemPage\",\"mainEntity\":{lamp}}}"),
        format!("<!--\n{lamp}\n-->"),
        format!("//<![CDATA[\n{lamp}\n//]]>"),
        lamp.replace("\"Product\"", "[\"http://schema.org/Product\",\"Thing\"]"),
        lamp.replace(offer, &format!("[{offer}]")),
        lamp.replace(r#""price":"49.90""#, r#""price":49.9"#),
        lamp.replace(r#""price":"49.90""#, r#""lowPrice":"49,90""#).replace("Offer", "AggregateOffer"),
        lamp.replace(
            r#""price":"49.90","priceCurrency":"EUR""#,
            r#""priceSpecification":[{"price":49.90,"priceCurrency":"eur"}]"#,
        ),
        lamp.replace(r#"["/i/lamp.jpg"]"#, r#"{"@type":"ImageObject","url":"//shop.example/i/lamp.jpg"}"#),
        lamp.replace("Dome Lamp", "Dome\n\tLamp"),
        lamp.replace("https://schema.org/InStock", "InStock"),
        lamp.replace(r#""sku":"L-1""#, r#""mpn":"L-1""#),
    ];
    for json in cases {
        assert_eq!(data(&json), Some(whole()), "{json}");
    }
}

#[test]
fn without_structured_data_the_metadata_speak_and_then_the_title() {
    let meta = r#"<title>Dome Lamp | Shop</title><meta property=og:title content="Dome Lamp"><meta property=og:image content=/i/lamp.jpg>
        <meta property=product:price:amount content=49.90><meta property=product:price:currency content=EUR>
        <meta property=product:availability content="in stock"><meta property=product:retailer_item_id content=L-1>"#;
    assert_eq!(read(meta), Some(whole()));
    assert_eq!(read("<title>\n Dome  Lamp </title>"), Some(Card { title: "Dome Lamp".into(), ..Card::default() }));
    let mixed = format!(
        "{meta}<script type=application/ld+json>{{\"@type\":\"Product\",\"name\":\"Arc\",\"offers\":{{\"price\":5}}}}</script>"
    );
    let mixed = read(&mixed).unwrap();
    assert_eq!(
        (mixed.title.as_str(), mixed.price.as_deref()),
        ("Arc", Some("49.90")),
        "a price goes with its currency"
    );
    for nothing in ["", "<title> </title>", "<p>hello", "<meta property=og:title content=' '>"] {
        assert_eq!(read(nothing), None, "{nothing}");
    }
}

#[test]
fn what_is_hostile_or_broken_does_no_harm() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let broken = [
        "{",
        "null",
        "[]",
        "\"Product\"",
        "{\"@type\":\"Product\"}",
        "{\"@type\":{\"@type\":\"Product\"},\"name\":\"x\"}",
        deep.as_str(),
    ];
    for json in broken {
        assert_eq!(data(json).unwrap().title, "The page", "{}", &json[..json.len().min(40)]);
    }
    let odd = data(
        r#"{"@type":"Product","name":"<b>A\u202e</b> &amp; B","image":"javascript:alert(1)","sku":["x"],
        "offers":{"price":"free","priceCurrency":"EURO","availability":7}}"#,
    );
    assert_eq!(odd, Some(Card { title: "<b>A </b> & B".into(), ..Card::default() }));
    let long =
        data(&format!(r#"{{"@type":"Product","name":"{}","image":"/{}"}}"#, "é".repeat(9_000), "a".repeat(9_000)));
    let long = long.unwrap();
    assert_eq!((long.title.chars().count(), long.image), (200, None));
}

#[test]
fn prices_are_plain_decimal_numbers() {
    let cases = [
        ("18", "18"),
        ("18.0", "18.00"),
        ("49.9", "49.90"),
        ("49,90 €", "49.90"),
        ("EUR 1.299,00", "1299.00"),
        ("$1,299.00", "1299.00"),
        ("1,299", "1299"),
        ("1 299.5", "1299.50"),
        ("12,345,678", "12345678"),
        ("1'299.00", "1299.00"),
        ("0.99", "0.99"),
        (".99", "0.99"),
        ("Rs. 500", "500"),
        ("007", "7"),
        ("1.234.567,89", "1234567.89"),
        ("19.999", "19.999"),
    ];
    for (text, read) in cases {
        assert_eq!(decimal(text).as_deref(), Some(read), "{text}");
    }
    for none in ["", "free", "-5", "€", ".", "123456789012345", "one"] {
        assert_eq!(decimal(none), None, "{none}");
    }
}
