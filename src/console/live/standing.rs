//! What the page shows of the agent's own status, and of everybody's.

use super::ops::{Op, Ops, bundle};
use super::{Desk, Item};
use crate::app;
use crate::domain::people::Agent;
use crate::error::Result;
use crate::realtime::event::Frame;
use crate::realtime::hub::Topic;
use crate::shell::Menu;
use crate::store::people;
use crate::words::{Lang, ToArg};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A wall looks again at each heartbeat: what turns later than this needs no waking.
const SOON: Duration = Duration::from_secs(10);

/// The menu, where it is another than the page was told last; and by whom, where that was not the agent.
pub fn tell(lang: Lang, shown: &mut Option<Menu>, fresh: Menu, ops: &mut Ops) -> Result<()> {
    if shown.as_ref() == Some(&fresh) {
        return Ok(());
    }
    ops.push(Op::replace("#my-status", fresh.print(lang)?));
    let chosen = |menu: &Menu| (menu.status, menu.since.clone(), menu.by.clone());
    if let (Some(before), Some(by)) = (shown.as_ref(), &fresh.by)
        && chosen(before) != chosen(&fresh)
    {
        let (by, status, reason) = (by.to_arg(), fresh.status.to_arg(), fresh.reason.to_arg());
        let key = if fresh.reason.is_empty() { "status-set-for-you" } else { "status-set-for-you-why" };
        ops.push(Op::toast(&lang.say_with(key, &[("name", by), ("status", status), ("reason", reason)])));
    }
    *shown = Some(fresh);
    Ok(())
}

pub fn is_another(shown: &Menu, agent: &Agent) -> bool {
    *shown != Menu::of(agent, shown.chats)
}

impl Desk {
    /// Hears who comes and goes exactly while the page shows it.
    pub(super) async fn hear_duty(&mut self) -> Result<()> {
        if !self.shows_wall && !self.shows_rooms && self.board.is_none() {
            self.duty.clear();
        } else if self.duty.is_empty() {
            let sites = people::sites_of(&self.app.db.read, self.who.agent.id, self.who.agent.role).await?;
            self.duty = sites.into_iter().map(|site| self.app.hub.listen(Topic::Duty(site), &self.mailbox)).collect();
            for topic in &mut self.duty {
                topic.heard().await;
            }
        }
        Ok(())
    }

    /// Draws what is different on the wall, if it has rested; if not, as soon as it has.
    pub(super) async fn draw_board(&mut self, out: &mut Vec<Frame>) -> Result<()> {
        let Some(board) = &mut self.board else { return Ok(()) };
        if let Some(rest) = board.rests(app::instant()) {
            self.wake_in(rest, &self.is_board_due);
            return Ok(());
        }
        let (ops, turns) = board.draw(&self.app, &self.who.agent).await?;
        if !ops.is_empty() {
            out.push(bundle("board", None, &ops));
        }
        if let Some(turns) = turns.filter(|turns| *turns < SOON) {
            self.wake_in(turns, &self.is_turn_due);
        }
        Ok(())
    }

    pub(super) fn wake_in(&self, wait: Duration, is_due: &Arc<AtomicBool>) {
        if is_due.swap(true, Ordering::Relaxed) {
            return;
        }
        let (app, mailbox, is_due) = (Arc::clone(&self.app), Arc::clone(&self.mailbox), Arc::clone(is_due));
        self.app.tasks.spawn(async move {
            tokio::select! {
                () = app.stopping.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            // Before the push: what changes from here on asks for a drawing of its own.
            is_due.store(false, Ordering::Relaxed);
            mailbox.push(Item::Wake);
        });
    }
}
