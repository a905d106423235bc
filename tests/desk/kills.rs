//! The server is killed twenty times under load; what it acknowledged is there, once, and in order.

use crate::harness::log::Row;
use crate::harness::socket::knock;
use crate::harness::{PATIENCE, Socket, cid, eventually, free_address, text};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::process::{Child, Command};

const KILLS: usize = 20;
const SHOPPERS: usize = 24;

struct Demo {
    home: PathBuf,
    listen: SocketAddr,
    child: Child,
    http: reqwest::Client,
}

impl Demo {
    async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let home = std::env::temp_dir().join(format!("deskbell-kills-{}", deskbell::app::new_id().simple()));
        let listen = free_address();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let child = launch(&home, listen);
        let demo = Self { home, listen, child, http };
        demo.ready().await;
        demo
    }

    async fn ready(&self) {
        let url = format!("http://{}/readyz", self.listen);
        let patience = PATIENCE * 4;
        let asking = async {
            while !self.http.get(&url).send().await.is_ok_and(|answer| answer.status() == 200) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(patience, asking).await.expect("the demo is ready again");
    }

    /// `kill -9`, and the same again on the same port and data.
    async fn kill(&mut self) {
        self.child.kill().await.unwrap();
        self.child = launch(&self.home, self.listen);
        self.ready().await;
    }

    fn known(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.home.join("demo.json")).unwrap()).unwrap()
    }

    async fn stop(mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().unwrap().cast_signed());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        let status =
            tokio::time::timeout(Duration::from_secs(40), self.child.wait()).await.expect("stops in time").unwrap();
        assert!(status.success(), "{status}");
        std::fs::remove_dir_all(&self.home).unwrap();
    }
}

fn launch(home: &Path, listen: SocketAddr) -> Child {
    Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["demo", "--listen", &listen.to_string(), "--agents", "4", "--data-dir"])
        .arg(home)
        .env_remove("DATABASE_URL")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// What one shopper's browser holds on to: the token, the cursor and what is not acknowledged yet.
struct Browser {
    demo: Door,
    token: Value,
    /// Acknowledged: client id to event id and number.
    acked: HashMap<String, (String, i64)>,
    /// Events applied, by number.
    log: HashMap<i64, String>,
    chat: Option<String>,
    sent: usize,
    faults: Vec<String>,
}

#[derive(Clone)]
struct Door {
    base: String,
    site: String,
    http: reqwest::Client,
}

impl Browser {
    fn new(demo: Door) -> Self {
        Self {
            demo,
            token: Value::Null,
            acked: HashMap::new(),
            log: HashMap::new(),
            chat: None,
            sent: 0,
            faults: Vec::new(),
        }
    }

    /// A session and a socket that has resumed; `None` while the server is away.
    async fn connect(&mut self) -> Option<Socket> {
        let begin = json!({ "site": self.demo.site, "token": self.token });
        let url = format!("{}/v1/shopper/session", self.demo.base);
        let session: Value = self.demo.http.post(url).json(&begin).send().await.ok()?.json().await.ok()?;
        if !session["ticket"].is_string() {
            return None;
        }
        self.token = session["token"].clone();
        let url = format!("{}/v1/shopper/socket", self.demo.base.replacen("http", "ws", 1));
        let opened = tokio::spawn(async move { knock(&url, None).await.ok() });
        let socket = Socket::over(opened.await.ok()??);
        let resume =
            self.chat.as_ref().map(|chat| json!([{ "conversation": chat, "epoch": null, "after": 0, "tip": null }]));
        socket.send(&json!({ "type": "hello", "ticket": session["ticket"], "resume": resume.unwrap_or(json!([])) }));
        let wanted = if self.chat.is_some() { "synced" } else { "welcome" };
        socket.until_or_end(|state| state.frames.iter().any(|f| f["type"] == wanted).then_some(()), PATIENCE).await?;
        Some(socket)
    }

    /// Until this message is acknowledged, over as many connections as it takes.
    async fn say(&mut self, socket: &mut Option<Socket>) {
        let (cid, body) = (cid(), format!("message {} of {}", self.sent, self.token));
        self.sent += 1;
        loop {
            if socket.is_none() {
                *socket = self.connect().await;
            }
            let Some(open) = socket.as_ref() else {
                tokio::time::sleep(Duration::from_millis(30)).await;
                continue;
            };
            open.send(&json!({ "type": "send", "cid": cid, "body": body }));
            let answered = |state: &crate::harness::socket::State| {
                state
                    .frames
                    .iter()
                    .rev()
                    .find(|f| (f["type"] == "ack" || f["type"] == "nack") && f["cid"] == cid.as_str())
                    .cloned()
            };
            match open.until_or_end(answered, Duration::from_secs(10)).await {
                Some(ack) if ack["type"] == "ack" => return self.remember(&ack),
                Some(nack) => {
                    assert_eq!(nack["terminal"], false, "{nack}");
                    tokio::time::sleep(Duration::from_millis(nack["retry_ms"].as_u64().unwrap_or(100))).await;
                    // A fresh connection, so that the next answer is not mistaken for this one.
                    self.collect(socket.take());
                }
                None => self.collect(socket.take()),
            }
        }
    }

    fn remember(&mut self, ack: &Value) {
        self.chat = Some(text(ack, "conversation").to_owned());
        let before =
            self.acked.insert(text(ack, "cid").to_owned(), (text(ack, "id").to_owned(), ack["seq"].as_i64().unwrap()));
        assert!(before.is_none());
    }

    /// Keeps what a connection that ended had told.
    fn collect(&mut self, socket: Option<Socket>) {
        let (Some(socket), Some(chat)) = (socket, &self.chat) else { return };
        for event in socket.log(chat) {
            let (seq, id) = (event["seq"].as_i64().unwrap(), text(&event, "id").to_owned());
            if let Some(known) = self.log.insert(seq, id.clone())
                && known != id
            {
                self.faults.push(format!("number {seq} was {known} and is {id}"));
            }
        }
        socket.look(|state| self.faults.extend(state.faults.iter().cloned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_under_load_lose_nothing_and_double_nothing() {
    let mut demo = Demo::start().await;
    let known = demo.known();
    let door = Door {
        base: format!("http://{}", demo.listen),
        site: text(&known, "site_key").to_owned(),
        http: demo.http.clone(),
    };
    raise_limits(text(&known, "database_url"), &door.site).await;
    demo.kill().await;
    let (over, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut talking = Vec::new();
    for _ in 0..SHOPPERS {
        let (over, acknowledged, door) = (Arc::clone(&over), Arc::clone(&acknowledged), door.clone());
        talking.push(tokio::spawn(async move {
            let (mut browser, mut socket) = (Browser::new(door), None);
            while !over.load(Ordering::Relaxed) {
                browser.say(&mut socket).await;
                acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            browser.collect(socket);
            browser
        }));
    }
    for kill in 1..=KILLS {
        // Somewhere in the middle of work: after a random number of further messages.
        let wanted = acknowledged.load(Ordering::Relaxed) + 20 + usize::from(deskbell::app::random_bytes::<1>()[0]);
        let patience = tokio::time::timeout(PATIENCE * 2, async {
            while acknowledged.load(Ordering::Relaxed) < wanted {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        patience.await.unwrap_or_else(|_| panic!("nobody is served after kill {kill}"));
        demo.kill().await;
    }
    over.store(true, Ordering::Relaxed);
    let mut browsers = Vec::new();
    for browser in talking {
        browsers.push(tokio::time::timeout(PATIENCE, browser).await.expect("clients complete").unwrap());
    }
    let pool = sqlx::PgPool::connect(text(&known, "database_url")).await.unwrap();
    let figures = judge(&pool, &mut browsers).await;
    pool.close().await;
    demo.stop().await;
    println!("{figures}");
    assert!(figures.ends_with("missing=0 doubled=0 out_of_order=0"), "{figures}");
}

async fn raise_limits(database_url: &str, site: &str) {
    let db = eventually("the demo's database", async || deskbell::store::Db::connect(database_url).await.ok()).await;
    let mut site = deskbell::store::sites::by_key(&db.read, site).await.unwrap().unwrap();
    (site.settings.limits.shopper_burst, site.settings.limits.shopper_per_s) = (1_000_000, 1_000_000);
    (site.settings.limits.sessions_burst, site.settings.limits.sessions_per_s) = (1_000_000, 1_000_000);
    deskbell::store::sites::update(&db.read, &site).await.unwrap();
    db.close().await;
}

async fn judge(pool: &sqlx::PgPool, browsers: &mut [Browser]) -> String {
    let (mut acked, mut missing, mut doubled, mut out_of_order) = (0, 0, 0, 0);
    for browser in browsers {
        // Whoever comes back gets everything, and the same as before.
        let again = browser.connect().await.expect("the server is there");
        browser.collect(Some(again));
        out_of_order += browser.faults.len();
        let chat: uuid::Uuid = browser.chat.as_ref().unwrap().parse().unwrap();
        let rows: Vec<Row> = sqlx::query_as(
            "select seq, shopper_seq, id, cid, kind, author, body from events where conversation_id = $1 order by seq",
        )
        .bind(chat)
        .fetch_all(pool)
        .await
        .unwrap();
        let by_cid: HashMap<_, _> = rows.iter().filter_map(|row| Some((row.cid?.to_string(), row))).collect();
        acked += browser.acked.len();
        missing += browser
            .acked
            .iter()
            .filter(|(cid, (id, seq))| {
                by_cid.get(*cid).is_none_or(|row| {
                    row.id.to_string() != *id || row.shopper_seq != Some(*seq) || browser.log.get(seq) != Some(id)
                })
            })
            .count();
        let mut bodies: Vec<_> = rows.iter().filter_map(|row| row.body.as_deref()).collect();
        doubled += bodies.len();
        let numbers: Vec<i64> = bodies.iter().map(|body| body.split(' ').nth(1).unwrap().parse().unwrap()).collect();
        out_of_order += numbers.windows(2).filter(|pair| pair[0] >= pair[1]).count();
        out_of_order += usize::from(rows.iter().zip(1..).any(|(row, n)| row.seq != n));
        bodies.sort_unstable();
        bodies.dedup();
        doubled -= bodies.len();
    }
    format!("P1 kills={KILLS} acked={acked} missing={missing} doubled={doubled} out_of_order={out_of_order}")
}
