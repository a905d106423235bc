//! The shop that a conversation belongs to, kept for a few seconds.

use crate::app::App;
use crate::domain::id::SiteId;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::store::sites;
use std::sync::Arc;
use std::time::Duration;

/// The site of a public key; sites are kept for a few seconds.
pub async fn site_by_key(app: &App, key: &str) -> Result<Arc<Site>> {
    if let Some(site) = app.sites.get(key) {
        return Ok(site);
    }
    if key.is_empty() || key.len() > 64 || key.contains('\0') {
        return Err(Error::NotFound);
    }
    fresh_or_known(app, key, async || Ok(sites::by_key(&app.db.read, key).await?)).await
}

pub async fn site_by_id(app: &App, id: SiteId) -> Result<Arc<Site>> {
    let key = id.to_string();
    if let Some(site) = app.sites.get(&key) {
        return Ok(site);
    }
    fresh_or_known(app, &key, async || Ok(sites::by_id(&app.db.read, id).await?)).await
}

/// Well within what a frame may take.
const SITE_PATIENCE: Duration = Duration::from_millis(500);

/// While the database is away, a site is what it was a moment ago.
async fn fresh_or_known(app: &App, key: &str, read: impl AsyncFnOnce() -> Result<Option<Site>>) -> Result<Arc<Site>> {
    let hangs = Err(Error::busy("The database does not answer."));
    match tokio::time::timeout(SITE_PATIENCE, read()).await.unwrap_or(hangs) {
        Ok(site) => {
            let site = Arc::new(site.ok_or(Error::NotFound)?);
            app.sites.put(key, &site);
            Ok(site)
        }
        Err(away @ Error::Unavailable { .. }) => app.sites.known(key).ok_or(away),
        Err(error) => Err(error),
    }
}
