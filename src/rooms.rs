//! Rooms of the staff: lobbies, rooms of teams, and talks between two.
//!
//! Promises: a room is a conversation like any other, whose log is written, followed and caught up with the same way; what is
//! said between two is seen by these two and by nobody else, whatever their role; whoever is spoken to hears of it wherever they
//! are, and it is kept until they have looked.

use crate::app::{self, App};
use crate::conversations::{self, Act, Said, mentions};
use crate::domain::event::Event;
use crate::domain::id::{AgentId, ConversationId, EventId};
use crate::domain::mention::Called;
use crate::domain::people::Agent;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::append::{Outcome, Stored};
use crate::store::events;
use crate::store::mentions::{follow, is_unseen, note, seen};
use crate::store::rooms::{self as store, Room};
use std::sync::Arc;
use std::time::Duration;

/// Whoever looks at a talk has seen what came by then, and needs no bell in another tab.
const MOMENT: Duration = Duration::from_millis(800);

/// Sees to it that each shop and team of theirs has its room.
pub async fn furnish(app: &App, agent: &Agent) -> Result<()> {
    let missing = store::missing(&app.db.read, agent).await?;
    if !missing.is_empty() {
        let ids: Vec<_> = missing.iter().map(|_| ConversationId(app::new_id())).collect();
        store::furnish(&app.db.read, &missing, &ids, app.clock.now()).await?;
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

/// Says something in a room, and calls whom it is for; also when whoever says it goes before they are answered.
pub async fn say(app: &Arc<App>, room: &Room, act: Act, said: Said) -> Result<Outcome> {
    let (here, room) = (Arc::clone(app), room.clone());
    let spoken = app.tasks.spawn(async move {
        let outcome = conversations::post_and_wait(&here, &act, &said).await;
        // Said again because its answer was lost, it may have called nobody yet.
        if let Outcome::Stored(stored) | Outcome::Duplicate(stored) = &outcome {
            call(&here, &room, &stored.event).await?;
        }
        Ok(outcome)
    });
    spoken.await.map_err(Error::bug)?
}

async fn call(app: &Arc<App>, room: &Room, said: &Arc<Event>) -> Result<()> {
    let Some(other) = room.other_id else { return mentions::call_named(app, said, Called::InRoom).await };
    for agent in note(&app.db.read, said, &[other]).await? {
        let (app, said) = (Arc::clone(app), Arc::clone(said));
        app.clone().tasks.spawn(async move {
            // A node that stops does not wait.
            let _ = tokio::time::timeout(MOMENT, app.stopping.cancelled()).await;
            // Where it cannot be told whether they have seen it, a bell too many is better than one too few.
            if is_unseen(&app.db.read, agent, &said).await.unwrap_or(true) {
                mentions::tell(&app, agent, &said, Called::InTalk);
            }
        });
    }
    Ok(())
}

/// Says something of one's own right. Whom it called and who has not seen it is called by what stands there now; also when
/// whoever says it goes before they are answered.
pub async fn correct(
    app: &Arc<App>,
    room: &Room,
    act: Act,
    site: Arc<Site>,
    (target, body): (EventId, String),
) -> Result<(Outcome, Option<Stored>)> {
    let (here, room) = (Arc::clone(app), room.clone());
    let corrected = app.tasks.spawn(async move {
        let mut connection = here.db.read.acquire().await?;
        let old = events::get(&mut connection, room.site_id, room.id, target).await?;
        drop(connection);
        let (outcome, fresh) = conversations::correct(&here, &act, &site, target, body).await?;
        if let (Some(old), Some(fresh)) = (old, &fresh) {
            let called = match room.other_id {
                Some(other) => vec![other],
                None => mentions::named(&here, &fresh.event).await?,
            };
            follow(&here.db.read, old.seq, &fresh.event, &called).await?;
            if room.other_id.is_none() {
                mentions::call_named(&here, &fresh.event, Called::InRoom).await?;
            }
        }
        Ok((outcome, fresh))
    });
    corrected.await.map_err(Error::bug)?
}

/// They have read so far. Their other pages show it.
pub async fn read(app: &App, agent: AgentId, room: &Room, upto: i64) -> Result<()> {
    let was_called = seen(&app.db.read, agent, (room.id, upto), app.clock.now()).await?;
    if store::set_read(&app.db.read, agent, room.id, upto).await? || was_called {
        app.hub.tell(Topic::Agent(agent), &Item::Changed { site: room.site_id, conversation: room.id });
    }
    Ok(())
}
