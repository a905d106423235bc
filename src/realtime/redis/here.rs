//! Who is here, for other nodes to read: a sorted set for each conversation, its members the nodes where its shopper is, its
//! scores until when that holds. And since when this is written down at all: a Redis that was away or emptied knows nothing of
//! those whom nobody has written down again yet, which is something else than their having left. Nor does one that refuses to be
//! written to (its memory is full, a snapshot failed, it is a replica), though it carries hints all the same.

use super::wire::Wire;
use crate::domain::id::{ConversationId, NodeId};
use crate::realtime::here::{EXPIRY, REFRESH};
use futures_util::future::try_join_all;
use redis::aio::ConnectionLike;
use redis::{Cmd, RedisError, RedisResult, cmd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// When everybody who is here has been written down again, with a little to spare.
const COMPLETE_AFTER: Duration = Duration::from_secs(REFRESH.as_secs() + 4);

/// Most pieces written at once: a piece is up to a thousand commands.
const AT_ONCE: usize = 4;

/// Times are in milliseconds, by the database's clock.
pub enum Note {
    Here { conversations: Vec<ConversationId>, now: i64 },
    Left { conversations: Vec<ConversationId> },
    Ask { conversation: ConversationId, now: i64, done: oneshot::Sender<Option<bool>> },
}

/// One node's pen.
pub struct Writer {
    house: String,
    node: NodeId,
    /// Redis refused to be written to, and what it holds was not begun anew since.
    was_refused: AtomicBool,
}

impl Writer {
    pub fn new(house: String, node: NodeId) -> Self {
        Self { house, node, was_refused: AtomicBool::new(false) }
    }

    /// What is asked at once, and what is written in few pieces at a time, so that nothing waits for its answer for too long
    /// behind the others. What Redis refuses cannot be known, and is counted; an error is one of the connection.
    pub async fn write(&self, wire: &Wire, notes: Vec<Note>) -> RedisResult<()> {
        match wire {
            Wire::Single(connection) => self.write_over(connection, notes).await,
            Wire::Cluster(connection) => self.write_over(connection, notes).await,
        }
    }

    async fn write_over(&self, connection: &(impl ConnectionLike + Clone), notes: Vec<Note>) -> RedisResult<()> {
        let (asked, mut written): (Vec<_>, Vec<_>) =
            notes.into_iter().partition(|note| matches!(note, Note::Ask { .. }));
        let asking = try_join_all(asked.into_iter().map(|note| self.note(connection, note)));
        let writing = async {
            while !written.is_empty() {
                let some = written.drain(..written.len().min(AT_ONCE));
                try_join_all(some.map(|note| self.note(connection, note))).await?;
            }
            Ok(())
        };
        futures_util::try_join!(asking, writing).map(|_| ())
    }

    async fn note(&self, connection: &(impl ConnectionLike + Clone), note: Note) -> RedisResult<()> {
        match self.write_one(connection, note).await {
            Err(error) if is_an_answer(&error) => {
                self.refused(&error);
                Ok(())
            }
            noted => noted,
        }
    }

    fn refused(&self, error: &RedisError) {
        metrics::counter!("deskbell_presence_refused_total").increment(1);
        if !self.was_refused.swap(true, Ordering::Relaxed) {
            tracing::warn!(%error, "Redis refuses to have written down who is here: presence is unknown meanwhile");
        }
    }

    async fn write_one(&self, connection: &(impl ConnectionLike + Clone), note: Note) -> RedisResult<()> {
        let house = &self.house;
        match note {
            Note::Here { conversations, now } => {
                let mut commands = Vec::with_capacity(2 * conversations.len());
                for conversation in conversations {
                    let (key, until) = (key(house, conversation), now + millis(EXPIRY));
                    commands.push(cmd("ZADD").arg(&key).arg(until).arg(self.node.to_string()).take());
                    commands.push(cmd("EXPIRE").arg(&key).arg(EXPIRY.as_secs()).take());
                }
                all(connection, commands).await?;
                self.begin(connection, now).await
            }
            Note::Left { conversations } => {
                let leave = |id| cmd("ZREM").arg(key(house, id)).arg(self.node.to_string()).take();
                all(connection, conversations.into_iter().map(leave)).await
            }
            Note::Ask { conversation, now, done } => {
                let (mut one, mut other, key) = (connection.clone(), connection.clone(), key(house, conversation));
                // Changes nothing, and is refused where no node could write down that somebody is here.
                let attempt = cmd("ZADD").arg(&key).arg("XX").arg(0).arg("").take();
                let count = cmd("ZCOUNT").arg(&key).arg(now).arg("+inf").take();
                let begun = cmd("GET").arg(since(house)).take();
                let ((), here, since): ((), u64, Option<i64>) = futures_util::try_join!(
                    all(connection, [attempt]),
                    count.query_async(&mut one),
                    begun.query_async(&mut other)
                )?;
                let since = since.filter(|_| !self.was_refused.load(Ordering::Relaxed));
                // Whoever asked may have stopped waiting.
                let _ = done.send(judge(here, since, now));
                Ok(())
            }
        }
    }

    /// Since when it is written down. Anew after a refusal: whom nobody could write down is missing until the next round.
    async fn begin(&self, connection: &(impl ConnectionLike + Clone), now: i64) -> RedisResult<()> {
        let mut begin = cmd("SET").arg(since(&self.house)).arg(now).take();
        if !self.was_refused.load(Ordering::Relaxed) {
            begin.arg("NX");
        }
        all(connection, [begin, cmd("EXPIRE").arg(since(&self.house)).arg(24 * 3_600).take()]).await?;
        self.was_refused.store(false, Ordering::Relaxed);
        Ok(())
    }
}

/// Redis said so itself: the connection works.
pub fn is_an_answer(error: &RedisError) -> bool {
    error.code().is_some()
}

/// `None`: it cannot be known.
fn judge(here: u64, since: Option<i64>, now: i64) -> Option<bool> {
    let is_complete = since.is_some_and(|since| now - since >= millis(COMPLETE_AFTER));
    if here > 0 { Some(true) } else { is_complete.then_some(false) }
}

async fn all(connection: &(impl ConnectionLike + Clone), commands: impl IntoIterator<Item = Cmd>) -> RedisResult<()> {
    let sendings = commands.into_iter().map(|command| {
        let mut connection = connection.clone();
        async move { command.query_async::<()>(&mut connection).await }
    });
    try_join_all(sendings).await.map(|_| ())
}

fn key(house: &str, conversation: ConversationId) -> String {
    format!("deskbell:{house}:here:{conversation}")
}

fn since(house: &str) -> String {
    format!("deskbell:{house}:here-since")
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn nobody_is_said_to_have_left_before_everybody_could_be_written_down() {
        assert_eq!(judge(1, None, 0), Some(true));
        assert_eq!(judge(0, None, 1_000_000), None);
        assert_eq!(judge(0, Some(1_000), 24_999), None);
        assert_eq!(judge(0, Some(1_000), 25_000), Some(false));
    }
}
