//! What is not kept: who types, and how far the shopper has read.

use super::ops::{Op, Ops, bundle};
use super::{Desk, Typing, thread};
use crate::conversations::{self, Act};
use crate::domain::event::Author;
use crate::error::Result;
use crate::realtime::event::{Frame, Signal, What};
use crate::store::conversations as store;

impl Desk {
    pub(super) fn signal(&mut self, signal: &Signal, out: &mut Vec<Frame>) -> Result<()> {
        let is_mine = signal.by == Author::Agent(self.who.agent.id);
        if is_mine || !self.threads.iter().any(|thread| thread.id == signal.conversation) {
            return Ok(());
        }
        let op = match signal.what {
            What::Typing(on) if let Author::Agent(agent) = signal.by => {
                return self.hear_typing(agent, signal, on, out);
            }
            What::Typing(on) => Op::typing(self.who.lang(), signal, on),
            What::Read { staff_seq, .. } if matches!(signal.by, Author::Shopper(_)) => {
                Op::seen(signal.conversation, staff_seq, self.app.clock.now())
            }
            What::Read { .. } | What::Delivered { .. } => return Ok(()),
        };
        out.push(bundle(&thread::topic(signal.conversation), None, &Ops::one(op)));
        Ok(())
    }

    pub(super) async fn typing(&self, typing: &Typing) -> Result<()> {
        let Some(thread) = self.threads.iter().find(|thread| thread.id == typing.conversation) else { return Ok(()) };
        let act = Act {
            site: thread.site,
            conversation: thread.id,
            by: Author::Agent(self.who.agent.id),
            by_name: self.who.agent.name.clone(),
            cid: None,
            generation: None,
            origin: Some(self.mailbox.connection),
            oversees: self.who.agent.oversees(),
        };
        // Only the owner's typing is shown to the shopper.
        let owner = store::summary(&self.app.db.read, thread.id).await?;
        let shopper = owner.filter(|s| s.assignee_id == Some(self.who.agent.id)).map(|s| s.shopper_id);
        conversations::typing(&self.app, &act, shopper, typing.on, None);
        Ok(())
    }
}
