//! How a conversation was sorted, as a quiet line of its log says it.

use super::fragments::priority;
use crate::domain::event::Event;
use crate::domain::triage::{Trace, Waking};
use crate::words::{Lang, ToArg, Word};
use chrono::{DateTime, Utc};

pub fn line(lang: Lang, event: &Event, name: &str) -> String {
    let by = |key: &str| lang.say_with(key, &[("name", name.to_arg())]);
    let named = |key: &str, tag: &str| lang.say_with(key, &[("name", name.to_arg()), ("tag", tag.to_arg())]);
    match Trace::of(event) {
        Some(Trace::Tagged(tag)) => named("trace-tagged", &tag),
        Some(Trace::Untagged(tag)) => named("trace-untagged", &tag),
        Some(Trace::Priority(class)) => {
            let class = priority(class).map_or_else(|| lang.say("priority-normal"), |(_, key)| lang.say(key.key()));
            lang.say_with("trace-priority", &[("name", name.to_arg()), ("class", class.to_arg())])
        }
        Some(Trace::Snoozed(_)) => by("trace-snoozed"),
        Some(Trace::Woken(Waking::Time)) => lang.say("trace-woken-time"),
        Some(Trace::Woken(Waking::Shopper)) => lang.say("trace-woken-shopper"),
        Some(Trace::Woken(Waking::Hand)) => by("trace-woken-hand"),
        Some(Trace::Blocked { until, reason }) => {
            let key = if until.is_some() { "trace-blocked-until" } else { "trace-blocked-ever" };
            lang.say_with(key, &[("name", name.to_arg()), ("reason", reason.to_arg())])
        }
        Some(Trace::Unblocked) => by("trace-unblocked"),
        None => String::new(),
    }
}

/// The time it leads up to.
pub fn until(event: &Event) -> Option<DateTime<Utc>> {
    match Trace::of(event) {
        Some(Trace::Snoozed(until)) => Some(until),
        Some(Trace::Blocked { until, .. }) => until,
        _ => None,
    }
}
