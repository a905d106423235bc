//! Pairs of a shopper and an agent, each on a real socket, in a conversation that the server knows.

use super::board::{Board, Pair, Side};
use super::clock;
use super::door::Door;
use super::link::{Ear, Link, News};
use super::open::{Opener, Ws};
use super::wire::{Heard, Voice, Wire};
use anyhow::{Context, bail, ensure};
use futures_util::SinkExt;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

/// Conversations on one agent's socket: what an agent can carry unless the shop says otherwise.
pub const PER_AGENT: usize = 5;
/// How long the queue may take to give every conversation to an agent.
const ASSIGNING: Duration = Duration::from_mins(1);
/// How long the last acknowledgements of closing may take.
const CLOSING: Duration = Duration::from_secs(10);
/// How often an opening that was refused for the moment is sent again.
const MAX_REFUSALS: usize = 1000;

/// Everybody who talks, and the tasks of their sockets.
pub struct Floor {
    pub board: Arc<Board>,
    agents: Vec<Link>,
    tasks: JoinSet<()>,
    wire: Wire,
}

/// A floor that is being filled.
struct Opening<'a> {
    door: &'a Door,
    opener: Opener<'a>,
    floor: Floor,
    sender: mpsc::Sender<News>,
    news: mpsc::Receiver<News>,
}

impl Floor {
    /// Opens `pairs` pairs and room for `messages` messages.
    pub async fn open(door: &Door, pairs: usize, messages: usize) -> anyhow::Result<Self> {
        super::allow_sockets(pairs + pairs.div_ceil(PER_AGENT))?;
        // Each pair makes two pieces of news, and more only when it is refused.
        let (sender, news) = mpsc::channel(8 * pairs + 64);
        let board = Arc::new(Board::new(pairs, messages));
        let floor = Self { board, agents: Vec::new(), tasks: JoinSet::new(), wire: door.wire };
        let mut opening = Opening { door, opener: Opener::new(door), floor, sender, news };
        if door.wire == Wire::Deskbell {
            opening.queue(pairs).await?;
        } else {
            opening.meet(pairs).await?;
        }
        Ok(opening.floor)
    }

    pub fn agents(&self) -> usize {
        self.agents.len()
    }

    /// Closes the conversations, so that the agents are free for the next run, and then the sockets.
    pub async fn close(mut self) -> anyhow::Result<()> {
        self.board.leave();
        if self.wire == Wire::Deskbell {
            self.board.close_all();
            let all_closed = async {
                while self.board.closings_left() > 0 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            if timeout(CLOSING, all_closed).await.is_err() {
                eprintln!("{} conversations were not closed", self.board.closings_left());
            }
            for agent in &self.agents {
                agent.send(r#"{"type":"available","on":false}"#.to_owned());
            }
        }
        // The board holds links, each link keeps its socket open, and each socket's task holds the board.
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.tasks.shutdown().await;
        Ok(())
    }
}

impl Opening<'_> {
    fn attach(&mut self, ws: Ws, side: Side, who: usize) -> Link {
        let board = Arc::clone(&self.floor.board);
        let ear = Ear { wire: self.door.wire, side, who, board, news: self.sender.clone() };
        let (link, task) = ear.attach(ws);
        self.floor.tasks.spawn(task);
        link
    }

    /// On Deskbell a shopper's first message opens the conversation and the queue finds the agent.
    async fn queue(&mut self, pairs: usize) -> anyhow::Result<()> {
        self.sign_in(pairs.div_ceil(PER_AGENT)).await?;
        let mut shoppers = Vec::with_capacity(pairs);
        for number in 0..pairs {
            let ws = self.opener.shopper(0).await.with_context(|| format!("opening shopper {number}"))?;
            let link = self.attach(ws, Side::Shopper, number);
            self.say_hello(&link, number);
            shoppers.push(link);
        }
        let chats = timeout(ASSIGNING, self.chats(&shoppers)).await;
        let chats =
            chats.context("not every conversation got an agent: are others waiting, or is capacity below 5?")??;
        let seated = shoppers.into_iter().zip(chats).map(|(shopper, chat)| {
            let wire = self.door.wire;
            let agent = Voice::new(wire, true, &chat.conversation, Some(chat.generation));
            let link = self.floor.agents[chat.agent].clone();
            Pair::new(chat.conversation, (Voice::new(wire, false, "", None), shopper), (agent, link))
        });
        self.floor.board.seat(seated.collect());
        Ok(())
    }

    async fn sign_in(&mut self, count: usize) -> anyhow::Result<()> {
        let logins: Vec<_> = self.door.agents.iter().filter(|login| login.role == "agent").collect();
        ensure!(
            logins.len() >= count,
            "{count} agents are needed, {PER_AGENT} pairs each, and --demo names {}: start the demo with --agents {count}",
            logins.len()
        );
        for (number, login) in logins.into_iter().take(count).enumerate() {
            let ws = self.opener.agent(Some(login)).await.with_context(|| format!("signing in agent {number}"))?;
            let link = self.attach(ws, Side::Agent, number);
            self.floor.agents.push(link);
        }
        Ok(())
    }

    fn say_hello(&self, shopper: &Link, number: usize) {
        let voice = Voice::new(self.door.wire, false, "", None);
        shopper.send(self.floor.board.open_frame(&voice, number));
    }

    /// Waits until each shopper's conversation is known and has an agent, in the order of the shoppers.
    async fn chats(&mut self, shoppers: &[Link]) -> anyhow::Result<Vec<Chat>> {
        let mut opened: Vec<Option<String>> = vec![None; shoppers.len()];
        let mut assigned = HashMap::new();
        let mut refusals = 0;
        loop {
            match self.news.recv().await.context("every socket is gone")? {
                News::Opened { pair, conversation } => opened[pair] = Some(conversation),
                News::Assigned { agent, conversation, generation } => {
                    assigned.insert(conversation, (agent, generation));
                }
                News::Refused { pair, code, retry_ms } => {
                    refusals += 1;
                    if refusals > MAX_REFUSALS || !matches!(code.as_str(), "rate_limited" | "unavailable") {
                        bail!("the first message of shopper {pair} was refused: {code}");
                    }
                    tokio::time::sleep(Duration::from_millis(retry_ms)).await;
                    self.say_hello(&shoppers[pair], pair);
                }
            }
            if let Some(chats) = all_chats(&opened, &assigned) {
                return Ok(chats);
            }
        }
    }

    /// At the peers both sides simply name the conversation.
    async fn meet(&mut self, pairs: usize) -> anyhow::Result<()> {
        let wire = self.door.wire;
        let conversations: Vec<_> = (0..pairs).map(|_| clock::new_id()).collect();
        let mut seated = Vec::with_capacity(pairs);
        for (number, shared) in conversations.chunks(PER_AGENT).enumerate() {
            let mut ws = self.opener.agent(None).await?;
            for conversation in shared {
                self.join(&mut ws, wire.join(conversation, true)).await?;
            }
            let agent = self.attach(ws, Side::Agent, number);
            for conversation in shared {
                let mut ws = self.opener.shopper(0).await?;
                self.join(&mut ws, wire.join(conversation, false)).await?;
                let shopper = self.attach(ws, Side::Shopper, seated.len());
                let name = conversation.to_string();
                let voice = |by_agent| Voice::new(wire, by_agent, &name, None);
                seated.push(Pair::new(name.clone(), (voice(false), shopper), (voice(true), agent.clone())));
            }
            self.floor.agents.push(agent);
        }
        self.floor.board.seat(seated);
        Ok(())
    }

    async fn join(&self, ws: &mut Ws, frame: String) -> anyhow::Result<()> {
        ws.send(Message::text(frame)).await?;
        self.opener.await_frame(ws, &Heard::Joined).await
    }
}

struct Chat {
    conversation: String,
    agent: usize,
    generation: i64,
}

fn all_chats(opened: &[Option<String>], assigned: &HashMap<String, (usize, i64)>) -> Option<Vec<Chat>> {
    if assigned.len() < opened.len() {
        return None;
    }
    let chats = opened.iter().map(|conversation| {
        let conversation = conversation.clone()?;
        let (agent, generation) = *assigned.get(&conversation)?;
        Some(Chat { conversation, agent, generation })
    });
    chats.collect()
}
