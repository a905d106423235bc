//! The safety net under all hints: every so often the database is asked how far the logs have come that somebody here follows,
//! who has which chats, and whose sessions have ended. Whatever no hint told is found here, be it the last event of a log.
//!
//! What is found is told on this node alone: every node asks for itself. Costs a handful of queries a round, whatever the
//! traffic.

use crate::app::{self, App};
use crate::domain::conversation::Given;
use crate::domain::id::{AgentId, ConversationId, SessionId, ShopperId, SiteId};
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::watch::{self, Activity, Head};
use crate::store::{blocks, patiently};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(1);
/// An answer that took longer says too little about the time.
const PROMPT: Duration = Duration::from_millis(200);
/// While hints are known to be lost.
const EVERY_ALONE: Duration = Duration::from_millis(500);

/// Longer than a transaction that blocks somebody may take.
const LATE: TimeDelta = TimeDelta::seconds(20);

/// Counts what a hint should have told.
pub fn found() {
    metrics::counter!("deskbell_sweeps_found_total").increment(1);
}

/// Runs until the server stops.
pub async fn run(app: Arc<App>) {
    let (mut last, mut looked_at) = (Last::default(), app::instant());
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(EVERY_ALONE) => {}
        }
        if app.hub.is_whole() && app::instant() - looked_at < EVERY {
            continue;
        }
        looked_at = app::instant();
        if let Err(error) = patiently(last.look(&app)).await {
            tracing::warn!(error = error.cause(), "the sweep of logs failed; it is tried again");
        }
    }
}

/// What the last round saw: only what is different now is told.
#[derive(Default)]
struct Last {
    heads: HashMap<ConversationId, Seen>,
    loads: HashMap<AgentId, Arc<Vec<Given>>>,
    rights: HashMap<AgentId, String>,
    lists: HashMap<SiteId, Activity>,
    /// Blocks before this moment were told.
    blocks: Option<DateTime<Utc>>,
    /// Hints were lost since the shoppers' tokens were looked at.
    was_alone: bool,
}

/// How far a log had come, in both numberings: when it was looked at last, and what was told of it.
#[derive(Default)]
struct Seen {
    at_last: (i64, i64),
    told: (i64, i64),
}

/// Who listens on this node.
#[derive(Default)]
struct Listeners {
    conversations: HashSet<ConversationId>,
    agents: Vec<AgentId>,
    sessions: Vec<SessionId>,
    shoppers: Vec<ShopperId>,
    sites: Vec<SiteId>,
}

impl Listeners {
    fn of(app: &App) -> Self {
        let mut all = Self::default();
        for topic in app.hub.topics() {
            match topic {
                Topic::Conversation(id) | Topic::InView(id) => {
                    all.conversations.insert(id);
                }
                Topic::Agent(id) => all.agents.push(id),
                Topic::Session(id) => all.sessions.push(id),
                Topic::Shopper(id) => all.shoppers.push(id),
                Topic::Lists(id) => all.sites.push(id),
                Topic::Duty(_) | Topic::Visits(_) | Topic::Queue | Topic::Mail | Topic::Paces => {}
            }
        }
        all
    }
}

impl Last {
    async fn look(&mut self, app: &App) -> Result<()> {
        let asked = app::instant();
        let (epoch, time) = app.db.epoch_and_time().await?;
        if epoch != app.epoch {
            app.database_was_replaced();
            return Ok(());
        }
        if app::instant() - asked <= PROMPT {
            app.clock.follow(time);
        }
        let all = Listeners::of(app);
        self.heads(app, all.conversations.into_iter().collect()).await?;
        self.agents(app, &all.agents).await?;
        end_sessions(app, &all.sessions).await?;
        self.blocks(app).await?;
        if app.hub.has_other_nodes() {
            self.lists(app, &all.sites).await?;
            self.forget(app, &all.shoppers).await?;
        }
        Ok(())
    }

    /// Tells how far logs had come a round ago: whoever has less by now was not told, and is not merely about to be.
    async fn heads(&mut self, app: &App, followed: Vec<ConversationId>) -> Result<()> {
        keep_only(&mut self.heads, &followed);
        if followed.is_empty() {
            return Ok(());
        }
        for Head { id: conversation, last_seq, shopper_seq } in watch::heads(&app.db.read, &followed).await? {
            let seen = self.heads.entry(conversation).or_default();
            if (last_seq, shopper_seq) < seen.at_last {
                app.database_was_replaced();
                return Ok(());
            }
            let (before, told) = (std::mem::replace(&mut seen.at_last, (last_seq, shopper_seq)), seen.told);
            if before != told {
                seen.told = before;
                let head = Item::Head { conversation, seq: before.0, shopper_seq: before.1 };
                app.hub.tell_here(Topic::Conversation(conversation), &head);
                app.hub.tell_here(Topic::InView(conversation), &head);
            }
        }
        Ok(())
    }

    async fn agents(&mut self, app: &App, agents: &[AgentId]) -> Result<()> {
        keep_only(&mut self.loads, agents);
        keep_only(&mut self.rights, agents);
        if agents.is_empty() {
            return Ok(());
        }
        let mut loads: HashMap<AgentId, Vec<Given>> = agents.iter().map(|agent| (*agent, Vec::new())).collect();
        for (agent, given) in watch::loads(&app.db.read, agents).await? {
            loads.entry(agent).or_default().push(given);
        }
        for (agent, load) in loads {
            let load = Arc::new(load);
            if self.loads.insert(agent, Arc::clone(&load)).is_none_or(|before| before != load) {
                app.hub.tell_here(Topic::Agent(agent), &Item::Load(load));
            }
        }
        for (agent, rights) in watch::rights(&app.db.read, agents).await? {
            let before = self.rights.insert(agent, rights.clone());
            if before.is_none_or(|before| before != rights) {
                app.hub.tell_here(Topic::Agent(agent), &Item::Rights);
            }
        }
        Ok(())
    }

    async fn lists(&mut self, app: &App, sites: &[SiteId]) -> Result<()> {
        keep_only(&mut self.lists, sites);
        for (site, activity) in watch::activity(&app.db.read, sites).await? {
            if self.lists.insert(site, activity) != Some(activity) {
                let changed = Item::Changed { site, conversation: ConversationId(uuid::Uuid::nil()) };
                app.hub.tell_here(Topic::Lists(site), &changed);
            }
        }
        Ok(())
    }

    /// A block may be committed a little after its moment: those of the last seconds are told again.
    async fn blocks(&mut self, app: &App) -> Result<()> {
        let now = app.clock.now();
        let since = self.blocks.unwrap_or(now) - LATE;
        for shopper in blocks::since(&app.db.read, since, now).await? {
            app.hub.tell_here(Topic::Shopper(shopper), &Item::Blocked);
        }
        self.blocks = Some(now);
        Ok(())
    }

    /// There are many silent shoppers: their tokens are looked at only where word of a sign-out may have been lost.
    async fn forget(&mut self, app: &App, shoppers: &[ShopperId]) -> Result<()> {
        let is_alone = !app.hub.is_whole();
        if is_alone || self.was_alone {
            for forgotten in watch::forgotten_shoppers(&app.db.read, shoppers).await? {
                app.hub.tell_here(Topic::Shopper(forgotten), &Item::SignedOut);
            }
        }
        self.was_alone = is_alone;
        Ok(())
    }
}

fn keep_only<K: Eq + Hash, V>(map: &mut HashMap<K, V>, keys: &[K]) {
    let keys: HashSet<_> = keys.iter().collect();
    map.retain(|key, _| keys.contains(key));
}

/// Whoever was signed out or disabled elsewhere loses their sockets here.
async fn end_sessions(app: &App, sessions: &[SessionId]) -> Result<()> {
    if sessions.is_empty() {
        return Ok(());
    }
    for ended in watch::ended_sessions(&app.db.read, sessions, app.clock.now()).await? {
        app.hub.tell_here(Topic::Session(ended), &Item::SignedOut);
    }
    Ok(())
}
