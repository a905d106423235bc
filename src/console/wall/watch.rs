//! A wall on a page that is open: what was shown last, so that only what is different is told.

use super::numbers::Numbers;
use super::person::Sheet;
use super::pieces::Board;
use crate::app::{self, App};
use crate::console::live::{Op, Ops};
use crate::domain::id::AgentId;
use crate::domain::people::Agent;
use crate::error::Result;
use crate::web::assets::digest;
use crate::words::Lang;
use chrono::TimeDelta;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// Each piece is told at most this often.
const CALM: Duration = Duration::from_secs(1);
/// A wall of a very busy day rests ten times as long as it takes to read: it is at most a tenth of one core's work.
const SHARE: u32 = 10;

/// What a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Everybody,
    Person(AgentId),
}

impl Subject {
    /// The name of a topic.
    pub fn parse(topic: &str) -> Option<Self> {
        match topic.split_once(':') {
            None if topic == "board" => Some(Self::Everybody),
            Some(("person", id)) => id.parse().ok().map(Self::Person),
            _ => None,
        }
    }
}

pub struct Watch {
    subject: Subject,
    /// A piece, and what it looked like.
    shown: HashMap<String, String>,
    order: Vec<AgentId>,
    drawn_at: Option<Instant>,
    calm: Duration,
}

impl Watch {
    pub fn new(subject: Subject) -> Self {
        Self { subject, shown: HashMap::new(), order: Vec::new(), drawn_at: None, calm: CALM }
    }

    /// How long until it may be drawn again; `None`: now.
    pub fn rests(&self, now: Instant) -> Option<Duration> {
        let since = now - self.drawn_at?;
        self.calm.checked_sub(since).filter(|rest| !rest.is_zero())
    }

    /// What is different, and when it will be without anything happening.
    pub async fn draw(&mut self, app: &App, who: &Agent) -> Result<(Ops, Option<Duration>)> {
        let began = app::instant();
        self.drawn_at = Some(began);
        let drawn = self.compare_all(app, who).await;
        self.calm = CALM.max((app::instant() - began) * SHARE);
        drawn
    }

    async fn compare_all(&mut self, app: &App, who: &Agent) -> Result<(Ops, Option<Duration>)> {
        let (mut ops, lang) = (Ops::default(), Lang::of(who));
        match self.subject {
            Subject::Everybody => {
                let numbers = Numbers::read(app, who).await?;
                self.compare(lang, &Board::of(lang, &numbers), &mut ops)?;
                let turns = numbers.turns_at().map(|at| (at - numbers.now).max(TimeDelta::zero()));
                Ok((ops, turns.and_then(|turns| turns.to_std().ok())))
            }
            Subject::Person(id) => {
                if let Some(sheet) = Sheet::read(app, who, id).await? {
                    self.piece("#sheet".into(), sheet.print(lang)?, &mut ops);
                }
                Ok((ops, None))
            }
        }
    }

    fn compare(&mut self, lang: Lang, board: &Board, ops: &mut Ops) -> Result<()> {
        for (to, html) in board.print(lang)? {
            self.piece(to, html, ops);
        }
        let order: Vec<_> = board.people.iter().map(|card| card.id).collect();
        let is_same = order == self.order;
        self.order = order;
        let mut changed = Ops::default();
        for card in &board.people {
            self.piece(format!("#p-{}", card.id), card.print(lang)?, &mut changed);
        }
        if is_same {
            ops.append(changed);
        } else {
            ops.push(Op::replace("#people", board.print_people(lang)?));
        }
        Ok(())
    }

    fn piece(&mut self, to: String, html: String, ops: &mut Ops) {
        let look = digest([html.as_bytes()]);
        if self.shown.get(&to) != Some(&look) {
            ops.push(Op::replace(&to, html));
            self.shown.insert(to, look);
        }
    }
}
