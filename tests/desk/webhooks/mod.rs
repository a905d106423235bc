//! Webhooks: told of what was committed, at least once, under one id, signed; and what becomes of them when the receiver does
//! not take them.

mod ear;
mod failing;
mod pages;
mod told;

use crate::console::Browser;
use crate::harness::people::{Hire, Staff};
use crate::harness::{Agent, Desk, Shopper, eventually};
use deskbell::domain::people::Role;
use deskbell::domain::webhook::TOLD;
use ear::Ear;
use std::time::Duration;

/// An owner, and a webhook of the desk's site at an ear.
pub struct Scene {
    pub desk: Desk,
    pub ear: Ear,
    pub boss: Staff,
    pub hook: Hook,
}

#[derive(Clone)]
pub struct Hook {
    pub id: String,
    pub secret: String,
}

impl Hook {
    pub fn path(&self, verb: &str) -> String {
        format!("/admin/webhooks/{}{verb}", self.id)
    }
}

impl Scene {
    pub async fn open() -> Self {
        Self::at(Desk::open().await).await
    }

    pub async fn at(desk: Desk) -> Self {
        let ear = Ear::open().await;
        let boss = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
        let hook = {
            let his = Browser::sign_in(&desk, &boss).await;
            add(&his, &format!("{}/hear?key=1", ear.origin)).await
        };
        Self { desk, ear, boss, hook }
    }

    pub async fn boss(&self) -> Browser<'_> {
        Browser::sign_in(&self.desk, &self.boss).await
    }

    pub async fn page(&self) -> String {
        let (status, page) = self.boss().await.get(&self.hook.path("")).await;
        assert_eq!(status, 200, "{page}");
        page
    }

    /// An agent, and a shopper in a chat with them.
    pub async fn talk(&self) -> (Agent, Shopper, String) {
        let team = self.desk.team("Orders").await;
        let ana = self.desk.agent("Ana", team, 5).await;
        let shopper = Shopper::come(&self.desk).await;
        let chat = shopper.open("Where is my order?").await;
        ana.given(&chat).await;
        (ana, shopper, chat)
    }

    pub async fn until_nothing_waits(&self) {
        eventually("nothing waits", async || {
            (self.desk.count("select count(*) from webhook_deliveries where state = 'waiting'").await == 0)
                .then_some(())
        })
        .await;
    }

    /// Until the database says so, while the clock goes on by itself: what waits for a while need not be waited for.
    pub async fn in_time(&self, what: &str, step: Duration, statement: &'static str) {
        eventually(what, async || {
            if self.desk.count(statement).await > 0 {
                return Some(());
            }
            self.desk.app.clock.advance(step);
            tokio::time::sleep(Duration::from_millis(200)).await;
            None
        })
        .await;
    }
}

/// What an owner fills in.
pub fn filled<'a>(site: &'a str, id: &'a str, url: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("site", site), ("id", id), ("url", url)];
    form.extend(TOLD.map(|kind| ("event", kind.as_str())));
    form
}

pub async fn add(his: &Browser<'_>, url: &str) -> Hook {
    add_at(his, &his.desk.site.id.to_string(), url).await
}

pub async fn add_at(his: &Browser<'_>, site: &str, url: &str) -> Hook {
    let id = deskbell::app::new_id().to_string();
    let (status, page) = his.submit("/admin/webhooks", &filled(site, &id, url)).await;
    assert_eq!(status, 200, "{page}");
    Hook { secret: secret_in(&page).expect("it is shown once"), id }
}

pub fn secret_in(page: &str) -> Option<String> {
    let at = page.find("whsec_")?;
    Some(page[at..].split('<').next()?.replace("&#43;", "+").replace("&#61;", "=").trim().to_owned())
}
