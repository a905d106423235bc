//! Colleagues who are called hear of it at once, wherever they are in the console; it is kept until they have looked, so that
//! whoever is not there can be told later.

use crate::app::App;
use crate::domain::event::{Author, Event};
use crate::domain::id::AgentId;
use crate::domain::mention::{Called, mentioned};
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::{mentions, people};

/// Those whom it names and who may see its conversation.
pub async fn named(app: &App, said: &Event) -> Result<Vec<AgentId>> {
    let Some(body) = said.body.as_deref().filter(|body| body.contains('@')) else { return Ok(Vec::new()) };
    let colleagues = people::who_may_see(&app.db.read, said.conversation).await?;
    let mut named = mentioned(body, &colleagues);
    named.retain(|agent| said.by != Author::Agent(*agent));
    Ok(named)
}

/// Calls them.
pub async fn call_named(app: &App, said: &Event, called: Called) -> Result<()> {
    let named = named(app, said).await?;
    // Each once, however often it is sent.
    for agent in mentions::note(&app.db.read, said, &named).await? {
        tell(app, agent, said, called);
    }
    Ok(())
}

pub fn tell(app: &App, agent: AgentId, said: &Event, called: Called) {
    let item = Item::Mentioned { conversation: said.conversation, by: said.by_name.clone(), called };
    app.hub.tell(Topic::Agent(agent), &item);
}
