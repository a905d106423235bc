//! Shoppers and agents who talk through every fault, by the contract alone: they resend under the same client id, resume from
//! what they hold, come back with full jitter, and remember everything, so that the oracle can judge.

use crate::figures::Times;
use crate::harness::socket::{State, reach};
use crate::harness::{PATIENCE, Socket, cid};
use deskbell::app;
use deskbell::domain::site::Site;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Where one knocks: any of these places.
#[derive(Clone)]
pub struct Door {
    pub places: Arc<[SocketAddr]>,
    pub site: String,
    pub http: reqwest::Client,
}

impl Door {
    fn any(&self) -> SocketAddr {
        self.places[usize::try_from(app::random_below(self.places.len() as u64)).unwrap()]
    }

    async fn post(&self, place: SocketAddr, path: &str, body: &Value, bearer: Option<&str>) -> Option<Value> {
        let mut request = self.http.post(format!("http://{place}{path}")).json(body).timeout(Duration::from_secs(10));
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        request.send().await.ok()?.json().await.ok()
    }

    async fn get(&self, place: SocketAddr, path: &str, bearer: &str) -> Option<Value> {
        let request =
            self.http.get(format!("http://{place}{path}")).bearer_auth(bearer).timeout(Duration::from_secs(10));
        request.send().await.ok()?.json().await.ok()
    }
}

/// Shared by everybody in a drill: when it is over, and how far it has come.
#[derive(Clone, Default)]
pub struct Bell {
    over: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
}

impl Bell {
    pub fn ring(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    pub fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Until so many messages more have been acknowledged.
    pub async fn further(&self, count: usize, patience: Duration) {
        let wanted = self.acknowledged() + count;
        let waiting = async {
            while self.acknowledged() < wanted {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(patience, waiting).await.expect("people are served");
    }
}

/// What somebody holds of one conversation: number to event id.
pub type Log = BTreeMap<i64, String>;

/// What happened to somebody.
#[derive(Default)]
pub struct Story {
    /// Acknowledged: client id to event id and number.
    pub acked: HashMap<String, (String, i64)>,
    pub logs: HashMap<String, Log>,
    pub faults: Vec<String>,
    pub acks: Times,
    pub nacks: Times,
    /// From the first try of a message to its acknowledgement, however many tries it took.
    pub settled: Times,
    /// From the end of a socket to being up to date again.
    pub gaps: Times,
    pub resets: usize,
    pub losses: usize,
    pub codes: HashMap<u16, usize>,
    epoch: Value,
    lost_at: Option<Instant>,
    tries: u32,
}

impl Story {
    /// The cursor of a client that holds this much.
    fn cursor(&self, chat: &str) -> Value {
        let log = self.logs.get(chat);
        let whole =
            log.into_iter().flatten().zip(1..).take_while(|((seq, _), n)| *seq == n).map(|((seq, id), _)| (seq, id));
        match whole.last().filter(|_| !self.epoch.is_null()) {
            Some((seq, id)) => json!({ "conversation": chat, "epoch": self.epoch, "after": seq, "tip": id }),
            None => json!({ "conversation": chat, "epoch": null, "after": 0, "tip": null }),
        }
    }

    /// Keeps what a connection that ended had told.
    pub fn collect(&mut self, socket: &Socket) {
        let (mut resets, mut told) = (Vec::new(), Vec::new());
        socket.look(|state| {
            self.faults.extend(state.faults.iter().cloned());
            for frame in &state.frames {
                let chat = || frame["conversation"].as_str().unwrap_or_default().to_owned();
                match frame["type"].as_str().unwrap_or_default() {
                    "reset" => resets.push(chat()),
                    "synced" => self.epoch = frame["epoch"].clone(),
                    "ack" if frame["seq"].is_i64() => {
                        told.push((chat(), frame["seq"].as_i64().unwrap(), frame["id"].as_str().unwrap().to_owned()));
                    }
                    _ => {}
                }
            }
            for (chat, log) in &state.logs {
                let events = log.events.iter();
                told.extend(events.map(|(seq, event)| (chat.clone(), *seq, event["id"].as_str().unwrap().to_owned())));
            }
        });
        for chat in resets {
            self.resets += 1;
            self.epoch = Value::Null;
            self.logs.remove(&chat);
        }
        for (chat, seq, id) in told {
            let before = self.logs.entry(chat.clone()).or_default().insert(seq, id.clone());
            if let Some(known) = before.filter(|known| *known != id) {
                self.faults.push(format!("number {seq} of {chat} was {known} and is {id}"));
            }
        }
    }

    fn remember(&mut self, ack: &Value) {
        let text = |field: &str| ack[field].as_str().unwrap().to_owned();
        self.acked.insert(text("cid"), (text("id"), ack["seq"].as_i64().unwrap()));
    }

    /// A socket ended before its time.
    fn lost(&mut self) {
        self.losses += 1;
        self.lost_at.get_or_insert_with(app::instant);
    }

    fn is_back(&mut self) {
        self.tries = 0;
        if let Some(lost_at) = self.lost_at.take() {
            self.gaps.add(app::instant() - lost_at);
        }
    }

    /// Waits as the contract asks before the next try.
    async fn back_off(&mut self, bye: Option<u64>) {
        let most = bye.unwrap_or_else(|| 30_000.min(500 << self.tries.min(6)));
        self.tries = if bye.is_some() { 0 } else { self.tries + 1 };
        tokio::time::sleep(Duration::from_millis(app::random_below(most.max(1)))).await;
    }

    /// Sends a frame once and waits for its answer; `None`: silence, or the socket ended.
    pub async fn ask(&mut self, socket: &Socket, frame: &Value) -> Option<Arc<Value>> {
        let id = frame["cid"].as_str().unwrap();
        let (before, began) = (socket.answers(id), app::instant());
        socket.send(frame);
        let answered = |state: &State| state.answers_to(id).get(before).cloned();
        let answer = socket.until_or_end(answered, Duration::from_secs(10)).await?;
        let took = app::instant() - began;
        if answer["type"] == "ack" {
            self.acks.add(took);
        } else {
            self.nacks.add(took);
        }
        Some(answer)
    }
}

/// What the server asked for when it ended a socket.
fn bye_of(socket: &Socket, story: &mut Story) -> Option<u64> {
    socket.look(|state| {
        if let Some(code) = state.closed {
            *story.codes.entry(code).or_default() += 1;
        }
        let bye = state.frames.iter().rev().find(|frame| frame["type"] == "bye");
        bye.map(|bye| bye["retry_ms"].as_u64().unwrap_or(3_000)).or((state.closed == Some(1012)).then_some(3_000))
    })
}

/// How somebody talks.
#[derive(Clone, Copy)]
pub struct Manner {
    /// Between one message's acknowledgement and the next message, on average.
    pub pause: Duration,
    /// Never writes after the first message.
    pub is_silent: bool,
    /// Comes back at once, without jitter.
    pub is_rude: bool,
    /// How much is said with each message.
    pub words: usize,
}

impl Manner {
    pub fn every(pause: Duration) -> Self {
        Self { pause, is_silent: false, is_rude: false, words: 0 }
    }
}

/// What a shop signs about somebody.
pub fn identity(site: &Site, sub: &str, name: &str, email: &str) -> String {
    identity_until(site, sub, name, email, 3_600)
}

/// In force for so many seconds more; less than nothing is over.
pub fn identity_until(site: &Site, sub: &str, name: &str, email: &str, seconds: i64) -> String {
    let exp = app::Clock::default().now().timestamp() + seconds;
    let claims = json!({ "sub": sub, "aud": site.public_key, "exp": exp, "name": name, "email": email });
    let key = EncodingKey::from_secret(site.secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
}

pub struct Shopper {
    pub door: Door,
    /// Where to knock after the first socket was lost; the same door where there is none.
    pub next_door: Option<Door>,
    pub story: Story,
    pub chat: Option<String>,
    pub token: Value,
    /// What the shop says of them.
    pub identity: Option<String>,
    unsent: VecDeque<Value>,
    asked_at: Option<Instant>,
    said: usize,
    manner: Manner,
}

impl Shopper {
    pub fn new(door: &Door, manner: Manner) -> Self {
        Self {
            door: door.clone(),
            next_door: None,
            story: Story::default(),
            chat: None,
            token: Value::Null,
            identity: None,
            unsent: VecDeque::new(),
            asked_at: None,
            said: 0,
            manner,
        }
    }

    /// Another tab of the same browser, which holds nothing yet.
    pub fn tab(&self) -> Self {
        Self { token: self.token.clone(), chat: self.chat.clone(), ..Self::new(&self.door, self.manner) }
    }

    /// A session and a socket that has resumed; `None` while the server is away.
    pub async fn connect(&mut self) -> Option<Socket> {
        let place = self.door.any();
        let begin = json!({ "site": self.door.site, "token": self.token, "identity": self.identity });
        let session = self.door.post(place, "/v1/shopper/session", &begin, None).await?;
        let ticket = session["ticket"].as_str()?;
        self.token = session["token"].clone();
        let cursors: Vec<_> = self.chat.iter().map(|chat| self.story.cursor(chat)).collect();
        let socket = greeted(place, "/v1/shopper/socket", ticket, json!(cursors)).await?;
        let chat = self.chat.clone();
        let up_to_date = |state: &State| {
            let ends = |f: &Value| f["type"] == "synced" || f["type"] == "reset";
            let is = |f: &Value| {
                chat.as_ref().map_or(f["type"] == "welcome", |chat| ends(f) && f["conversation"] == chat.as_str())
            };
            state.frames.iter().any(|frame| is(frame)).then_some(())
        };
        if socket.until_or_end(up_to_date, PATIENCE).await.is_none() {
            self.story.collect(&socket);
            return None;
        }
        if socket.heard(|f| f["type"] == "reset").is_empty() {
            return Some(socket);
        }
        self.story.collect(&socket);
        self.reload(place).await;
        None
    }

    /// After `reset`: what it held is void, and the history is loaded over HTTP, from its end to its beginning.
    async fn reload(&mut self, place: SocketAddr) -> Option<()> {
        let (chat, token) = (self.chat.clone()?, self.token.as_str()?.to_owned());
        let (mut log, mut before) = (Log::new(), i64::MAX);
        loop {
            let path = format!("/v1/shopper/conversations/{chat}/events?before={before}&limit=100");
            let page = self.door.get(place, &path, &token).await?;
            for event in page["events"].as_array()? {
                log.insert(event["seq"].as_i64()?, event["id"].as_str()?.to_owned());
            }
            if page["more"] == true {
                before = *log.keys().next()?;
                continue;
            }
            self.story.epoch = page["epoch"].clone();
            self.story.logs.insert(chat, log);
            return Some(());
        }
    }

    /// Talks until the bell rings and everything is acknowledged.
    pub async fn talk(mut self, bell: Bell) -> Self {
        while !(bell.is_over() && self.unsent.is_empty() && self.chat.is_some()) {
            let Some(socket) = self.connect().await else {
                let bye = self.manner.is_rude.then_some(50);
                self.story.back_off(bye).await;
                continue;
            };
            self.story.is_back();
            self.sit(&socket, &bell).await;
            self.story.collect(&socket);
            if !bell.is_over() || !self.unsent.is_empty() {
                self.story.lost();
                self.door = self.next_door.take().unwrap_or_else(|| self.door.clone());
                let bye = bye_of(&socket, &mut self.story);
                self.story.back_off(if self.manner.is_rude { Some(1) } else { bye }).await;
            }
        }
        // Whoever comes back gets everything.
        while self.story.tries < 20 {
            if let Some(socket) = self.connect().await {
                self.story.collect(&socket);
                return self;
            }
            self.story.back_off(None).await;
        }
        self.story.faults.push("did not come back at the end".to_owned());
        self
    }

    async fn sit(&mut self, socket: &Socket, bell: &Bell) {
        let is_closed = || socket.look(|state| state.closed.is_some());
        while !is_closed() {
            if self.unsent.is_empty() {
                if bell.is_over() && self.chat.is_some() {
                    return;
                }
                if self.manner.is_silent && self.chat.is_some() {
                    socket.until_or_end(|_| bell.is_over().then_some(()), Duration::from_millis(200)).await;
                    continue;
                }
                let pause = 2 * self.manner.pause.as_millis() as u64;
                let pause = Duration::from_millis(app::random_below(pause.max(1)));
                socket.until_or_end(|_| None::<()>, pause).await;
                let body = format!("message {}{}", self.said, " blah".repeat(self.manner.words));
                self.unsent.push_back(json!({ "type": "send", "cid": cid(), "body": body }));
                self.said += 1;
                continue;
            }
            self.say(socket, bell).await;
        }
    }

    async fn say(&mut self, socket: &Socket, bell: &Bell) {
        let frame = self.unsent.front().cloned().unwrap();
        let asked_at = *self.asked_at.get_or_insert_with(app::instant);
        let Some(answer) = self.story.ask(socket, &frame).await else { return };
        if answer["type"] == "ack" {
            self.story.remember(&answer);
            self.chat = Some(answer["conversation"].as_str().unwrap().to_owned());
            self.unsent.pop_front();
            self.asked_at = None;
            self.story.settled.add(app::instant() - asked_at);
            bell.acknowledged.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if answer["terminal"] != false {
            self.story.faults.push(format!("refused for good: {answer}"));
        }
        let retry = Duration::from_millis(answer["retry_ms"].as_u64().unwrap_or(250).max(50));
        socket.until_or_end(|_| None::<()>, retry).await;
    }
}

/// A socket that has said hello.
async fn greeted(place: SocketAddr, path: &'static str, ticket: &str, resume: Value) -> Option<Socket> {
    let url = format!("ws://{place}{path}");
    let opened = tokio::time::timeout(Duration::from_secs(10), reach(&url, None)).await;
    let socket = Socket::over(opened.ok()?.ok()?);
    socket.send(&json!({ "type": "hello", "ticket": ticket, "resume": resume }));
    Some(socket)
}

pub struct Agent {
    pub email: String,
    pub story: Story,
    /// The chats this agent has, as far as it was told.
    pub mine: Vec<String>,
    session: Option<Value>,
}

impl Agent {
    pub fn new(email: String) -> Self {
        Self { email, story: Story::default(), mine: Vec::new(), session: None }
    }

    /// What signing in gave.
    pub fn session(&self) -> Option<&Value> {
        self.session.as_ref()
    }

    pub async fn connect(&mut self, door: &Door) -> Option<Socket> {
        let place = door.any();
        if self.session.is_none() {
            let credentials = json!({ "email": self.email, "password": crate::house::PASSWORD });
            self.session =
                door.post(place, "/v1/agent/session", &credentials, None).await.filter(|s| s["ticket"].is_string());
        }
        let token = self.session.as_ref()?["access_token"].as_str()?.to_owned();
        let fresh = door.post(place, "/v1/agent/ticket", &json!({}), Some(&token)).await?;
        let cursors: Vec<_> = self.mine.iter().take(50).map(|chat| self.story.cursor(chat)).collect();
        let socket = greeted(place, "/v1/agent/socket", fresh["ticket"].as_str()?, json!(cursors)).await?;
        let welcomed = |state: &State| state.frames.iter().find(|f| f["type"] == "welcome").cloned();
        socket.until_or_end(welcomed, PATIENCE).await?;
        socket.send(&json!({ "type": "available", "on": true }));
        Some(socket)
    }

    /// Answers in one of its chats every now and then, until the bell rings.
    pub async fn work(mut self, door: Door, bell: Bell, manner: Manner) -> Self {
        while !bell.is_over() {
            let Some(socket) = self.connect(&door).await else {
                self.story.back_off(None).await;
                continue;
            };
            self.story.is_back();
            while !bell.is_over() && socket.look(|state| state.closed.is_none()) {
                let pause = 2 * manner.pause.as_millis() as u64;
                socket.until_or_end(|_| None::<()>, Duration::from_millis(app::random_below(pause.max(1)))).await;
                self.mine = mine(&socket);
                if !manner.is_silent && !self.mine.is_empty() {
                    self.answer(&socket).await;
                }
            }
            self.mine = mine(&socket);
            self.story.collect(&socket);
            if !bell.is_over() {
                self.story.lost();
                let bye = bye_of(&socket, &mut self.story);
                self.story.back_off(bye).await;
            }
        }
        self
    }

    async fn answer(&mut self, socket: &Socket) {
        let at = usize::try_from(app::random_below(self.mine.len() as u64)).unwrap();
        let frame =
            json!({ "type": "send", "cid": cid(), "conversation": self.mine[at], "body": "one moment, please" });
        if let Some(ack) = self.story.ask(socket, &frame).await.filter(|answer| answer["type"] == "ack") {
            self.story.remember(&ack);
        }
    }
}

/// The chats a socket was told it has.
pub fn mine(socket: &Socket) -> Vec<String> {
    let mut mine: Vec<String> = Vec::new();
    socket.look(|state| {
        for frame in &state.frames {
            let chat = || frame["conversation"].as_str().unwrap().to_owned();
            match frame["type"].as_str().unwrap_or_default() {
                "welcome" => {
                    let chats = frame["conversations"].as_array().into_iter().flatten();
                    mine.extend(chats.map(|chat| chat["id"].as_str().unwrap().to_owned()));
                }
                "assigned" if !mine.contains(&chat()) => mine.push(chat()),
                "unassigned" => mine.retain(|other| *other != chat()),
                _ => {}
            }
        }
    });
    mine
}
