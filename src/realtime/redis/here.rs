//! Who is here, for other nodes to read: a sorted set for each conversation, its members the nodes where its shopper is, its
//! scores until when that holds. And since when this is written down at all: a Redis that was away or emptied knows nothing of
//! those whom nobody has written down again yet, which is something else than their having left.

use super::wire::Wire;
use crate::domain::id::{ConversationId, NodeId};
use crate::realtime::here::{EXPIRY, REFRESH};
use futures_util::future::try_join_all;
use redis::aio::ConnectionLike;
use redis::{Cmd, RedisResult, cmd};
use std::time::Duration;
use tokio::sync::oneshot;

/// When everybody who is here has been written down again, with a little to spare.
const COMPLETE_AFTER: Duration = Duration::from_secs(REFRESH.as_secs() + 4);

/// Times are in milliseconds, by the database's clock.
pub enum Note {
    Here { conversations: Vec<ConversationId>, now: i64 },
    Left { conversations: Vec<ConversationId> },
    Ask { conversation: ConversationId, now: i64, done: oneshot::Sender<Option<bool>> },
}

pub async fn write(wire: &mut Wire, house: &str, node: NodeId, note: Note) -> RedisResult<()> {
    match wire {
        Wire::Single(connection) => write_over(connection, house, node, note).await,
        Wire::Cluster(connection) => write_over(connection, house, node, note).await,
    }
}

async fn write_over(
    connection: &(impl ConnectionLike + Clone),
    house: &str,
    node: NodeId,
    note: Note,
) -> RedisResult<()> {
    match note {
        Note::Here { conversations, now } => {
            let mut commands = Vec::with_capacity(2 * conversations.len() + 2);
            for conversation in conversations {
                let (key, until) = (key(house, conversation), now + millis(EXPIRY));
                commands.push(cmd("ZADD").arg(&key).arg(until).arg(node.to_string()).take());
                commands.push(cmd("EXPIRE").arg(&key).arg(EXPIRY.as_secs()).take());
            }
            commands.push(cmd("SET").arg(since(house)).arg(now).arg("NX").take());
            commands.push(cmd("EXPIRE").arg(since(house)).arg(24 * 3_600).take());
            all(connection, commands).await
        }
        Note::Left { conversations } => {
            let leave = |id| cmd("ZREM").arg(key(house, id)).arg(node.to_string()).take();
            all(connection, conversations.into_iter().map(leave)).await
        }
        Note::Ask { conversation, now, done } => {
            let (mut one, mut other) = (connection.clone(), connection.clone());
            let count = cmd("ZCOUNT").arg(key(house, conversation)).arg(now).arg("+inf").take();
            let begun = cmd("GET").arg(since(house)).take();
            let (here, since): (u64, Option<i64>) =
                futures_util::try_join!(count.query_async(&mut one), begun.query_async(&mut other))?;
            // Whoever asked may have stopped waiting.
            let _ = done.send(judge(here, since, now));
            Ok(())
        }
    }
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
