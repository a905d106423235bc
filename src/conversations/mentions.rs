//! Colleagues who are called by name in a note hear of it at once, wherever they are in the console; it is kept until they
//! have looked, so that whoever is not there can be told later.

use crate::app::App;
use crate::domain::event::{Author, Event};
use crate::domain::mention::mentioned;
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::{mentions, people};

/// Calls those whom the note names and who may see its conversation; each once, however often the note is sent.
pub async fn call(app: &App, note: &Event) -> Result<()> {
    let Some(body) = note.body.as_deref().filter(|body| body.contains('@')) else { return Ok(()) };
    let colleagues = people::who_may_see(&app.db.read, note.conversation).await?;
    let mut named = mentioned(body, &colleagues);
    named.retain(|agent| note.by != Author::Agent(*agent));
    for agent in mentions::note(&app.db.read, note, &named).await? {
        let item = Item::Mentioned { conversation: note.conversation, by: note.by_name.clone() };
        app.hub.tell(Topic::Agent(agent), &item);
    }
    Ok(())
}
