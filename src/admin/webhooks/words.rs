//! What the pages of webhooks say of how it goes.

use crate::domain::event::Kind;
use crate::store::webhooks::Webhook;
use crate::words::{Key, Sentence, When};
use chrono::{DateTime, Utc};

/// How a webhook stands.
pub struct Standing {
    pub word: Key,
    /// Of its chip.
    pub class: &'static str,
    /// What to do about it.
    pub advice: Option<Sentence>,
    pub since: Option<When>,
    /// When it is tried next.
    pub next: Option<When>,
}

impl Standing {
    pub fn of(hook: &Webhook, has_secret: bool, now: DateTime<Utc>) -> Self {
        let plain = |word, class| Self { word: Key(word), class, advice: None, since: None, next: None };
        match (hook.off_at, hook.off_by.as_deref()) {
            (Some(off_at), Some("gone")) => Self {
                advice: Some(Sentence::of("hook-gone-next")),
                since: Some(off_at.into()),
                ..plain("hook-gone", "bad")
            },
            (Some(off_at), _) => Self { since: Some(off_at.into()), ..plain("hook-off", "") },
            (None, _) if !has_secret => Self { advice: Some(answer("sealed")), ..plain("hook-sealed", "bad") },
            (None, _) if hook.failures > 0 => Self {
                advice: hook.answer.as_deref().map(answer),
                since: hook.failing_since.map(When::from),
                next: hook.next_at.filter(|at| *at > now).map(When::from),
                ..plain("hook-failing", "bad")
            },
            (None, _) if hook.succeeded_at.is_some() => plain("hook-works", "ok"),
            _ => plain("hook-new", ""),
        }
    }
}

/// What came of the last try, as it is kept, and what to do about it.
pub fn answer(kept: &str) -> Sentence {
    if let Ok(status) = kept.parse::<u16>() {
        let key = match status {
            200..=299 => "hook-answer-taken",
            300..=399 => "hook-answer-leads",
            401 | 403 => "hook-answer-denied",
            404 | 405 => "hook-answer-missing",
            410 => "hook-answer-gone",
            429 => "hook-answer-busy",
            _ => "hook-answer-status",
        };
        return Sentence::of(key).with("status", kept);
    }
    Sentence::of(match kept {
        "private" => "hook-answer-private",
        "address" | "port" => "hook-answer-address",
        "name" => "hook-answer-name",
        "slow" => "hook-answer-slow",
        "sealed" => "hook-answer-sealed",
        "off" => "hook-answer-off",
        _ => "hook-answer-unreachable",
    })
}

pub fn means(kind: Kind) -> Key {
    Key(match kind {
        Kind::Opened => "hook-means-opened",
        Kind::Message | Kind::Note => "hook-means-message",
        Kind::Recalled => "hook-means-recalled",
        Kind::Assigned => "hook-means-assigned",
        Kind::Left => "hook-means-left",
        Kind::Transferred => "hook-means-transferred",
        Kind::Closed => "hook-means-closed",
        Kind::Rated => "hook-means-rated",
        Kind::Ticketed => "hook-means-ticketed",
    })
}
