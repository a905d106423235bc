//! Sending: claims a notification, looks whether there is still something to tell, seals it and hands it to the push
//! service, holding no connection. Logs ids, never addresses or text.

use super::call;
use super::key::{self, Key};
use super::notice::{self, Notice};
use super::seal::{Browser, seal};
use crate::app::{self, App};
use crate::error::{Error, Result};
use crate::outbound::Why;
use crate::store::push::{self as store, Push, To};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use chrono::TimeDelta;
use futures_util::{TryStreamExt, stream};
use tokio::sync::OnceCell;
use url::Url;

/// How long a claim holds: past that a notification of a process that died goes to another.
const CLAIM: TimeDelta = TimeDelta::minutes(1);
/// How long it is tried; a letter takes over then.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);
const FIRST_PAUSE_S: i64 = 10;
/// Sent at once, of one look.
const AT_ONCE: usize = 16;

enum Outcome {
    Sent,
    /// Read or taken back meanwhile, or whoever it is for is here again.
    Needless,
    Again(String),
    Never(String),
    /// The push service says that this browser is no more.
    Gone,
}

/// Sends all that is due, several at once: a push service that does not answer holds up few others.
pub async fn deliver(app: &App) -> Result<()> {
    let key = &OnceCell::new();
    let due = stream::try_unfold((), |()| async {
        if app.stopping.is_cancelled() {
            return Ok(None);
        }
        let now = app.clock.now();
        let push = store::claim(&app.db.read, now, now + CLAIM).await?;
        Ok(push.map(|push| (push, ())))
    });
    due.try_for_each_concurrent(AT_ONCE, |push| async move {
        let sent = async {
            let key = key.get_or_try_init(|| Key::load(app)).await?;
            settle(app, &push, attempt(app, key, &push).await?).await
        };
        // The others are on their way; this one is claimed again.
        if let Err(error) = sent.await {
            tracing::warn!(push = %push.id, error = error.cause(), "a notification could not be sent");
        }
        Ok(())
    })
    .await
}

async fn attempt(app: &App, key: &Key, push: &Push) -> Result<Outcome> {
    let notice = match push.to {
        To::Shopper(subscription) => notice::notice(app, push, subscription).await?,
        To::Agent(browser, what) => call::notice(app, push, (browser, what)).await?,
    };
    let Some(notice) = notice else { return Ok(Outcome::Needless) };
    let Ok(endpoint) = Url::parse(&notice.browser.endpoint) else { return Ok(Outcome::Gone) };
    let browser = Browser { p256dh: &notice.browser.p256dh, auth: &notice.browser.auth };
    let body = seal(&browser, &key::random(), app::random_bytes(), &notice.payload).map_err(Error::bug)?;
    let headers = headers(app, key, &endpoint, &notice)?;
    Ok(match app.outbound.post(&endpoint, headers, body).await {
        Ok((status, _)) if status.is_success() => Outcome::Sent,
        Ok((status, _)) => match status.as_u16() {
            404 | 410 => Outcome::Gone,
            429 | 500..=599 => Outcome::Again(format!("status {status}")),
            _ => Outcome::Never(format!("status {status}")),
        },
        Err(why @ (Why::Address(_) | Why::Private | Why::Port)) => {
            tracing::warn!(push = %push.id, why = why.class(), "a browser's address leads where nothing is sent; it is forgotten");
            Outcome::Gone
        }
        Err(why) if why.is_passing() => Outcome::Again(why.class().to_owned()),
        Err(why) => Outcome::Never(why.class().to_owned()),
    })
}

fn headers(app: &App, key: &Key, endpoint: &Url, notice: &Notice) -> Result<HeaderMap> {
    let ttl = notice.ttl_s.to_string();
    let authorization = key.authorization(endpoint, &app.config.mail_from, app.clock.now())?;
    let all = [
        (header::AUTHORIZATION, authorization.as_str()),
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_ENCODING, "aes128gcm"),
        (HeaderName::from_static("ttl"), &ttl),
        (HeaderName::from_static("urgency"), if notice.is_urgent { "high" } else { "normal" }),
        (HeaderName::from_static("topic"), &notice.topic),
    ];
    let mut headers = HeaderMap::new();
    for (name, value) in all {
        headers.insert(name, HeaderValue::from_str(value).map_err(Error::bug)?);
    }
    Ok(headers)
}

async fn settle(app: &App, push: &Push, outcome: Outcome) -> Result<()> {
    let (db, id) = (&app.db.read, push.id);
    let label = match outcome {
        Outcome::Sent => {
            tracing::info!(push = %id, attempts = push.attempts, "notification sent");
            store::sent(db, id).await?;
            "sent"
        }
        Outcome::Needless => {
            store::withdraw(db, push).await?;
            "needless"
        }
        Outcome::Again(why) if app.clock.now() - push.created_at < LIFETIME => {
            let pause = FIRST_PAUSE_S << u32::try_from(push.attempts - 1).unwrap_or(0).min(5);
            tracing::warn!(push = %id, attempts = push.attempts, why, "notification not sent; it will be tried again");
            store::failed(db, id, Some(app.clock.now() + TimeDelta::seconds(pause))).await?;
            "again"
        }
        Outcome::Again(why) | Outcome::Never(why) => {
            tracing::warn!(push = %id, attempts = push.attempts, why, "notification given up");
            store::failed(db, id, None).await?;
            "failed"
        }
        Outcome::Gone => {
            tracing::info!(push = %id, "a browser is gone; it is forgotten");
            store::forget(db, push).await?;
            "gone"
        }
    };
    metrics::counter!("deskbell_pushes_total", "outcome" => label).increment(1);
    Ok(())
}
