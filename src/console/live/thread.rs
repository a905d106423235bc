//! One log that a page shows, followed in order.

use super::ops::{Op, Ops, bundle};
use super::reported::Reported;
use crate::app::App;
use crate::console::fragments::{Entry, Recall, seen_at};
use crate::console::here::HereLine;
use crate::domain::event::{Event, Kind};
use crate::domain::id::{ConversationId, EventId, SiteId};
use crate::domain::people::Agent;
use crate::domain::triage::Trace;
use crate::error::Result;
use crate::measure;
use crate::presence::shoppers::{self, Presence};
use crate::realtime::event::Frame;
use crate::realtime::hub::{Listening, Topic};
use crate::realtime::mailbox::Mailbox;
use crate::replay::sweep;
use crate::store::events::{self, Audience, Most};
use crate::store::receipts::{self, Marks, Seen};
use crate::store::{conversations, people};
use crate::words::Lang;
use serde_json::Value;
use std::sync::Arc;

/// Most entries caught up with; further behind, the page is asked for again.
const BEHIND_MAX: i64 = 200;

pub struct Thread {
    pub id: ConversationId,
    pub site: SiteId,
    last_seq: i64,
    /// The page's buttons are others since what was shown last; it was not told to ask for them yet.
    is_stale: bool,
    recall: Recall,
    lang: Lang,
    /// What the page was told last of the shopper.
    presence: Option<Presence>,
    /// And of what came to them and was seen.
    marks: Option<Marks>,
    reported: Reported,
    _listening: Listening,
}

pub fn topic(id: ConversationId) -> String {
    format!("conv:{id}")
}

impl Thread {
    /// Listens first and is authorised then, so that nothing falls between the two.
    pub async fn follow(
        app: &App,
        agent: &Agent,
        id: ConversationId,
        after: i64,
        mailbox: &Arc<Mailbox>,
    ) -> Result<Option<Self>> {
        let mut listening = app.hub.listen(Topic::Conversation(id), mailbox);
        listening.heard().await;
        let Some(site) = people::may_see(&app.db.read, agent.id, agent.role, id).await? else { return Ok(None) };
        let recall = match conversations::summary(&app.db.read, id).await? {
            Some(summary) => Recall::of(app, site, summary.ticket_number.is_some()).await?,
            None => Recall::in_room(app, site).await?,
        };
        Ok(Some(Self {
            id,
            site,
            last_seq: after,
            is_stale: false,
            recall,
            lang: Lang::of(agent),
            presence: None,
            marks: None,
            reported: Reported::default(),
            _listening: listening,
        }))
    }

    /// How far the page shows it.
    pub fn shown(&self) -> i64 {
        self.last_seq
    }

    /// Of the staff: there is no shopper in it.
    pub fn is_room(&self) -> bool {
        self.recall.is_room
    }

    /// What came after what was shown last. `false`: this agent may not see the conversation any more. That is asked after it
    /// was read and before any of it is shown: it may have changed hands in what was missed.
    pub async fn catch_up(&mut self, app: &App, agent: &Agent, out: &mut Vec<Frame>) -> Result<bool> {
        let (key, after) = ((self.site, self.id), self.last_seq);
        let since = events::since(&app.db.read, Audience::Staff, key, after, Most::events(BEHIND_MAX)).await?;
        if !self.is_still_seen(app, agent, out).await? {
            return Ok(false);
        }
        let Some(since) = since else { return Ok(true) };
        if since.head > after + BEHIND_MAX {
            self.last_seq = since.head;
            out.push(bundle(&topic(self.id), Some(since.head), &Ops::one(Op::refresh())));
            return Ok(true);
        }
        for event in &since.events {
            self.show(app, event, out).await?;
        }
        self.refresh(out);
        Ok(true)
    }

    /// Remembered until it is done: showing may be cut off in the middle, and goes on from there.
    fn refresh(&mut self, out: &mut Vec<Frame>) {
        if std::mem::take(&mut self.is_stale) {
            out.push(bundle(&topic(self.id), None, &Ops::one(Op::refresh())));
        }
    }

    /// An event as it happens. `false`: this agent may not see the conversation any more.
    pub async fn deliver(&mut self, app: &App, agent: &Agent, event: &Event, out: &mut Vec<Frame>) -> Result<bool> {
        if event.seq <= self.last_seq {
            return Ok(true);
        }
        measure::delivered(true, app.clock.now() - event.at);
        if event.seq > self.last_seq + 1 {
            return self.catch_up(app, agent, out).await;
        }
        if event.kind.changes_hands() && !self.is_still_seen(app, agent, out).await? {
            return Ok(false);
        }
        self.show(app, event, out).await?;
        self.refresh(out);
        Ok(true)
    }

    /// The log has come this far, by the database's word. `false`: as for [`Thread::deliver`].
    pub async fn compare(&mut self, app: &App, agent: &Agent, head: i64, out: &mut Vec<Frame>) -> Result<bool> {
        if head <= self.last_seq {
            return Ok(true);
        }
        sweep::found();
        self.catch_up(app, agent, out).await
    }

    /// Whether this agent may still see it; the page is told if not.
    pub async fn is_still_seen(&self, app: &App, agent: &Agent, out: &mut Vec<Frame>) -> Result<bool> {
        let is_seen = people::may_see(&app.db.read, agent.id, agent.role, self.id).await?.is_some();
        if !is_seen {
            out.push(bundle(&topic(self.id), None, &Ops::one(Op::event("gone", self.id))));
        }
        Ok(is_seen)
    }

    /// Whether the shopper is there, where that is another than the page was told. A page of a conversation that has ended has
    /// no place for it.
    pub async fn show_presence(&mut self, app: &App, out: &mut Vec<Frame>) -> Result<()> {
        let presence = shoppers::of(app, self.id).await;
        if self.presence.replace(presence) != Some(presence) {
            let html = HereLine::new(self.id, presence).print(self.lang)?;
            out.push(bundle(&topic(self.id), None, &Ops::one(Op::replace(&format!("#here-{}", self.id), html))));
        }
        Ok(())
    }

    /// What became of what staff wrote, by the database's word, where that is another than the page was told: a hint of it may
    /// have been lost.
    pub async fn show_marks(&mut self, app: &App, out: &mut Vec<Frame>) -> Result<()> {
        let Some(marks) = receipts::marks(&app.db.read, (self.site, self.id)).await? else { return Ok(()) };
        if self.marks.replace(marks) == Some(marks) {
            return Ok(());
        }
        let mut ops = Ops::one(Op::reached(self.id, marks.got));
        if let Some(at) = marks.seen_at {
            ops.push(Op::seen(self.id, marks.seen, at));
        }
        out.push(bundle(&topic(self.id), None, &ops));
        Ok(())
    }

    /// What the shopper's browser says, where that is another than the page was told; calmly.
    pub async fn show_reported(&mut self, app: &Arc<App>, mailbox: &Arc<Mailbox>, out: &mut Vec<Frame>) -> Result<()> {
        let ops = self.reported.look(app, mailbox, (self.site, self.id), self.lang).await?;
        if !ops.is_empty() {
            out.push(bundle(&topic(self.id), None, &ops));
        }
        Ok(())
    }

    /// Prints one entry.
    async fn show(&mut self, app: &App, event: &Event, out: &mut Vec<Frame>) -> Result<()> {
        self.recall.is_mailed |= event.kind == Kind::Ticketed;
        let mut ops = Ops::default();
        self.add(&self.entry(app, event), event.seq, &mut ops)?;
        if event.kind == Kind::Recalled
            && let Some(target) = self.target(app, event).await?
        {
            let mut entry = self.entry(app, &target);
            if let Some(seq) = target.shopper_seq.filter(|_| entry.is_staff()) {
                let seen = Seen::from(&app.db.read, (self.site, self.id), seq, 1).await?;
                entry.seen_at = seen_at(&seen, &target);
            }
            self.add(&entry, target.seq, &mut ops)?;
        }
        if event.kind == Kind::Message {
            ops.push(Op::not_typing(self.id));
        }
        out.push(bundle(&topic(self.id), Some(event.seq), &ops));
        self.last_seq = event.seq;
        self.is_stale |= event.kind.changes_hands() || Trace::of(event).is_some();
        Ok(())
    }

    fn entry(&self, app: &App, event: &Event) -> Entry {
        Entry::new(self.lang, event, app.clock.now(), self.recall, &app.addresses())
    }

    fn add(&self, entry: &Entry, seq: i64, ops: &mut Ops) -> Result<()> {
        ops.push(Op::append(self.id, seq, entry.print(self.lang)?));
        Ok(())
    }

    /// The message that a recall took back, as it is now.
    async fn target(&self, app: &App, event: &Event) -> Result<Option<Event>> {
        let Some(id) = event.field("target").and_then(Value::as_str).and_then(|id| id.parse::<EventId>().ok()) else {
            return Ok(None);
        };
        let mut connection = app.db.read.acquire().await?;
        Ok(events::get(&mut connection, self.site, self.id, id).await?)
    }
}
