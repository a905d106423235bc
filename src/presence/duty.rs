//! What agents choose to be, and what follows: their pages and the walls are told, and a shift that ends hands its chats over.

use crate::app::App;
use crate::conversations::{Why, give_back};
use crate::domain::id::{AgentId, ConversationId};
use crate::domain::people::Status;
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::duty::{self as store, Chosen};
use crate::store::{in_time, leases};
use uuid::Uuid;

/// The agent's own choice, or a supervisor's for them; kept when the socket goes. Off duty, their chats go back to the queue.
pub async fn set_status(app: &App, agent: AgentId, chosen: &Chosen<'_>) -> Result<()> {
    if store::choose(&app.db.read, agent, chosen, app.clock.now()).await? {
        app.hub.tell(Topic::Agent(agent), &Item::Standing);
        tell_walls(app, agent).await?;
        app.wake_queue();
    }
    if chosen.status == Status::Offline {
        hand_over(app, agent).await?;
    }
    Ok(())
}

/// They signed out everywhere: the lease ends now, whichever node their pages are on, and nobody waits for the grace.
pub async fn leave(app: &App, agent: AgentId) -> Result<()> {
    leases::end(&app.db.read, agent, app.clock.now()).await?;
    note(app, agent).await;
    hand_over(app, agent).await
}

/// Every chat of theirs goes back to the queue, at the place it had.
async fn hand_over(app: &App, agent: AgentId) -> Result<()> {
    for chat in store::chats_of(&app.db.read, agent).await? {
        give_back(app, &chat, Why::OffDuty).await?;
    }
    app.wake_queue();
    Ok(())
}

/// Somebody came or went. What is not written down now is found by the sweep.
pub async fn note(app: &App, agent: AgentId) {
    if let Err(error) = in_time(write_down(app, agent)).await {
        tracing::warn!(error = error.cause(), "duty was not written down; the sweep does it");
    }
}

/// Everybody whose lease says otherwise than what was written down last.
pub async fn note_all(app: &App) -> Result<()> {
    for agent in store::out_of_step(&app.db.read, app.clock.now()).await? {
        write_down(app, agent).await?;
    }
    Ok(())
}

async fn write_down(app: &App, agent: AgentId) -> Result<()> {
    if store::note(&app.db.read, agent, app.clock.now()).await? {
        tell_walls(app, agent).await?;
    }
    Ok(())
}

/// They did something at their desk.
pub async fn touch(app: &App, agent: AgentId) -> Result<()> {
    if store::touched(&app.db.read, agent, app.clock.now()).await? {
        tell_walls(app, agent).await?;
    }
    Ok(())
}

async fn tell_walls(app: &App, agent: AgentId) -> Result<()> {
    for site in store::sites_by_team(&app.db.read, agent).await? {
        let item = Item::Changed { site, conversation: ConversationId(Uuid::nil()) };
        app.hub.tell(Topic::Duty(site), &item);
    }
    Ok(())
}
