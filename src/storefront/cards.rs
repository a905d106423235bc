//! The cards of a message: which of its links lead to the shop, and what those pages say. Asked for when somebody looks.

use super::page::Page;
use super::picture;
use super::product::{self, Card, Stock};
use crate::app::App;
use crate::domain::links::parts;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::outbound::{self, Why, Wish};
use crate::store::storefront as store;
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Most cards of a message.
const CARDS_MAX: usize = 3;
/// What is read of a page, in bytes; what a page says of itself stands near its beginning.
const PAGE_MAX: usize = 2 * 1024 * 1024;
/// How long somebody waits for pages that nobody asked for before: what comes later is there next time.
const PATIENCE: Duration = Duration::from_secs(6);
/// Prices change: how long a card holds, that there is none, and that the page could not be had.
const FOUND_FOR: TimeDelta = TimeDelta::minutes(30);
const NOTHING_FOR: TimeDelta = TimeDelta::minutes(10);
const FAILED_FOR: TimeDelta = TimeDelta::minutes(1);

/// A card as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// As the message has it.
    pub url: String,
    pub title: String,
    /// A path of Deskbell's own, with its signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<Stock>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
}

/// The cards of a text, in its order; empty where no link leads to the shop's own pages or none of them says anything.
pub async fn cards(app: &Arc<App>, site: &Arc<Site>, text: &str) -> Result<Vec<Shown>> {
    let asked = own_links(site, text).into_iter().map(|url| within_patience(app, site, url));
    let found = join_all(asked).await.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// Links to the site's own origins, each once.
fn own_links(site: &Site, text: &str) -> Vec<Url> {
    let mut own: Vec<Url> = Vec::new();
    let links = parts(text).into_iter().filter(|part| part.is_link).filter_map(|part| Url::parse(&part.text).ok());
    for link in links.filter(|link| outbound::is_of(link, &site.origins)) {
        if own.len() < CARDS_MAX && !own.contains(&link) {
            own.push(link);
        }
    }
    own
}

/// Whoever asked may go: what was begun is finished, so that the next one finds it.
async fn within_patience(app: &Arc<App>, site: &Arc<Site>, url: Url) -> Result<Option<Shown>> {
    let (app, site) = (Arc::clone(app), Arc::clone(site));
    let tasks = app.tasks.clone();
    let asking = tasks.spawn(async move { shown(&app, &site, url).await });
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(found) => found.map_err(Error::bug)?,
        Err(_) => Ok(None),
    }
}

async fn shown(app: &App, site: &Site, url: Url) -> Result<Option<Shown>> {
    let Some(card) = card(app, site, &url).await? else { return Ok(None) };
    let image = card.image.map(|image| picture::address(&app.config.secret_key, site, &image));
    let Card { title, price, currency, stock, sku, .. } = card;
    Ok(Some(Shown { url: url.into(), title, image, price, currency, stock, sku }))
}

async fn card(app: &App, site: &Site, url: &Url) -> Result<Option<Card>> {
    let mut bare = url.clone();
    bare.set_fragment(None);
    let hash: [u8; 32] = Sha256::digest(bare.as_str()).into();
    let key = (site.id, hash.as_slice());
    if let Some(known) = store::card(&app.db.read, key, app.clock.now()).await? {
        return Ok(known.and_then(|card| serde_json::from_value(card).ok()));
    }
    // One asks, and the others find what it found.
    let _alone = app.outbound.alone((site.id, hash)).await;
    if let Some(known) = store::card(&app.db.read, key, app.clock.now()).await? {
        return Ok(known.and_then(|card| serde_json::from_value(card).ok()));
    }
    let (card, holds) = match fetch(app, site, &bare).await {
        Ok(Some(card)) => (Some(card), FOUND_FOR),
        Ok(None) => (None, NOTHING_FOR),
        Err(why) => {
            tracing::debug!(site = %site.id, why = why.class(), "a page of the shop was not had");
            (None, if why.is_passing() { FAILED_FOR } else { NOTHING_FOR })
        }
    };
    let kept = card.as_ref().map(serde_json::to_value).transpose().map_err(Error::bug)?;
    store::keep_card(&app.db.read, key, kept.as_ref(), app.clock.now() + holds).await?;
    Ok(card)
}

async fn fetch(app: &App, site: &Site, url: &Url) -> Result<Option<Card>, Why> {
    let wish = Wish { accept: "text/html,application/xhtml+xml", most: PAGE_MAX, cut: true, origins: &site.origins };
    let found = app.outbound.get(url, &wish).await?;
    let is_page = found.status.is_success() && matches!(found.mime().as_str(), "text/html" | "application/xhtml+xml");
    if !is_page {
        return Ok(None);
    }
    let reading = tokio::task::spawn_blocking(move || {
        let page = Page::read(&found.body, &found.header("content-type").unwrap_or_default());
        product::card(&page, &found.url)
    });
    Ok(reading.await.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::own_links;

    #[test]
    fn only_links_to_the_shop_itself_are_asked_and_three_at_most() {
        let site = crate::app::new_site("Shop", vec!["https://shop.example".into(), "http://127.0.0.1:8080".into()]);
        let links = |text: &str| own_links(&site, text).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            links("see https://shop.example/a#x, HTTPS://SHOP.example:443/b."),
            ["https://shop.example/a#x", "https://shop.example/b"]
        );
        assert_eq!(links("http://127.0.0.1:8080/p and http://127.0.0.1:8081/p"), ["http://127.0.0.1:8080/p"]);
        for other in [
            "",
            "https://evil.example/",
            "http://shop.example/",
            "https://shop.example.evil.example/",
            "https://me@evil.example/https://shop.example",
            "//shop.example/a",
        ] {
            assert!(links(other).is_empty(), "{other}");
        }
        assert_eq!(links(&"https://shop.example/a https://shop.example/b ".repeat(9)).len(), 2);
        let many: Vec<_> = (0..9).map(|n| format!("https://shop.example/{n}")).collect();
        assert_eq!(links(&many.join(" ")).len(), 3);
    }
}
