//! What an agent is to others: available, busy, away or off duty; chosen by themselves, or by a supervisor for them.

use super::answer::done;
use crate::app::App;
use crate::auth::SignedIn;
use crate::auth::session::Supervisor;
use crate::domain::id::AgentId;
use crate::domain::people::{Status, tidy_reason};
use crate::error::{Error, Result};
use crate::presence;
use crate::store::duty::{self, Chosen};
use crate::web::form::{Wanted, local_path};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub struct Choice {
    status: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    back: String,
}

impl Choice {
    async fn set(&self, app: &App, agent: AgentId, by: Option<AgentId>) -> Result<()> {
        let status = Status::parse(&self.status).ok_or(Error::invalid("status", "Choose one of the four."))?;
        // Whoever takes chats needs no reason.
        let reason = if status == Status::Available { String::new() } else { tidy_reason(&self.reason) };
        presence::set_status(app, agent, &Chosen { status, reason: &reason, by }).await
    }
}

pub async fn choose(
    State(app): State<Arc<App>>,
    who: SignedIn,
    wanted: Wanted,
    Form(choice): Form<Choice>,
) -> Result<Response> {
    choice.set(&app, who.agent.id, None).await?;
    Ok(done(wanted, local_path(&choice.back, "/console/inbox/mine")))
}

/// By a supervisor, whose name the agent is told.
pub async fn choose_for(
    State(app): State<Arc<App>>,
    Supervisor(who): Supervisor,
    Path(agent): Path<AgentId>,
    wanted: Wanted,
    Form(choice): Form<Choice>,
) -> Result<Response> {
    if !duty::oversees(&app.db.read, (who.agent.id, who.agent.role), agent).await? {
        return Err(Error::NotFound);
    }
    let by = Some(who.agent.id).filter(|by| *by != agent);
    choice.set(&app, agent, by).await?;
    Ok(done(wanted, &format!("/console/wall/{agent}")))
}
