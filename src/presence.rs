//! Whether an agent is here. Three separate facts: a lease renewed by the socket, the agent's chosen availability, the
//! last input. Only the first two decide who is given chats.

mod duty;
pub mod shop;
pub mod shoppers;
pub mod visits;

pub use duty::{leave, note_all, set_status, touch};

use crate::app::App;
use crate::domain::id::{AgentId, ConnectionId};
use crate::error::Result;
use crate::realtime::hub::Topic;
use crate::store::{in_time, leases, views};
use chrono::TimeDelta;

/// A lease outlives two missed heartbeats of an agent's socket.
const LEASE_SECONDS: i64 = 25;
const TURNING_SECONDS: i64 = 3;
/// An agent who reads pages without script has no socket: each page counts for this long.
const PAGE_SECONDS: i64 = 300;

/// Renews an agent's lease; wakes the queue if the agent was not here before.
pub async fn renew(app: &App, agent: AgentId, connection: ConnectionId) -> Result<()> {
    renew_for(app, agent, connection, LEASE_SECONDS).await
}

/// A page read without script.
pub async fn seen_on_page(app: &App, agent: AgentId, connection: ConnectionId) -> Result<()> {
    renew_for(app, agent, connection, PAGE_SECONDS).await
}

async fn renew_for(app: &App, agent: AgentId, connection: ConnectionId, seconds: i64) -> Result<()> {
    let now = app.clock.now();
    let was_away =
        leases::renew(&app.db.read, agent, (app.node, connection), now, now + TimeDelta::seconds(seconds)).await?;
    if was_away {
        // On the heap: sockets live long, and come seldom.
        Box::pin(duty::note(app, agent)).await;
        app.wake_queue();
    }
    Ok(())
}

/// One of their pages is in sight: until its socket's next heartbeat, and a missed one.
pub async fn in_sight(app: &App, agent: AgentId, connection: ConnectionId) -> Result<()> {
    let until = app.clock.now() + TimeDelta::seconds(LEASE_SECONDS);
    Ok(views::seen(&app.db.read, agent, connection, until).await?)
}

/// It is not any more. While a page is loaded again, or another tab is turned to, none is in sight for a moment.
pub async fn out_of_sight(app: &App, connection: ConnectionId) -> Result<()> {
    let from = app.clock.now() + TimeDelta::seconds(TURNING_SECONDS);
    Ok(views::hidden(&app.db.read, connection, from).await?)
}

/// The agent's socket ended: the lease ends now, and the grace begins, unless another socket of theirs is on this node. Tried for
/// a moment only, because a node that stops waits for it: a lease that is not ended lapses.
pub async fn release(app: &App, agent: AgentId) {
    if app.hub.has_listeners(Topic::Agent(agent)) {
        return;
    }
    let releasing = async { Ok(leases::release(&app.db.read, agent, app.node, app.clock.now()).await?) };
    if let Err(error) = in_time(releasing).await {
        tracing::warn!(error = error.cause(), "a lease was not ended; it lapses by itself");
        return;
    }
    Box::pin(duty::note(app, agent)).await;
}
