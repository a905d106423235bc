//! Shoppers and staff.

use super::id::{AgentId, ShopperId, SiteId, TeamId};
use super::routing::TeamSettings;
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
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Agent {
    pub id: AgentId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub capacity: i16,
    pub available: bool,
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
    use super::{parse_email, tidy_name};

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
    fn names_lose_their_control_characters() {
        assert_eq!(tidy_name(" Li\u{0}\r\n Wei "), "Li Wei");
        assert_eq!(tidy_name(&"x".repeat(500)).len(), 200);
    }
}
