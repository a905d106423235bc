//! Removing files: what was taken back, whose conversation is gone, what no message took, what never came whole. A row that
//! says so is what causes it, so that a crash forgets none; bytes go first, the row last.

use super::key;
use crate::app::App;
use crate::domain::file::Copy;
use crate::error::Result;
use crate::store::files as store;
use crate::vault::Vault;
use std::sync::Arc;
use std::time::Duration;

/// Without being told.
const EVERY: Duration = Duration::from_mins(1);
/// Removed in one go.
const MOST: i64 = 100;

pub async fn run(app: Arc<App>) {
    clean(&app).await;
    // At once: what a node that died left to be removed, and the figures of it.
    loop {
        if let Err(error) = look(&app).await {
            tracing::warn!(error = error.cause(), "files could not be removed; tried again");
        }
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = app.signals.files.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// What a killed process left half written.
async fn clean(app: &Arc<App>) {
    let app = Arc::clone(app);
    let cleaning = tokio::task::spawn_blocking(move || app.vault.as_ref().map(Vault::clean));
    if let Err(error) = cleaning.await {
        tracing::warn!(%error, "the directory of files could not be cleaned");
    }
}

/// One look: dooms what was forgotten and removes what is doomed.
pub async fn look(app: &App) -> Result<()> {
    let Some(vault) = &app.vault else { return Ok(()) };
    store::doom_forgotten(&app.db.read, app.clock.now()).await?;
    loop {
        let doomed = store::doomed(&app.db.read, MOST).await?;
        let (mut removed, found) = (0, doomed.len());
        for (site, id) in doomed {
            let copies = [Copy::Whole, Copy::Thumb].map(|copy| key(site, id, copy));
            match remove(vault, &copies).await {
                Ok(()) => {
                    store::remove(&app.db.read, id).await?;
                    removed += 1;
                }
                // The others may fare better, and this one at the next look.
                Err(error) => tracing::warn!(file = %id, error = format!("{error:#}"), "a file could not be removed"),
            }
        }
        metrics::counter!("deskbell_files_removed_total").increment(removed);
        if removed == 0 || found < usize::try_from(MOST).unwrap_or(usize::MAX) {
            break;
        }
    }
    let (waiting, bytes) = store::totals(&app.db.read).await?;
    metrics::gauge!("deskbell_files_doomed").set(for_a_graph(waiting));
    metrics::gauge!("deskbell_files_bytes").set(for_a_graph(bytes));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "graphs need no last digit")]
fn for_a_graph(count: i64) -> f64 {
    count as f64
}

pub(super) async fn remove(vault: &Vault, keys: &[String]) -> anyhow::Result<()> {
    for key in keys {
        vault.remove(key).await?;
    }
    Ok(())
}
