//! The verbs of a conversation: post, recall, close, rate, transfer, make a ticket, read, type, sort, snooze.
//!
//! Every verb: parse, permit, one transaction, commit, publish. What must happen afterwards is a row of the same
//! transaction. Never calls the queue: it signals that someone waits, and the queue, which also sweeps, wakes.

mod blocking;
mod leaving;
mod letters;
pub mod mentions;
mod opening;
mod receipts;
mod reopening;
mod reporting;
mod sites;
mod transfer;
mod triage;
mod writing_first;

pub use blocking::{block, unblock};
pub use leaving::{Why, give_back};
pub use letters::{ask_transcript, make_ticket, pace_letters, reply_to_ticket};
pub use opening::{Intake, OpenRequest, Wish, called, open};
pub use receipts::{delivered, keep_arrivals, keep_last_arrivals};
pub use reopening::reopen;
pub use reporting::report;
pub use sites::{site_by_id, site_by_key};
pub use transfer::{is_asked_over, put_back, take_over, take_over_as_asked, transfer_to_agent, transfer_to_team};
pub use triage::{set_priority, set_tag, snooze, wake, wake_by_hand};
pub use writing_first::{FirstWord, FirstWritten, write_first};

use crate::app::{self, App};
use crate::domain::conversation::Refusal;
use crate::domain::event::{Author, Draft, Kind, REPLIES};
use crate::domain::file::PER_MESSAGE;
use crate::domain::id::{ClientId, ConnectionId, ConversationId, EventId, FileId, LetterId, ShopperId, SiteId};
use crate::domain::message::{check_body, check_replies, check_said};
use crate::domain::site::Site;
use crate::error::Result;
use crate::realtime::event::{Item, Published, Signal, What};
use crate::realtime::hub::{Hub, Topic};
use crate::store::append::{Append, Done, Outcome, Stored};
use crate::store::conversations::{self as store, Effect, Move, RecallRule, Summary};
use crate::store::files::NO_SUCH_FILE;
use crate::store::receipts::set_seen;
use chrono::TimeDelta;
use serde_json::json;

/// Who acts, on which conversation, under which client id.
#[derive(Clone, Debug)]
pub struct Act {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub by: Author,
    pub by_name: String,
    pub cid: Option<ClientId>,
    /// The assignment an agent believes in.
    pub generation: Option<i32>,
    /// The socket that asked: it gets the acknowledgement in place of the event.
    pub origin: Option<ConnectionId>,
    /// By a supervisor, who may see the conversation: that is settled before.
    pub oversees: bool,
}

/// What somebody says: text, files, or both.
#[derive(Clone, Debug, Default)]
pub struct Said {
    pub body: String,
    /// For staff only.
    pub note: bool,
    /// Uploaded before, by the same person.
    pub files: Vec<FileId>,
    /// Answers that the shopper may give by pressing a button.
    pub replies: Vec<String>,
    /// The last number that whoever writes has seen: not written past a colleague's answer that came after it.
    pub shown: Option<i64>,
}

impl Said {
    pub fn text(body: String) -> Self {
        Self { body, ..Self::default() }
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.files.len() > PER_MESSAGE {
            return Err(TOO_MANY_FILES);
        }
        if self.note && !self.replies.is_empty() {
            return Err(Refusal::BadRequest(
                "A note is not shown to the shopper: answers to choose from go with a reply.",
            ));
        }
        check_replies(&self.replies)?;
        check_said(&self.body, self.files.len())
    }
}

const TOO_MANY_FILES: Refusal = Refusal::BadRequest("A message may carry five files. Send the others with the next.");
const TOO_MANY_HERE: Refusal =
    Refusal::BadRequest("That is more files than this shop takes with one message. Send the others with the next.");

/// The files a frame names, where the site takes so many with one message.
pub fn named_files(site: &Site, named: &[String]) -> Result<Vec<FileId>, Refusal> {
    if named.len() > site.settings.files.per_message() {
        return Err(if named.len() > PER_MESSAGE { TOO_MANY_FILES } else { TOO_MANY_HERE });
    }
    named.iter().map(|id| id.parse().map_err(|_| NO_SUCH_FILE)).collect()
}

impl Act {
    fn draft(&self, kind: Kind, body: Option<String>, data: Option<serde_json::Value>) -> Draft {
        Draft {
            id: EventId(app::new_id()),
            cid: self.cid,
            kind,
            by: self.by,
            by_name: self.by_name.clone(),
            body,
            data,
            files: Vec::new(),
            internal: kind == Kind::Note,
            oversees: self.oversees,
        }
    }
}

impl Act {
    /// What posting this would write.
    pub fn said(&self, said: &Said) -> Draft {
        let kind = if said.note { Kind::Note } else { Kind::Message };
        let data = (!said.replies.is_empty()).then(|| json!({ REPLIES: said.replies }));
        Draft { files: said.files.clone(), ..self.draft(kind, Some(said.body.clone()), data) }
    }
}

/// Hands a committed event to everybody who listens.
pub fn publish(hub: &Hub, stored: &Stored, origin: Option<ConnectionId>) {
    hub.publish(Published::new(std::sync::Arc::clone(&stored.event), stored.shopper, origin));
}

/// Posts a message or a note without waiting. `answer` is called after the commit with what is left to say: nothing where
/// it was stored, because the hub hands the acknowledgement to `origin` in its place among the events.
pub fn post(app: &App, act: &Act, said: &Said, answer: impl FnOnce(Outcome) + Send + Sync + 'static) {
    if let Err(refusal) = said.check() {
        answer(Outcome::Refused(refusal));
        return;
    }
    let (hub, origin) = (app.hub.clone(), act.origin);
    let done: Done = Box::new(move |outcome| {
        if let Outcome::Stored(stored) = &outcome {
            publish(&hub, stored, origin);
        }
        answer(outcome);
    });
    app.log.submit(append(app, act, said, done));
}

/// Posts and waits for the outcome.
pub async fn post_and_wait(app: &App, act: &Act, said: &Said) -> Outcome {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    post(app, act, said, move |outcome| {
        // Whoever asked may have gone; the message is stored all the same.
        let _ = sender.send(outcome);
    });
    receiver.await.unwrap_or(Outcome::Unknown)
}

fn append(app: &App, act: &Act, said: &Said, done: Done) -> Append {
    Append {
        site: act.site,
        conversation: act.conversation,
        draft: act.said(said),
        generation: act.generation,
        shown: said.shown,
        at: app.clock.now(),
        done,
    }
}

async fn run(app: &App, act: &Act, draft: Draft, effect: Effect) -> Result<Outcome> {
    Ok(Box::pin(run_both(app, act, draft, effect)).await?.0)
}

/// With the event that came with it.
async fn run_both(app: &App, act: &Act, draft: Draft, effect: Effect) -> Result<(Outcome, Option<Stored>)> {
    let step = Move {
        site: act.site,
        conversation: act.conversation,
        draft,
        generation: act.generation,
        at: app.clock.now(),
        effect,
    };
    let moved = store::apply(&app.db, step).await?;
    if let Outcome::Stored(stored) = &moved.outcome {
        publish(&app.hub, stored, act.origin);
    }
    if let Some(second) = &moved.second {
        publish(&app.hub, second, None);
    }
    if let Some((agent, generation)) = moved.rang_at.filter(|_| is_stored(&moved.outcome)) {
        app.hub.tell(Topic::Agent(agent), &Item::Unassigned { conversation: act.conversation, generation });
    }
    Ok((moved.outcome, moved.second))
}

/// Takes a message back.
pub async fn recall(app: &App, act: &Act, site: &Site, target: EventId, may_recall_any: bool) -> Result<Outcome> {
    let limit = TimeDelta::seconds(i64::from(site.settings.limits.recall_s));
    let rule = RecallRule { may_recall_any, written_after: (!may_recall_any).then(|| app.clock.now() - limit) };
    let draft = act.draft(Kind::Recalled, None, Some(json!({ "target": target })));
    let recalled = run(app, act, draft, Effect::Recall { target, rule, instead: None }).await?;
    if is_stored(&recalled) {
        app.signals.files.notify_one();
    }
    Ok(recalled)
}

/// Takes a message of one's own back and says it right, at once: nobody sees one without the other. Gives both.
pub async fn correct(
    app: &App,
    act: &Act,
    site: &Site,
    target: EventId,
    body: String,
) -> Result<(Outcome, Option<Stored>)> {
    if let Err(refusal) = check_body(&body) {
        return Ok((Outcome::Refused(refusal), None));
    }
    let limit = TimeDelta::seconds(i64::from(site.settings.limits.recall_s));
    let rule = RecallRule { may_recall_any: false, written_after: Some(app.clock.now() - limit) };
    let draft = act.draft(Kind::Recalled, None, Some(json!({ "target": target })));
    let replies = store::replies_of(&app.db.read, (act.site, act.conversation), target).await?;
    let said = Said { replies, ..Said::text(body) };
    let instead = Draft { cid: None, ..act.said(&said) };
    run_both(app, act, draft, Effect::Recall { target, rule, instead: Some(instead) }).await
}

/// Ends a conversation. The transcript goes to a verified address where the site wants it.
pub async fn close(app: &App, act: &Act, site: &Site, reason: &'static str) -> Result<Outcome> {
    let summary = store::summary(&app.db.read, act.conversation).await?.filter(|s| s.site_id == act.site);
    let Some(summary) = summary else { return Ok(Outcome::Refused(Refusal::Forbidden)) };
    let wanted = site.settings.transcript_at_close && summary.shopper_verified;
    let transcript_to = summary.shopper_email.clone().filter(|_| wanted).map(|email| (LetterId(app::new_id()), email));
    let has_letter = transcript_to.is_some();
    let draft = act.draft(Kind::Closed, None, Some(json!({ "reason": reason })));
    let closed = run(app, act, draft, Effect::Close { transcript_to }).await?;
    if is_stored(&closed) {
        tell_owner_it_left(app, &summary);
        if has_letter {
            app.wake_mail();
        }
        app.wake_queue();
    }
    Ok(closed)
}

pub async fn rate(app: &App, act: &Act, score: i64, comment: &str) -> Result<Outcome> {
    let Some(score) = i16::try_from(score).ok().filter(|score| (1..=5).contains(score)) else {
        return Ok(Outcome::Refused(Refusal::BadRequest("A rating is a number from 1 to 5.")));
    };
    if comment.contains('\0') {
        return Ok(Outcome::Refused(Refusal::BadRequest("A comment is text.")));
    }
    if comment.chars().count() > 2_000 {
        return Ok(Outcome::Refused(Refusal::TooLong));
    }
    let draft = act.draft(Kind::Rated, None, Some(json!({ "score": score, "comment": comment })));
    run(app, act, draft, Effect::Rate { score, comment: comment.to_owned() }).await
}

fn is_stored(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Stored(_))
}

fn tell_owner_it_left(app: &App, summary: &Summary) {
    if let Some(owner) = summary.assignee_id.filter(|_| summary.state == crate::domain::conversation::State::Active) {
        let item = Item::Unassigned { conversation: summary.id, generation: summary.generation };
        app.hub.tell(Topic::Agent(owner), &item);
    }
}

/// Moves a side's read mark and tells the other side.
pub async fn read(app: &App, act: &Act, shopper: Option<ShopperId>, upto: i64) -> Result<()> {
    let by_staff = !matches!(act.by, Author::Shopper(_));
    let (db, key) = (&app.db.read, (act.site, act.conversation));
    let has_moved =
        if by_staff { store::set_read(db, key, upto).await? } else { set_seen(db, key, upto, app.clock.now()).await? };
    if !has_moved {
        return Ok(());
    }
    let other = store::translate_seq(db, key, by_staff, upto).await?.unwrap_or_default();
    let (shopper_seq, staff_seq) = if by_staff { (other, upto) } else { (upto, other) };
    signal(app, act, shopper, What::Read { shopper_seq, staff_seq }, None);
    app.hub.tell(Topic::Lists(act.site), &Item::Changed { site: act.site, conversation: act.conversation });
    Ok(())
}

pub fn typing(app: &App, act: &Act, shopper: Option<ShopperId>, on: bool, preview: Option<String>) {
    signal(app, act, shopper, What::Typing(on), preview);
}

fn signal(app: &App, act: &Act, shopper: Option<ShopperId>, what: What, preview: Option<String>) {
    let signal = Signal {
        conversation: act.conversation,
        by: act.by,
        by_name: act.by_name.clone(),
        origin: act.origin,
        what,
        preview,
    };
    app.hub.signal(shopper, signal);
}
