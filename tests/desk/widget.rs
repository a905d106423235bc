//! What an owner sets about the widget, and what of it comes into the shop's pages.

use crate::harness::{Desk, Setup, Shopper, eventually};
use crate::owners::{fields, owner, send, stored};
use axum::http::{StatusCode, header};
use deskbell::domain::widget::{Rule, Trail, Words};
use deskbell::store::people;
use serde_json::{Value, json};

async fn get(desk: &Desk, path: &str) -> (StatusCode, reqwest::header::HeaderMap, String) {
    let answer = desk.http.get(format!("{}{path}", desk.base)).send().await.unwrap();
    (answer.status(), answer.headers().clone(), answer.text().await.unwrap())
}

async fn loader(desk: &Desk) -> String {
    get(desk, &format!("/w/{}.js", desk.site.public_key)).await.2
}

#[tokio::test]
async fn what_an_owner_sets_is_in_the_loader_and_in_the_panel_at_once() {
    let desk = Desk::open().await;
    let browser = owner(&desk).await;
    let path = format!("/admin/sites/{}/widget", desk.site.id);
    let sent = [
        ("color", "#FFD400"),
        ("side", "left"),
        ("x", "32"),
        ("locale", "de"),
        ("email", "help@shop.example"),
        ("query", "q, a.b"),
        ("words_language_0", "de"),
        ("words_greeting_0", "Moin <b>& hallo</b>!"),
        ("words_away_0", "Wir schlafen </script> noch."),
        ("words_label_0", "Schreib uns"),
    ];
    assert_eq!(send(&browser, &path, &sent).await.0, 303);
    let script = loader(&desk).await;
    for part in [
        r##""color":"#ffd400""##,
        r##""on":"#000000""##,
        r#""side":"left""#,
        r#""x":32"#,
        r#""email":"help@shop.example""#,
        r#""label":"Schreib uns""#,
        r"(?:q|a\\.b)=",
    ] {
        assert!(script.contains(part), "{part}: {}", script.split("AbortController").next().unwrap());
    }
    assert!(!script.contains("\"y\":"), "what is as usual is left out");
    let more = [("words_language_1", "fr"), ("words_label_1", "Écrivez-nous")];
    assert_eq!(send(&browser, &path, &more).await.0, 303);
    let url = format!("{}/w/{}.js", desk.base, desk.site.public_key);
    for (wanted, label) in [("fr-CA, de;q=0.5", "Écrivez-nous"), ("ja, *;q=0.1", "Schreib uns"), ("", "Schreib uns")] {
        let answer = desk.http.get(&url).header(header::ACCEPT_LANGUAGE, wanted).send().await.unwrap();
        assert_eq!(answer.headers()[header::VARY], "accept-encoding, accept-language");
        assert!(answer.text().await.unwrap().contains(&format!("\"label\":\"{label}\"")), "{wanted}");
    }
    let (_, _, panel) = get(&desk, &format!("/w/panel?site={}&locale=de-AT", desk.site.public_key)).await;
    assert_eq!(panel.matches("Moin &#60;b&#62;&#38; hallo&#60;/b&#62;!").count(), 1, "as text, where it is read from");
    assert!(panel.contains("Wir schlafen <\u{200c}/script> noch."));
    assert_eq!(panel.matches("{{@").count(), 0);
    let (_, _, english) = get(&desk, &format!("/w/panel?site={}&locale=en", desk.site.public_key)).await;
    assert!(english.contains("How can we help you today?") && english.contains("We are away right now"));
    // Shown again and sent back as it is, it changes nothing.
    let before = serde_json::to_value(stored(&desk).await.settings).unwrap();
    assert_eq!(send(&browser, &path, &[]).await.0, 303);
    assert_eq!(serde_json::to_value(stored(&desk).await.settings).unwrap(), before);
}

#[tokio::test]
async fn of_two_who_save_at_once_the_second_is_told_and_keeps_their_text() {
    let desk = Desk::open().await;
    let browser = owner(&desk).await;
    let path = format!("/admin/sites/{}/widget", desk.site.id);
    let (_, html) = browser.get(&path).await;
    let with = |html: &str, color: &str| -> Vec<(String, String)> {
        let kept = fields(html).into_iter().filter(|(name, _)| name != "color");
        kept.chain([("color".to_owned(), color.to_owned())]).collect()
    };
    let post = async |sent: &[(String, String)]| {
        let sent: Vec<_> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.post(&path, &sent).await
    };
    assert_eq!(post(&with(&html, "#00aa00")).await.0, 303);
    let (status, conflict) = post(&with(&html, "#aa0000")).await;
    assert_eq!(status, 409);
    assert!(conflict.contains("Somebody else saved this page"));
    assert!(conflict.contains("value=\"#aa0000\""), "what was typed stays");
    assert_eq!(stored(&desk).await.settings.appearance.color, "#00aa00");
    // Whoever was told and saves again means it.
    assert_eq!(post(&with(&conflict, "#aa0000")).await.0, 303);
    assert_eq!(stored(&desk).await.settings.appearance.color, "#aa0000");
}

#[tokio::test]
async fn a_mistake_is_told_at_its_field_and_nothing_is_stored() {
    let desk = Desk::open().await;
    let browser = owner(&desk).await;
    let path = format!("/admin/sites/{}/widget", desk.site.id);
    let bad = [
        ("color", "<i>red"),
        ("y", "9999"),
        ("words_greeting_0", "Hi"),
        ("invite_on_0", "1"),
        ("invite_page_0", "cart"),
    ];
    let (status, html) = send(&browser, &path, &bad).await;
    assert_eq!(status, 422);
    for field in ["color", "y", "words_0", "invite_0"] {
        assert!(html.contains(&format!("id=\"{field}-problem\"")), "{field}");
    }
    assert!(html.contains("&#60;i&#62;red") && !html.contains("<i>red"));
    assert_eq!(stored(&desk).await.settings.appearance.color, "#0f5fd7");
    let boss = desk
        .hire("Grace", crate::harness::Hire { role: deskbell::domain::people::Role::Supervisor, ..Default::default() })
        .await;
    let other = crate::console::Browser::sign_in(&desk, &boss).await;
    assert_eq!(other.get(&path).await.0, 403);
    assert_eq!(other.post(&path, &[("color", "#000000")]).await.0, 403);
}

#[tokio::test]
async fn a_question_is_asked_in_the_shopper_s_language() {
    let desk = Desk::open().await;
    let browser = owner(&desk).await;
    let path = format!("/admin/sites/{}", desk.site.id);
    let sent = [
        ("question_label_0", "Order number"),
        ("question_kind_0", "text"),
        ("question_labels_0", "de: Bestellnummer; fr: Numéro de commande"),
    ];
    assert_eq!(send(&browser, &path, &sent).await.0, 303);
    for (locale, label) in [("de-CH", "Bestellnummer"), ("fr", "Numéro de commande"), ("ja", "Order number")] {
        let mut begin = desk.begin();
        begin["locale"] = json!(locale);
        let (_, session) = desk.session(&begin).await;
        assert_eq!(session["site"]["intake"][0]["label"], label, "{locale}");
        assert!(session["site"]["intake"][0].get("labels").is_none());
    }
    assert_eq!(send(&browser, &path, &[("question_labels_0", "Bestellnummer")]).await.0, 422);
}

#[tokio::test]
async fn the_invitation_is_for_a_shop_where_somebody_is_and_in_the_page_s_language() {
    let rules = vec![Rule { page: "/cart".into(), page_s: 30, worth: 50, ..Rule::default() }];
    let own = Words { invitation: "Fragen zur Lieferung?".into(), ..Words::default() };
    let desk = Setup::default()
        .site(move |site| {
            site.settings.invitation = rules;
            site.settings.words.insert("de".into(), own);
        })
        .open()
        .await;
    assert!(loader(&desk).await.contains("\"invite\":30000"));
    let module =
        async |locale: &str| get(&desk, &format!("/w/{}/invite.js?locale={locale}", desk.site.public_key)).await;
    let (status, headers, empty) = module("de").await;
    assert_eq!((status, empty.as_str()), (StatusCode::OK, "export default()=>{}"), "nobody is there");
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert_eq!(headers[header::CACHE_CONTROL], "max-age=60");
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    ana.available(true).await;
    eventually("somebody is there", async || module("de").await.2.contains("Fragen zur Lieferung?").then_some(()))
        .await;
    assert!(module("ar,en").await.2.contains("direction:rtl"));
    assert!(module("fr").await.2.contains("Une question"));
    let (_, _, script) = module("en").await;
    assert!(script.contains("t>=30000&&RegExp(\"^/cart/?$\").test(location.pathname)&&c.total>=50"));
    assert!(!script.contains("__"), "nothing is left to fill: {script}");
    let (status, ..) = get(&desk, "/w/nobody/invite.js").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

async fn pages_kept(desk: &Desk, shopper: &Shopper) -> Vec<Value> {
    let id = deskbell::domain::id::ShopperId(shopper.id.parse().unwrap());
    let (context, _) = people::context(&desk.app.db.read, desk.site.id, id).await.unwrap();
    context["pages"].as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn agents_see_as_much_of_the_way_as_the_site_says() {
    for (trail, early, late) in [(Trail::Off, false, false), (Trail::OnChat, true, false), (Trail::Live, true, true)] {
        let desk = Setup::default().site(move |site| site.settings.trail = trail).open().await;
        assert_eq!(loader(&desk).await.contains("\"trail\":\"off\""), trail == Trail::Off);
        let shopper = Shopper::come(&desk).await;
        shopper.open("hello").await;
        let tell = async |page: &str| {
            let url = format!("https://shop.example/{page}");
            shopper
                .send(&json!({ "type": "context", "page": { "url": url, "title": page }, "fields": { "at": page } }));
            eventually("the frame was read", async || {
                let id = deskbell::domain::id::ShopperId(shopper.id.parse().unwrap());
                let (context, _) = people::context(&desk.app.db.read, desk.site.id, id).await.unwrap();
                (context["fields"]["at"] == page).then_some(())
            })
            .await;
            pages_kept(&desk, &shopper).await.iter().any(|kept| kept["url"] == url.as_str())
        };
        assert_eq!(tell("early").await, early, "{trail:?}");
        desk.app.clock.advance(std::time::Duration::from_secs(61));
        assert_eq!(tell("late").await, late, "{trail:?}");
        assert_eq!(pages_kept(&desk, &shopper).await.is_empty(), trail == Trail::Off, "{trail:?}");
    }
}

#[tokio::test]
async fn the_preview_shows_what_is_typed_and_only_deskbell_frames_it() {
    let desk = Desk::open().await;
    let path = format!("/w/{}/preview?color=ffd400&side=left&x=999&scheme=%22onload&other=1", desk.site.public_key);
    let (status, headers, html) = get(&desk, &path).await;
    assert_eq!(status, StatusCode::OK);
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'self'") && policy.contains("default-src 'none'"));
    assert!(html.contains("data-color=\"#ffd400\" data-on=\"#000000\" data-side=\"left\" data-x=\"20\""));
    assert!(!html.contains("onload"), "what is no valid value is as it is stored");
}
