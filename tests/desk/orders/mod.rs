//! A shopper's orders beside the chat, from three kinds of systems that answer as the public documentation of their makers
//! says, and what agents are told when they do not.

mod connectors;
mod failing;
mod kept;
mod panel;
mod settings;
mod whose;

use crate::console::Browser;
use crate::harness::people::{Hire, Staff};
use crate::harness::till::Till;
use crate::harness::{Desk, Shopper};
use crate::identity::{begin_as, statement};
use deskbell::domain::people::Role;
use serde_json::{Value, json};

pub const SHOPIFY: &str = include_str!("recorded/shopify.json");
pub const WOOCOMMERCE: &str = include_str!("recorded/woocommerce.json");
pub const SIGNED: &str = include_str!("recorded/signed.json");
pub const TOKEN: &str = "shpat_0123456789abcdef";

pub fn recorded(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A desk whose site is connected to a till, and an agent of it.
pub struct Scene {
    pub desk: Desk,
    pub till: Till,
    pub ana: Staff,
    pub boss: Staff,
}

/// What an owner fills in.
pub fn filled<'a>(kind: &'a str, url: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("kind", kind), ("url", url), ("secret", TOKEN), ("asks_unconfirmed", "1")];
    if kind == "woocommerce" {
        form.push(("key", "ck_0123456789"));
    }
    form
}

impl Scene {
    pub async fn open(kind: &str) -> Self {
        let scene = Self::bare().await;
        scene.connect(&filled(kind, &scene.till.origin)).await;
        scene
    }

    /// Nothing is connected.
    pub async fn bare() -> Self {
        let (desk, till) = (Desk::open().await, Till::open().await);
        let team = desk.team("Orders").await;
        let ana = desk.hire("Ana", Hire::agent(team, 5)).await;
        let boss = desk.hire("Hugo", Hire { role: Role::Admin, capacity: 0, teams: vec![team] }).await;
        Self { desk, till, ana, boss }
    }

    pub async fn connect(&self, form: &[(&str, &str)]) {
        let boss = Browser::sign_in(&self.desk, &self.boss).await;
        let (status, page) = boss.post(&format!("/admin/sites/{}/orders", self.desk.site.id), form).await;
        assert_eq!(status, 303, "{page}");
    }

    /// A chat of somebody the shop vouches for.
    pub async fn vouched(&self, sub: &str, email: &str) -> String {
        let begin = begin_as(&self.desk, None, &statement(&self.desk, sub, email));
        Shopper::come_with(&self.desk, begin, json!([])).await.open("Where is my order?").await
    }

    /// A chat of somebody who typed this address.
    pub async fn typed(&self, email: &str) -> String {
        let shopper = Shopper::come(&self.desk).await;
        let send = json!({ "type": "send", "body": "Where is it?", "files": [], "intake": { "email": email } });
        shopper.must(send).await["conversation"].as_str().unwrap().to_owned()
    }

    pub async fn agent(&self) -> Browser<'_> {
        Browser::sign_in(&self.desk, &self.ana).await
    }
}

/// The card of orders as an agent gets it, with its text as it reads.
pub async fn card(browser: &Browser<'_>, chat: &str) -> String {
    let (status, html) = browser.get(&format!("/console/c/{chat}/card/orders")).await;
    assert_eq!(status, 200, "{html}");
    readable(&html)
}

pub async fn ask(browser: &Browser<'_>, chat: &str) {
    let (status, answer) = browser.post(&format!("/console/c/{chat}/orders"), &[("view", "mine")]).await;
    assert_eq!(status, 200, "{answer}");
}

pub fn readable(html: &str) -> String {
    let text = html.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">");
    text.replace("&#38;", "&").replace('\u{a0}', " ")
}
