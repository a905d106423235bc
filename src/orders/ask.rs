//! One question to a shop's system, and what its answer means before anybody reads it.

use crate::app::App;
use crate::outbound::{Fetched, Why};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// Most that is read of one answer, in bytes.
const ANSWER_MAX: usize = 1024 * 1024;
/// How long a shop is left alone that does not say how long it wants to be.
const PAUSE_S: i64 = 30;
/// A shop may ask for more; nobody waits longer without asking again.
const PAUSE_MAX_S: i64 = 900;

/// Why there are no orders to show. Kept with the answers, so that a shop in trouble is not asked by everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The keys are not good, or may not read orders.
    Denied,
    NotThere,
    /// It asks to be left alone for so many seconds.
    Wait(i64),
    Status(u16),
    /// No JSON, or not what this system answers.
    Unreadable,
    /// A redirect, which is not followed with keys in hand.
    Leads(String),
    Unreachable,
    Slow,
    TooLarge,
    /// The address is not one that is asked.
    Address,
    Private,
    Busy,
    /// The keys were sealed with another SECRET_KEY.
    Sealed,
    /// This system finds orders by e-mail alone, and there is none.
    NeedsEmail,
}

impl From<Why> for Problem {
    fn from(why: Why) -> Self {
        match why {
            Why::Address(_) | Why::Port => Self::Address,
            Why::Private => Self::Private,
            Why::Name | Why::Unreachable => Self::Unreachable,
            Why::Slow => Self::Slow,
            Why::TooLarge => Self::TooLarge,
            Why::Elsewhere(to) => Self::Leads(to.origin().ascii_serialization()),
            Why::Redirects => Self::Leads(String::new()),
            Why::Encoded => Self::Unreadable,
            Why::Busy => Self::Busy,
        }
    }
}

/// A header with a key in it, which is not shown by anything that prints headers.
pub fn secret(name: HeaderName, value: &SecretString) -> Result<(HeaderName, HeaderValue), Problem> {
    let mut header = HeaderValue::from_str(value.expose_secret()).map_err(|_| Problem::Denied)?;
    header.set_sensitive(true);
    Ok((name, header))
}

/// Asks, with a JSON body or without one; the JSON that came back, with its headers.
pub async fn ask(
    app: &App,
    url: &Url,
    headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
) -> Result<(HeaderMap, Value), Problem> {
    let mut all = HeaderMap::from_iter(headers);
    all.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if body.is_some() {
        all.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let answer = app.outbound.ask(url, all, body, ANSWER_MAX).await?;
    judge(&answer)?;
    let value = serde_json::from_slice(&answer.body).map_err(|_| Problem::Unreadable)?;
    Ok((answer.headers, value))
}

fn judge(answer: &Fetched) -> Result<(), Problem> {
    match answer.status {
        status if status.is_success() => Ok(()),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Problem::Denied),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(Problem::NotThere),
        StatusCode::TOO_MANY_REQUESTS => Err(Problem::Wait(pause(answer))),
        StatusCode::SERVICE_UNAVAILABLE if answer.headers.contains_key(header::RETRY_AFTER) => {
            Err(Problem::Wait(pause(answer)))
        }
        status => Err(Problem::Status(status.as_u16())),
    }
}

/// `Retry-After` in seconds; Shopify writes `2.0`. A date is taken for no answer.
fn pause(answer: &Fetched) -> i64 {
    let stated = answer.header("retry-after").unwrap_or_default();
    let whole = stated.trim().split('.').next().unwrap_or_default();
    whole.parse().unwrap_or(PAUSE_S).clamp(1, PAUSE_MAX_S)
}
