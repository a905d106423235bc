//! Rooms of the staff: lobbies, rooms of teams, and talks between two.
//!
//! Promises: a room is a conversation like any other, whose log is written, followed and caught up with the same way; what is
//! said between two is seen by these two and by nobody else, whatever their role; whoever is spoken to hears of it wherever they
//! are, and it is kept until they have looked.

use crate::app::{self, App};
use crate::conversations::{self, Act, Said, mentions};
use crate::domain::id::{AgentId, ConversationId};
use crate::domain::mention::Called;
use crate::domain::people::Agent;
use crate::error::{Error, Result};
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::append::Outcome;
use crate::store::mentions::seen;
use crate::store::rooms::{self as store, Room};

/// Sees to it that each shop and team of theirs has its room.
pub async fn furnish(app: &App, agent: &Agent) -> Result<()> {
    for room in store::missing(&app.db.read, agent).await? {
        store::furnish(&app.db.read, room, ConversationId(app::new_id()), app.clock.now()).await?;
    }
    Ok(())
}

/// The talk with a colleague, which is opened where there is none. Somebody they have nothing to do with is not there for them.
pub async fn talk_with(app: &App, agent: &Agent, other: AgentId) -> Result<ConversationId> {
    let (db, pair) = (&app.db.read, [agent.id, other]);
    if let Some(known) = store::talk(db, pair).await? {
        return Ok(known);
    }
    let site = store::common_site(db, pair).await?.ok_or(Error::NotFound)?;
    Ok(store::open_talk(db, (site, pair), ConversationId(app::new_id()), app.clock.now()).await?)
}

/// Says something in a room, and calls whom it is for.
pub async fn say(app: &App, room: &Room, act: &Act, said: &Said) -> Result<Outcome> {
    let outcome = conversations::post_and_wait(app, act, said).await;
    // Said again because its answer was lost, it may have called nobody yet.
    if let Outcome::Stored(stored) | Outcome::Duplicate(stored) = &outcome {
        match room.other_id {
            Some(other) => mentions::call(app, &stored.event, &[other], Called::InTalk).await?,
            None => mentions::call_named(app, &stored.event, Called::InRoom).await?,
        }
    }
    Ok(outcome)
}

/// They have read so far. Their other pages show it.
pub async fn read(app: &App, agent: AgentId, room: &Room, upto: i64) -> Result<()> {
    seen(&app.db.read, agent, room.id, app.clock.now()).await?;
    if store::set_read(&app.db.read, agent, room.id, upto).await? {
        app.hub.tell(Topic::Agent(agent), &Item::Changed { site: room.site_id, conversation: room.id });
    }
    Ok(())
}
