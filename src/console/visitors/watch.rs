//! The list on a page that is open: when it may be read again, and what was shown last.

use super::Visitors;
use crate::app::{self, App};
use crate::console::live::{Op, Ops};
use crate::domain::id::SiteId;
use crate::domain::people::Agent;
use crate::error::Result;
use crate::words::Lang;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::time::Instant;

/// It is told at most this often.
const CALM: Duration = Duration::from_secs(2);
/// On a very busy day it rests ten times as long as it takes to read: it is at most a tenth of one core's work.
const SHARE: u32 = 10;

pub struct Watch {
    site: Option<SiteId>,
    shown: String,
    drawn_at: Option<Instant>,
    calm: Duration,
    /// Another look is due soon.
    pub is_due: Arc<AtomicBool>,
}

impl Watch {
    /// `site` as the topic names it: nothing stands for all.
    pub fn new(site: &str) -> Self {
        Self { site: site.parse().ok(), shown: String::new(), drawn_at: None, calm: CALM, is_due: Arc::default() }
    }

    /// How long until it may be drawn again; `None`: now.
    pub fn rests(&self, now: Instant) -> Option<Duration> {
        let since = now - self.drawn_at?;
        self.calm.checked_sub(since).filter(|rest| !rest.is_zero())
    }

    /// The list, if it looks different.
    pub async fn draw(&mut self, app: &App, who: &Agent) -> Result<Ops> {
        let began = app::instant();
        self.drawn_at = Some(began);
        let drawn = Visitors::read(app, who, self.site).await;
        self.calm = CALM.max((app::instant() - began) * SHARE);
        let html = drawn?.0.print(Lang::of(who))?;
        if html == self.shown {
            return Ok(Ops::default());
        }
        self.shown.clone_from(&html);
        Ok(Ops::one(Op::list(html)))
    }
}
