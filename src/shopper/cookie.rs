//! First-party mode: the shop's own server passes a path of its address on to Deskbell, and the browser keeps the shopper's token in a
//! cookie there, which lasts longer than what scripts may store.
//!
//! The cookie counts only where the request's Origin is one of the site's shops and its Host is that same shop: no other page can make
//! a browser use it. It has no path of its own, so that it goes to the addresses beside the one that set it and nowhere else in the shop.

use crate::app::App;
use crate::auth::shopper::TOKEN_DAYS;
use crate::domain::site::Site;
use crate::web::origin::first_party;
use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use std::time::Duration;

const PREFIX: &str = "deskbell_shopper_";
const AGE: Duration = Duration::from_hours(24 * TOKEN_DAYS.unsigned_abs());

fn name(site: &Site) -> String {
    format!("{PREFIX}{}", site.public_key)
}

/// Sites of which the request carries a cookie.
pub fn keys(headers: &HeaderMap) -> Vec<String> {
    CookieJar::from_headers(headers)
        .iter()
        .filter_map(|cookie| cookie.name().strip_prefix(PREFIX).map(str::to_owned))
        .collect()
}

pub fn token(app: &App, site: &Site, headers: &HeaderMap) -> Option<String> {
    first_party(app, site, headers)?;
    CookieJar::from_headers(headers).get(&name(site)).map(|cookie| cookie.value().to_owned())
}

/// The header that keeps the token, or with none takes the cookie away; nothing outside first-party mode.
pub fn keep(app: &App, site: &Site, headers: &HeaderMap, token: Option<&str>) -> Option<HeaderValue> {
    let origin = first_party(app, site, headers)?;
    let mut cookie = Cookie::build((name(site), token.unwrap_or_default().to_owned()))
        .http_only(true)
        .secure(origin.starts_with("https://"))
        .same_site(SameSite::Lax)
        .max_age(AGE.try_into().unwrap_or_default())
        .build();
    if token.is_none() {
        cookie.make_removal();
    }
    HeaderValue::from_str(&cookie.to_string()).ok()
}
