//! A form that is posted without script after the session has ended keeps its words through signing in.

use crate::console::Browser;
use crate::harness::people::PASSWORD;
use crate::harness::{Desk, Shopper, cid};

/// The fields of the last form of a page, as a browser would send them.
fn fields(page: &str) -> Vec<(String, String)> {
    let form = page.rsplit("<form").next().unwrap();
    let plain = |text: &str| {
        let written = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
        written.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let attribute = |tag: &str, name: &str| {
        let value = tag.split(&format!(" {name}=\"")).nth(1)?;
        value.split('"').next().map(plain)
    };
    let hidden = form.split("<input type=\"hidden\"").skip(1).map(|tag| tag.split('>').next().unwrap());
    let hidden = hidden.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)));
    let typed = form.split("<textarea").skip(1).map(|tag| {
        let (tag, text) = tag.split_once('>').unwrap();
        let text = text.strip_prefix('\n').unwrap_or(text);
        (attribute(tag, "name").unwrap(), plain(text.split("</textarea>").next().unwrap()))
    });
    hidden.chain(typed).collect()
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn words_that_were_posted_after_the_session_ended_are_sent_by_a_press_after_signing_in_once() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("how much is it?").await;
    ana.given(&chat).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let words = "It is 42 euro \"as ever\" & <b>not</b> more";
    // What stands in the address goes along.
    let path = format!("/console/c/{chat}/reply?view=mine");
    let id = cid();
    let form = [("body", words), ("cid", &id), ("view", "mine"), ("gen", "1")];
    browser.submit_to("/console/logout", &[]).await;

    // Another site's page and a script are answered as ever; so is a form in which nothing was typed.
    let (status, other) = browser.post_from(&path, &form, Some("https://evil.example")).await;
    assert!(status == 403 && !other.contains("42 euro"), "{other}");
    assert_eq!(browser.post(&path, &form).await.0, 401);
    assert_eq!(browser.submit(&format!("/console/c/{chat}/claim"), &[("view", "mine")]).await.0, 303);

    // As the page's form is where files are taken: its words are kept, its file is not.
    let file = "what the file holds ".repeat(200_000);
    let (status, carried) = browser.submit_parts(&path, &form, &file).await;
    assert_eq!(status, 401);
    let (status, asked) = browser.submit(&path, &form).await;
    assert_eq!((status, fields(&asked)), (401, fields(&carried)));
    assert!(!carried.contains("what the file holds"), "{carried}");
    assert!(asked.contains("What you wrote was not sent") && asked.contains("It is 42 euro"), "{asked}");
    assert!(!asked.contains("<b>not"), "{asked}");
    let kept = fields(&asked);
    let with = |password: &'static str| {
        let mut all = kept.clone();
        all.extend([("email".to_owned(), ana.staff.email.clone()), ("password".to_owned(), password.to_owned())]);
        all
    };
    let (status, again) = browser.submit("/console/login", &borrowed(&with("not this one"))).await;
    assert!(status == 401 && again.contains("It is 42 euro"), "{again}");
    let (status, shown) = browser.submit("/console/login", &borrowed(&with(PASSWORD))).await;
    assert!(status == 200 && shown.contains(&format!("action=\"{path}\"")), "{shown}");
    let said = async || desk.count("select count(*) from events where kind = 'message'").await;
    assert_eq!(said().await, 1, "nothing is sent without a press");

    let signed_in = Browser::sign_in(&desk, &ana.staff).await;
    let send = fields(&shown);
    for _ in 0..2 {
        assert_eq!(signed_in.submit(&path, &borrowed(&send)).await.0, 303);
    }
    shopper.message(&chat, words).await;
    assert_eq!(said().await, 2, "and once");
}
