//! One log that a page shows, followed in order.

use super::ops::{Op, Ops, bundle};
use crate::app::App;
use crate::console::fragments::{Entry, HereLine, Recall};
use crate::domain::event::{Event, Kind};
use crate::domain::id::{ConversationId, EventId, SiteId};
use crate::domain::people::Agent;
use crate::error::Result;
use crate::measure;
use crate::presence::shoppers::{self, Presence};
use crate::realtime::event::Frame;
use crate::realtime::hub::{Listening, Topic};
use crate::realtime::mailbox::Mailbox;
use crate::replay::sweep;
use crate::store::events::{self, Audience, Most};
use crate::store::{conversations, people};
use serde_json::Value;
use std::sync::Arc;

/// Most entries caught up with; further behind, the page is asked for again.
const BEHIND_MAX: i64 = 200;

pub struct Thread {
    pub id: ConversationId,
    pub site: SiteId,
    last_seq: i64,
    recall: Recall,
    /// What the page was told last of the shopper.
    presence: Option<Presence>,
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
        let summary = conversations::summary(&app.db.read, id).await?;
        let recall = Recall::of(app, site, summary.is_some_and(|s| s.ticket_number.is_some())).await?;
        Ok(Some(Self { id, site, last_seq: after, recall, presence: None, _listening: listening }))
    }

    /// What came after the page was made.
    pub async fn catch_up(&mut self, app: &App, after: i64, out: &mut Vec<Frame>) -> Result<()> {
        self.last_seq = after;
        let since =
            events::since(&app.db.read, Audience::Staff, (self.site, self.id), after, Most::events(BEHIND_MAX)).await?;
        let Some(since) = since else { return Ok(()) };
        if since.head > after + BEHIND_MAX {
            self.last_seq = since.head;
            out.push(bundle(&topic(self.id), Some(since.head), &Ops::one(Op::refresh())));
            return Ok(());
        }
        let (mut changes_hands, mut shown) = (false, Ok(()));
        for event in &since.events {
            match self.show(app, event, out).await {
                Ok(changes) => changes_hands |= changes,
                Err(error) => {
                    shown = Err(error);
                    break;
                }
            }
        }
        if changes_hands {
            out.push(bundle(&topic(self.id), None, &Ops::one(Op::refresh())));
        }
        shown
    }

    /// An event as it happens. `false`: this agent may not see the conversation any more.
    pub async fn deliver(&mut self, app: &App, agent: &Agent, event: &Event, out: &mut Vec<Frame>) -> Result<bool> {
        if event.seq <= self.last_seq {
            return Ok(true);
        }
        let is_gap = event.seq > self.last_seq + 1;
        // What was missed may have changed hands as well: ask before anything is shown.
        if (is_gap || event.kind.changes_hands()) && !self.is_still_seen(app, agent, out).await? {
            return Ok(false);
        }
        measure::delivered(true, app.clock.now() - event.at);
        if is_gap {
            self.catch_up(app, self.last_seq, out).await?;
        } else if self.show(app, event, out).await? {
            out.push(bundle(&topic(self.id), None, &Ops::one(Op::refresh())));
        }
        Ok(true)
    }

    /// The log has come this far, by the database's word. `false`: as for [`Thread::deliver`].
    pub async fn compare(&mut self, app: &App, agent: &Agent, head: i64, out: &mut Vec<Frame>) -> Result<bool> {
        if head <= self.last_seq {
            return Ok(true);
        }
        sweep::found();
        if !self.is_still_seen(app, agent, out).await? {
            return Ok(false);
        }
        self.catch_up(app, self.last_seq, out).await?;
        Ok(true)
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
            let html = HereLine::new(self.id, presence).print()?;
            out.push(bundle(&topic(self.id), None, &Ops::one(Op::replace(&format!("#here-{}", self.id), html))));
        }
        Ok(())
    }

    /// Prints one entry. Answers whether the page's buttons are others now.
    async fn show(&mut self, app: &App, event: &Event, out: &mut Vec<Frame>) -> Result<bool> {
        self.recall.is_mailed |= event.kind == Kind::Ticketed;
        let mut ops = Ops::default();
        self.add(app, event, &mut ops)?;
        if event.kind == Kind::Recalled
            && let Some(target) = self.target(app, event).await?
        {
            self.add(app, &target, &mut ops)?;
        }
        if event.kind == Kind::Message {
            ops.push(Op::not_typing(self.id));
        }
        out.push(bundle(&topic(self.id), Some(event.seq), &ops));
        self.last_seq = event.seq;
        Ok(event.kind.changes_hands())
    }

    fn add(&self, app: &App, event: &Event, ops: &mut Ops) -> Result<()> {
        let html = Entry::new(event, app.clock.now(), self.recall).print()?;
        ops.push(Op::append(self.id, event.seq, html));
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
