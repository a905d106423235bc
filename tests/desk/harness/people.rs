//! A shopper with a widget, an agent with a program.

use super::{Desk, SHOP, Socket, cid, text};
use deskbell::app;
use deskbell::auth::session::hash_now;
use deskbell::domain::id::{AgentId, TeamId};
use deskbell::domain::people::Role;
use deskbell::domain::prefs::Prefs;
use deskbell::domain::site::Site;
use deskbell::store::people::{NewAgent, add_agent, join_team, set_prefs};
use serde_json::{Value, json};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

pub const PASSWORD: &str = "correct horse battery staple";

static HASHED: LazyLock<String> = LazyLock::new(|| hash_now(PASSWORD).unwrap());

pub struct Shopper {
    pub socket: Socket,
    pub session: Value,
    pub token: String,
    pub id: String,
}

impl Deref for Shopper {
    type Target = Socket;
    fn deref(&self) -> &Socket {
        &self.socket
    }
}

/// The cursor of a client that holds nothing yet.
pub fn from_start(conversation: &str) -> Value {
    json!([{ "conversation": conversation, "epoch": null, "after": 0, "tip": null }])
}

impl Shopper {
    pub async fn come(desk: &Desk) -> Self {
        Self::come_with(desk, desk.begin(), json!([])).await
    }

    /// The same browser again: another tab, or after a break.
    pub async fn again(&self, desk: &Desk, resume: Value) -> Self {
        let mut begin = desk.begin();
        begin["token"] = self.token.clone().into();
        Self::come_with(desk, begin, resume).await
    }

    pub async fn come_with(desk: &Desk, begin: Value, resume: Value) -> Self {
        let (status, session) = desk.session(&begin).await;
        assert_eq!(status, 200, "{session}");
        let socket = Socket::open(&desk.socket_url("/v1/shopper/socket"), Some(SHOP)).await;
        socket.send(&json!({ "type": "hello", "ticket": session["ticket"], "resume": resume }));
        socket.wait("welcome", |f| f["type"] == "welcome").await;
        let (token, id) = (text(&session, "token").to_owned(), text(&session["shopper"], "id").to_owned());
        Self { socket, session, token, id }
    }

    pub async fn say(&self, body: &str) -> Arc<Value> {
        self.must(json!({ "type": "send", "body": body, "files": [] })).await
    }

    /// Writes the first message; gives the conversation.
    pub async fn open(&self, body: &str) -> String {
        let ack = self.say(body).await;
        text(&ack, "conversation").to_owned()
    }

    pub async fn close(&self, conversation: &str) -> Arc<Value> {
        self.must(json!({ "type": "close", "conversation": conversation })).await
    }
}

/// Somebody to add to the staff.
#[derive(Clone)]
pub struct Hire {
    pub role: Role,
    pub capacity: i16,
    pub teams: Vec<TeamId>,
}

impl Default for Hire {
    fn default() -> Self {
        Self { role: Role::Agent, capacity: 5, teams: Vec::new() }
    }
}

impl Hire {
    pub fn agent(team: TeamId, capacity: i16) -> Self {
        Self { capacity, teams: vec![team], ..Self::default() }
    }
}

#[derive(Clone)]
pub struct Staff {
    pub id: AgentId,
    pub name: String,
    pub email: String,
}

pub struct Agent {
    pub socket: Socket,
    pub staff: Staff,
    pub session: Value,
}

impl Deref for Agent {
    type Target = Socket;
    fn deref(&self) -> &Socket {
        &self.socket
    }
}

impl Desk {
    pub async fn hire(&self, name: &str, hire: Hire) -> Staff {
        self.hire_at(&self.site, name, hire).await
    }

    /// How they like their console. Staff get no letters unless a test wants them.
    pub async fn prefers(&self, agent: AgentId, prefs: &Prefs) {
        set_prefs(&self.app.db.read, agent, ("en", None), prefs).await.unwrap();
    }

    pub async fn hire_at(&self, site: &Site, name: &str, hire: Hire) -> Staff {
        let id = AgentId(app::new_id());
        let email = format!("{}-{}@staff.example", name.to_lowercase().replace(' ', "."), id.0.simple());
        let new = NewAgent {
            id,
            email: &email,
            name,
            role: hire.role,
            password_hash: Some(&HASHED),
            capacity: hire.capacity,
        };
        add_agent(&self.app.db.read, &new).await.unwrap();
        self.prefers(id, &Prefs { mail_after_min: 0, ..Prefs::default() }).await;
        for team in hire.teams {
            join_team(&self.app.db.read, site.id, team, id).await.unwrap();
        }
        Staff { id, name: name.to_owned(), email }
    }

    /// Signs in over HTTP and opens the socket.
    pub async fn sign_in(&self, staff: &Staff) -> Agent {
        let credentials = json!({ "email": staff.email, "password": PASSWORD });
        let url = format!("{}/v1/agent/session", self.base);
        let answer = self.http.post(url).json(&credentials).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let session: Value = answer.json().await.unwrap();
        let socket = self.agent_socket(&session["ticket"], json!([])).await;
        Agent { socket, staff: staff.clone(), session }
    }

    pub async fn agent_socket(&self, ticket: &Value, resume: Value) -> Socket {
        let socket = Socket::open(&self.socket_url("/v1/agent/socket"), None).await;
        socket.send(&json!({ "type": "hello", "ticket": ticket, "resume": resume }));
        socket.wait("welcome", |f| f["type"] == "welcome").await;
        socket
    }

    pub async fn fresh_ticket(&self, session: &Value) -> Value {
        let request =
            self.http.post(format!("{}/v1/agent/ticket", self.base)).bearer_auth(text(session, "access_token"));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["ticket"].clone()
    }

    /// An agent of a team who is signed in and available.
    pub async fn agent(&self, name: &str, team: TeamId, capacity: i16) -> Agent {
        let staff = self.hire(name, Hire::agent(team, capacity)).await;
        let agent = self.sign_in(&staff).await;
        agent.available(true).await;
        agent
    }
}

impl Agent {
    /// The same sign-in, another socket.
    pub async fn again(&self, desk: &Desk, resume: Value) -> Self {
        let ticket = desk.fresh_ticket(&self.session).await;
        let socket = desk.agent_socket(&ticket, resume).await;
        Self { socket, staff: self.staff.clone(), session: self.session.clone() }
    }

    pub async fn available(&self, on: bool) {
        self.send(&json!({ "type": "available", "on": on }));
        self.probe().await;
    }

    /// Until this agent has the conversation and its log; gives the assignment's number.
    pub async fn given(&self, conversation: &str) -> i64 {
        let what = format!("{} is given {conversation}", self.staff.name);
        let assigned = self.wait(&what, |f| f["type"] == "assigned" && f["conversation"] == conversation).await;
        self.wait(&what, |f| f["type"] == "synced" && f["conversation"] == conversation).await;
        super::number(&assigned, "gen")
    }

    pub fn has(&self, conversation: &str) -> bool {
        !self.heard(|f| f["type"] == "assigned" && f["conversation"] == conversation).is_empty()
    }

    pub async fn say(&self, conversation: &str, body: &str) -> Arc<Value> {
        self.must(json!({ "type": "send", "conversation": conversation, "body": body, "files": [] })).await
    }

    pub async fn note(&self, conversation: &str, body: &str) -> Arc<Value> {
        self.must(json!({ "type": "send", "conversation": conversation, "body": body, "note": true, "files": [] }))
            .await
    }

    pub async fn close(&self, conversation: &str) -> Arc<Value> {
        self.must(json!({ "type": "close", "conversation": conversation, "cid": cid() })).await
    }

    pub async fn watch(&self, conversation: &str) {
        let mark = self.mark();
        self.send(&json!({ "type": "watch", "conversation": conversation }));
        self.wait_from(mark, "the watched log", |f| f["type"] == "synced" && f["conversation"] == conversation).await;
    }
}

/// Which of these agents is given a conversation.
pub async fn owner<'a>(agents: &'a [Agent], conversation: &str) -> &'a Agent {
    let mut given = None;
    super::eventually(&format!("{conversation} is given to somebody"), async || {
        given = agents.iter().find(|agent| agent.has(conversation));
        given.map(|_| ())
    })
    .await;
    let agent = given.unwrap();
    agent.given(conversation).await;
    agent
}
