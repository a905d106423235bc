//! Accounts of the staff: which role somebody has, and whether they may come in.
//!
//! Promises: there is always an admin who may come in. Whoever is switched off is out once that is committed, on every node: their
//! sessions and tickets end in the same transaction, their sockets a moment later (the sweep finds those that no hint told), and
//! their chats go back to their old place in line. A role holds from the next thing that somebody does.

use crate::app::App;
use crate::domain::id::AgentId;
use crate::error::Result;
use crate::presence;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::invitations::{self, Invitation};
use crate::store::staff::{self as store, Change, Changed, Off};

/// What an owner may change of somebody.
pub async fn change(app: &App, agent: AgentId, change: &Change<'_>, by: AgentId) -> Result<Changed> {
    let changed = store::change(&app.db.read, agent, change, Some(by)).await?;
    if changed != Changed::Yes {
        return Ok(changed);
    }
    app.hub.tell(Topic::Agent(agent), &Item::Rights);
    app.wake_queue();
    Ok(changed)
}

/// They may not come in any more. `false`: they are the last admin.
pub async fn switch_off(app: &App, agent: AgentId, by: AgentId) -> Result<bool> {
    match store::switch_off(&app.db.read, agent, by, app.clock.now()).await? {
        Off::LastAdmin => Ok(false),
        Off::Already => Ok(true),
        Off::Done(sessions) => {
            for session in sessions {
                app.hub.tell(Topic::Session(session), &Item::SignedOut);
            }
            // What fails here the sweep of the line does: they are off duty since before their chats were theirs no more.
            if let Err(error) = presence::leave(app, agent).await {
                tracing::warn!(
                    error = error.cause(),
                    "chats of an account that was switched off are left to the sweep"
                );
            }
            Ok(true)
        }
    }
}

/// Whoever forgot their password, or whose password somebody else knows, is out at once and chooses another by a letter's link.
/// `false`: the account is switched off.
pub async fn renew_password(app: &App, invitation: &Invitation<'_>) -> Result<bool> {
    let Some(sessions) = invitations::renew(&app.db.read, invitation).await? else { return Ok(false) };
    for session in sessions {
        app.hub.tell(Topic::Session(session), &Item::SignedOut);
    }
    app.wake_mail();
    Ok(true)
}

/// They may come in again, with the password they had.
pub async fn switch_on(app: &App, agent: AgentId, by: AgentId) -> Result<()> {
    Ok(store::switch_on(&app.db.read, agent, Some(by)).await?)
}
