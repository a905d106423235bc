//! Sorting a conversation from its page: tags, priority, sleep.

use super::answer::{Command, Fields, Stay, settle};
use super::blocking::Mark;
use super::commands::{Asked, act};
use super::fragments::{When, priority as mark};
use crate::app::App;
use crate::conversations;
use crate::domain::conversation::{Refusal, State as Standing};
use crate::domain::people::Agent;
use crate::domain::routing::Class;
use crate::domain::snooze::Until;
use crate::domain::triage::Tag;
use crate::error::Result;
use crate::store::blocks;
use crate::store::conversations::Summary;
use crate::store::triage as store;
use crate::words::Key;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use chrono_tz::Tz;

/// How a conversation is sorted, and how it may be.
#[derive(Clone, Debug)]
pub struct Sorting {
    pub tags: Vec<Tag>,
    /// Those of its shop that it does not have.
    pub others: Vec<Tag>,
    /// Tags are theirs to make.
    pub may_make: bool,
    pub class: Class,
    /// The classes, where it may be moved between them.
    pub classes: Vec<(Class, Key)>,
    pub may_snooze: bool,
    /// It sleeps until then.
    pub until: Option<When>,
    /// Its shopper is blocked.
    pub block: Option<Mark>,
}

impl Sorting {
    pub async fn read(app: &App, agent: &Agent, summary: &Summary) -> Result<Self> {
        let tagged = store::tags_of(&app.db.read, &[summary.id]).await?;
        let tags: Vec<Tag> = tagged.into_iter().map(|tagged| tagged.tag).collect();
        let mut others = store::tags(&app.db.read, summary.site_id).await?;
        others.retain(|tag| !tags.contains(tag));
        let shopper = [summary.shopper_id];
        let blocks = blocks::of(&app.db.read, (summary.site_id, &shopper), app.clock.now()).await?;
        let owns = summary.state == Standing::Active && summary.assignee_id == Some(agent.id);
        let classes = Class::ALL.map(|class| (class, name(class)));
        Ok(Self {
            tags,
            others,
            may_make: agent.oversees(),
            class: Class::from_number(summary.priority),
            classes: if summary.state.is_open() { classes.to_vec() } else { Vec::new() },
            may_snooze: owns,
            until: summary.snoozed_until.map(When::from),
            block: blocks.first().map(Mark::from),
        })
    }

    /// The class as the page says it.
    pub fn class_name(&self) -> Key {
        name(self.class)
    }
}

pub fn name(class: Class) -> Key {
    mark(class).map_or(Key("priority-normal"), |(_, name)| name)
}

pub async fn tag((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "tag").await?;
    let act = act(&command.summary, &who, &fields);
    let set = match (fields.tag, fields.untag) {
        (Some(tag), _) => conversations::set_tag(&app, &act, tag, true).await?,
        (None, Some(tag)) => conversations::set_tag(&app, &act, tag, false).await?,
        (None, None) => Err(Refusal::BadRequest("Choose a tag.")),
    };
    settle(command, set, Stay::Here).await
}

pub async fn priority((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "priority").await?;
    let set = match fields.class {
        Some(class) => conversations::set_priority(&app, &act(&command.summary, &who, &fields), class).await?,
        None => Err(Refusal::BadRequest("Choose a priority.")),
    };
    settle(command, set, Stay::Here).await
}

/// Asleep, until a time in their own zone; or awake again.
pub async fn snooze((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "snooze").await?;
    let act = act(&command.summary, &who, &fields);
    let done = if fields.until == "wake" {
        conversations::wake_by_hand(&app, &act).await?
    } else {
        put_to_sleep(&app, &who.agent, &act, &fields).await?
    };
    settle(command, done, Stay::Here).await
}

pub const NO_TIME: Refusal = Refusal::BadRequest("Choose until when.");

async fn put_to_sleep(
    app: &App,
    agent: &Agent,
    act: &conversations::Act,
    fields: &Fields,
) -> Result<Result<(), Refusal>> {
    let zone = zone(app, agent, act).await?;
    let until = Until::parse(&fields.until, &fields.at).and_then(|until| until.time(app.clock.now(), zone));
    match until {
        Some(until) => conversations::snooze(app, act, until).await,
        None => Ok(Err(NO_TIME)),
    }
}

/// Where they are; else where the shop is.
pub async fn zone(app: &App, agent: &Agent, act: &conversations::Act) -> Result<Tz> {
    if let Some(zone) = agent.zone.as_deref().and_then(|zone| zone.parse().ok()) {
        return Ok(zone);
    }
    let site = conversations::site_by_id(app, act.site).await?;
    Ok(site.settings.hours.zone.parse().unwrap_or(Tz::UTC))
}
