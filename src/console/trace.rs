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

/// Of a note that nobody typed.
pub fn own_words(lang: Lang, event: &Event) -> Option<String> {
    let text = |field: &str, inner: &str| event.field(field)?.get(inner)?.as_str();
    let about = |key: &str, name: &str| Some(lang.say_with(key, &[("name", name.to_arg())]));
    if let Some(sla) = event.field("sla").filter(|_| lang != Lang::En) {
        let target = serde_json::from_value(sla.get("target")?.clone()).ok()?;
        let standing = serde_json::from_value(sla.get("state")?.clone()).ok()?;
        return Some(lang.say(super::due::call(target, standing)));
    }
    match (text("asks", "agent"), text("asks", "why"), text("asked", "agent"), text("asked", "end")) {
        (Some(name), Some(""), ..) => about("trace-asks", name),
        (.., Some(name), Some("declined")) => about("trace-declined", name),
        (.., Some(name), Some("expired")) => about("trace-expired", name),
        _ => None,
    }
}
