//! A server with a database of its own, and the people who talk to it.

pub mod database;
pub mod haproxy;
pub mod log;
pub mod nginx;
pub mod people;
pub mod post;
pub mod process;
pub mod raw;
pub mod receiver;
pub mod redis;
pub mod shop;
pub mod socket;
pub mod till;
pub mod untold;

pub use people::{Agent, Hire, Shopper};
pub use socket::Socket;

use axum::Router;
use database::Database;
use deskbell::app::{self, App};
use deskbell::config::{Config, FilesTarget, MailTarget, Roles, SecretKey};
use deskbell::domain::id::TeamId;
use deskbell::domain::people::Team;
use deskbell::domain::routing::TeamSettings;
use deskbell::domain::site::{Limits, Site};
use deskbell::server::{self, Server};
use deskbell::store::sites;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long anything expected may take before the test fails: far above what it takes, because machines are busy.
pub const PATIENCE: Duration = Duration::from_secs(45);

/// Servers at once: each may hold 22 connections of PostgreSQL's hundred.
static PLACES: Semaphore = Semaphore::const_new(4);

/// A shop as tests want it: nothing in the way of speed.
fn open_handed() -> Limits {
    Limits {
        shopper_burst: 1_000_000,
        shopper_per_s: 1_000_000,
        agent_burst: 1_000_000,
        agent_per_s: 1_000_000,
        sessions_burst: 1_000_000,
        sessions_per_s: 1_000_000,
        recall_s: 120,
    }
}

type Change = Box<dyn FnOnce(&mut Site)>;

/// What a test wants of its server.
#[derive(Default)]
pub struct Setup {
    site: Option<Change>,
    smtp: Option<SocketAddr>,
    redis: Option<String>,
    roles: Option<Roles>,
    files: Option<FilesTarget>,
    /// How many servers there will be.
    nodes: u32,
    beside: Router<Arc<App>>,
}

impl Setup {
    /// The first of several nodes, which reach each other through this Redis; see [`Desk::node`].
    pub fn nodes(mut self, nodes: u32, redis: &str, roles: Roles) -> Self {
        (self.nodes, self.redis, self.roles) = (nodes, Some(redis.to_owned()), Some(roles));
        self
    }

    pub fn site(mut self, change: impl FnOnce(&mut Site) + 'static) -> Self {
        self.site = Some(Box::new(change));
        self
    }

    /// Routes beside the doors.
    pub fn beside(mut self, routes: Router<Arc<App>>) -> Self {
        self.beside = routes;
        self
    }

    pub fn smtp(mut self, relay: SocketAddr) -> Self {
        self.smtp = Some(relay);
        self
    }

    /// Files lie there, and not beside the letters.
    pub fn files(mut self, target: FilesTarget) -> Self {
        self.files = Some(target);
        self
    }

    pub async fn open(self) -> Desk {
        let place = Arc::new(PLACES.acquire_many(self.nodes.max(1)).await.unwrap());
        let database = Arc::new(Database::fresh().await);
        let mail = std::env::temp_dir().join(format!("deskbell-desk-mail-{}", app::new_id()));
        let node = Node {
            smtp: self.smtp,
            redis: self.redis,
            files: self.files,
            roles: self.roles.unwrap_or(ALL_ROLES),
            beside: self.beside,
        };
        let (server, base) = node.start(&database, &mail).await;
        let app = Arc::clone(&server.app);
        let mut site = app::new_site("Tea & Things", vec![SHOP.to_owned()]);
        site.settings.limits = open_handed();
        if let Some(change) = self.site {
            change(&mut site);
        }
        sites::add(&app.db.read, &site).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Desk { server: Some(server), app, base, site, http, mail, database, node, place }
    }
}

/// Where the sample shop's pages are served.
pub const SHOP: &str = "https://shop.example";

pub const ALL_ROLES: Roles = Roles { web: true, queue: true, mail: true };

/// A node that only listens.
pub const NO_ROLES: Roles = Roles { web: false, queue: false, mail: false };

/// What is different from node to node.
#[derive(Clone)]
struct Node {
    smtp: Option<SocketAddr>,
    redis: Option<String>,
    files: Option<FilesTarget>,
    roles: Roles,
    beside: Router<Arc<App>>,
}

impl Node {
    /// The public address must be the real one, so a free port is taken first; somebody may be faster, then another is.
    async fn start(&self, database: &Database, mail: &std::path::Path) -> (Server, String) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut last = None;
        for _ in 0..10 {
            let listen = free_address();
            let base = format!("http://{listen}");
            let config = Config {
                database_url: database.url.as_str().into(),
                mail: self.smtp.map_or_else(
                    || MailTarget::Files(mail.to_owned()),
                    |at| MailTarget::Smtp(format!("smtp://{at}").into()),
                ),
                mail_from: "help@desk.example".into(),
                public_url: base.clone(),
                listen,
                secret_key: SecretKey::new(&[7; 32]),
                trusted_proxies: Vec::new(),
                // The shops and push services of tests are on this machine.
                outbound_allow: vec!["127.0.0.1/32".parse().unwrap()],
                roles: self.roles,
                redis_url: self.redis.as_deref().map(Into::into),
                files: self.files.clone().or_else(|| Some(FilesTarget::Disk(files_beside(mail)))),
            };
            match server::start(config, self.beside.clone()).await {
                Ok(server) => return (server, base),
                Err(error) => last = Some(error),
            }
        }
        panic!("no server started: {last:?}");
    }
}

/// Where files lie, unless a test says otherwise.
fn files_beside(mail: &std::path::Path) -> PathBuf {
    mail.with_extension("files")
}

pub fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

pub struct Desk {
    pub server: Option<Server>,
    pub app: Arc<App>,
    pub base: String,
    pub site: Site,
    pub http: reqwest::Client,
    pub mail: PathBuf,
    pub database: Arc<Database>,
    node: Node,
    place: Arc<SemaphorePermit<'static>>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.app.stopping.cancel();
            let _ = std::fs::remove_dir_all(&self.mail);
            let _ = std::fs::remove_dir_all(files_beside(&self.mail));
        }
    }
}

impl Desk {
    pub async fn open() -> Self {
        Setup::default().open().await
    }

    /// Another node of the same house.
    pub async fn node(&self, roles: Roles) -> Self {
        let node = Node { roles, ..self.node.clone() };
        let (server, base) = node.start(&self.database, &self.mail).await;
        Self {
            app: Arc::clone(&server.app),
            server: Some(server),
            base,
            site: self.site.clone(),
            http: self.http.clone(),
            mail: self.mail.clone(),
            database: Arc::clone(&self.database),
            node,
            place: Arc::clone(&self.place),
        }
    }

    /// The same node again; it lives as long as the first.
    pub fn node_itself(&self) -> Self {
        Self {
            server: None,
            app: Arc::clone(&self.app),
            base: self.base.clone(),
            site: self.site.clone(),
            http: self.http.clone(),
            mail: self.mail.clone(),
            database: Arc::clone(&self.database),
            node: self.node.clone(),
            place: Arc::clone(&self.place),
        }
    }

    /// The same node, or whichever a proxy chooses, reached through another address.
    pub fn through(mut self, base: &str) -> Self {
        base.clone_into(&mut self.base);
        self
    }

    /// Until hints reach the other nodes.
    pub async fn is_whole(&self) {
        eventually("the nodes reach each other", async || self.app.hub.is_whole().then_some(())).await;
    }

    /// Every file below the directory of files, whatever it is called.
    pub fn files_on_disk(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut dirs = vec![files_beside(&self.mail)];
        while let Some(dir) = dirs.pop() {
            for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
                let kind = entry.file_type().unwrap();
                if kind.is_dir() { dirs.push(entry.path()) } else { found.push(entry.path()) }
            }
        }
        found.sort();
        found
    }

    pub fn socket_url(&self, path: &str) -> String {
        format!("{}{path}", self.base.replacen("http", "ws", 1))
    }

    pub async fn team(&self, name: &str) -> TeamId {
        self.team_of(&self.site, name).await
    }

    pub async fn team_of(&self, site: &Site, name: &str) -> TeamId {
        let team = Team {
            site_id: site.id,
            id: TeamId(app::new_id()),
            name: name.to_owned(),
            settings: TeamSettings::default(),
        };
        sites::add_team(&self.app.db.read, &team, None).await.unwrap();
        team.id
    }

    /// Another shop on the same server.
    pub async fn second_site(&self) -> Site {
        let mut site = app::new_site("Bikes", vec!["https://bikes.example".to_owned()]);
        site.settings.limits = open_handed();
        sites::add(&self.app.db.read, &site).await.unwrap();
        site
    }

    /// What the widget posts to begin a session.
    pub async fn session(&self, body: &Value) -> (u16, Value) {
        let answer = self.http.post(format!("{}/v1/shopper/session", self.base)).json(body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    pub fn begin(&self) -> Value {
        json!({ "site": self.site.public_key, "token": null, "identity": null, "locale": "en",
            "page": { "url": SHOP, "title": "Shop", "referrer": "" } })
    }

    pub async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(&self.app.db.read).await.unwrap()
    }
}

/// Asks again until it is so; what cannot be waited for by an event of its own.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("this did not come about: {what}"))
}

/// A client id as clients make them.
pub fn cid() -> String {
    app::new_id().to_string()
}

pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("{field} is no text in {value}"))
}

pub fn number(value: &Value, field: &str) -> i64 {
    value[field].as_i64().unwrap_or_else(|| panic!("{field} is no number in {value}"))
}
