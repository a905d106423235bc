//! Sorting: tags, priority, and sleep. What is so already is no error and writes nothing.

use super::{Act, publish};
use crate::app::{self, App};
use crate::domain::conversation::Refusal;
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{AgentId, EventId, TagId};
use crate::domain::routing::Class;
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::snooze::{self as sleep, Sleeper, Wake, Woke};
use crate::store::triage::{self as store, Marked, Step};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How long a chat may sleep.
const SLEEP_MAX: TimeDelta = TimeDelta::days(366);
const NOT_THEN: Refusal = Refusal::BadRequest("Choose a time that is still to come, within a year.");

/// None but staff sort.
fn step<'a>(app: &App, act: &'a Act) -> Option<Step<'a>> {
    let Author::Agent(by) = act.by else { return None };
    Some(Step {
        site: act.site,
        conversation: act.conversation,
        by,
        by_name: &act.by_name,
        event: EventId(app::new_id()),
        at: app.clock.now(),
    })
}

fn told(app: &App, act: &Act, marked: Marked) -> Result<(), Refusal> {
    if let Some(stored) = marked.stored() {
        publish(&app.hub, stored, act.origin);
    }
    marked.verdict()
}

pub async fn set_tag(app: &App, act: &Act, tag: TagId, on: bool) -> Result<Result<(), Refusal>> {
    let Some(step) = step(app, act) else { return Ok(Err(Refusal::Forbidden)) };
    Ok(told(app, act, store::set_tag(&app.db, &step, tag, on).await?))
}

/// Its place in line is another at once.
pub async fn set_priority(app: &App, act: &Act, class: Class) -> Result<Result<(), Refusal>> {
    let Some(step) = step(app, act) else { return Ok(Err(Refusal::Forbidden)) };
    let set = told(app, act, store::set_priority(&app.db, &step, class).await?);
    app.wake_queue();
    Ok(set)
}

/// Until a time; its agent has a place free meanwhile.
pub async fn snooze(app: &App, act: &Act, until: DateTime<Utc>) -> Result<Result<(), Refusal>> {
    let now = app.clock.now();
    if until <= now || until - now > SLEEP_MAX {
        return Ok(Err(NOT_THEN));
    }
    let Some(step) = step(app, act) else { return Ok(Err(Refusal::Forbidden)) };
    let slept = told(app, act, sleep::snooze(&app.db, &step, until).await?);
    app.wake_queue();
    Ok(slept)
}

const HELD: Refusal = Refusal::BadRequest("Somebody else is at this chat right now. Try again in a moment.");

/// Somebody wants one of theirs back before its time.
pub async fn wake_by_hand(app: &App, act: &Act) -> Result<Result<(), Refusal>> {
    let Author::Agent(by) = act.by else { return Ok(Err(Refusal::Forbidden)) };
    let sleeper =
        Sleeper { site_id: act.site, id: act.conversation, assignee_id: by, assignee_name: act.by_name.clone() };
    Ok(match wake_up(app, &sleeper, Some(&act.by_name)).await? {
        Woke::Full => Err(Refusal::FULL),
        Woke::Held => Err(HELD),
        // What does not sleep is awake, as they wanted.
        _ => Ok(()),
    })
}

/// Its time has come, or its shopper has written: to its agent, who is called, or into line.
pub async fn wake(app: &App, sleeper: &Sleeper) -> Result<()> {
    match wake_up(app, sleeper, None).await? {
        Woke::Theirs(_) => app.hub.tell(Topic::Agent(sleeper.assignee_id), &Item::Woken(sleeper.id)),
        Woke::InLine(_) => {
            let item = Item::Unassigned { conversation: sleeper.id, generation: 0 };
            app.hub.tell(Topic::Agent(sleeper.assignee_id), &item);
            app.wake_queue();
        }
        Woke::Full | Woke::Held | Woke::No => {}
    }
    Ok(())
}

async fn wake_up(app: &App, sleeper: &Sleeper, by_hand: Option<&str>) -> Result<Woke> {
    let wake = Wake {
        conversation: sleeper.id,
        agent: sleeper.assignee_id,
        by_hand,
        event: EventId(app::new_id()),
        left: left(sleeper.assignee_id, &sleeper.assignee_name),
        at: app.clock.now(),
    };
    let woke = sleep::wake(&app.db, wake).await?;
    if let Woke::Theirs(stored) | Woke::InLine(stored) = &woke {
        publish(&app.hub, stored, None);
    }
    Ok(woke)
}

/// As when somebody's shift is over: the shopper hears that they are in line, and not of any sleep.
fn left(agent: AgentId, name: &str) -> Draft {
    Draft {
        id: EventId(app::new_id()),
        cid: None,
        kind: Kind::Left,
        by: Author::System,
        by_name: String::new(),
        body: None,
        data: Some(json!({ "agent": { "id": agent, "name": name, "avatar": null }, "reason": "off_duty" })),
        files: Vec::new(),
        internal: false,
        oversees: false,
    }
}
