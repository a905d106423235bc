//! The page of one webhook.

use super::super::form::Mistakes;
use super::super::sites::Saved;
use super::find;
use super::form::HookForm;
use super::words::{self, Standing};
use crate::app::App;
use crate::auth::Admin;
use crate::domain::event::Kind;
use crate::domain::id::{ConversationId, EventId, WebhookId};
use crate::domain::webhook;
use crate::error::Result;
use crate::shell::{Section, Shell, print};
use crate::store::webhooks::Listed;
use crate::store::webhooks::deliveries::{self, Shown};
use crate::webhooks;
use crate::words::{Key, Sentence, When, filters};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

/// Deliveries that are shown.
const SHOWN: i64 = 50;

#[derive(Template)]
#[template(path = "admin/webhook.html")]
struct HookPage {
    shell: Shell,
    id: WebhookId,
    place: String,
    site: String,
    standing: Standing,
    is_off: bool,
    waiting: i64,
    dead_count: i64,
    edition: i32,
    /// Until when the secret before signs as well.
    beside: Option<When>,
    form: HookForm,
    extra: Extra,
    /// What was given up, and what was told last.
    dead: Vec<Line>,
    newest: Vec<Line>,
}

/// What a page shows beside what is kept.
#[derive(Default)]
pub struct Extra {
    /// As typed.
    pub form: Option<HookForm>,
    pub mistakes: Mistakes,
    pub is_saved: bool,
    /// Just made, and never shown again.
    pub secret: Option<String>,
    /// What came of a test, and whether that is good.
    pub verdict: Option<(bool, Sentence)>,
}

struct Line {
    n: i64,
    id: EventId,
    conversation: ConversationId,
    name: &'static str,
    state: Key,
    class: &'static str,
    attempts: i32,
    answer: Option<Sentence>,
    when: When,
    /// When it is tried again.
    next: Option<When>,
}

impl Line {
    fn new(shown: &Shown) -> Self {
        let kind = webhook::TOLD.into_iter().find(|kind| kind.as_str() == shown.kind).unwrap_or(Kind::Message);
        let (state, class) = match shown.state.as_str() {
            "sent" => (Key("hook-sent"), "ok"),
            "dead" => (Key("hook-dead"), "bad"),
            _ => (Key("hook-waits"), "warn"),
        };
        let is_tried_again = shown.state == "waiting" && shown.attempts > 0;
        Self {
            n: shown.n,
            id: shown.event_id,
            conversation: shown.conversation_id,
            name: webhook::name(kind).unwrap_or_default(),
            state,
            class,
            attempts: shown.attempts,
            answer: shown.answer.as_deref().map(words::answer),
            when: shown.done_at.unwrap_or(shown.waiting_since).into(),
            next: is_tried_again.then(|| shown.next_at.into()),
        }
    }
}

pub async fn page(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<WebhookId>,
    Query(saved): Query<Saved>,
) -> Result<Response> {
    let extra = Extra { is_saved: saved.is_saved(), ..Extra::default() };
    show(&app, &admin, find(&app, id).await?, extra).await
}

pub async fn show(app: &App, Admin(who): &Admin, listed: Listed, mut extra: Extra) -> Result<Response> {
    let status = if extra.mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (db, now, hook) = (&app.db.read, app.clock.now(), listed.webhook);
    let lines = |shown: Vec<Shown>| shown.iter().map(Line::new).collect();
    let page = HookPage {
        shell: Shell::of(app, &who.agent, Section::Sites, who.lang().say("hooks-title")).await?,
        id: hook.id,
        place: hook.url.split('?').next().unwrap_or_default().to_owned(),
        site: listed.site_name,
        standing: Standing::of(&hook, webhooks::has_secret(app, &hook), now),
        is_off: hook.off_at.is_some(),
        waiting: listed.waiting,
        dead_count: listed.dead,
        edition: hook.edition,
        beside: hook.before_until.filter(|until| *until > now).map(When::from),
        form: extra.form.take().unwrap_or_else(|| HookForm::of(&hook)),
        extra,
        dead: lines(deliveries::dead(db, hook.id, SHOWN).await?),
        newest: lines(deliveries::newest(db, hook.id, SHOWN).await?),
    };
    print(who.reader(), status, &page)
}
