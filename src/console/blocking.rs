//! Keeping the shopper of a conversation out, from its page: with a reason, for a while or for good.

use super::answer::{Command, Stay, settle};
use super::commands::{Asked, act};
use super::fragments::When;
use crate::conversations;
use crate::domain::block::Length;
use crate::error::Result;
use crate::store::blocks::Block;
use crate::words::Key;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;

/// How a shopper's block is marked.
#[derive(Clone, Debug)]
pub struct Mark {
    pub by: String,
    pub reason: String,
    /// None: for good.
    pub until: Option<When>,
}

impl From<&Block> for Mark {
    fn from(block: &Block) -> Self {
        Self { by: block.by_name.clone(), reason: block.reason.clone(), until: block.until.map(When::from) }
    }
}

/// For how long, and what that is called.
pub const LENGTHS: [(Length, Key); 3] =
    [(Length::Day, Key("block-day")), (Length::Month, Key("block-month")), (Length::Ever, Key("block-ever"))];

pub async fn block((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "block").await?;
    let act = act(&command.summary, &who, &fields);
    let length = Length::parse(&fields.length);
    let blocked = conversations::block(&app, (&act, command.summary.shopper_id), &fields.reason, length).await?;
    settle(command, blocked, Stay::Here).await
}
