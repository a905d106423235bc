//! Who listens on this node, and the one place where committed things are handed to them.
//!
//! A shopper's sockets hear what concerns that shopper; a staff socket hears the conversations it follows, itself and, if it
//! asked, changes in the lists of its sites. A listener stops by being dropped.

use super::event::{Item, Published, Signal};
use super::mailbox::Mailbox;
use crate::domain::event::Author;
use crate::domain::id::{AgentId, ConversationId, ShopperId, SiteId};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    Shopper(ShopperId),
    /// Its staff side.
    Conversation(ConversationId),
    Agent(AgentId),
    /// Changes in the lists of a site.
    Lists(SiteId),
}

const SHARDS: usize = 32;

type Shard = Mutex<HashMap<Topic, Vec<Arc<Mailbox>>>>;

#[derive(Clone)]
pub struct Hub {
    shards: Arc<[Shard; SHARDS]>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { shards: Arc::new(std::array::from_fn(|_| Mutex::default())) }
    }
}

/// Listening lasts as long as this lives.
pub struct Listening {
    hub: Hub,
    topic: Topic,
    mailbox: Arc<Mailbox>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut topics = self.hub.shard(self.topic);
        if let Some(mailboxes) = topics.get_mut(&self.topic) {
            mailboxes.retain(|m| !Arc::ptr_eq(m, &self.mailbox));
            if mailboxes.is_empty() {
                topics.remove(&self.topic);
            }
        }
    }
}

impl Hub {
    fn shard(&self, topic: Topic) -> MutexGuard<'_, HashMap<Topic, Vec<Arc<Mailbox>>>> {
        let mut hash = DefaultHasher::new();
        topic.hash(&mut hash);
        let index = usize::try_from(hash.finish() % SHARDS as u64).unwrap_or_default();
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn listen(&self, topic: Topic, mailbox: &Arc<Mailbox>) -> Listening {
        let mut topics = self.shard(topic);
        let mailboxes = topics.entry(topic).or_default();
        mailboxes.reserve_exact(1);
        mailboxes.push(Arc::clone(mailbox));
        drop(topics);
        Listening { hub: self.clone(), topic, mailbox: Arc::clone(mailbox) }
    }

    /// Hands an item to everybody who listens on a topic.
    pub fn tell(&self, topic: Topic, item: &Item) {
        if let Some(mailboxes) = self.shard(topic).get(&topic) {
            for mailbox in mailboxes {
                mailbox.push(item.clone());
            }
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
