//! What was changed, by whom and when, from what to what.

use super::form::Choice;
use crate::app::App;
use crate::auth::Admin;
use crate::error::Result;
use crate::shell::{Section, Shell, print};
use crate::store::audit::{self, Noted};
use crate::words::{Key, Lang, When, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

const PAGE: i64 = 50;
/// Longest value that is shown, in characters.
const VALUE_MAX: usize = 400;
const KINDS: [(&str, Key); 10] = [
    ("site", Key("audit-site")),
    ("team", Key("audit-team")),
    ("member", Key("audit-member")),
    ("person", Key("audit-person")),
    ("tag", Key("audit-tag")),
    ("canned", Key("audit-canned")),
    ("macro", Key("audit-macro")),
    ("orders", Key("audit-orders")),
    ("block", Key("audit-block")),
    ("webhook", Key("audit-webhook")),
];

#[derive(Clone, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    by: String,
    #[serde(default)]
    what: String,
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    shell: Shell,
    people: Vec<Choice>,
    kinds: Vec<Choice>,
    lines: Vec<Line>,
    older: Option<String>,
}

struct Line {
    kind: Key,
    did: Key,
    /// What it is called, and where it is changed.
    subject: String,
    href: Option<String>,
    site: Option<String>,
    /// Empty: the command line.
    by: String,
    when: When,
    changes: Vec<Change>,
}

/// A field with what it was and what it is; nothing where it was not there, or is not any more.
struct Change {
    field: String,
    before: String,
    after: String,
}

impl Line {
    fn new(lang: Lang, noted: Noted) -> Self {
        let kind = KINDS.iter().find(|(kind, _)| *kind == noted.what).map_or(Key("audit-site"), |(_, key)| *key);
        let did = Key(match noted.did.as_str() {
            "added" => "audit-added",
            "removed" => "audit-removed",
            _ => "audit-changed",
        });
        Self {
            kind,
            did,
            href: href(&noted),
            changes: changes(&noted.changes),
            subject: if noted.subject.is_empty() { lang.say("visitor") } else { noted.subject },
            site: noted.site_name.filter(|_| noted.what != "site"),
            by: noted.by_name,
            when: noted.at.into(),
        }
    }
}

/// Where it stands today, unless it was removed.
fn href(noted: &Noted) -> Option<String> {
    if noted.did == "removed" {
        return None;
    }
    let (site, subject) = (noted.site_id, noted.subject_id);
    Some(match noted.what.as_str() {
        "site" => format!("/admin/sites/{}", site?),
        "team" | "member" => format!("/admin/sites/{}/teams/{}", site?, subject?),
        "person" => format!("/admin/people/{}", subject?),
        "tag" => "/admin/tags".into(),
        "canned" => format!("/console/canned/{}", subject?),
        "macro" => format!("/console/macros/{}", subject?),
        "orders" => format!("/admin/sites/{}/orders", site?),
        "block" => "/admin/blocklist".into(),
        "webhook" => format!("/admin/webhooks/{}", subject?),
        _ => return None,
    })
}

fn changes(noted: &Value) -> Vec<Change> {
    let fields = noted.as_object().into_iter().flatten();
    fields
        .map(|(field, values)| Change { field: field.clone(), before: shown(&values[0]), after: shown(&values[1]) })
        .collect()
}

/// A value as it is written; long ones are cut.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(VALUE_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

pub async fn page(State(app): State<Arc<App>>, Admin(who): Admin, Query(asked): Query<Asked>) -> Result<Response> {
    let db = &app.db.read;
    let what = KINDS.iter().map(|(kind, _)| *kind).find(|kind| *kind == asked.what);
    let wanted = audit::Asked { by: asked.by.parse().ok(), what, before: asked.before };
    let mut noted = audit::list(db, wanted, PAGE + 1).await?;
    let has_more = noted.len() > usize::try_from(PAGE).unwrap_or_default();
    noted.truncate(usize::try_from(PAGE).unwrap_or_default());
    let older = noted.last().filter(|_| has_more).map(|last| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("by", &asked.by)
            .append_pair("what", &asked.what)
            .append_pair("before", &last.id.to_string())
            .finish();
        format!("/admin/audit?{query}")
    });
    let people = audit::people(db).await?;
    let people = people.into_iter().map(|(id, name)| Choice::named(id, name, &asked.by)).collect();
    let kinds = KINDS.into_iter().map(|(kind, key)| Choice::of(kind, key, &asked.what)).collect();
    let shell = Shell::of(&app, &who.agent, Section::Sites, who.lang().say("audit-title")).await?;
    let lines = noted.into_iter().map(|one| Line::new(who.lang(), one)).collect();
    print(who.reader(), StatusCode::OK, &AuditPage { shell, people, kinds, lines, older })
}
