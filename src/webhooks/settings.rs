//! What owners do with a webhook beyond changing a row.

use super::judge::{Answer, OPENS_AFTER};
use super::secret::{Secret, Secrets};
use super::{body, send};
use crate::app::{self, App};
use crate::domain::id::{AgentId, EventId, SiteId, WebhookId};
use crate::error::Result;
use crate::store::webhooks::{self as store, Added, New, Webhook};
use chrono::TimeDelta;
use std::time::Duration;
use url::Url;

/// How long the secret before signs beside a new one.
const BESIDE: TimeDelta = TimeDelta::hours(24);
/// Somebody waits for the outcome of a test.
const TEST_WITHIN: Duration = Duration::from_secs(8);

/// With its secret, which nobody sees again.
pub async fn add(
    app: &App,
    (site, id): (SiteId, WebhookId),
    (url, events): (&Url, &[String]),
    by: AgentId,
) -> Result<(Added, Secret)> {
    let secret = Secret::fresh();
    let sealed = secret.seal(app, (site, id))?;
    let new = New { site, id, url: url.as_str(), events, sealed: &sealed };
    let added = store::add(&app.db.read, &new, Some(by), app.clock.now()).await?;
    Ok((added, secret))
}

/// `None`: a colleague made another one meanwhile.
pub async fn renew(app: &App, hook: &Webhook, edition: i32, by: AgentId) -> Result<Option<Secret>> {
    let secret = Secret::fresh();
    let sealed = secret.seal(app, (hook.site_id, hook.id))?;
    let until = app.clock.now() + BESIDE;
    let is_done = store::renew(&app.db.read, (hook.id, edition), &sealed, until, Some(by)).await?;
    Ok(is_done.then_some(secret))
}

/// Whether what it is to sign with can be read with this `SECRET_KEY`.
pub fn has_secret(app: &App, hook: &Webhook) -> bool {
    Secrets::of(app, hook, app.clock.now()).is_some()
}

/// Sends something that tells nothing, and how that went, as it is kept. What arrives shows that the address works again.
pub async fn test(app: &App, hook: &Webhook) -> Result<(bool, String)> {
    let id = EventId(app::new_id());
    let text = body::test(hook.site_id, id, app.clock.now());
    let sending = send::hand_over(app, hook, id, text);
    let answer = tokio::time::timeout(TEST_WITHIN, sending).await;
    let answer = answer.unwrap_or(Answer::Not(crate::outbound::Why::Slow));
    let is_good = matches!(answer, Answer::Taken(_));
    if is_good {
        store::worked(&app.db.read, (hook.id, &hook.url), hook.failures >= OPENS_AFTER, app.clock.now()).await?;
    }
    Ok((is_good, answer.kept()))
}
