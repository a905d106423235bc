//! The visitors on a page that shows them.

use super::Desk;
use super::ops::bundle;
use crate::app;
use crate::error::Result;
use crate::realtime::event::Frame;
use crate::realtime::hub::Topic;
use crate::store::people;
use std::sync::Arc;

impl Desk {
    /// Hears who comes and goes exactly while the page shows it.
    pub(super) async fn hear_visits(&mut self) -> Result<()> {
        if self.visitors.is_none() {
            self.visits.clear();
        } else if self.visits.is_empty() {
            let sites = people::sites_of(&self.app.db.read, self.who.agent.id, self.who.agent.role).await?;
            self.visits = sites.into_iter().map(|id| self.app.hub.listen(Topic::Visits(id), &self.mailbox)).collect();
            for topic in &mut self.visits {
                topic.heard().await;
            }
        }
        Ok(())
    }

    /// What has a pace of its own.
    pub(super) async fn draw_beside(&mut self, out: &mut Vec<Frame>) -> Result<()> {
        self.draw_board(out).await?;
        self.draw_visitors(out).await
    }

    /// Draws the list if it has rested; if not, as soon as it has.
    async fn draw_visitors(&mut self, out: &mut Vec<Frame>) -> Result<()> {
        let Some(list) = &mut self.visitors else { return Ok(()) };
        if let Some(rest) = list.rests(app::instant()) {
            let is_due = Arc::clone(&list.is_due);
            self.wake_in(rest, &is_due);
            return Ok(());
        }
        let ops = list.draw(&self.app, &self.who.agent).await?;
        if !ops.is_empty() {
            out.push(bundle("visitors", None, &ops));
        }
        Ok(())
    }
}
