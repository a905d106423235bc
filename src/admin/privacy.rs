//! Privacy: looking somebody up who asks, handing out and erasing what is known of them, how long shops keep what has ended, and
//! the record of all of it.

mod keeping;
mod person;

pub use keeping::{page as keeping, save as keep};
pub use person::{erase, export, page as person};

use crate::app::App;
use crate::auth::Admin;
use crate::domain::id::{ShopperId, SiteId};
use crate::error::Result;
use crate::shell::{Section, Shell, print};
use crate::store::privacy::{self as store, Amount, Meant, Noted, Place};
use crate::store::sites;
use crate::words::{Key, Lang, When, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::DateTime;
use serde::Deserialize;
use std::sync::Arc;

/// Lines of the record on a page.
const PAGE: usize = 25;
/// Most contacts that are found by one address.
const FOUND: i64 = 100;
/// Longest address or number that is looked for, in characters.
const ASKED_MAX: usize = 320;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    by: String,
    /// What was done a moment ago: `erased`, or `gone` where somebody did before.
    #[serde(default)]
    did: String,
    #[serde(default)]
    before: String,
}

#[derive(Template)]
#[template(path = "admin/privacy.html")]
struct PrivacyPage {
    shell: Shell,
    by: String,
    did: Option<Key>,
    /// None: nobody was looked up.
    found: Option<Vec<Found>>,
    shops: Vec<Shop>,
    record: Vec<Line>,
    older: Option<String>,
}

struct Found {
    id: ShopperId,
    name: String,
    email: Option<String>,
    number: Option<String>,
    is_verified: bool,
    shop: String,
    conversations: i64,
}

struct Shop {
    id: SiteId,
    name: String,
    /// None: for good.
    days: Option<u32>,
}

struct Line {
    did: Key,
    shop: String,
    /// Empty: by age.
    by: String,
    when: When,
    amount: Amount,
}

impl Found {
    fn new(lang: Lang, meant: Meant) -> Self {
        Self {
            id: meant.id,
            name: if meant.name.is_empty() { lang.say("visitor") } else { meant.name },
            email: meant.email,
            number: meant.external_id,
            is_verified: meant.verified,
            shop: meant.site_name,
            conversations: meant.conversations,
        }
    }
}

impl From<Noted> for Line {
    fn from(noted: Noted) -> Self {
        let did = Key(match noted.did.as_str() {
            "exported" => "privacy-exported",
            "erased" => "privacy-erased",
            _ => "privacy-aged",
        });
        Self { did, shop: noted.site_name, by: noted.by_name, when: noted.at.into(), amount: noted.amount }
    }
}

pub async fn page(State(app): State<Arc<App>>, Admin(who): Admin, Query(asked): Query<Asked>) -> Result<Response> {
    let (db, lang) = (&app.db.read, who.lang());
    let by: String = asked.by.trim().chars().filter(|c| *c != '\0').take(ASKED_MAX).collect();
    let found = if by.is_empty() {
        None
    } else {
        let meant = store::meant(db, &by, FOUND).await?;
        Some(meant.into_iter().map(|one| Found::new(lang, one)).collect())
    };
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut record = store::noted(db, read_place(&asked.before), most).await?;
    let older = record.get(PAGE - 1).filter(|_| record.len() > PAGE);
    let older = older.map(|last| format!("/admin/privacy?before={}_{}#record", last.at.timestamp_micros(), last.id));
    record.truncate(PAGE);
    let shops = sites::all(db).await?.into_iter();
    let page = PrivacyPage {
        shell: Shell::of(&app, &who.agent, Section::Sites, lang.say("privacy-title")).await?,
        by,
        did: match asked.did.as_str() {
            "erased" => Some(Key("privacy-did-erase")),
            "gone" => Some(Key("privacy-gone")),
            _ => None,
        },
        found,
        shops: shops.map(|site| Shop { id: site.id, name: site.name, days: site.settings.keep_days }).collect(),
        record: record.into_iter().map(Line::from).collect(),
        older,
    };
    print(who.reader(), StatusCode::OK, &page)
}

/// What cannot be read is no place: the record from its beginning.
fn read_place(text: &str) -> Option<Place> {
    let (at, id) = text.split_once('_')?;
    let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
    let is_sane = (DateTime::UNIX_EPOCH..DateTime::from_timestamp(1 << 36, 0)?).contains(&at);
    is_sane.then_some((at, id.parse().ok()?))
}
