//! How a shop routes: what the owner may set about its line. Every field has a default, so that `{}` is a working line.

use super::hours::Hours;
use super::id::TeamId;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Routing {
    /// How long an agent may be gone before the chat goes back to the queue, in seconds.
    pub grace_s: u32,
    /// After this wait a chat with a known address becomes a ticket, in seconds; 0 never.
    pub ticket_after_s: u32,
    /// After this silence of both sides an active chat is closed, in seconds; 0 never.
    pub idle_close_s: u32,
    /// Every this many seconds of waiting count as one class of priority, so that nobody starves; 0 never.
    pub ageing_s: u32,
    /// Whoever has waited this long goes before everybody who has not, whatever their class, and to whoever of the team is
    /// free, whatever their skills; in seconds, 0 never.
    pub bound_s: u32,
    pub mode: Mode,
    /// How long an offer rings, in seconds.
    pub offer_s: u16,
    /// Whoever lets so many offers in a row ring until the time is over is taken for away; 0 never.
    pub away_after_missed: u8,
    /// Whoever had this shopper before is asked first, if they are available and have a place free.
    pub prefers_previous: bool,
    pub language: Language,
    /// Every this many seconds of waiting one required skill falls away, the last first and the language at the end; what fell
    /// away is still preferred. 0 never.
    pub relax_s: u32,
    /// The first rule that names a team decides it; the highest class counts; skills add up.
    pub rules: Vec<Rule>,
    /// With so many in line the shop takes new questions as tickets; 0 never.
    pub queue_max: u32,
    /// What a chat counts of an agent's capacity, in hundredths: while the shopper writes, and after a silence of theirs.
    pub active_percent: u16,
    pub silent_percent: u16,
    /// The silence after which a chat counts less, in seconds.
    pub silent_after_s: u32,
    /// Most chats beyond the capacity that an agent may have while silent ones count less, so that a bound is kept when all
    /// of them wake.
    pub over_max: u8,
    /// Open means that somebody is on duty too, not only that the hours say so.
    pub needs_staff: bool,
    /// How long a place is held for a shopper who was called back, in seconds.
    pub hold_s: u16,
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            grace_s: 30,
            ticket_after_s: 900,
            idle_close_s: 3_600,
            ageing_s: 180,
            bound_s: 600,
            mode: Mode::Assign,
            offer_s: 20,
            away_after_missed: 3,
            prefers_previous: true,
            language: Language::Prefer,
            relax_s: 60,
            rules: Vec::new(),
            queue_max: 0,
            active_percent: 100,
            silent_percent: 30,
            silent_after_s: 180,
            over_max: 2,
            needs_staff: false,
            hold_s: 60,
        }
    }
}

/// Whether an agent is given a chat, or asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Assign,
    Offer,
}

/// What the shopper's language means for who may answer. An agent who lists no language answers in any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Ignore,
    #[default]
    Prefer,
    Require,
}

/// One class of priority each. Stored as a number, so that ageing can add to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Low,
    #[default]
    Normal,
    High,
    Vip,
}

impl Class {
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Vip];

    pub fn number(self) -> i16 {
        match self {
            Self::Low => -1,
            Self::Normal => 0,
            Self::High => 1,
            Self::Vip => 2,
        }
    }

    pub fn from_number(number: i16) -> Self {
        match number {
            ..0 => Self::Low,
            0 => Self::Normal,
            1 => Self::High,
            2.. => Self::Vip,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Vip => "vip",
        }
    }
}

/// Where one thing is known of a chat when it opens, it goes this way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    pub when: When,
    /// What it is compared with, letter case aside; a number for [`When::Cart`].
    pub value: String,
    pub team: Option<TeamId>,
    pub class: Option<Class>,
    pub require: Vec<String>,
    pub prefer: Vec<String>,
}

/// What a rule looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    #[default]
    Always,
    /// The shopper's language is this, or a region's form of it.
    Language,
    /// The page they write from has this in its address.
    Page,
    /// The cart that their browser reports is worth at least this.
    Cart,
    /// An attribute that the shop has signed is this; empty: is there.
    Attribute(String),
    /// They answered this question before the chat so.
    Answer(String),
    /// The shop vouches for them.
    Verified,
}

/// What a team may set beside its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TeamSettings {
    /// Most chats the team has at once; 0 no limit.
    pub chats_max: u32,
    /// Its own hours; `None`: the shop's.
    pub hours: Option<Hours>,
    /// After this wait another team's agents may take its chats too, in seconds; 0 never.
    pub overflow_after_s: u32,
    pub overflow_team: Option<TeamId>,
}

/// How soon a shopper of one class should be answered, in seconds of opening time; 0 no target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Targets {
    pub first_s: u32,
    pub next_s: u32,
    pub resolution_s: u32,
}

/// Targets by class, and how much of one may pass before a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sla {
    pub low: Targets,
    pub normal: Targets,
    pub high: Targets,
    pub vip: Targets,
    pub warn_percent: u8,
}

impl Default for Sla {
    fn default() -> Self {
        let none = Targets::default();
        Self { low: none, normal: none, high: none, vip: none, warn_percent: 80 }
    }
}

impl Sla {
    pub fn has_targets(&self) -> bool {
        Class::ALL.iter().any(|class| self.of(*class) != Targets::default())
    }

    pub fn of(&self, class: Class) -> Targets {
        match class {
            Class::Low => self.low,
            Class::Normal => self.normal,
            Class::High => self.high,
            Class::Vip => self.vip,
        }
    }
}
