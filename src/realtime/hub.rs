//! Who listens, and the one place where committed things are handed to them: here, and through the link on other nodes.
//!
//! A shopper's sockets hear what concerns that shopper; a staff socket hears the conversations it follows, itself and, if it
//! asked, changes in the lists of its sites. A listener stops by being dropped.

use super::event::{Item, Published, Signal};
use super::mailbox::Mailbox;
use super::redis::{Link, heard};
use crate::domain::event::Author;
use crate::domain::id::{AgentId, ConversationId, SessionId, ShopperId, SiteId};
use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    Shopper(ShopperId),
    /// Its staff side.
    Conversation(ConversationId),
    /// The conversation a shopper has in view. Of this node alone: the sweep asks who follows what.
    InView(ConversationId),
    Agent(AgentId),
    /// One signed-in browser or program of an agent.
    Session(SessionId),
    /// Changes in the lists of a site.
    Lists(SiteId),
    /// Somebody who works for a site came, went or chose another status.
    Duty(SiteId),
    /// Who is at a site with the chat open, and where.
    Visits(SiteId),
    /// Somebody waits, or wants to hear their place in line.
    Queue,
    /// A letter waits.
    Mail,
    /// What shoppers and agents use up of their allowances.
    Paces,
}

impl Topic {
    fn is_local(self) -> bool {
        matches!(self, Self::InView(_))
    }
}

impl Display for Topic {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shopper(id) => write!(f, "shopper:{id}"),
            Self::Conversation(id) => write!(f, "conversation:{id}"),
            Self::InView(id) => write!(f, "in-view:{id}"),
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Session(id) => write!(f, "session:{id}"),
            Self::Lists(id) => write!(f, "lists:{id}"),
            Self::Duty(id) => write!(f, "duty:{id}"),
            Self::Visits(id) => write!(f, "visits:{id}"),
            Self::Queue => f.write_str("queue"),
            Self::Mail => f.write_str("mail"),
            Self::Paces => f.write_str("paces"),
        }
    }
}

impl FromStr for Topic {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, id) = text.split_once(':').unwrap_or((text, ""));
        let id = || id.parse::<Uuid>();
        Ok(match kind {
            "queue" => Self::Queue,
            "mail" => Self::Mail,
            "paces" => Self::Paces,
            "shopper" => Self::Shopper(ShopperId(id()?)),
            "agent" => Self::Agent(AgentId(id()?)),
            "session" => Self::Session(SessionId(id()?)),
            "lists" => Self::Lists(SiteId(id()?)),
            "duty" => Self::Duty(SiteId(id()?)),
            "visits" => Self::Visits(SiteId(id()?)),
            "in-view" => Self::InView(ConversationId(id()?)),
            _ => Self::Conversation(ConversationId(id()?)),
        })
    }
}

const SHARDS: usize = 32;

type Shard = Mutex<HashMap<Topic, Vec<Arc<Mailbox>>>>;

#[derive(Clone)]
pub struct Hub {
    shards: Arc<[Shard; SHARDS]>,
    /// `None`: this is the only node.
    link: Option<Link>,
}

/// Listening lasts as long as this lives.
pub struct Listening {
    hub: Hub,
    topic: Topic,
    mailbox: Arc<Mailbox>,
    heard: Option<oneshot::Receiver<()>>,
}

impl Listening {
    /// Waits, for a moment at most, until the other nodes reach this one about the topic. Whoever reads the database after
    /// that misses nothing but what a hint that gets lost would have told.
    pub async fn heard(&mut self) {
        if let Some(waiting) = self.heard.take() {
            heard(waiting).await;
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut topics = self.hub.shard(self.topic);
        let Some(mailboxes) = topics.get_mut(&self.topic) else { return };
        // One of them: who listens anew before leaving the old one is there twice for a moment.
        if let Some(at) = mailboxes.iter().position(|m| Arc::ptr_eq(m, &self.mailbox)) {
            mailboxes.swap_remove(at);
        }
        if mailboxes.is_empty() {
            topics.remove(&self.topic);
            // Under the lock, so that whoever listens next is asked for after this.
            if let Some(link) = self.hub.link_for(self.topic) {
                link.leave(self.topic);
            }
        }
    }
}

impl Hub {
    pub fn new(link: Option<Link>) -> Self {
        Self { shards: Arc::new(std::array::from_fn(|_| Mutex::default())), link }
    }

    fn shard(&self, topic: Topic) -> MutexGuard<'_, HashMap<Topic, Vec<Arc<Mailbox>>>> {
        let mut hash = DefaultHasher::new();
        topic.hash(&mut hash);
        let index = usize::try_from(hash.finish() % SHARDS as u64).unwrap_or_default();
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn link_for(&self, topic: Topic) -> Option<&Link> {
        self.link.as_ref().filter(|_| !topic.is_local())
    }

    /// Whether hints reach other nodes; there being none, they do.
    pub fn is_whole(&self) -> bool {
        self.link.as_ref().is_none_or(Link::is_up)
    }

    pub fn has_other_nodes(&self) -> bool {
        self.link.is_some()
    }

    pub fn listen(&self, topic: Topic, mailbox: &Arc<Mailbox>) -> Listening {
        let mut topics = self.shard(topic);
        let mailboxes = topics.entry(topic).or_default();
        mailboxes.reserve_exact(1);
        mailboxes.push(Arc::clone(mailbox));
        let heard = self.link_for(topic).map(|link| link.listen(topic));
        drop(topics);
        Listening { hub: self.clone(), topic, mailbox: Arc::clone(mailbox), heard }
    }

    /// Every topic that has listeners here.
    pub fn topics(&self) -> Vec<Topic> {
        let lock = |shard: &Shard| shard.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        self.shards.iter().flat_map(|shard| -> Vec<Topic> { lock(shard) }).collect()
    }

    /// What `pick` makes of the topics that have listeners here.
    pub fn listened<T>(&self, pick: impl Fn(Topic) -> Option<T>) -> Vec<T> {
        let lock = |shard: &Shard| -> Vec<T> {
            shard.lock().unwrap_or_else(PoisonError::into_inner).keys().filter_map(|topic| pick(*topic)).collect()
        };
        self.shards.iter().flat_map(lock).collect()
    }

    /// Tells other nodes who is here and who is not any more; `now` in milliseconds. Without waiting.
    pub fn write_who_is_here(&self, here: &[ConversationId], left: &[ConversationId], now: i64) {
        if let Some(link) = &self.link {
            link.write_who_is_here(here, left, now);
        }
    }

    /// Whether the shopper of a conversation is on any other node; `None`: it cannot be known.
    pub async fn ask_who_is_here(&self, conversation: ConversationId, now: i64) -> Option<bool> {
        self.link.as_ref()?.ask_who_is_here(conversation, now).await
    }

    /// Hands an item to everybody who listens on a topic, on any node.
    pub fn tell(&self, topic: Topic, item: &Item) {
        self.tell_here(topic, item);
        self.tell_others(topic, item);
    }

    pub fn tell_here(&self, topic: Topic, item: &Item) {
        if let Some(mailboxes) = self.shard(topic).get(&topic) {
            for mailbox in mailboxes {
                mailbox.push(item.clone());
            }
        }
    }

    pub fn tell_others(&self, topic: Topic, item: &Item) {
        if let Some(link) = self.link_for(topic) {
            link.tell(topic, item);
        }
    }

    pub fn has_listeners(&self, topic: Topic) -> bool {
        self.shard(topic).contains_key(&topic)
    }

    /// A committed event, to its shopper, to the staff who follow it, and to the lists it may change.
    pub fn publish(&self, published: Published) {
        let (site, conversation) = (published.event.site, published.event.conversation);
        let shopper = published.shopper.filter(|_| published.event.shopper_seq.is_some());
        let item = Item::Event(Arc::new(published));
        if let Some(shopper) = shopper {
            self.tell(Topic::Shopper(shopper), &item);
        }
        self.tell(Topic::Conversation(conversation), &item);
        self.tell(Topic::Lists(site), &Item::Changed { site, conversation });
    }

    /// Something not kept, to the other side and to the other staff.
    pub fn signal(&self, shopper: Option<ShopperId>, signal: Signal) {
        let conversation = signal.conversation;
        let from_shopper = matches!(signal.by, Author::Shopper(_));
        let item = Item::Signal(Arc::new(signal));
        if let Some(shopper) = shopper.filter(|_| !from_shopper) {
            self.tell(Topic::Shopper(shopper), &item);
        }
        self.tell(Topic::Conversation(conversation), &item);
    }
}
