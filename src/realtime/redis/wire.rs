//! A connection: what is asked of Redis, of one server or of a cluster alike.

use super::{BATCH, PATIENCE};
use futures_util::future::try_join_all;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::{AsyncConnectionConfig, Client, ProtocolVersion, PushInfo, cmd};

/// A connection to one server or to a cluster.
pub enum Wire {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Wire {
    pub async fn open(
        url: &str,
        ear: impl Fn(PushInfo) -> Result<(), redis::aio::SendError> + Send + Sync + 'static,
    ) -> redis::RedisResult<Self> {
        let client = Client::open(in_resp3(url))?;
        let plain =
            AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
        let mut first = client.get_multiplexed_async_connection_with_config(&plain).await?;
        let about: String = cmd("INFO").arg("cluster").query_async(&mut first).await?;
        if about.contains("cluster_enabled:1") {
            let client = ClusterClientBuilder::new([url])
                .use_protocol(ProtocolVersion::RESP3)
                .connection_timeout(PATIENCE)
                .response_timeout(PATIENCE)
                .push_sender(ear)
                .build()?;
            return Ok(Self::Cluster(client.get_async_connection().await?));
        }
        let listening = plain.set_push_sender(ear);
        Ok(Self::Single(client.get_multiplexed_async_connection_with_config(&listening).await?))
    }

    pub async fn subscribe(&mut self, channels: &[String]) -> redis::RedisResult<()> {
        match self {
            Self::Single(connection) => {
                for some in channels.chunks(BATCH) {
                    connection.subscribe(some).await?;
                }
            }
            // One by one: channels of one command must belong to one shard.
            Self::Cluster(connection) => {
                for channel in channels {
                    connection.ssubscribe(channel).await?;
                }
            }
        }
        Ok(())
    }

    pub async fn unsubscribe(&mut self, channels: &[String]) -> redis::RedisResult<()> {
        match self {
            Self::Single(connection) if !channels.is_empty() => connection.unsubscribe(channels).await,
            Self::Single(_) => Ok(()),
            Self::Cluster(connection) => {
                for channel in channels {
                    connection.sunsubscribe(channel).await?;
                }
                Ok(())
            }
        }
    }

    pub async fn publish(&mut self, hints: Vec<(String, String)>) -> redis::RedisResult<()> {
        match self {
            Self::Single(connection) => send(connection, "PUBLISH", hints).await,
            Self::Cluster(connection) => send(connection, "SPUBLISH", hints).await,
        }
    }

    pub async fn ask(&mut self) -> redis::RedisResult<()> {
        match self {
            Self::Single(connection) => cmd("PING").query_async(connection).await,
            Self::Cluster(connection) => cmd("PING").query_async(connection).await,
        }
    }
}

/// All at once over one connection; in the order given as far as one channel is concerned.
async fn send(
    connection: &(impl ConnectionLike + Clone),
    verb: &'static str,
    hints: Vec<(String, String)>,
) -> redis::RedisResult<()> {
    let sendings = hints.into_iter().map(|(channel, payload)| {
        let mut connection = connection.clone();
        async move { cmd(verb).arg(channel).arg(payload).query_async::<()>(&mut connection).await }
    });
    try_join_all(sendings).await?;
    Ok(())
}

/// Publish/subscribe beside other commands on one connection needs the third version of Redis' protocol.
fn in_resp3(url: &str) -> String {
    match url {
        url if url.contains("protocol=") => url.to_owned(),
        url if url.contains('?') => format!("{url}&protocol=resp3"),
        url => format!("{url}?protocol=resp3"),
    }
}

#[cfg(test)]
mod tests {
    use super::in_resp3;

    #[test]
    fn the_protocol_is_asked_for_unless_the_address_says_otherwise() {
        assert_eq!(in_resp3("redis://h"), "redis://h?protocol=resp3");
        assert_eq!(in_resp3("redis://h?a=1"), "redis://h?a=1&protocol=resp3");
        assert_eq!(in_resp3("redis://h?protocol=resp3"), "redis://h?protocol=resp3");
    }
}
