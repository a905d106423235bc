//! What an agent's socket follows: the logs it may see, the chats that are this agent's, and how both are kept true.

use super::{Followed, Session, TAIL};
use crate::api::verbs::Seen;
use crate::domain::conversation::{Given, Refusal, State as Standing};
use crate::domain::id::ConversationId;
use crate::error::{Error, Result};
use crate::realtime::event::{Frame, Published, ack, frame, nack};
use crate::realtime::hub::Topic;
use crate::replay::{self, Cursor, sweep};
use crate::store::conversations::{self as store, Summary};
use crate::store::events::Audience;
use crate::store::people;
use serde_json::json;
use std::collections::hash_map::Entry;
use std::sync::Arc;

impl Session {
    /// Listens to a conversation; gives its cursor.
    pub(super) async fn follow(&mut self, id: ConversationId, seen: Seen) -> &mut i64 {
        let (hub, mailbox) = (&self.caller.app.hub, &self.mailbox);
        match self.followed.entry(id) {
            Entry::Occupied(followed) => &mut followed.into_mut().cursor,
            Entry::Vacant(place) => {
                let mut listening = hub.listen(Topic::Conversation(id), mailbox);
                listening.heard().await;
                &mut place.insert(Followed { seen, cursor: 0, watched: false, _listening: listening }).cursor
            }
        }
    }

    pub(super) async fn resume(&mut self, cursor: &Cursor, out: &mut Vec<Frame>) -> Result<()> {
        let Some(seen) = self.caller.see(cursor.conversation).await? else {
            out.push(nack(None, &Refusal::Forbidden));
            return Ok(());
        };
        self.follow(cursor.conversation, seen).await;
        let app = Arc::clone(&self.caller.app);
        if let Some(head) = replay::resume(&app, Audience::Staff, seen.site, cursor, out).await? {
            *self.follow(cursor.conversation, seen).await = head;
        }
        Ok(())
    }

    /// Listens, then sends the last events: what happens meanwhile waits in the mailbox and is told apart by its number.
    pub(super) async fn show(&mut self, id: ConversationId, seen: Seen, out: &mut Vec<Frame>) -> Result<()> {
        self.follow(id, seen).await;
        let app = Arc::clone(&self.caller.app);
        if let Some(head) = replay::tail(&app, Audience::Staff, (seen.site, id), TAIL, out).await? {
            *self.follow(id, seen).await = head;
        }
        Ok(())
    }

    pub(super) async fn assigned(&mut self, given: Given, out: &mut Vec<Frame>) -> Result<()> {
        let Given { conversation: id, site, generation } = given;
        if self.given.get(&id).is_some_and(|known| *known >= generation) {
            return Ok(());
        }
        let Some(summary) = store::summary(&self.caller.app.db.read, id).await? else { return Ok(()) };
        let waited = summary.queued_at.map(|since| (self.caller.app.clock.now() - since).num_seconds());
        let mut told = vec![frame(&json!({
            "type": "assigned",
            "conversation": id,
            "gen": generation,
            "deadline": null,
            "summary": {
                "shopper": { "id": summary.shopper_id, "name": summary.shopper_name, "email": summary.shopper_email,
                    "verified": summary.shopper_verified },
                "site": summary.site_name, "team": summary.team_name, "locale": summary.locale, "wait_s": waited,
                "last_message": summary.last_message,
            },
        }))];
        // All of it or nothing, so that it can be tried again.
        self.show(id, Seen { site, shopper: Some(summary.shopper_id) }, &mut told).await?;
        self.given.insert(id, generation);
        out.append(&mut told);
        Ok(())
    }

    pub(super) fn unassigned(&mut self, id: ConversationId, generation: i32, out: &mut Vec<Frame>) {
        self.given.remove(&id);
        out.push(frame(&json!({ "type": "unassigned", "conversation": id, "gen": generation })));
        if self.followed.get(&id).is_some_and(|followed| !followed.watched) {
            self.followed.remove(&id);
        }
    }

    /// Who has what, by the database's word. What it no longer says is asked again: a chat may have come since it was read.
    pub(super) async fn compare_load(&mut self, load: &[Given], out: &mut Vec<Frame>) -> Result<()> {
        for given in load {
            if self.given.get(&given.conversation) != Some(&given.generation) {
                sweep::found();
                self.assigned(*given, out).await?;
            }
        }
        let is_in = |id: &ConversationId| load.iter().any(|given| given.conversation == *id);
        let missing: Vec<_> = self.given.keys().filter(|id| !is_in(id)).copied().collect();
        for id in missing {
            let summary = store::summary(&self.caller.app.db.read, id).await?;
            let is_mine = |s: &Summary| s.assignee_id == Some(self.caller.agent.id) && s.state == Standing::Active;
            if !summary.as_ref().is_some_and(is_mine) {
                // What took it away is said first.
                self.compare(id, i64::MAX, out).await?;
                self.unassigned(id, summary.map_or(0, |s| s.generation), out);
            }
        }
        Ok(())
    }

    /// A log has come this far, by the database's word.
    pub(super) async fn compare(&mut self, id: ConversationId, head: i64, out: &mut Vec<Frame>) -> Result<()> {
        let Some(followed) = self.followed.get_mut(&id).filter(|followed| followed.cursor < head) else {
            return Ok(());
        };
        let key = (followed.seen.site, id);
        if self.reader.catch_up(&self.caller.app, key, &mut followed.cursor, out).await? {
            sweep::found();
        }
        Ok(())
    }

    /// Stops following what this agent may no longer see.
    pub(super) async fn look_again(&mut self, out: &mut Vec<Frame>) -> Result<()> {
        let app = Arc::clone(&self.caller.app);
        self.caller.agent = people::agent(&app.db.read, self.caller.agent.id).await?.ok_or(Error::SignIn)?;
        for id in self.followed.keys().copied().collect::<Vec<_>>() {
            if self.caller.see(id).await?.is_none() {
                self.followed.remove(&id);
                if let Some(generation) = self.given.get(&id).copied() {
                    self.unassigned(id, generation, out);
                }
            }
        }
        Ok(())
    }

    /// What this agent may see is followed from the moment they act on it, so that every answer comes among its events.
    pub(super) async fn seen(&mut self, id: ConversationId) -> Result<Option<Seen>> {
        if let Some(followed) = self.followed.get(&id) {
            return Ok(Some(followed.seen));
        }
        let Some(seen) = self.caller.see(id).await? else { return Ok(None) };
        self.follow(id, seen).await;
        if let Some(summary) = store::summary(&self.caller.app.db.read, id).await? {
            *self.follow(id, seen).await = summary.last_seq;
        }
        Ok(Some(seen))
    }

    pub(super) async fn deliver(&mut self, published: &Published, out: &mut Vec<Frame>) -> Result<()> {
        let id = published.event.conversation;
        // What changed hands may be out of this agent's sight now: asked before anything more is shown.
        if published.event.kind.changes_hands()
            && self.followed.contains_key(&id)
            && self.caller.see(id).await?.is_none()
        {
            // Its own acknowledgement is due to whoever handed it over.
            if published.origin == Some(self.mailbox.connection) {
                out.push(ack(published.event.cid, &published.event, Some(published.event.seq), false));
            }
            self.followed.remove(&id);
            return Ok(());
        }
        let Some(followed) = self.followed.get_mut(&id) else { return Ok(()) };
        self.reader.advance(&self.caller.app, published, &mut followed.cursor, out).await?;
        Ok(())
    }
}
