//! Where and what: the fields of a new webhook, and of one that is there.

use super::super::form::{Choice, Mistakes, Sent};
use super::words;
use crate::app::{self, App};
use crate::domain::event::Kind;
use crate::domain::id::{SiteId, WebhookId};
use crate::domain::site::Site;
use crate::domain::webhook::{TOLD, URL_MAX, name};
use crate::outbound::Why;
use crate::store::webhooks::Webhook;
use crate::words::{Key, Sentence};
use url::Url;

/// As typed.
pub struct HookForm {
    /// Of the webhook that this form makes.
    id: String,
    site: String,
    pub url: String,
    events: Vec<String>,
    sites: Vec<(SiteId, String)>,
}

/// A box to tick.
pub struct EventBox {
    pub kind: &'static str,
    pub name: &'static str,
    pub means: Key,
    pub is_ticked: bool,
}

fn named(sites: &[Site]) -> Vec<(SiteId, String)> {
    sites.iter().map(|site| (site.id, site.name.clone())).collect()
}

impl HookForm {
    /// Everything is told unless the owner wants less.
    pub fn empty(sites: &[Site]) -> Self {
        Self {
            id: app::new_id().to_string(),
            site: String::new(),
            url: String::new(),
            events: TOLD.map(|kind| kind.as_str().to_owned()).into(),
            sites: named(sites),
        }
    }

    pub fn of(hook: &Webhook) -> Self {
        Self {
            id: hook.id.to_string(),
            site: hook.site_id.to_string(),
            url: hook.url.clone(),
            events: hook.events.clone(),
            sites: Vec::new(),
        }
    }

    pub fn read(fields: &[(String, String)], sites: &[Site]) -> Self {
        let sent = Sent(fields);
        let events = fields.iter().filter(|(name, _)| name == "event").map(|(_, kind)| kind.clone());
        Self {
            id: sent.text("id"),
            site: sent.text("site"),
            url: sent.text("url"),
            events: events.take(TOLD.len()).collect(),
            sites: named(sites),
        }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn has_sites(&self) -> bool {
        !self.sites.is_empty()
    }

    pub fn sites(&self) -> impl Iterator<Item = Choice> + '_ {
        self.sites.iter().map(|(id, name)| Choice::named(id, name, &self.site))
    }

    pub fn boxes(&self) -> impl Iterator<Item = EventBox> + '_ {
        TOLD.into_iter().filter_map(|kind| {
            let is_ticked = self.ticks(kind);
            Some(EventBox { kind: kind.as_str(), name: name(kind)?, means: words::means(kind), is_ticked })
        })
    }

    fn ticks(&self, kind: Kind) -> bool {
        self.events.iter().any(|event| event == kind.as_str())
    }

    /// The shop and the id of a new one.
    pub fn place(&self) -> Option<(SiteId, WebhookId)> {
        Some((self.site.parse().ok()?, self.id.parse().ok()?))
    }

    /// What could never be reached is not kept; what is away for a moment is.
    pub async fn parse(&self, app: &App) -> Result<(Url, Vec<String>), Mistakes> {
        let mut mistakes = Mistakes::default();
        let url = mistakes.note("url", read_url(&self.url));
        if let Some(url) = &url
            && let Err(why @ (Why::Address(_) | Why::Private | Why::Port)) = app.outbound.check_to_send(url).await
        {
            mistakes.add("url", words::answer(why.class()));
        }
        let ticked = TOLD.into_iter().filter(|kind| self.ticks(*kind));
        let events: Vec<_> = ticked.map(|kind| kind.as_str().to_owned()).collect();
        if events.is_empty() {
            mistakes.add("events", Sentence::of("hook-mistake-events"));
        }
        url.filter(|_| mistakes.is_empty()).map(|url| (url, events)).ok_or(mistakes)
    }
}

fn read_url(typed: &str) -> Result<Url, Sentence> {
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.filter(|url| url.as_str().len() <= URL_MAX && url.username().is_empty() && url.password().is_none());
    let mut url = url.ok_or_else(|| Sentence::of("hook-mistake-url"))?;
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::read_url;

    #[test]
    fn an_address_is_kept_as_it_will_be_asked() {
        let kept = |typed| read_url(typed).ok().map(|url| url.to_string());
        assert_eq!(kept("hooks.example/deskbell?key=1#top").as_deref(), Some("https://hooks.example/deskbell?key=1"));
        assert_eq!(kept("http://10.0.0.5:8080/x").as_deref(), Some("http://10.0.0.5:8080/x"));
        let long = format!("https://a.example/{}", "x".repeat(2_048));
        for bad in [
            "",
            "gopher://a.example",
            "file:///etc/passwd",
            "https://me:it@a.example",
            "https://ok@127.0.0.1",
            "https://",
            &long,
        ] {
            assert_eq!(kept(bad), None, "{bad}");
        }
    }
}
