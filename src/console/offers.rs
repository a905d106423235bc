//! Answering what rings: accept and the chat opens, decline and somebody else is asked.

use super::answer::{Command, Fields, Stay, done, said, settle, status};
use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::id::ConversationId;
use crate::error::Result;
use crate::queue::offers::{self, Answered};
use crate::web::form::Wanted;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use std::sync::Arc;

type Asked = (State<Arc<App>>, SignedIn, Path<ConversationId>, Wanted, Form<Fields>);

pub async fn accept((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "accept").await?;
    let accepted = match offers::accept(&app, id, &who.agent, fields.cid).await? {
        Answered::Yes(_) | Answered::Again(_) => Ok(()),
        Answered::Refused(refusal) => Err(refusal),
    };
    settle(command, accepted, Stay::Here).await
}

/// The conversation may be out of sight afterwards, so that whoever declines stays where they are.
pub async fn decline((State(app), who, Path(id), wanted, _): Asked) -> Result<Response> {
    match offers::decline(&app, id, &who.agent).await? {
        Err(refusal) if wanted == Wanted::Json => Ok(said(who.lang(), status(&refusal), &refusal)),
        Ok(()) | Err(_) => Ok(done(wanted, "/console/inbox/mine")),
    }
}
