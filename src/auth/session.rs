//! Staff: passwords, the console's cookie, the API's sessions, and the extractors that put a permission into a signature.

use super::{hash, token};
use crate::app::{self, App};
use crate::domain::id::{AgentId, SessionId};
use crate::domain::people::{Agent, Role};
use crate::error::{Error, Result};
use crate::pace::{Key, Quota};
use crate::store::people;
use crate::store::sessions::{self, SessionKind};
use crate::web::address::place;
use crate::words::{Lang, Reader};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use chrono::TimeDelta;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

const CONSOLE_DAYS: i64 = 14;
/// Shortest password, in characters.
pub const PASSWORD_MIN: usize = 12;
/// Longest password, in bytes.
pub const PASSWORD_MAX: usize = 1_024;
const API_DAYS: i64 = 30;
/// How long somebody waits until a password can be looked at.
const HASHING_SOON: std::time::Duration = std::time::Duration::from_secs(5);

/// Someone of the staff, signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub agent: Agent,
    pub session: SessionId,
}

impl SignedIn {
    pub fn lang(&self) -> Lang {
        Lang::of(&self.agent)
    }

    pub fn reader(&self) -> Reader {
        Reader { lang: self.lang(), zone: self.agent.zone.as_deref().and_then(|zone| zone.parse().ok()) }
    }
}

/// A supervisor or an admin.
#[derive(Clone, Debug)]
pub struct Supervisor(pub SignedIn);

#[derive(Clone, Debug)]
pub struct Admin(pub SignedIn);

pub async fn hash_password(app: &App, password: &str) -> Result<String> {
    let _permit = app.hashing.acquire().await.map_err(Error::bug)?;
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || hash_now(&password)).await.map_err(Error::bug)?
}

/// For the command line, where nothing else waits.
pub fn hash_now(password: &str) -> Result<String> {
    let hashed =
        Argon2::default().hash_password(password.as_bytes()).map_err(|cause| Error::bug(anyhow::anyhow!("{cause}")))?;
    Ok(hashed.to_string())
}

/// Verified against for unknown accounts too, so that they take as long as known ones.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now(&app::new_secret()).unwrap_or_default());

async fn is_right(app: &App, password: &str, hashed: Option<String>) -> Result<bool> {
    // Each takes a whole processor for a while: whoever comes in a crowd is asked to come again.
    let permit = tokio::time::timeout(HASHING_SOON, app.hashing.acquire()).await;
    let _permit = permit.map_err(|_| Error::TooFast { retry: HASHING_SOON })?.map_err(Error::bug)?;
    let password = password.to_owned();
    let verified = tokio::task::spawn_blocking(move || {
        let known = hashed.is_some();
        let hashed = hashed.unwrap_or_else(|| NOBODY.clone());
        let parsed = PasswordHash::new(&hashed).ok();
        let right =
            parsed.is_some_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
        right && known
    });
    verified.await.map_err(Error::bug)
}

/// Checks an address and a password. Wrong, unknown and disabled are told alike, in the same time.
pub async fn check_password(app: &App, from: IpAddr, email: &str, password: &str) -> Result<Proven> {
    let (now, from) = (app::instant(), place(from));
    let per_address = app.paces.take(Key::SignIn(from), Quota::per_s(60, 1), now);
    let account = super::short_key(&format!("{from}/{}", email.to_lowercase()));
    let per_account = app.paces.take(Key::SignInAccount(account), Quota::per_s(10, 1), now);
    if let Some(retry) = per_address.err().or(per_account.err()) {
        return Err(Error::TooFast { retry });
    }
    if password.len() > PASSWORD_MAX {
        return Err(Error::SignIn);
    }
    // PostgreSQL takes no U+0000: nobody has such an address, and finding that out takes as long as for anybody else.
    let found = if email.contains('\0') { None } else { people::agent_by_email(&app.db.read, email.trim()).await? };
    let (id, hashed) = found.map_or((None, None), |(id, hashed)| (Some(id), hashed));
    let right = is_right(app, password, hashed.clone()).await?;
    Ok(Proven { agent: id.filter(|_| right).ok_or(Error::SignIn)?, hash: hashed })
}

/// Somebody who knew their password.
pub struct Proven {
    pub agent: AgentId,
    /// What it was found right by; `None`: they chose it a moment ago.
    pub hash: Option<String>,
}

/// Begins a session; the answer is its secret, which is stored hashed.
pub async fn begin(app: &App, proven: &Proven, kind: SessionKind) -> Result<(SessionId, String)> {
    let (id, secret) = (SessionId(app::new_id()), app::new_secret());
    let days = if kind == SessionKind::Console { CONSOLE_DAYS } else { API_DAYS };
    let (known, until) = ((kind, proven.hash.as_deref()), app.clock.now() + TimeDelta::days(days));
    sessions::begin(&app.db.read, (id, proven.agent), known, &hash(&secret), until).await?;
    Ok((id, secret))
}

/// The staff member behind an API refresh token.
pub async fn by_refresh_token(app: &App, secret: &str) -> Result<SignedIn> {
    let found = sessions::by_token(&app.db.read, SessionKind::Api, &hash(secret), app.clock.now()).await?;
    let (session, agent) = found.ok_or(Error::SignIn)?;
    load(app, agent, session).await
}

pub async fn load(app: &App, agent: AgentId, session: SessionId) -> Result<SignedIn> {
    let agent = people::agent(&app.db.read, agent).await?.ok_or(Error::SignIn)?;
    Ok(SignedIn { agent, session })
}

fn cookie_name(app: &App) -> &'static str {
    if app.config.is_https() { "__Host-deskbell" } else { "deskbell" }
}

pub fn cookie(app: &App, secret: String) -> Cookie<'static> {
    Cookie::build((cookie_name(app), secret))
        .path("/")
        .http_only(true)
        .secure(app.config.is_https())
        .same_site(SameSite::Lax)
        .max_age(AGE.try_into().unwrap_or_default())
        .build()
}

/// As long as the session itself.
const AGE: std::time::Duration = std::time::Duration::from_hours(24 * CONSOLE_DAYS.unsigned_abs());

/// Takes the cookie away.
pub fn no_cookie(app: &App) -> Cookie<'static> {
    let mut cookie = cookie(app, String::new());
    cookie.make_removal();
    cookie
}

/// The console session of a browser's cookie.
pub async fn by_cookie(app: &App, headers: &HeaderMap) -> Result<SignedIn> {
    let jar = CookieJar::from_headers(headers);
    let secret = jar.get(cookie_name(app)).ok_or(Error::SignIn)?.value();
    let found = sessions::by_token(&app.db.read, SessionKind::Console, &hash(secret), app.clock.now()).await?;
    let (session, agent) = found.ok_or(Error::SignIn)?;
    load(app, agent, session).await
}

/// The API session of an `Authorization: Bearer` header.
pub async fn by_bearer(app: &App, headers: &HeaderMap) -> Result<SignedIn> {
    let (agent, session) = token::verify(app, bearer(headers).ok_or(Error::SignIn)?)?;
    if !sessions::is_alive(&app.db.read, session, app.clock.now()).await? {
        return Err(Error::SignIn);
    }
    load(app, agent, session).await
}

pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        by_cookie(app, &parts.headers).await
    }
}

impl FromRequestParts<Arc<App>> for Supervisor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let who = SignedIn::from_request_parts(parts, app).await?;
        if who.agent.role < Role::Supervisor {
            return Err(Error::Forbidden("This page is for supervisors."));
        }
        Ok(Self(who))
    }
}

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let who = SignedIn::from_request_parts(parts, app).await?;
        if who.agent.role < Role::Admin {
            return Err(Error::Forbidden("This page is for admins."));
        }
        Ok(Self(who))
    }
}
