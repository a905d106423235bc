//! Several rows of a list at once: each is its own act, under its own rules, and what became of each is told.

use super::fragments::shopper_name;
use super::inbox::View;
use super::macros::finish;
use super::thread;
use crate::app::App;
use crate::auth::SignedIn;
use crate::conversations::{self, Act};
use crate::domain::conversation::Refusal;
use crate::domain::event::Author;
use crate::domain::id::{ConversationId, TagId};
use crate::domain::macros::Finish;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::conversations::Summary;
use crate::words::{Lang, filters};
use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;
use url::form_urlencoded::parse;

const MOST: usize = 50;

#[derive(Template)]
#[template(path = "console/bulk.html")]
struct BulkPage {
    shell: Shell,
    view: View,
    rows: Vec<Outcome>,
    done: usize,
    refused: usize,
    /// The key of why nothing was tried.
    problem: Option<&'static str>,
}

struct Outcome {
    /// `None`: there is no such conversation, or it is not theirs to see.
    chat: Option<(ConversationId, String)>,
    /// Why not.
    why: Option<String>,
}

/// What is done to each.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Tag(TagId),
    Finish(Finish),
}

impl What {
    fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("tag", id)) => id.parse().ok().map(Self::Tag),
            _ => Finish::parse(text).map(Self::Finish),
        }
    }
}

#[derive(Default)]
struct Asked {
    view: View,
    what: Option<What>,
    /// Each once, in the list's order, with the assignment that was shown.
    chats: Vec<(ConversationId, Option<i32>)>,
}

impl Asked {
    fn read(form: &[u8]) -> Self {
        let mut asked = Self::default();
        for (name, value) in parse(form) {
            match &*name {
                "view" => asked.view = View::parse(&value).unwrap_or_default(),
                "do" => asked.what = What::parse(&value),
                "c" => {
                    let (id, generation) = value.split_once(':').unwrap_or((&value, ""));
                    match id.parse() {
                        Ok(id) if asked.chats.iter().all(|(other, _)| *other != id) => {
                            asked.chats.push((id, generation.parse().ok()));
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        asked
    }

    fn problem(&self) -> Option<&'static str> {
        match self.chats.len() {
            _ if self.what.is_none() => Some("bulk-choose-what"),
            0 => Some("bulk-choose-some"),
            chats if chats > MOST => Some("bulk-too-many"),
            _ => None,
        }
    }
}

pub async fn run(State(app): State<Arc<App>>, who: SignedIn, form: Bytes) -> Result<Response> {
    let asked = Asked::read(&form);
    let problem = asked.problem();
    let mut rows = Vec::new();
    if let (Some(what), None) = (&asked.what, problem) {
        for chat in &asked.chats {
            rows.push(one(&app, &who, *chat, what).await);
        }
    }
    let refused = rows.iter().filter(|row| row.why.is_some()).count();
    let shell = Shell::of(&app, &who.agent, Section::Inbox, who.lang().say("bulk-title")).await?;
    let page = BulkPage { shell, view: asked.view, done: rows.len() - refused, refused, rows, problem };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    print(who.reader(), status, &page)
}

/// What fails for one ends the others no more than a refusal does.
async fn one(app: &App, who: &SignedIn, (id, shown): (ConversationId, Option<i32>), what: &What) -> Outcome {
    let lang = who.lang();
    let summary = match thread::find(app, &who.agent, id).await {
        Ok(summary) => summary,
        Err(error) => return Outcome { chat: None, why: Some(not_found(lang, &error)) },
    };
    let why = match act(app, who, (&summary, shown), what).await {
        Ok(done) => done.err().map(|refusal| lang.refused(&refusal)),
        Err(error) => Some(failed(lang, &error)),
    };
    Outcome { chat: Some((id, shopper_name(lang, &summary))), why }
}

fn not_found(lang: Lang, error: &Error) -> String {
    if matches!(error, Error::NotFound) { lang.refused(&Refusal::Forbidden) } else { failed(lang, error) }
}

fn failed(lang: Lang, error: &Error) -> String {
    tracing::warn!(error = error.cause(), "one of several could not be done");
    lang.failure(error)
}

async fn act(
    app: &App,
    who: &SignedIn,
    (summary, shown): (&Summary, Option<i32>),
    what: &What,
) -> Result<Result<(), Refusal>> {
    let act = Act {
        site: summary.site_id,
        conversation: summary.id,
        by: Author::Agent(who.agent.id),
        by_name: who.agent.name.clone(),
        cid: None,
        generation: shown,
        origin: None,
        oversees: who.agent.oversees(),
    };
    match what {
        What::Tag(tag) => conversations::set_tag(app, &act, *tag, true).await,
        What::Finish(what) => finish(app, who, &act, what).await,
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, What};

    #[test]
    fn each_is_asked_for_once_and_no_more_than_fifty() {
        let id = |n: usize| format!("c=0190b1b4-0000-7000-8000-{n:012}");
        let asked = |chats: &[String]| Asked::read(format!("do=close&view=all&{}", chats.join("&")).as_bytes());
        let twice = asked(&[id(1), format!("{}:7", id(2)), format!("{}:7", id(1)), "c=x".into()]);
        let shown: Vec<_> = twice.chats.iter().map(|(_, shown)| *shown).collect();
        assert_eq!((shown, twice.problem()), (vec![None, Some(7)], None));
        assert_eq!(asked(&[]).problem(), Some("bulk-choose-some"));
        let many: Vec<_> = (0..51).map(id).collect();
        assert_eq!(asked(&many).problem(), Some("bulk-too-many"));
        assert_eq!(asked(&many[..50]).problem(), None);
        assert_eq!(Asked::read(b"c=1&do=explode").problem(), Some("bulk-choose-what"));
        assert_eq!(What::parse("team:x"), None);
    }
}
