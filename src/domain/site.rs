//! A shop: its key, its allowed origins, and how its chat behaves.

use super::file::FileRules;
use super::hours::Hours;
use super::id::SiteId;
use super::routing::{Routing, Sla};
use super::widget::{Appearance, Rule, Trail, Words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// By language tag.
    pub words: BTreeMap<String, Words>,
    /// Any of them invites.
    pub invitation: Vec<Rule>,
    pub trail: Trail,
    /// Parameters that a page's address keeps in the trail; the others are taken out in the browser.
    pub query_kept: Vec<String>,
    pub intake: Vec<IntakeField>,
    pub hours: Hours,
    pub limits: Limits,
    pub routing: Routing,
    pub sla: Sla,
    pub files: FileRules,
    /// Mail the transcript at close to a verified shopper's address.
    pub transcript_at_close: bool,
    /// How shoppers who have left hear of answers.
    pub notify: Notify,
    /// Show agents what a shopper is typing before it is sent; the shop must tell its shoppers.
    pub typing_preview: bool,
    /// Days after which a conversation that has ended is erased; none: it is kept for good.
    pub keep_days: Option<u32>,
}

/// The statement that finds who is to be told knows these names and defaults too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notify {
    /// Offer notifications in the browser.
    pub push: bool,
    /// Show what was answered in them; otherwise only that somebody answered.
    pub push_text: bool,
    /// Mail what was answered to a known address, where no notification was sent.
    pub mail: bool,
}

impl Default for Notify {
    fn default() -> Self {
        Self { push: true, push_text: false, mail: true }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct IntakeField {
    pub name: String,
    pub label: String,
    /// Instead of the label, by language tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub options: Vec<String>,
}

impl Settings {
    /// The question whose answer says what a chat is about: the first of the shop's own with answers to choose from, or the first.
    pub fn topic(&self) -> Option<&IntakeField> {
        let mut own = self.intake.iter().filter(|field| !matches!(&*field.name, "name" | "email"));
        own.clone().find(|field| !field.options.is_empty()).or_else(|| own.next())
    }
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

/// Normalises an origin as browsers write it: scheme, host and port, lower case, no path.
pub fn parse_origin(raw: &str) -> Option<String> {
    let url = url::Url::parse(raw.trim()).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (is_web && is_bare && url.host().is_some()).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::parse_origin;

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
