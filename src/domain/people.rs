//! Shoppers and staff.

use super::id::{AgentId, ShopperId, SiteId, TeamId};
use super::prefs::Prefs;
use super::routing::TeamSettings;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Role {
    Agent,
    Supervisor,
    Admin,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }
}

/// What an agent chose, or a supervisor for them. Whether they are here is another fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Status {
    /// Takes new chats.
    Available,
    /// Keeps chats, gets no new ones.
    Busy,
    /// Not at the desk; keeps chats, gets no new ones.
    Away,
    /// Off duty: their chats were handed over.
    Offline,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::Available, Self::Busy, Self::Away, Self::Offline];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Busy => "busy",
            Self::Away => "away",
            Self::Offline => "offline",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    pub fn of(available: bool, off_as: Self) -> Self {
        if available { Self::Available } else { off_as }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Available => "Available",
            Self::Busy => "Busy",
            Self::Away => "Away",
            Self::Offline => "Offline",
        }
    }
}

/// Longest reason of a status, in characters.
pub const REASON_MAX: usize = 200;

/// A reason as people see it: one line, trimmed, cut at [`REASON_MAX`].
pub fn tidy_reason(raw: &str) -> String {
    let line: String = raw.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REASON_MAX).collect();
    line.trim().to_owned()
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Agent {
    pub id: AgentId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub capacity: i16,
    pub available: bool,
    /// What they are when they are not available.
    pub off_as: Status,
    pub status_reason: String,
    pub status_since: DateTime<Utc>,
    /// The supervisor who chose it, where it was not the agent.
    pub status_by: Option<String>,
    /// The language they read the console in, as BCP 47 names it.
    pub locale: Option<String>,
    /// Their time zone, as IANA names it.
    pub zone: Option<String>,
    #[sqlx(json)]
    pub prefs: Prefs,
}

impl Agent {
    pub fn status(&self) -> Status {
        Status::of(self.available, self.off_as)
    }

    /// Whether they may act in chats that colleagues of their sites have.
    pub fn oversees(&self) -> bool {
        self.role >= Role::Supervisor
    }
}

#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Team {
    pub site_id: SiteId,
    pub id: TeamId,
    pub name: String,
    #[serde(skip)]
    #[sqlx(json, default)]
    pub settings: TeamSettings,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Shopper {
    pub site_id: SiteId,
    pub id: ShopperId,
    pub name: String,
    pub email: Option<String>,
    /// Only a JWT signed by the shop makes a shopper verified; nothing typed does.
    pub verified: bool,
    pub locale: String,
}

/// Longest name kept of a person, in characters.
pub const NAME_MAX: usize = 200;

/// A name as people see it: no control characters, trimmed, cut at [`NAME_MAX`].
pub fn tidy_name(raw: &str) -> String {
    raw.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect::<String>().trim().to_owned()
}

/// Parses one e-mail address; lists, display names, line breaks and anything above 254 bytes are refused.
pub fn parse_email(raw: &str) -> Option<String> {
    let text = raw.trim();
    let plain =
        text.len() <= 254 && !text.contains(|c: char| c.is_control() || c.is_whitespace() || "<>,;\"()".contains(c));
    let (local, domain) = text.rsplit_once('@')?;
    let sane = !local.is_empty() && local.len() <= 64 && !local.contains('@');
    let labelled = domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
    (plain && sane && labelled).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Status, parse_email, tidy_name, tidy_reason};

    #[test]
    fn addresses_that_could_reach_somebody_else_are_refused() {
        for good in ["a@b.co", " li.wei+shop@example.com ", "søren@bücher.example"] {
            assert_eq!(parse_email(good).as_deref(), Some(good.trim()));
        }
        for bad in [
            "",
            "a",
            "a@b",
            "a@b.co,c@d.co",
            "a@b.co\r\nBcc: c@d.co",
            "A <a@b.co>",
            "a@-b.co",
            "a@@b.co",
            "@b.co",
            "a b@c.co",
        ] {
            assert_eq!(parse_email(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_status_is_one_of_four_words_and_a_reason_is_one_line() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Status::parse("asleep"), None);
        assert_eq!(tidy_reason(" lunch\r\nwith Ben\0"), "lunch  with Ben");
        assert_eq!(tidy_reason(&"x".repeat(500)).len(), 200);
    }

    #[test]
    fn names_lose_their_control_characters() {
        assert_eq!(tidy_name(" Li\u{0}\r\n Wei "), "Li Wei");
        assert_eq!(tidy_name(&"x".repeat(500)).len(), 200);
    }
}
