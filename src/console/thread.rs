//! One conversation: its log, what the agent may do with it, who the shopper is.

use super::context::{Body, Context, Name, Seat, orders::Shown};
use super::fragments::{Entry, Fates, Recall, When, entries, shopper_name};
use super::here::HereLine;
use super::inbox::{List, View, remembered};
use super::macros::{Line, offered};
use super::triage::Sorting;
use crate::app::{self, App};
use crate::auth::SignedIn;
use crate::conversations::site_by_id;
use crate::domain::conversation::State as Standing;
use crate::domain::event::Event;
use crate::domain::id::{AgentId, ConversationId, EventId, SiteId, TeamId};
use crate::domain::people::{Agent, Status};
use crate::error::{Error, Result};
use crate::files::rules_for;
use crate::presence::shoppers;
use crate::shell::{Face, Section, Shell, print};
use crate::store::conversations::{self as store, Summary};
use crate::store::events::{self, Audience};
use crate::store::receipts::Seen;
use crate::store::{mentions, people, sites};
use crate::words::{Lang, ToArg, Word, filters};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

/// Most entries on a page.
pub const ENTRIES: i64 = 50;

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Place {
    #[serde(default)]
    pub view: View,
    pub before: Option<i64>,
    /// `context`: the side panel takes the place of the log on a small screen.
    pub panel: Option<String>,
    /// The card of that panel that the page waits for.
    pub card: Option<String>,
    /// `note` or `reply`: what somebody came here to write.
    pub write: Option<String>,
    /// A message of their own that they want to say right.
    pub correct: Option<EventId>,
}

/// A command that was refused: which form, why, and what had been typed.
#[derive(Clone, Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub form: &'static str,
    pub message: String,
    pub typed: Option<String>,
    /// Answers to choose from.
    pub replies: String,
    /// Why the shopper was to be blocked.
    pub reason: String,
}

/// Where a conversation may be transferred to.
#[derive(Clone, Debug)]
pub struct Targets {
    pub teams: Vec<(TeamId, String)>,
    pub agents: Vec<(AgentId, String, String)>,
}

#[derive(Template)]
#[template(path = "console/conversation.html")]
struct ThreadPage {
    shell: Shell,
    list: List,
    sorting: Sorting,
    view: View,
    id: ConversationId,
    name: String,
    face: Face,
    /// Where the conversation is open.
    here: Option<HereLine>,
    generation: i32,
    summary: Summary,
    entries: Vec<Entry>,
    /// The number of the oldest entry shown, where older ones exist.
    earlier: Option<i64>,
    later: Option<(i64, EventId)>,
    is_latest: bool,
    last_seq: i64,
    seen: i64,
    /// How far it has come to the shopper.
    got: i64,
    seen_at: Option<When>,
    /// How long an author may take a message back, in seconds.
    recall_s: i64,
    cids: Cids,
    may: May,
    /// What the shop says of files that are sent: most at once, and most bytes of one.
    takes: Option<(usize, u64)>,
    reply: String,
    /// Answers to choose from, as they were typed.
    replies: String,
    note: String,
    writes_note: bool,
    /// The message that is being corrected, and how it reads now.
    correcting: Option<(EventId, String)>,
    targets: Targets,
    macros: Vec<Line>,
    context: Context,
    shows_context: bool,
    problem: Option<Problem>,
}

/// One client id for each form: pressing a button twice does it once.
struct Cids {
    reply: uuid::Uuid,
    note: uuid::Uuid,
    close: uuid::Uuid,
    transfer: uuid::Uuid,
    claim: uuid::Uuid,
    ticket: uuid::Uuid,
    run: uuid::Uuid,
}

impl Cids {
    fn new() -> Self {
        Self {
            reply: app::new_id(),
            note: app::new_id(),
            close: app::new_id(),
            transfer: app::new_id(),
            claim: app::new_id(),
            ticket: app::new_id(),
            run: app::new_id(),
        }
    }
}

/// What this agent may do here, so that only what works is offered.
#[expect(clippy::struct_excessive_bools, reason = "each is one thing they may do")]
#[derive(Clone, Copy, Debug)]
struct May {
    /// What they look at counts as seen: not where they watch a colleague's chat.
    read: bool,
    reply: bool,
    /// Reply in a chat that a colleague has.
    join: bool,
    claim: bool,
    give: bool,
    /// Close, make a ticket.
    steer: bool,
}

impl May {
    fn of(agent: &Agent, summary: &Summary) -> Self {
        let owns = summary.state == Standing::Active && summary.assignee_id == Some(agent.id);
        let waits = summary.state == Standing::Waiting;
        let oversees = agent.oversees() && summary.state == Standing::Active && !owns;
        Self {
            read: owns || summary.state != Standing::Active,
            reply: owns || oversees,
            join: oversees,
            claim: waits || oversees,
            give: owns || waits || oversees,
            steer: owns || waits,
        }
    }
}

/// The conversation, if this agent may see it. Not there and not yours are told alike.
pub async fn find(app: &App, agent: &Agent, id: ConversationId) -> Result<Summary> {
    people::may_see(&app.db.read, agent.id, agent.role, id).await?.ok_or(Error::NotFound)?;
    store::summary(&app.db.read, id).await?.ok_or(Error::NotFound)
}

pub async fn page(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(id): Path<ConversationId>,
    Query(place): Query<Place>,
    headers: HeaderMap,
) -> Result<Response> {
    let summary = match find(&app, &who.agent, id).await {
        Err(Error::NotFound) => return super::rooms::elsewhere(&app, &who.agent, id).await,
        found => found?,
    };
    let (upto, is_latest) = (summary.last_seq, place.before.is_none());
    let page = print(who.reader(), StatusCode::OK, &assemble(&app, &who, summary, place, None).await?)?;
    // What a script fetches may be out of sight: its socket says when it is not.
    let is_in_sight = headers.get("sec-fetch-dest").is_none_or(|wanted| wanted == "document");
    if is_latest && is_in_sight && mentions::seen(&app.db.read, who.agent.id, (id, upto), app.clock.now()).await? {
        super::mentions::tell_count(&app, who.agent.id);
    }
    Ok(page)
}

/// The page, with what was refused beside its form.
pub async fn show(
    app: &App,
    who: &SignedIn,
    id: ConversationId,
    place: Place,
    problem: Option<Problem>,
) -> Result<Response> {
    let summary = find(app, &who.agent, id).await?;
    let status = problem.as_ref().map_or(StatusCode::OK, |problem| problem.status);
    let page = assemble(app, who, summary, place, problem).await?;
    print(who.reader(), status, &page)
}

async fn fates(app: &App, summary: &Summary, events: &[Event]) -> Result<Fates> {
    let first = events.iter().find_map(|event| event.shopper_seq).unwrap_or_default();
    let here = (summary.site_id, summary.id);
    let seen = Seen::from(&app.db.read, here, first, events.len() + 1).await?;
    Ok(Fates { read: summary.shopper_read, got: summary.shopper_got, seen })
}

/// Where the next page ends, and the entry at which it goes on; nothing where that is the newest page.
pub fn later(events: &[Event], last_seq: i64) -> Option<(i64, EventId)> {
    let last = events.last()?;
    (last.seq + ENTRIES <= last_seq).then_some((last.seq + ENTRIES, last.id))
}

async fn assemble(
    app: &App,
    who: &SignedIn,
    summary: Summary,
    place: Place,
    problem: Option<Problem>,
) -> Result<ThreadPage> {
    let (db, agent, here) = (&app.db.read, &who.agent, (summary.site_id, summary.id));
    let recall = Recall::of(app, summary.site_id, summary.ticket_number.is_some()).await?;
    let events = events::before(db, Audience::Staff, here, place.before.unwrap_or(i64::MAX), ENTRIES).await?;
    let seen = store::translate_seq(db, here, false, summary.shopper_read).await?.unwrap_or_default();
    let got = store::translate_seq(db, here, false, summary.shopper_got).await?.unwrap_or_default();
    let fates = fates(app, &summary, &events).await?;
    let (reply, note, kept_note) = drafts(app, agent.id, summary.id, problem.as_ref()).await?;
    let writes_note = place.write.as_deref().map_or(kept_note, |write| write == "note");
    let (name, lang) = (shopper_name(who.lang(), &summary), who.lang());
    let seat = Seat { app, agent, summary: &summary, view: place.view };
    let wanted = place.card.as_deref().and_then(Name::parse);
    let here = if summary.state.is_open() {
        Some(HereLine::new(summary.id, shoppers::of(app, summary.id).await))
    } else {
        None
    };
    Ok(ThreadPage {
        here,
        shell: Shell::of(app, agent, Section::Inbox, name.clone()).await?,
        list: list(app, agent, place.view, summary.id).await?,
        sorting: Sorting::read(app, agent, &summary).await?,
        view: place.view,
        id: summary.id,
        face: Face::of(&name),
        name,
        generation: summary.generation,
        earlier: events.first().map(|first| first.seq).filter(|first| *first > 1),
        later: later(&events, summary.last_seq),
        is_latest: place.before.is_none(),
        last_seq: events.last().map_or(0, |last| last.seq),
        seen,
        got,
        seen_at: fates.seen.at(summary.shopper_read).map(When::from),
        recall_s: recall.within.num_seconds(),
        entries: entries(app, lang, &events, &fates, recall),
        cids: Cids::new(),
        may: May::of(agent, &summary),
        takes: takes(app, summary.site_id).await?,
        reply,
        replies: problem.as_ref().map(|problem| problem.replies.clone()).unwrap_or_default(),
        note,
        writes_note,
        correcting: correcting(app, who, &summary, &place, problem.as_ref()).await?,
        targets: targets(app, who, &summary).await?,
        macros: offered(app, who, summary.site_id).await?,
        context: Context::read(seat, wanted).await?,
        shows_context: place.panel.as_deref() == Some("context"),
        problem,
        summary,
    })
}

async fn list(app: &App, agent: &Agent, view: View, current: ConversationId) -> Result<List> {
    let wish = remembered(app, agent, view).await?;
    List::read(app, agent, (view, wish), Some(current), None).await?.with_bar(app, agent).await
}

async fn takes(app: &App, site: SiteId) -> Result<Option<(usize, u64)>> {
    let site = site_by_id(app, site).await?;
    Ok(rules_for(app, &site).map(|rules| (rules.per_message(), rules.max_bytes())))
}

/// What the two text fields hold: what was just refused, or what was kept.
async fn drafts(
    app: &App,
    agent: AgentId,
    id: ConversationId,
    problem: Option<&Problem>,
) -> Result<(String, String, bool)> {
    if let Some(Problem { form, typed: Some(typed), .. }) = problem {
        return Ok(if *form == "note" {
            (String::new(), typed.clone(), true)
        } else {
            (typed.clone(), String::new(), false)
        });
    }
    Ok(match store::draft(&app.db.read, agent, id).await? {
        Some((body, true)) => (String::new(), body, true),
        Some((body, false)) => (body, String::new(), false),
        None => (String::new(), String::new(), false),
    })
}

/// What somebody wants to say right, while they may.
async fn correcting(
    app: &App,
    who: &SignedIn,
    summary: &Summary,
    place: &Place,
    problem: Option<&Problem>,
) -> Result<Option<(EventId, String)>> {
    let (Some(target), true) = (place.correct, May::of(&who.agent, summary).reply) else { return Ok(None) };
    if let Some(Problem { form: "correct", typed: Some(typed), .. }) = problem {
        return Ok(Some((target, typed.clone())));
    }
    let text = events::own_text(&app.db.read, (summary.site_id, summary.id), target, who.agent.id).await?;
    Ok(text.map(|text| (target, text)))
}

async fn targets(app: &App, who: &SignedIn, summary: &Summary) -> Result<Targets> {
    if !matches!(summary.state, Standing::Waiting | Standing::Active) {
        return Ok(Targets { teams: Vec::new(), agents: Vec::new() });
    }
    let teams = sites::teams(&app.db.read, summary.site_id).await?;
    let colleagues = people::colleagues(&app.db.read, summary.site_id, app.clock.now()).await?;
    let agents = colleagues.into_iter().filter(|c| c.id != who.agent.id && Some(c.id) != summary.assignee_id);
    Ok(Targets {
        teams: teams.into_iter().map(|team| (team.id, team.name)).collect(),
        agents: agents.map(|c| (c.id, c.name.clone(), presence_word(who.lang(), &c))).collect(),
    })
}

/// How free a colleague is, in a few words.
pub fn presence_word(lang: Lang, colleague: &people::Colleague) -> String {
    match (colleague.online, Status::of(colleague.available, colleague.off_as)) {
        (true, Status::Available) => {
            let (chats, capacity) = (colleague.load.to_arg(), colleague.capacity.to_arg());
            lang.say_with("target-load", &[("chats", chats), ("capacity", capacity)])
        }
        (true, status) => lang.say(status.key()),
        (false, _) => lang.say("status-offline"),
    }
}

/// Supervisors may take back what anybody wrote.
pub fn may_recall_any(agent: &Agent) -> bool {
    agent.oversees()
}
