//! One try: what is told is read, signed and handed over.

use super::body;
use super::judge::Answer;
use super::secret::Secrets;
use crate::app::App;
use crate::domain::id::EventId;
use crate::error::Result;
use crate::outbound::Why;
use crate::store::events;
use crate::store::webhooks::Webhook;
use crate::store::webhooks::deliveries::{self, Delivery};
use axum::http::{HeaderName, HeaderValue, header};
use url::Url;

/// `None`: there is nothing to tell any more.
pub async fn delivery(app: &App, hook: &Webhook, delivery: &Delivery) -> Result<Option<Answer>> {
    let whose = (delivery.site_id, delivery.conversation_id);
    let event = events::numbered(&app.db.read, whose, delivery.seq).await?;
    let person = deliveries::person(&app.db.read, whose).await?;
    let body = event.zip(person).and_then(|(event, person)| body::of(&event, &person, &app.addresses()));
    match body {
        Some(body) => Ok(Some(hand_over(app, hook, delivery.event_id, body).await)),
        None => Ok(None),
    }
}

pub async fn hand_over(app: &App, hook: &Webhook, id: EventId, body: String) -> Answer {
    let now = app.clock.now();
    let Some(secrets) = Secrets::of(app, hook, now) else { return Answer::Sealed };
    let Ok(url) = Url::parse(&hook.url) else { return Answer::Not(Why::Address("the address cannot be read")) };
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (HeaderName::from_static("webhook-id"), id.to_string()),
        (HeaderName::from_static("webhook-timestamp"), now.timestamp().to_string()),
        (HeaderName::from_static("webhook-signature"), secrets.sign(id, now, &body)),
    ];
    let headers = headers.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?)));
    let answered = app.outbound.hand_over(&url, headers.collect(), body.into_bytes()).await;
    Answer::of(answered, app.clock.now())
}
