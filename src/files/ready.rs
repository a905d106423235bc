//! Files that go with ready replies. Each message gets a copy of its own, so that what is taken back with one message stays
//! with the reply and with others.

use super::intake::{NONE_TAKEN, SHOP_FULL, Upload, rules_for, settle};
use super::key;
use crate::app::{self, App};
use crate::domain::file::{Copy, File};
use crate::domain::id::FileId;
use crate::error::Result;
use crate::store::files::{self as store, Kept, NewFile};
use crate::vault::Trouble;

/// A copy for a message to come. Its row is first, so that nothing is stored that no row knows.
pub async fn copy(app: &App, upload: &Upload<'_>, kept: &Kept) -> Result<File> {
    rules_for(app, upload.site).ok_or(NONE_TAKEN)?;
    let vault = app.vault.as_ref().ok_or(NONE_TAKEN)?;
    let (site, from) = (upload.site.id, kept.file.id);
    let file = File { id: FileId(app::random_id()), ..kept.file.clone() };
    let new = NewFile { site, by: upload.by, file: &file, thumb_size: kept.thumb_size };
    if !store::add(&app.db.read, &new, upload.site.settings.files.quota_bytes(), app.clock.now()).await? {
        return Err(SHOP_FULL);
    }
    let copied = async {
        vault.copy(&key(kept.site_id, from, Copy::Whole), &key(site, file.id, Copy::Whole)).await?;
        if kept.thumb_size.is_some() {
            vault.copy(&key(kept.site_id, from, Copy::Thumb), &key(site, file.id, Copy::Thumb)).await?;
        }
        Ok::<_, Trouble>(())
    };
    settle(app, vault, (site, file.id), copied.await).await?;
    Ok(file)
}
