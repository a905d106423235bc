//! The cards of what a shopper's browser says, as they change under an open page: at most every 300 ms, and only what the
//! page was not told already.

use super::ops::{Op, Ops};
use crate::app::{self, App};
use crate::console::context::{Card, Name};
use crate::domain::id::{ConversationId, SiteId};
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::mailbox::Mailbox;
use crate::store::cards;
use crate::words::Lang;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

const CALM: Duration = Duration::from_millis(300);

#[derive(Default)]
pub struct Reported {
    /// Each card as it was printed last.
    told: [Option<String>; Name::LIVE.len()],
    looked_at: Option<Instant>,
    /// Another look is due soon.
    is_due: Arc<AtomicBool>,
}

impl Reported {
    pub async fn look(
        &mut self,
        app: &Arc<App>,
        mailbox: &Arc<Mailbox>,
        (site, id): (SiteId, ConversationId),
        lang: Lang,
    ) -> Result<Ops> {
        let since = self.looked_at.map_or(CALM, |at| app::instant() - at);
        if since < CALM {
            self.look_later(app, mailbox, id, CALM.saturating_sub(since));
            return Ok(Ops::default());
        }
        let about = cards::about(&app.db.read, site, id).await?;
        let mut ops = Ops::default();
        for (name, told) in Name::LIVE.into_iter().zip(&mut self.told) {
            let html = Card::live(name, id, &about).print(lang)?;
            if told.as_ref() != Some(&html) {
                ops.push(Op::replace(&format!("#{}-{id}", name.as_str()), html.clone()));
                *told = Some(html);
            }
        }
        self.looked_at = Some(app::instant());
        Ok(ops)
    }

    fn look_later(&self, app: &Arc<App>, mailbox: &Arc<Mailbox>, id: ConversationId, pause: Duration) {
        if self.is_due.swap(true, Ordering::Relaxed) {
            return;
        }
        let (mailbox, is_due) = (Arc::clone(mailbox), Arc::clone(&self.is_due));
        app.tasks.spawn(async move {
            tokio::time::sleep(pause).await;
            // Before the push: what changes from here on asks for a look of its own.
            is_due.store(false, Ordering::Relaxed);
            mailbox.push(Item::Reported(id));
        });
    }
}
