//! Who else has a conversation open, and who of them is replying: the strip above the composer.
//!
//! Promises: pages tell each other, and nothing is kept. A page says so when it comes, at each heartbeat and when it goes, the
//! loss of its socket included; one that goes without a word (its node died, a hint was lost) is forgotten after
//! [`FORGOTTEN`]. Whoever comes asks, so that both see each other at once.

use super::ops::{Op, Ops, bundle};
use super::{Desk, thread};
use crate::app;
use crate::domain::event::Author;
use crate::domain::id::{AgentId, ConnectionId, ConversationId};
use crate::error::Result;
use crate::realtime::colleague::{Colleague, Does};
use crate::realtime::event::{Frame, Item, Signal};
use crate::realtime::hub::{Hub, Topic};
use crate::words::{self, Lang, filters};
use askama::Template;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Three heartbeats.
const FORGOTTEN: Duration = Duration::from_secs(30);
/// Whoever types says so every three seconds.
const REPLYING: Duration = Duration::from_secs(8);
/// Most names on the strip.
const NAMES: usize = 3;

/// A page of somebody else's.
struct Page {
    agent: AgentId,
    name: String,
    until: Instant,
    replies_until: Option<Instant>,
}

/// The company that one page has in one conversation. Whoever drops it has left.
pub struct Company {
    hub: Hub,
    me: Colleague,
    others: HashMap<ConnectionId, Page>,
    /// The strip as the page was told it last; `None`: it may show an older one.
    told: Option<String>,
}

#[derive(Template)]
#[template(path = "console/_company.html")]
struct Strip {
    /// Whether they reply, and who it is.
    names: Vec<(bool, String)>,
    more: usize,
}

impl Company {
    fn new(hub: Hub, me: Colleague) -> Self {
        let company = Self { hub, me, others: HashMap::new(), told: None };
        company.tell(Does::Come);
        company
    }

    fn tell(&self, does: Does) {
        let item = Item::Colleague(Arc::new(Colleague { does, ..self.me.clone() }));
        self.hub.tell(Topic::Conversation(self.me.conversation), &item);
    }

    fn page(&mut self, id: ConnectionId, agent: AgentId, name: &str, now: Instant) -> &mut Page {
        let page = self.others.entry(id).or_insert_with(|| Page {
            agent,
            name: name.to_owned(),
            until: now + FORGOTTEN,
            replies_until: None,
        });
        page.until = now + FORGOTTEN;
        page
    }

    fn hear(&mut self, said: &Colleague, now: Instant) {
        if said.page == self.me.page {
            return;
        }
        if said.does == Does::Leave {
            self.others.remove(&said.page);
            return;
        }
        self.page(said.page, said.agent, &said.name, now).name.clone_from(&said.name);
        if said.does == Does::Come {
            self.tell(Does::View);
        }
    }

    /// Also of a program, which has no page.
    fn hear_typing(&mut self, agent: AgentId, signal: &Signal, on: bool, now: Instant) {
        let Some(id) = signal.origin.filter(|id| *id != self.me.page) else { return };
        if on || self.others.contains_key(&id) {
            self.page(id, agent, &signal.by_name, now).replies_until = on.then_some(now + REPLYING);
        }
    }

    /// What they wrote has come.
    fn hear_message(&mut self, agent: AgentId) {
        for page in self.others.values_mut().filter(|page| page.agent == agent) {
            page.replies_until = None;
        }
    }

    /// Each colleague once, whoever replies first. One's own other pages are no company.
    fn strip(&mut self, now: Instant) -> Strip {
        self.others.retain(|_, page| page.until > now);
        let mut agents: BTreeMap<AgentId, (bool, &str)> = BTreeMap::new();
        for page in self.others.values().filter(|page| page.agent != self.me.agent) {
            let replies = page.replies_until.is_some_and(|until| until > now);
            agents.entry(page.agent).or_insert((false, &page.name)).0 |= replies;
        }
        let mut names: Vec<_> = agents.into_values().map(|(replies, name)| (replies, name.to_owned())).collect();
        names.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.cmp(other)));
        let more = names.len().saturating_sub(NAMES);
        names.truncate(NAMES);
        Strip { names, more }
    }

    /// The strip, where it is another than the page was told.
    fn draw(&mut self, lang: Lang, now: Instant, out: &mut Vec<Frame>) -> Result<()> {
        let html = words::print(lang, &self.strip(now))?;
        if self.told.as_ref() != Some(&html) {
            let id = self.me.conversation;
            let op = Op::update(&format!("#company-{id}"), html.clone());
            out.push(bundle(&thread::topic(id), None, &Ops::one(op)));
        }
        self.told = Some(html);
        Ok(())
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        self.tell(Does::Leave);
    }
}

impl Desk {
    fn company(&mut self, conversation: ConversationId) -> Option<&mut Company> {
        self.company.iter_mut().find(|company| company.me.conversation == conversation)
    }

    /// Keeps company in exactly the conversations that the page shows.
    pub(super) fn keep_company(&mut self) {
        let threads = &self.threads;
        self.company.retain(|company| threads.iter().any(|thread| thread.id == company.me.conversation));
        for thread in threads {
            if self.company.iter().any(|company| company.me.conversation == thread.id) {
                continue;
            }
            let me = Colleague {
                conversation: thread.id,
                page: self.mailbox.connection,
                agent: self.who.agent.id,
                name: self.who.agent.name.clone(),
                does: Does::Come,
            };
            self.company.push(Company::new(self.app.hub.clone(), me));
        }
    }

    /// The page was printed anew, without the strip, or comes back to another socket, with an old one. It is told with what
    /// comes back to this page itself, so that nothing drawn before overtakes it.
    pub(super) fn tell_company_anew(&mut self) {
        for company in &mut self.company {
            company.told = None;
            company.tell(Does::View);
        }
    }

    pub(super) fn hear_colleague(&mut self, said: &Colleague, out: &mut Vec<Frame>) -> Result<()> {
        let (lang, now) = (self.who.lang(), app::instant());
        let Some(company) = self.company(said.conversation) else { return Ok(()) };
        company.hear(said, now);
        company.draw(lang, now, out)
    }

    pub(super) fn hear_typing(
        &mut self,
        agent: AgentId,
        signal: &Signal,
        on: bool,
        out: &mut Vec<Frame>,
    ) -> Result<()> {
        let (lang, now) = (self.who.lang(), app::instant());
        let Some(company) = self.company(signal.conversation) else { return Ok(()) };
        company.hear_typing(agent, signal, on, now);
        company.draw(lang, now, out)
    }

    pub(super) fn hear_message(
        &mut self,
        conversation: ConversationId,
        by: Author,
        out: &mut Vec<Frame>,
    ) -> Result<()> {
        let (lang, Author::Agent(agent)) = (self.who.lang(), by) else { return Ok(()) };
        let Some(company) = self.company(conversation) else { return Ok(()) };
        company.hear_message(agent);
        company.draw(lang, app::instant(), out)
    }

    /// At each heartbeat: still here; and who of the others is not.
    pub(super) fn pass_company(&mut self) {
        for company in &self.company {
            company.tell(Does::View);
        }
    }
}
