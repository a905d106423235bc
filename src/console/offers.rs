//! Answering what rings: accept and the chat opens, decline and somebody else is asked.

use super::answer::{Command, Fields, Stay, done, said, settle, status};
use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::id::ConversationId;
use crate::error::Result;
use crate::queue::offers::{self, Answered};
use crate::web::form::Wanted;
use crate::words::ToArg;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use std::sync::Arc;

/// Most characters shown of what came with a chat.
const WHY_MAX: usize = 160;

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

/// What is said to somebody who has a new chat: from whom, and why.
pub fn came(who: &SignedIn, by: Option<&(String, String)>) -> String {
    let lang = who.lang();
    let Some((name, why)) = by else { return lang.say("offer-came") };
    let why = why.trim();
    // It may stand in a notification, where others look.
    if why.is_empty() || who.agent.prefs.is_discreet {
        return lang.say_with("offer-given", &[("name", name.to_arg())]);
    }
    let end = why.char_indices().nth(WHY_MAX);
    let short = end.map_or_else(|| why.to_owned(), |(end, _)| format!("{}…", why[..end].trim_end()));
    lang.say_with("offer-given-why", &[("name", name.to_arg()), ("why", short.to_arg())])
}
