//! One task a socket: it writes what it is handed, in batches, and tells the board what it hears.

use super::board::{Board, Side};
use super::open::Ws;
use super::wire::{Heard, Wire};
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

/// Frames waiting for one socket. Past this the generator itself is the bottleneck: the message is counted as unsent.
const OUTBOX: usize = 8192;
/// Frames written with one flush.
const BATCH: usize = 64;

/// The writing end of a socket; dropping every clone closes it.
#[derive(Clone)]
pub struct Link(mpsc::Sender<String>);

impl Link {
    /// False when the socket is gone or too far behind.
    pub fn send(&self, frame: String) -> bool {
        self.0.try_send(frame).is_ok()
    }
}

/// What the opening of conversations waits for.
#[derive(Debug)]
pub enum News {
    Opened { pair: usize, conversation: String },
    Assigned { agent: usize, conversation: String, generation: i64 },
    Refused { pair: usize, code: String, retry_ms: u64 },
}

/// What a socket hears, and for whom.
pub struct Ear {
    pub wire: Wire,
    pub side: Side,
    /// The pair's number for a shopper, the agent's for an agent.
    pub who: usize,
    pub board: Arc<Board>,
    pub news: mpsc::Sender<News>,
}

impl Ear {
    /// The link to a socket and the task that must run for it.
    pub fn attach(self, ws: Ws) -> (Link, impl Future<Output = ()> + Send + 'static) {
        let (sender, outbox) = mpsc::channel(OUTBOX);
        let answers = sender.downgrade();
        (Link(sender), async move {
            let (sink, stream) = ws.split();
            tokio::select! {
                () = write(sink, outbox) => {}
                () = self.listen(stream, &answers) => self.board.lost_socket(),
            }
        })
    }

    async fn listen(&self, mut stream: impl StreamExt<Item = Result<Message, WsError>> + Unpin, answers: &WeakOutbox) {
        while let Some(Ok(frame)) = stream.next().await {
            let Message::Text(text) = frame else { continue };
            match self.wire.read(&text) {
                Heard::Answer(answer) => {
                    if let Some(outbox) = answers.upgrade() {
                        // A full outbox is about to be written: the server asks again.
                        let _ = outbox.try_send(answer.to_owned());
                    }
                }
                heard => self.hear(heard),
            }
        }
    }

    fn hear(&self, heard: Heard<'_>) {
        match heard {
            Heard::Ack { index, conversation } => {
                self.board.acked(index);
                if let Some(pair) = self.board.opening(index) {
                    self.tell(News::Opened { pair, conversation: conversation.into_owned() });
                }
            }
            Heard::Nack { index, code, retry_ms } => match self.board.opening(index) {
                Some(pair) => self.tell(News::Refused { pair, code: code.into_owned(), retry_ms }),
                None => self.board.refused(index, code.into_owned()),
            },
            Heard::Message { index } => self.board.delivered(index, self.side),
            Heard::Assigned { conversation, generation } => {
                self.tell(News::Assigned { agent: self.who, conversation: conversation.into_owned(), generation });
            }
            Heard::Welcome | Heard::Joined | Heard::Answer(_) | Heard::Other => {}
        }
    }

    /// Nobody listens once the conversations are open, and then nothing is news.
    fn tell(&self, news: News) {
        let _ = self.news.try_send(news);
    }
}

type WsError = tokio_tungstenite::tungstenite::Error;
type WeakOutbox = mpsc::WeakSender<String>;

async fn write(mut sink: impl SinkExt<Message, Error = WsError> + Unpin, mut outbox: mpsc::Receiver<String>) {
    let mut batch = Vec::with_capacity(BATCH);
    while outbox.recv_many(&mut batch, BATCH).await > 0 {
        for frame in batch.drain(..) {
            if sink.feed(Message::text(frame)).await.is_err() {
                return;
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
    // The other side may be gone already: there is nothing left to lose.
    let _ = sink.close().await;
}
