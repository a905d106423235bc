//! Files that people send with their messages: taken in, looked at, drawn anew where they are pictures, kept, shown, removed.
//!
//! Promises: a file is known by its content, never by its name or by what was declared; only a picture that was drawn anew is
//! shown by a page, everything else is a download that no browser runs; nothing of a refused or broken upload stays; whoever
//! has no signed address of a file cannot tell it from one that does not exist; what is taken back is removed, whatever crashes.
//! May not decide who may write in a conversation, or publish.

pub mod form;
pub mod intake;
mod kinds;
mod meter;
mod pictures;
mod ready;
mod serve;
pub mod sweep;

pub use intake::{Upload, rules_for, take_one};
pub use meter::Noted;
pub use ready::copy;

use crate::app::App;
use crate::domain::file::Copy;
use crate::domain::id::{FileId, SiteId};
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/files/{id}", get(serve::file))
}

/// Where the bytes of a file lie.
fn key(site: SiteId, id: FileId, copy: Copy) -> String {
    let small = if copy == Copy::Thumb { ".small" } else { "" };
    let id = id.to_string();
    format!("{site}/{}/{id}{small}", &id[..2])
}
