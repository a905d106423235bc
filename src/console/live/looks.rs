//! What is asked of the database again: how far a log has come, what this agent may still see, whether they are signed in.

use super::ops::{Op, Ops, bundle};
use super::{Desk, look_again, standing};
use crate::auth::session;
use crate::domain::id::ConversationId;
use crate::error::{Error, Result};
use crate::presence;
use crate::realtime::event::Frame;
use crate::shell::offers;
use crate::store::desk::{self, Counts};
use crate::store::{in_time, mentions, sessions};

impl Desk {
    /// A log has come this far, by the database's word.
    pub(super) async fn compare(&mut self, id: ConversationId, head: i64, out: &mut Vec<Frame>) -> Result<()> {
        let Some(at) = self.threads.iter().position(|thread| thread.id == id) else { return Ok(()) };
        if !self.threads[at].compare(&self.app, &self.who.agent, head, out).await? {
            self.threads.swap_remove(at);
        }
        Ok(())
    }

    /// Whoever was asked to take it over might look; whoever declined may not any more.
    pub(super) async fn look_at(&mut self, id: ConversationId, out: &mut Vec<Frame>) -> Result<()> {
        let Some(at) = self.threads.iter().position(|thread| thread.id == id) else { return Ok(()) };
        if !self.threads[at].is_still_seen(&self.app, &self.who.agent, out).await? {
            self.threads.swap_remove(at);
        }
        Ok(())
    }

    /// What this agent may see has changed.
    pub(super) async fn look_again(&mut self, out: &mut Vec<Frame>) -> Result<()> {
        self.who = session::load(&self.app, self.who.agent.id, self.who.session).await?;
        self.leave_board(out);
        // One after the other in their place: what is cut off in the middle loses none.
        let mut at = 0;
        while let Some(thread) = self.threads.get(at) {
            if thread.is_still_seen(&self.app, &self.who.agent, out).await? {
                at += 1;
            } else {
                self.threads.remove(at);
            }
        }
        self.draw(out).await
    }

    /// The page came into sight, or went out of it.
    pub(super) async fn come_into_sight(&mut self, is_in_sight: bool) -> Result<()> {
        let connection = self.mailbox.connection;
        self.is_in_sight = is_in_sight;
        if !is_in_sight {
            return presence::out_of_sight(&self.app, connection).await;
        }
        presence::in_sight(&self.app, self.who.agent.id, connection).await?;
        self.see_mentions().await
    }

    /// Whoever oversees nobody any more has no board; their page finds out by asking for it again.
    pub(super) fn leave_board(&mut self, out: &mut Vec<Frame>) {
        if !self.who.agent.oversees() && self.board.take().is_some() {
            out.push(bundle("board", None, &Ops::one(Op::refresh())));
        }
    }

    pub(super) fn looks_at(&self, conversation: ConversationId) -> bool {
        self.is_in_sight && self.threads.iter().any(|thread| thread.id == conversation)
    }

    /// What calls them in a conversation that they look at needs no further call.
    pub(super) async fn see_mentions(&self) -> Result<()> {
        let (db, agent, now) = (&self.app.db.read, self.who.agent.id, self.app.clock.now());
        for thread in self.threads.iter().filter(|_| self.is_in_sight) {
            if mentions::seen(db, agent, (thread.id, thread.shown()), now).await? {
                super::super::mentions::tell_count(&self.app, agent);
            }
        }
        Ok(())
    }

    /// What a shopper wrote and nobody read calls, and so does whoever waits: the page decides whether it was seen there.
    pub(super) async fn tell_unread(&mut self, counts: Counts, ops: &mut Ops) -> Result<()> {
        let agent = self.who.agent.id;
        let mut chats = if counts.unread > 0 { desk::unread(&self.app.db.read, agent).await? } else { Vec::new() };
        for chat in chats.iter_mut().filter(|chat| chat.name.is_empty()) {
            chat.name = self.who.lang().say("visitor");
        }
        let now = (chats, counts.waiting);
        if self.unread.as_ref() != Some(&now) {
            ops.push(Op::unread(&now.0, now.1));
            self.unread = Some(now);
        }
        Ok(())
    }

    /// The socket ends. What is not written down lapses by itself.
    pub(super) async fn goes(&mut self) {
        if self.is_in_sight
            && let Err(error) = in_time(self.come_into_sight(false)).await
        {
            tracing::debug!(error = error.cause(), "that a page went was not noted");
        }
    }

    /// Whether they are still signed in. Their role may have changed since the page was opened.
    pub(super) async fn look_who(&mut self) -> Result<()> {
        let app = &self.app;
        if !sessions::is_alive(&app.db.read, self.who.session, app.clock.now()).await? {
            return Err(Error::SignIn);
        }
        self.who = session::load(app, self.who.agent.id, self.who.session).await?;
        if self.menu.as_ref().is_some_and(|menu| standing::is_another(menu, &self.who.agent)) {
            self.mailbox.push(look_again());
        }
        presence::renew(app, self.who.agent.id, self.mailbox.connection).await?;
        if self.is_in_sight {
            presence::in_sight(app, self.who.agent.id, self.mailbox.connection).await?;
        }
        // Of an offer whose hint was lost nobody else would tell.
        self.rings |= !offers::ringing_at(app, self.who.lang(), self.who.agent.id).await?.is_empty();
        Ok(())
    }
}
