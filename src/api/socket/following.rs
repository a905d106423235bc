//! What an agent's socket follows: the logs it may see, the chats that are this agent's, and how both are kept true.

use super::{Followed, Session, TAIL};
use crate::api::verbs::Seen;
use crate::app::App;
use crate::domain::conversation::{Given, Refusal, State as Standing};
use crate::domain::event::Event;
use crate::domain::id::ConversationId;
use crate::domain::line::Ringing;
use crate::error::{Error, Result};
use crate::realtime::event::{Frame, Published, frame, nack};
use crate::realtime::hub::{Listening, Topic};
use crate::replay::{self, Cursor, Replays, sweep};
use crate::store::conversations::{self as store, Summary};
use crate::store::events::Audience;
use crate::store::people;
use crate::store::queue::reserve;
use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::hash_map::Entry;
use std::sync::Arc;

impl Session {
    /// Listens to a conversation that is not followed yet.
    pub(super) async fn listen(&self, id: ConversationId) -> Option<Listening> {
        if self.followed.contains_key(&id) {
            return None;
        }
        let mut listening = self.caller.app.hub.listen(Topic::Conversation(id), &self.mailbox);
        listening.heard().await;
        Some(listening)
    }

    /// Follows it from this number on. Never before the number is known: what is cut off in the middle leaves nothing behind.
    pub(super) fn follow(&mut self, id: ConversationId, seen: Seen, cursor: i64, listening: Option<Listening>) {
        match self.followed.entry(id) {
            Entry::Occupied(mut followed) => followed.get_mut().cursor = cursor,
            Entry::Vacant(place) => {
                if let Some(listening) = listening {
                    place.insert(Followed { seen, cursor, watched: false, _listening: listening });
                }
            }
        }
    }

    pub(super) async fn resume(
        &mut self,
        cursor: &Cursor,
        replays: &mut Replays<'_>,
        out: &mut Vec<Frame>,
    ) -> Result<()> {
        let Some(seen) = self.seen(cursor.conversation).await? else {
            out.push(nack(None, &Refusal::Forbidden));
            return Ok(());
        };
        let mut told = Vec::new();
        let resumed = replays.resume(seen.site, cursor, &mut told).await?;
        self.tell(cursor.conversation, resumed.map(|resumed| resumed.head), told, out).await
    }

    /// Sends the last events of what is followed: what happens meanwhile waits in the mailbox and is told apart by its number.
    pub(super) async fn show(&mut self, id: ConversationId, seen: Seen, out: &mut Vec<Frame>) -> Result<()> {
        let mut told = Vec::new();
        let head = replay::tail(&self.caller.app, Audience::Staff, (seen.site, id), TAIL, &mut told).await?;
        self.tell(id, head, told, out).await
    }

    /// Looks once more before it tells what was read: it may have been handed over before that.
    async fn tell(
        &mut self,
        id: ConversationId,
        head: Option<i64>,
        mut told: Vec<Frame>,
        out: &mut Vec<Frame>,
    ) -> Result<()> {
        if !self.caller.sees(id).await? {
            self.followed.remove(&id);
            out.push(nack(None, &Refusal::Forbidden));
            return Ok(());
        }
        if let (Some(head), Some(followed)) = (head, self.followed.get_mut(&id)) {
            followed.cursor = head;
        }
        out.append(&mut told);
        Ok(())
    }

    /// Announces a chat, if it is this agent's under this assignment still: what comes late or again may be stale.
    pub(super) async fn assigned(&mut self, given: Given, out: &mut Vec<Frame>) -> Result<()> {
        let Given { conversation: id, site, generation } = given;
        if self.given.get(&id).is_some_and(|known| *known >= generation) {
            return Ok(());
        }
        let (app, mut log) = (Arc::clone(&self.caller.app), Vec::new());
        let listening = self.listen(id).await;
        let head = replay::tail(&app, Audience::Staff, (site, id), TAIL, &mut log).await?;
        // Looked at after the log was read. From here on nothing waits: all of it is told, or nothing, to be tried again.
        let summary = store::summary(&app.db.read, id).await?;
        let is_this = |s: &Summary| self.is_mine(s) && s.generation == generation;
        let (Some(summary), Some(head)) = (summary.filter(is_this), head) else { return Ok(()) };
        out.push(announcement(&app, &summary));
        out.append(&mut log);
        self.follow(id, Seen { site, shopper: summary.shopper_id, head }, head, listening);
        self.given.insert(id, generation);
        self.rung.remove(&id);
        Ok(())
    }

    fn is_mine(&self, chat: &Summary) -> bool {
        chat.assignee_id == Some(self.caller.agent.id) && chat.state == Standing::Active
    }

    /// What rings at this agent and was not told here yet: a hint may have been lost.
    pub(super) async fn tell_ringing(&mut self, out: &mut Vec<Frame>) -> Result<()> {
        let app = Arc::clone(&self.caller.app);
        let ringing = reserve::ringing(&app.db.read, self.caller.agent.id, app.clock.now()).await?;
        self.rung.retain(|id, until| ringing.iter().any(|r| r.id == *id && r.until == *until));
        for Ringing { id, until, .. } in ringing {
            if self.rung.contains_key(&id) {
                continue;
            }
            let Some(summary) = store::summary(&app.db.read, id).await? else { continue };
            out.push(about(&app, &summary, ("offered", Some(until))));
            self.rung.insert(id, until);
        }
        Ok(())
    }

    pub(super) fn unassigned(&mut self, id: ConversationId, generation: i32, out: &mut Vec<Frame>) {
        self.given.remove(&id);
        self.rung.remove(&id);
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
            if !summary.as_ref().is_some_and(|summary| self.is_mine(summary)) {
                // What took it away is said first.
                self.compare(id, i64::MAX, out).await?;
                self.unassigned(id, summary.map_or(0, |s| s.generation), out);
            }
        }
        Ok(())
    }

    /// A log has come this far, by the database's word.
    pub(super) async fn compare(&mut self, id: ConversationId, head: i64, out: &mut Vec<Frame>) -> Result<()> {
        let app = Arc::clone(&self.caller.app);
        let Some(followed) = self.followed.get(&id).filter(|followed| followed.cursor < head) else { return Ok(()) };
        let missed = self.reader.after(&app, (followed.seen.site, id), followed.cursor).await?;
        if missed.is_empty() {
            return Ok(());
        }
        sweep::found();
        // What was missed may have changed hands.
        if !self.caller.sees(id).await? {
            self.lose(id, &missed, None, out);
        } else if let Some(followed) = self.followed.get_mut(&id) {
            self.reader.catch_up(&app, missed, &mut followed.cursor, out);
        }
        Ok(())
    }

    /// Out of sight: told no more of it, but for the acknowledgements that are due.
    fn lose(&mut self, id: ConversationId, missed: &[Event], published: Option<&Published>, out: &mut Vec<Frame>) {
        self.reader.acknowledge_only(missed, published, out);
        self.followed.remove(&id);
    }

    /// Stops following what this agent may no longer see.
    pub(super) async fn look_again(&mut self, out: &mut Vec<Frame>) -> Result<()> {
        let app = Arc::clone(&self.caller.app);
        self.caller.agent = people::agent(&app.db.read, self.caller.agent.id).await?.ok_or(Error::SignIn)?;
        for id in self.followed.keys().copied().collect::<Vec<_>>() {
            if !self.caller.sees(id).await? {
                // They may have given it away themselves, and not been answered yet.
                self.compare(id, i64::MAX, out).await?;
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
        // Nobody listens to what they may not see; what they may is looked at again while they listen.
        if !self.caller.sees(id).await? {
            return Ok(None);
        }
        let listening = self.listen(id).await;
        let Some(seen) = self.caller.see(id).await? else { return Ok(None) };
        self.follow(id, seen, seen.head, listening);
        Ok(Some(seen))
    }

    pub(super) async fn deliver(&mut self, published: &Published, out: &mut Vec<Frame>) -> Result<()> {
        let (app, id) = (Arc::clone(&self.caller.app), published.event.conversation);
        let Some(Followed { cursor, .. }) = self.followed.get(&id) else { return Ok(()) };
        let may_have_changed = self.reader.is_early(published, *cursor) || published.event.kind.changes_hands();
        let missed = self.reader.before(&app, published, *cursor).await?;
        // What changed hands, be it among what was missed, may be out of this agent's sight: asked after it was read and
        // before any of it is shown.
        if may_have_changed && !self.caller.sees(id).await? {
            self.lose(id, &missed, Some(published), out);
        } else if let Some(followed) = self.followed.get_mut(&id) {
            self.reader.advance(&app, (missed, published), &mut followed.cursor, out);
        }
        Ok(())
    }
}

fn announcement(app: &App, chat: &Summary) -> Frame {
    about(app, chat, ("assigned", None))
}

/// What an agent is told of a chat that comes to them, or rings until the deadline.
fn about(app: &App, chat: &Summary, (kind, deadline): (&str, Option<DateTime<Utc>>)) -> Frame {
    let waited = chat.queued_at.map(|since| (app.clock.now() - since).num_seconds());
    frame(&json!({
        "type": kind,
        "conversation": chat.id,
        "gen": chat.generation,
        "deadline": deadline,
        "summary": {
            "shopper": { "id": chat.shopper_id, "name": chat.shopper_name, "email": chat.shopper_email,
                "verified": chat.shopper_verified },
            "site": chat.site_name, "team": chat.team_name, "locale": chat.locale, "wait_s": waited,
            "last_message": chat.last_message,
            "from": chat.assignee_name,
        },
    }))
}
