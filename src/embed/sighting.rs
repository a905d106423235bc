//! That a page of the shop has loaded the widget: by the address that a browser states with the script, or with a session.
//! Written down once for each address; Deskbell's own pages do not count.

use crate::app::App;
use crate::domain::site::Site;
use crate::store::{in_time, start};
use axum::http::{HeaderMap, header};
use url::Url;

/// Where Deskbell's own pages are, on its own address.
const OWN: [&str; 3] = ["/console", "/admin", "/w/"];

/// By what came along with the request for the script.
pub async fn by_referrer(app: &App, site: &Site, headers: &HeaderMap) {
    let referrer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    if let Some(referrer) = referrer {
        note(app, site, referrer).await;
    }
}

/// What cannot be written down now is with the next page.
pub async fn note(app: &App, site: &Site, page: &str) {
    let Some(origin) = of_shop(app, site, page).filter(|origin| app.sightings.is_new(site.id, origin)) else { return };
    let noting = async { Ok(start::seen(&app.db.read, site.id, &origin, app.clock.now()).await?) };
    if let Err(error) = in_time(noting).await {
        app.sightings.forget(site.id, &origin);
        tracing::debug!(error = error.cause(), "where a widget was loaded was not noted");
    }
}

fn of_shop(app: &App, site: &Site, page: &str) -> Option<String> {
    let url = Url::parse(page).ok()?;
    let origin = url.origin().ascii_serialization();
    let is_own = origin == app.config.public_url && OWN.iter().any(|path| url.path().starts_with(path));
    (site.origins.contains(&origin) && !is_own).then_some(origin)
}
