//! The browsers in which an agent is notified while the console is closed: taken up by a script, because only a browser can
//! agree; listed and removed by forms.

use super::installed::named;
use crate::app::{self, App};
use crate::auth::{SignedIn, hash};
use crate::domain::id::BrowserId;
use crate::error::{Error, Result};
use crate::pace::{Key as Pace, Quota};
use crate::push::Subscription;
use crate::store::push::agents::{self as store, Agreed};
use crate::words::When;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Redirect;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

const UNREAD: &str = "This form could not be understood. Go back and try again.";
/// Times that somebody takes up a browser at once, then one a minute.
const AGREED: Quota = Quota::every(10, Duration::from_mins(1));

/// A line of the list.
pub struct Listed {
    pub id: BrowserId,
    pub name: String,
    pub since: When,
    pub is_this: bool,
}

pub async fn of(app: &App, who: &SignedIn) -> Result<Vec<Listed>> {
    let browsers = store::browsers(&app.db.read, who.agent.id, app.clock.now()).await?;
    let listed = browsers.into_iter().map(|one| Listed {
        is_this: one.session_id == who.session,
        id: one.id,
        name: one.name,
        since: one.created_at.into(),
    });
    Ok(listed.collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    subscription: Subscription,
}

pub async fn agree(
    State(app): State<Arc<App>>,
    who: SignedIn,
    headers: HeaderMap,
    body: Result<Json<Agreement>, JsonRejection>,
) -> Result<StatusCode> {
    let Json(agreement) = body.map_err(|_| Error::BadRequest(UNREAD))?;
    let paced = app.paces.take(Pace::Browsers(who.agent.id.0), AGREED, app::instant());
    paced.map_err(|retry| Error::TooFast { retry })?;
    let checked = agreement.subscription.check(&app).await?;
    let agreed = Agreed {
        id: BrowserId(app::new_id()),
        agent: who.agent.id,
        session: who.session,
        name: &named(&headers),
        endpoint: checked.endpoint.as_str(),
        endpoint_hash: &hash(&checked.named),
        p256dh: &checked.p256dh,
        auth: &checked.auth,
        now: app.clock.now(),
    };
    store::subscribe(&app.db.read, &agreed).await?;
    Ok(StatusCode::CREATED)
}

pub async fn remove(State(app): State<Arc<App>>, who: SignedIn, Path(id): Path<BrowserId>) -> Result<Redirect> {
    store::remove(&app.db.read, who.agent.id, id).await?;
    Ok(Redirect::to("/console/me?saved=1#browsers"))
}
