//! Where a site's orders are asked for: which system, its address and its keys. The interface of a connector is
//! [`Source::orders`] and [`Source::test`]; the list of them is closed.

use super::ask::Problem;
use super::order::Found;
use super::{Customer, seal, shopify, signed, woocommerce};
use crate::app::{self, App};
use crate::domain::id::{AgentId, SiteId};
use crate::error::{Error, Result};
use crate::store::orders::{self as store, StoredSource};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// One look-up with all its pages.
const WITHIN: Duration = Duration::from_secs(8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Shopify,
    WooCommerce,
    Signed,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Shopify, Self::WooCommerce, Self::Signed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::WooCommerce => "woocommerce",
            Self::Signed => "signed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether there are two keys.
    pub fn has_key(self) -> bool {
        self == Self::WooCommerce
    }
}

/// What proves us to the shop's system. Only WooCommerce has both.
#[derive(Clone, Debug)]
pub struct Keys {
    pub key: SecretString,
    pub secret: SecretString,
}

#[derive(Clone, Debug)]
pub struct Source {
    pub kind: Kind,
    pub url: Url,
    /// `None`: they were sealed with another `SECRET_KEY`.
    pub keys: Option<Keys>,
    /// The subject of a signed identity is the customer's number in this system.
    pub by_subject: bool,
    /// An agent may ask by an e-mail that nobody has confirmed.
    pub asks_unconfirmed: bool,
    pub revision: Uuid,
}

fn bound_to(site: SiteId, kind: Kind, url: &str) -> String {
    format!("keys/{site}/{}/{url}", kind.as_str())
}

pub async fn load(app: &App, site: SiteId) -> Result<Option<Source>> {
    Ok(store::source(&app.db.read, site).await?.and_then(|stored| open(app, site, &stored)))
}

pub(super) fn open(app: &App, site: SiteId, stored: &StoredSource) -> Option<Source> {
    let kind = Kind::parse(&stored.kind)?;
    let url = Url::parse(&stored.url).ok()?;
    let plain = seal::open(app, &stored.sealed, &bound_to(site, kind, &stored.url));
    let keys = plain.and_then(|plain| serde_json::from_slice::<(String, String)>(&plain).ok());
    Some(Source {
        kind,
        url,
        keys: keys.map(|(key, secret)| Keys { key: key.into(), secret: secret.into() }),
        by_subject: stored.by_subject,
        asks_unconfirmed: stored.asks_unconfirmed,
        revision: stored.revision,
    })
}

/// What was answered before is forgotten.
pub async fn save(app: &App, site: SiteId, source: &Source, by: AgentId) -> Result<()> {
    let keys = source.keys.as_ref().ok_or(Error::BadRequest("Without keys nothing is asked."))?;
    let plain = json!([keys.key.expose_secret(), keys.secret.expose_secret()]).to_string();
    let stored = StoredSource {
        kind: source.kind.as_str().to_owned(),
        url: source.url.to_string(),
        sealed: seal::seal(app, plain.as_bytes(), &bound_to(site, source.kind, source.url.as_str()))?,
        by_subject: source.by_subject,
        asks_unconfirmed: source.asks_unconfirmed,
        revision: app::new_id(),
        paused_until: None,
    };
    Ok(store::set_source(&app.db.read, site, &stored, Some(by)).await?)
}

pub async fn remove(app: &App, site: SiteId, by: AgentId) -> Result<()> {
    Ok(store::remove_source(&app.db.read, site, Some(by)).await?)
}

/// The shop's address as it is kept: with a slash at its end where only what comes before the connector's own path counts,
/// so that a shop below a path is reached there.
pub fn shop_address(kind: Kind, typed: &str) -> Option<Url> {
    let typed = typed.trim();
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let mut url = Url::parse(&whole).ok().filter(Url::has_host)?;
    let has_login = !url.username().is_empty() || url.password().is_some();
    let is_known = matches!(url.scheme(), "http" | "https") && !has_login && url.as_str().len() <= 500;
    if !is_known || url.host_str().is_some_and(|host| !host.contains(['.', ':']) && host != "localhost") {
        return None;
    }
    url.set_fragment(None);
    match kind {
        Kind::Shopify => {
            url.set_query(None);
            url.set_path("/");
        }
        Kind::WooCommerce => {
            url.set_query(None);
            let path = format!("{}/", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        Kind::Signed => {}
    }
    Some(url)
}

impl Source {
    pub(super) async fn orders(&self, app: &App, site: SiteId, customer: &Customer) -> Result<Found, Problem> {
        let keys = self.keys.as_ref().ok_or(Problem::Sealed)?;
        let asking = async {
            let _turn = app.outbound.turn_for(site).await?;
            match self.kind {
                Kind::Shopify => shopify::orders(app, self, keys, customer).await,
                Kind::WooCommerce => woocommerce::orders(app, self, keys, customer).await,
                Kind::Signed => signed::orders(app, self, keys, customer).await,
            }
        };
        tokio::time::timeout(WITHIN, asking).await.unwrap_or(Err(Problem::Slow))
    }
}

/// Whether the shop's system lets us read orders, without anybody's address in the question.
pub async fn test(app: &App, site: SiteId, source: &Source) -> Result<(), Problem> {
    let keys = source.keys.as_ref().ok_or(Problem::Sealed)?;
    let asking = async {
        let _turn = app.outbound.turn_for(site).await?;
        match source.kind {
            Kind::Shopify => shopify::test(app, source, keys).await,
            Kind::WooCommerce => woocommerce::test(app, source, keys).await,
            Kind::Signed => signed::test(app, source, keys).await,
        }
    };
    tokio::time::timeout(WITHIN, asking).await.unwrap_or(Err(Problem::Slow))
}

#[cfg(test)]
mod tests {
    use super::{Kind, shop_address};

    #[test]
    fn an_address_is_kept_as_it_will_be_asked() {
        let kept = |kind, typed| shop_address(kind, typed).map(|url| url.to_string());
        for (kind, typed, expected) in [
            (Kind::Shopify, "lamps.myshopify.example", "https://lamps.myshopify.example/"),
            (Kind::Shopify, " https://lamps.myshopify.example/admin?x#y ", "https://lamps.myshopify.example/"),
            (Kind::WooCommerce, "https://shop.example/en", "https://shop.example/en/"),
            (Kind::WooCommerce, "https://shop.example", "https://shop.example/"),
            (Kind::Signed, "https://shop.example/orders?v=1", "https://shop.example/orders?v=1"),
        ] {
            assert_eq!(kept(kind, typed).as_deref(), Some(expected), "{typed}");
        }
        for bad in ["", "shop", "ftp://shop.example", "https://me:it@shop.example", "javascript:alert(1)", "https://"] {
            assert_eq!(kept(Kind::Signed, bad), None, "{bad}");
        }
    }
}
