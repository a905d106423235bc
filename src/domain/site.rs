//! A shop: its key, its allowed origins, and how its chat behaves.

use super::id::SiteId;
use chrono::{DateTime, Datelike, Duration, NaiveTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug)]
pub struct Site {
    pub id: SiteId,
    pub public_key: String,
    pub name: String,
    pub origins: Vec<String>,
    /// Signs shoppers' identity; never leaves the server but to the shop's owner.
    pub secret: String,
    pub settings: Settings,
}

/// What an owner may set; every field has a sensible default, so that `{}` is a working shop.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub appearance: Appearance,
    pub intake: Vec<IntakeField>,
    pub hours: Hours,
    pub limits: Limits,
    pub routing: Routing,
    /// Mail the transcript at close to a verified shopper's address.
    pub transcript_at_close: bool,
    /// Show agents what a shopper is typing before it is sent; the shop must tell its shoppers.
    pub typing_preview: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Appearance {
    pub color: String,
    pub on_color: String,
    pub side: String,
    pub x: u16,
    pub y: u16,
    pub z: i32,
    pub locale: String,
    pub scheme: String,
    pub email: Option<String>,
    /// Wait for the shop's `consent(true)` before anything is stored.
    pub consent: bool,
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            color: "#0f5fd7".into(),
            on_color: "#ffffff".into(),
            side: "right".into(),
            x: 20,
            y: 20,
            z: 2_147_483_000,
            locale: "en".into(),
            scheme: "auto".into(),
            email: None,
            consent: false,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IntakeField {
    pub name: String,
    pub label: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub options: Vec<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    pub shopper_burst: u32,
    pub shopper_per_s: u32,
    pub agent_burst: u32,
    pub agent_per_s: u32,
    /// New shopper sessions from one address.
    pub sessions_burst: u32,
    pub sessions_per_s: u32,
    /// How long a person may take back a message, in seconds.
    pub recall_s: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            shopper_burst: 10,
            shopper_per_s: 2,
            agent_burst: 50,
            agent_per_s: 20,
            sessions_burst: 120,
            sessions_per_s: 2,
            recall_s: 120,
        }
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Routing {
    /// How long an agent may be gone before the chat goes back to the queue, in seconds.
    pub grace_s: u32,
    /// After this wait a chat with a known address becomes a ticket, in seconds; 0 never.
    pub ticket_after_s: u32,
    /// After this silence of both sides an active chat is closed, in seconds; 0 never.
    pub idle_close_s: u32,
    /// Every this many seconds of waiting count as one class of priority, so that nobody starves.
    pub ageing_s: u32,
}

impl Default for Routing {
    fn default() -> Self {
        Self { grace_s: 30, ticket_after_s: 900, idle_close_s: 3_600, ageing_s: 180 }
    }
}

/// Weekly opening hours in the shop's own zone. No intervals at all means always open.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Hours {
    pub zone: String,
    pub week: Vec<Interval>,
}

impl Default for Hours {
    fn default() -> Self {
        Self { zone: "UTC".into(), week: Vec::new() }
    }
}

/// `day` counts from Monday 0 to Sunday 6; `until` is exclusive, and 24:00 is written as 00:00.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Interval {
    pub day: u8,
    pub from: NaiveTime,
    pub until: NaiveTime,
}

impl Hours {
    fn zone(&self) -> chrono_tz::Tz {
        self.zone.parse().unwrap_or(chrono_tz::UTC)
    }

    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        let local = now.with_timezone(&self.zone());
        let day = u8::try_from(local.weekday().num_days_from_monday()).unwrap_or_default();
        self.week.is_empty() || self.week.iter().any(|i| i.day == day && i.contains(local.time()))
    }

    /// When the shop opens next; `None` while it is open, or if it never does.
    pub fn opens_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_open(now) {
            return None;
        }
        let zone = self.zone();
        let today = now.with_timezone(&zone).date_naive();
        (0..8)
            .filter_map(|ahead| today.checked_add_signed(Duration::days(ahead)))
            .flat_map(|date| {
                let day = u8::try_from(date.weekday().num_days_from_monday()).unwrap_or_default();
                self.week.iter().filter(move |i| i.day == day).map(move |i| date.and_time(i.from))
            })
            .filter_map(|local| zone.from_local_datetime(&local).earliest())
            .map(|at| at.with_timezone(&Utc))
            .filter(|at| *at > now)
            .min()
    }
}

impl Interval {
    fn contains(&self, time: NaiveTime) -> bool {
        time >= self.from && (time < self.until || self.until == NaiveTime::MIN)
    }
}

/// Normalises an origin as browsers write it: scheme, host and port, lower case, no path.
pub fn parse_origin(raw: &str) -> Option<String> {
    let url = url::Url::parse(raw.trim()).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (is_web && is_bare && url.host().is_some()).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::{Hours, Interval, parse_origin};
    use chrono::{DateTime, NaiveTime, Utc};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn office() -> Hours {
        let time = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
        let week = (0..5).map(|day| Interval { day, from: time(9), until: time(17) }).collect();
        Hours { zone: "Europe/Berlin".into(), week }
    }

    #[test]
    fn hours_follow_the_shops_zone_through_the_change_of_clocks() {
        let hours = office();
        assert!(hours.is_open(at("2026-07-01T07:00:00Z")), "9:00 in summer");
        assert!(!hours.is_open(at("2026-01-07T07:30:00Z")), "8:30 in winter");
        assert!(!hours.is_open(at("2026-07-01T15:00:00Z")), "17:00 is closed");
        assert_eq!(
            hours.opens_at(at("2026-11-20T17:00:00Z")),
            Some(at("2026-11-23T08:00:00Z")),
            "Friday evening to Monday"
        );
        assert!(Hours::default().is_open(at("2026-01-01T00:00:00Z")));
    }

    #[test]
    fn origins_are_compared_as_browsers_write_them() {
        assert_eq!(parse_origin("HTTPS://Shop.Example:443/").as_deref(), Some("https://shop.example"));
        assert_eq!(parse_origin("http://127.0.0.1:8080").as_deref(), Some("http://127.0.0.1:8080"));
        for bad in
            ["null", "", "shop.example", "https://shop.example/path", "javascript:alert(1)", "https://u@shop.example"]
        {
            assert_eq!(parse_origin(bad), None, "{bad}");
        }
    }
}
