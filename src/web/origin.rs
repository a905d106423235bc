//! Who may open a socket or a session from a browser. Origin is no credential: it only keeps other people's pages from
//! using a browser that is signed in or sits inside the shop.

use crate::app::App;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use axum::http::{HeaderMap, header};

const WRONG: Error = Error::Forbidden("This address may not use this chat. Add its origin to the site's list.");

/// The origin a browser states: `Ok(None)` none is stated, `Err` it is not an origin at all.
fn stated(headers: &HeaderMap) -> Result<Option<&str>> {
    let Some(value) = headers.get(header::ORIGIN) else { return Ok(None) };
    let text = value.to_str().map_err(|_| WRONG)?;
    Ok(Some(text))
}

fn is_listed(site: &Site, origin: &str) -> bool {
    site.origins.iter().any(|listed| listed == origin)
}

/// For shoppers: Deskbell's own origin, one on the site's list, or none stated (a program, not a page).
pub fn check_site(app: &App, site: &Site, headers: &HeaderMap) -> Result<()> {
    match stated(headers)? {
        None => Ok(()),
        Some(origin) if origin == app.config.public_url || is_listed(site, origin) => Ok(()),
        Some(_) => Err(WRONG),
    }
}

/// The shop's own origin that this request came through: its server passes a path on to Deskbell.
pub fn proxied<'a>(app: &App, site: &'a Site, headers: &HeaderMap) -> Option<&'a str> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let is_there = |origin: &&String| {
        **origin != app.config.public_url && origin.split("://").nth(1).is_some_and(|it| it.eq_ignore_ascii_case(host))
    };
    site.origins.iter().find(is_there).map(String::as_str)
}

/// As [`proxied`], where the browser also states that the shop's own page asks.
pub fn first_party<'a>(app: &App, site: &'a Site, headers: &HeaderMap) -> Option<&'a str> {
    let stated = headers.get(header::ORIGIN)?.to_str().ok()?;
    proxied(app, site, headers).filter(|origin| *origin == stated)
}

/// Before the upgrade the site is not known yet: Deskbell's own origin or one on any site's list.
pub async fn check_any_site(app: &App, headers: &HeaderMap) -> Result<()> {
    match stated(headers)? {
        None => Ok(()),
        Some(origin) if origin == app.config.public_url => Ok(()),
        Some(origin) => {
            if crate::store::sites::is_listed_anywhere(&app.db.read, origin).await? {
                return Ok(());
            }
            tracing::warn!(event = "ws_origin_denied", "socket refused: origin is on no site's list");
            Err(WRONG)
        }
    }
}

/// Where a cookie authenticates: Deskbell's own origin, stated.
pub fn check_own(app: &App, headers: &HeaderMap) -> Result<()> {
    if stated(headers)? == Some(app.config.public_url.as_str()) {
        return Ok(());
    }
    tracing::warn!(event = "ws_origin_denied", "socket refused: not Deskbell's own origin");
    Err(Error::Forbidden("Open the console at its own address."))
}
