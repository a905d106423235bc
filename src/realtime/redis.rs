//! The way to the other nodes: hints over Redis publish/subscribe.
//!
//! Promises: nobody waits for Redis but whoever begins to listen, and they at most [`LISTENING`]; a hint that cannot be sent at
//! once is dropped and counted, because the sweep finds what no hint told; a node hears only the topics it has listeners for.
//! A lost connection is opened again by itself, and everything listened to is asked for anew. On a Redis Cluster the sharded
//! form of publish/subscribe is used, so that a hint goes to one shard and not to all.

mod here;
mod wire;

use super::event::Item;
use super::hub::Topic;
use crate::domain::id::{ConversationId, NodeId};
use here::{Note, Writer, is_an_answer};
use redis::{PushInfo, PushKind, Value};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use wire::Wire;

/// Most orders waiting; past that a hint is dropped.
const ORDERS_MAX: usize = 16_384;
/// Most orders carried out together.
const BATCH: usize = 512;
/// How long Redis may take for anything, connecting included.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long a new listener waits until the other nodes reach it.
const LISTENING: Duration = Duration::from_millis(250);
/// How often a silent Redis is asked whether it is there.
const ASK_EVERY: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(2);

/// One node's way to the others. Cheap to clone.
#[derive(Clone)]
pub struct Link {
    node: NodeId,
    orders: mpsc::Sender<Order>,
    is_up: Arc<AtomicBool>,
}

enum Order {
    Publish { topic: Topic, payload: String },
    Listen { topic: Topic, done: oneshot::Sender<()> },
    Leave { topic: Topic },
    Note(Note),
}

/// What one node tells the others.
#[derive(Serialize)]
struct Telling<'a> {
    node: NodeId,
    item: &'a Item,
}

#[derive(Deserialize)]
struct Told {
    node: NodeId,
    item: Item,
}

impl Link {
    /// The link, and what must run for it.
    pub fn new(node: NodeId, url: SecretString, house: String) -> (Self, Line) {
        let (orders, waiting) = mpsc::channel(ORDERS_MAX);
        let is_up = Arc::new(AtomicBool::new(false));
        let writer = Writer::new(house.clone(), node);
        let line =
            Line { node, url, house, writer, orders: waiting, wanted: HashSet::new(), is_up: Arc::clone(&is_up) };
        (Self { node, orders, is_up }, line)
    }

    /// Whether hints reach the other nodes, as far as is known.
    pub fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Relaxed)
    }

    /// Tells the other nodes, without waiting.
    pub fn tell(&self, topic: Topic, item: &Item) {
        if !self.is_up() {
            lost(1);
            return;
        }
        // An item is made of texts and numbers: writing it cannot fail.
        let payload = serde_json::to_string(&Telling { node: self.node, item }).unwrap_or_default();
        if self.orders.try_send(Order::Publish { topic, payload }).is_err() {
            lost(1);
        }
    }

    /// Asks to hear a topic; see [`heard`].
    pub fn listen(&self, topic: Topic) -> oneshot::Receiver<()> {
        let (done, heard) = oneshot::channel();
        // Refused where too much waits: then the sweep brings what the topic would have.
        let _ = self.orders.try_send(Order::Listen { topic, done });
        heard
    }

    /// In pieces, so that hints need not wait for all of it. What is lost is written anew.
    pub fn write_who_is_here(&self, here: &[ConversationId], left: &[ConversationId], now: i64) {
        if !self.is_up() {
            return;
        }
        // The first even of nobody: that they are written down at all is to be known.
        let first = Note::Here { conversations: here[..here.len().min(BATCH)].to_vec(), now };
        let more = here.chunks(BATCH).skip(1).map(|some| Note::Here { conversations: some.to_vec(), now });
        let went = left.chunks(BATCH).map(|some| Note::Left { conversations: some.to_vec() });
        for note in std::iter::once(first).chain(more).chain(went) {
            let _ = self.orders.try_send(Order::Note(note));
        }
    }

    pub async fn ask_who_is_here(&self, conversation: ConversationId, now: i64) -> Option<bool> {
        let (done, answer) = oneshot::channel();
        let asked = self.is_up() && self.orders.try_send(Order::Note(Note::Ask { conversation, now, done })).is_ok();
        if asked { answer.await.ok().flatten() } else { None }
    }

    pub fn leave(&self, topic: Topic) {
        // Refused where too much waits: the topic is left at the next connection.
        let _ = self.orders.try_send(Order::Leave { topic });
    }
}

/// Waits until a topic is heard, or long enough.
pub async fn heard(listening: oneshot::Receiver<()>) {
    let _ = timeout(LISTENING, listening).await;
}

/// For `doctor`: whether Redis answers and takes part, and what it is.
pub async fn examine(url: &str) -> Result<&'static str, String> {
    let examined = async {
        let mut wire = Wire::open(url, |_| Ok(())).await?;
        wire.subscribe(&["deskbell:doctor".to_owned()]).await?;
        wire.ask().await?;
        Ok(if matches!(wire, Wire::Cluster(_)) { "a cluster, used by shards" } else { "one server" })
    };
    examined.await.map_err(|error: redis::RedisError| error.to_string())
}

fn lost(hints: usize) {
    metrics::counter!("deskbell_bus_lost_total").increment(u64::try_from(hints).unwrap_or(u64::MAX));
}

/// The other end of a [`Link`].
pub struct Line {
    node: NodeId,
    url: SecretString,
    /// Which installation this is: several may share a Redis.
    house: String,
    writer: Writer,
    orders: mpsc::Receiver<Order>,
    wanted: HashSet<Topic>,
    is_up: Arc<AtomicBool>,
}

impl Line {
    /// Runs until the server stops. `hear` gets what other nodes tell; it must not wait. `topics` are those listened to, and
    /// `jitter` is a random number below the one it is given.
    pub async fn run(
        mut self,
        stopping: CancellationToken,
        hear: impl Fn(Topic, Item) + Clone + Send + Sync + 'static,
        topics: impl Fn() -> Vec<Topic>,
        jitter: impl Fn(u64) -> u64,
    ) {
        let mut tries = 0;
        loop {
            self.wanted = topics().into_iter().collect();
            let ended = tokio::select! {
                () = stopping.cancelled() => return,
                ended = self.connected(hear.clone(), &mut tries) => ended,
            };
            if self.is_up.swap(false, Ordering::Relaxed) || tries == 0 {
                tracing::warn!(error = %ended, "Redis is away: other nodes are reached through the database, more slowly");
            }
            metrics::gauge!("deskbell_bus_up").set(0);
            tries += 1;
            let most = RETRY_MAX.min(Duration::from_millis(50 * (1 << tries.min(6))));
            let delay = Duration::from_millis(jitter(u64::try_from(most.as_millis()).unwrap_or(u64::MAX)));
            tokio::select! {
                () = stopping.cancelled() => return,
                () = sleep(delay) => {}
                () = self.do_without() => return,
            }
        }
    }

    /// While there is no connection: hints are lost, and nobody waits to be heard.
    async fn do_without(&mut self) {
        while let Some(order) = self.orders.recv().await {
            if matches!(order, Order::Publish { .. }) {
                lost(1);
            }
        }
    }

    /// One connection, until it breaks.
    async fn connected(
        &mut self,
        hear: impl Fn(Topic, Item) + Send + Sync + 'static,
        tries: &mut u32,
    ) -> redis::RedisError {
        let broken = Arc::new(Notify::new());
        let (node, house, breaks) = (self.node, self.house.clone(), Arc::clone(&broken));
        let ear = move |push: PushInfo| -> Result<(), redis::aio::SendError> {
            match push.kind {
                PushKind::Disconnection => breaks.notify_one(),
                PushKind::Message | PushKind::SMessage => {
                    if let Some((topic, told)) = read(&push.data, &house).filter(|(_, told)| told.node != node) {
                        hear(topic, told.item);
                    }
                }
                _ => {}
            }
            Ok(())
        };
        let served = async {
            let mut wire = Wire::open(self.url.expose_secret(), ear).await?;
            let all: Vec<_> = self.wanted.iter().map(|topic| channel(&self.house, *topic)).collect();
            wire.subscribe(&all).await?;
            *tries = 0;
            self.is_up.store(true, Ordering::Relaxed);
            metrics::gauge!("deskbell_bus_up").set(1);
            tracing::info!("connected to Redis");
            self.serve(&mut wire).await
        };
        tokio::select! {
            served = served => served.err().unwrap_or_else(|| gone("no more orders")),
            () = broken.notified() => gone("the connection was closed"),
        }
    }

    async fn serve(&mut self, wire: &mut Wire) -> redis::RedisResult<()> {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            match timeout(ASK_EVERY, self.orders.recv_many(&mut batch, BATCH)).await {
                // Where a snapshot failed it refuses even this: it is there.
                Err(_) => wire.ask().await.or_else(|error| is_an_answer(&error).then_some(()).ok_or(error))?,
                Ok(0) => return Ok(()),
                Ok(_) => self.carry_out(wire, std::mem::take(&mut batch)).await?,
            }
        }
    }

    async fn carry_out(&mut self, wire: &mut Wire, batch: Vec<Order>) -> redis::RedisResult<()> {
        let (mut hints, mut told, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        // Of each topic that is touched: whether it was heard before. What counts is what it comes to.
        let mut before = HashMap::new();
        for order in batch {
            match order {
                Order::Publish { topic, payload } => hints.push((channel(&self.house, topic), payload)),
                Order::Listen { topic, done } => {
                    let is_new = self.wanted.insert(topic);
                    before.entry(topic).or_insert(!is_new);
                    told.push(done);
                }
                Order::Leave { topic } => {
                    let was_heard = self.wanted.remove(&topic);
                    before.entry(topic).or_insert(was_heard);
                }
                Order::Note(note) => notes.push(note),
            }
        }
        let changed = |heard: bool| -> Vec<_> {
            let others = before.iter().filter(|(topic, was)| **was != heard && self.wanted.contains(topic) == heard);
            others.map(|(topic, _)| channel(&self.house, *topic)).collect()
        };
        wire.subscribe(&changed(true)).await?;
        wire.unsubscribe(&changed(false)).await?;
        for done in told {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        }
        let count = hints.len();
        wire.publish(hints).await.inspect_err(|_| lost(count))?;
        self.writer.write(wire, notes).await
    }
}

fn gone(why: &'static str) -> redis::RedisError {
    redis::RedisError::from(std::io::Error::new(std::io::ErrorKind::ConnectionAborted, why))
}

/// `deskbell:HOUSE:TOPIC`.
fn channel(house: &str, topic: Topic) -> String {
    format!("deskbell:{house}:{topic}")
}

fn read(data: &[Value], house: &str) -> Option<(Topic, Told)> {
    let [Value::BulkString(channel), Value::BulkString(payload)] = data else { return None };
    let topic = std::str::from_utf8(channel).ok()?.strip_prefix("deskbell:")?.strip_prefix(house)?.strip_prefix(':')?;
    // Another version's hints may not be understood: they are hints.
    Some((topic.parse().ok()?, serde_json::from_slice(payload).ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Told, channel, read};
    use crate::domain::id::{ConversationId, NodeId, SiteId};
    use crate::realtime::event::Item;
    use crate::realtime::hub::Topic;
    use redis::Value;
    use uuid::Uuid;

    #[test]
    fn what_one_node_tells_another_understands_and_no_other_house_does() {
        let (node, id) = (NodeId(Uuid::from_u128(1)), Uuid::from_u128(2));
        let item = Item::Changed { site: SiteId(id), conversation: ConversationId(id) };
        let payload = serde_json::to_vec(&super::Telling { node, item: &item }).unwrap();
        for topic in
            [Topic::Conversation(ConversationId(id)), Topic::Lists(SiteId(id)), Topic::Duty(SiteId(id)), Topic::Queue]
        {
            let data = [Value::BulkString(channel("one", topic).into_bytes()), Value::BulkString(payload.clone())];
            let (heard, Told { node: teller, item }) = read(&data, "one").unwrap();
            assert_eq!((heard, teller), (topic, node));
            assert!(matches!(item, Item::Changed { site, .. } if site == SiteId(id)));
            assert!(read(&data, "other").is_none());
        }
    }
}
