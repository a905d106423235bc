//! What a node measures: every name, what it means and from where it counts.
//!
//! The recorder is the process's, so what is recorded for each message has its handle here once, found without a look-up and
//! without a label being made; the rest is recorded where it happens. A name that is not in [`ALL`] has no help text, no
//! buckets and no line in the README: a test refuses it.

use metrics::{Counter, Histogram, Unit};
use std::sync::LazyLock;
use std::time::Duration;

pub enum Kind {
    Counter,
    Gauge,
    /// Upper bounds of the buckets.
    Histogram(&'static [f64]),
}

pub struct Measure {
    pub name: &'static str,
    pub help: &'static str,
    pub kind: Kind,
    unit: Option<Unit>,
    /// A label and its values: counted from zero from the start, so that the first time is seen as a change.
    label: Option<(&'static str, &'static [&'static str])>,
    /// Its labels are known only when it happens.
    is_late: bool,
}

const QUICK: &[f64] = &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
const WAITING: &[f64] = &[1.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0];
const GROUPS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

pub const NACKS: [&str; 9] = [
    "bad_request",
    "too_long",
    "rate_limited",
    "unavailable",
    "closed",
    "not_assignee",
    "forbidden",
    "cid_conflict",
    "too_late",
];

const fn measure(name: &'static str, kind: Kind, help: &'static str) -> Measure {
    Measure { name, help, kind, unit: None, label: None, is_late: false }
}

const fn counter(name: &'static str, help: &'static str) -> Measure {
    measure(name, Kind::Counter, help)
}

const fn gauge(name: &'static str, help: &'static str) -> Measure {
    Measure { is_late: true, ..measure(name, Kind::Gauge, help) }
}

const fn seconds(name: &'static str, buckets: &'static [f64], help: &'static str) -> Measure {
    Measure { unit: Some(Unit::Seconds), ..measure(name, Kind::Histogram(buckets), help) }
}

impl Measure {
    const fn by(mut self, label: &'static str, values: &'static [&'static str]) -> Self {
        self.label = Some((label, values));
        self
    }

    const fn late(mut self) -> Self {
        self.is_late = true;
        self
    }

    const fn unit(mut self, unit: Unit) -> Self {
        self.unit = Some(unit);
        self
    }
}

pub const ALL: &[Measure] = &[
    seconds(
        "deskbell_ack_seconds",
        QUICK,
        "From a message's frame to its acknowledgement, committed, on the sender's socket",
    ),
    seconds(
        "deskbell_delivery_seconds",
        QUICK,
        "From the moment an event was accepted, on whichever node, to its frame on another socket",
    )
    .by("to", &["shopper", "staff"]),
    counter("deskbell_nacks_total", "Frames refused, by the reason told").by("code", &NACKS),
    counter("deskbell_duplicates_total", "Messages sent again and answered with their first acknowledgement"),
    counter("deskbell_append_overload_total", "Messages refused at once because too many waited for the log writer"),
    measure("deskbell_append_group_size", Kind::Histogram(GROUPS), "Messages written by one transaction"),
    counter("deskbell_resumes_total", "Logs that a client resumed without a hole"),
    seconds("deskbell_resume_seconds", QUICK, "How long it took to make a client's replay ready"),
    counter("deskbell_resets_total", "Logs that a client had to load anew, by reason")
        .by("reason", &["epoch", "ahead", "tip", "too_far"]),
    counter("deskbell_backfills_total", "Gaps on a socket that were filled from the database"),
    counter("deskbell_sweeps_found_total", "Events and assignments that no hint told and the sweep found"),
    gauge("deskbell_bus_up", "1: hints reach the other nodes, or there are none; 0: Redis is away"),
    counter("deskbell_bus_lost_total", "Hints to other nodes that were dropped"),
    counter("deskbell_presence_refused_total", "Times that Redis refused to have written down who is here"),
    gauge("deskbell_ready", "1: this node takes part, as /readyz says"),
    gauge("deskbell_database_up", "1: PostgreSQL answered within a second"),
    gauge("deskbell_log_available", "0: the log writer waits for the database and refuses meanwhile"),
    gauge("deskbell_pool_connections", "Connections to PostgreSQL, by pool and state"),
    gauge("deskbell_pool_limit", "Most connections a pool may open"),
    gauge("deskbell_build_info", "1, with the version that runs"),
    measure("deskbell_sockets", Kind::Gauge, "Open sockets, by who sits at them")
        .by("who", &["shopper", "agent", "console"]),
    counter("deskbell_socket_closed_total", "Sockets that ended, by close code").late(),
    counter("deskbell_socket_evictions_total", "Sockets told to leave because too much waited for them (4008)"),
    gauge("deskbell_queue_waiting", "Shoppers waiting for an agent"),
    gauge("deskbell_queue_oldest_seconds", "How long the one who waits longest has waited").unit(Unit::Seconds),
    seconds("deskbell_queue_wait_seconds", WAITING, "How long shoppers waited before the queue gave them to an agent"),
    counter("deskbell_claims_total", "Claims of a conversation for an agent, by outcome")
        .by("outcome", &["yes", "taken", "busy", "gone", "again", "full", "over"]),
    counter("deskbell_offers_total", "Kept places that ended without the agent taking the chat, by outcome")
        .by("outcome", &["declined", "expired", "missed", "gone"]),
    counter("deskbell_lease_expiries_total", "Chats that went back to their place because their agent was gone"),
    gauge("deskbell_outbox_waiting", "Letters waiting to be sent"),
    gauge("deskbell_outbox_oldest_seconds", "Age of the oldest letter that waits").unit(Unit::Seconds),
    gauge("deskbell_outbox_dead", "Letters given up; /admin/letters shows them"),
    counter("deskbell_letters_total", "Letters tried, by kind and outcome").late(),
    gauge("deskbell_webhooks_waiting", "Deliveries to webhooks that wait"),
    gauge("deskbell_webhooks_dead", "Deliveries to webhooks that were given up; /admin/webhooks shows them"),
    counter("deskbell_webhooks_total", "Deliveries to webhooks tried, by outcome")
        .by("outcome", &["sent", "again", "dead", "gone", "needless"]),
    counter("deskbell_uploads_total", "Files that came in, by outcome")
        .by("outcome", &["kept", "too_large", "wrong_kind", "no_room", "broken", "failed"]),
    counter("deskbell_files_removed_total", "Files removed from the store"),
    gauge("deskbell_files_doomed", "Files that are to be removed from the store"),
    gauge("deskbell_files_bytes", "What files take in the store").unit(Unit::Bytes),
    counter("deskbell_pushes_total", "Notifications to browsers tried, by outcome")
        .by("outcome", &["sent", "again", "failed", "gone", "needless"]),
    counter("deskbell_outbound_total", "Addresses that somebody gave and that were asked, by outcome")
        .by("outcome", &["answered", "refused", "failed"]),
    seconds("deskbell_http_seconds", QUICK, "How long requests took, by route").late(),
    counter("deskbell_http_requests_total", "Requests answered, by route and status").late(),
    gauge("deskbell_tasks", "Sockets, requests and workers under way"),
];

/// Tells the recorder what each means, and counts from zero what can be.
pub fn describe() {
    for measure in ALL {
        let unit = measure.unit.unwrap_or(Unit::Count);
        match measure.kind {
            Kind::Counter => metrics::describe_counter!(measure.name, unit, measure.help),
            Kind::Gauge => metrics::describe_gauge!(measure.name, unit, measure.help),
            Kind::Histogram(_) => metrics::describe_histogram!(measure.name, unit, measure.help),
        }
        if measure.is_late {
            continue;
        }
        match measure.label {
            None => begin(measure, &[]),
            Some((label, values)) => values.iter().for_each(|value| begin(measure, &[(label, *value)])),
        }
    }
}

fn begin(measure: &Measure, labels: &[(&'static str, &'static str)]) {
    match measure.kind {
        Kind::Counter => metrics::counter!(measure.name, labels).increment(0),
        Kind::Gauge => metrics::gauge!(measure.name, labels).increment(0.0),
        Kind::Histogram(_) => drop(metrics::histogram!(measure.name, labels)),
    }
}

static ACK: LazyLock<Histogram> = LazyLock::new(|| metrics::histogram!("deskbell_ack_seconds"));
static TO_SHOPPER: LazyLock<Histogram> =
    LazyLock::new(|| metrics::histogram!("deskbell_delivery_seconds", "to" => "shopper"));
static TO_STAFF: LazyLock<Histogram> =
    LazyLock::new(|| metrics::histogram!("deskbell_delivery_seconds", "to" => "staff"));
static REFUSED: LazyLock<[Counter; NACKS.len()]> =
    LazyLock::new(|| NACKS.map(|code| metrics::counter!("deskbell_nacks_total", "code" => code)));
static RESENT: LazyLock<Counter> = LazyLock::new(|| metrics::counter!("deskbell_duplicates_total"));

/// A message was acknowledged, this long after its frame came.
pub fn acknowledged(after: Duration) {
    ACK.record(after.as_secs_f64());
}

/// An event was handed to another socket this long after it was accepted. Clocks of two nodes may differ by a little: never
/// less than nothing.
pub fn delivered(to_staff: bool, after: chrono::TimeDelta) {
    let after = after.as_seconds_f64().max(0.0);
    if to_staff { TO_STAFF.record(after) } else { TO_SHOPPER.record(after) }
}

/// A frame was refused.
pub fn refused(code: &'static str) {
    if let Some(at) = NACKS.iter().position(|known| *known == code) {
        REFUSED[at].increment(1);
    }
}

/// A message came again and was answered with its first acknowledgement.
pub fn resent() {
    RESENT.increment(1);
}

#[cfg(test)]
mod tests {
    use super::{ALL, Kind, NACKS};
    use crate::domain::conversation::Refusal;
    use std::time::Duration;

    #[test]
    fn names_are_used_once_and_say_what_they_count() {
        for (n, measure) in ALL.iter().enumerate() {
            assert!(!ALL[..n].iter().any(|other| other.name == measure.name), "{} twice", measure.name);
            assert!(measure.name.starts_with("deskbell_") && !measure.help.is_empty());
            assert_eq!(measure.name.ends_with("_total"), matches!(measure.kind, Kind::Counter), "{}", measure.name);
        }
    }

    #[test]
    fn every_refusal_is_counted() {
        let moment = Duration::from_secs(1);
        let refusals = [
            Refusal::BadRequest(""),
            Refusal::TooLong,
            Refusal::RateLimited(moment),
            Refusal::Unavailable(moment),
            Refusal::Closed,
            Refusal::NotAssignee(None),
            Refusal::Forbidden,
            Refusal::CidConflict,
            Refusal::TooLate,
        ];
        assert!(refusals.iter().all(|refusal| NACKS.contains(&refusal.code())));
    }
}
