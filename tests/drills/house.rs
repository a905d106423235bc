//! A house of nodes, each a process of its own, on a PostgreSQL and a Redis of its own.

use crate::fproxy::{Fproxy, Shared, Target};
use crate::harness::redis::Redis;
use crate::harness::{eventually, free_address};
use crate::people::{Agent, Door};
use crate::postgres::Postgres;
use base64::Engine;
use deskbell::app;
use deskbell::domain::id::{AgentId, TeamId};
use deskbell::domain::people::{Role, Team};
use deskbell::domain::prefs::Prefs;
use deskbell::domain::routing::TeamSettings;
use deskbell::domain::site::{Limits, Site};
use deskbell::store::people::{NewAgent, add_agent, join_team, set_prefs};
use deskbell::store::{Db, sites};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};

/// What a drill wants.
#[derive(Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "a list of wishes")]
pub struct Plan {
    pub nodes: usize,
    pub redis: bool,
    /// Nodes reach PostgreSQL or Redis through a proxy with faults.
    pub faulty_postgres: bool,
    pub faulty_redis: bool,
    pub grace_s: Option<u32>,
    /// Everything is on a disk of this size. Needs root.
    pub disk_mib: Option<u32>,
    /// Where letters go; into a directory where there is none.
    pub relay: Option<SocketAddr>,
    pub transcript_at_close: bool,
    /// What the nodes log.
    pub log: Option<&'static str>,
}

/// A small disk in memory.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path, mib: u32) -> Self {
        let options = format!("size={mib}m,mode=755");
        let mut mount = std::process::Command::new("mount");
        let done = mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at).status().unwrap();
        assert!(done.success(), "a small disk is mounted (this drill needs root)");
        Self(at.to_owned())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

pub struct House {
    pub home: PathBuf,
    pub postgres: Postgres,
    pub redis: Option<Redis>,
    pub to_postgres: Option<Shared>,
    pub to_redis: Option<Shared>,
    pub nodes: Vec<Node>,
    pub site: Site,
    pub team: TeamId,
    pub db: Db,
    pub http: reqwest::Client,
    plan: Plan,
    disk: Option<Disk>,
}

pub const PASSWORD: &str = "correct horse battery staple";

impl House {
    pub async fn build(plan: Plan) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        deskbell::cli::raise_file_limit();
        let home = std::env::temp_dir().join(format!("deskbell-drill-{}", app::new_id().simple()));
        std::fs::create_dir(&home).unwrap();
        let disk = plan.disk_mib.map(|mib| Disk::mount(&home, mib));
        let mut postgres = Postgres::start(&home).await;
        if plan.nodes > 6 {
            postgres.take_more_connections().await;
        }
        let redis = if plan.redis { Some(Redis::start().await) } else { None };
        let (mut to_postgres, mut to_redis) = (None, None);
        if plan.faulty_postgres {
            to_postgres = Some(Arc::new(Fproxy::before(Target::Unix(postgres.socket())).await));
        }
        if plan.faulty_redis {
            let address = redis.as_ref().unwrap().url().trim_start_matches("redis://").parse().unwrap();
            to_redis = Some(Arc::new(Fproxy::before(Target::Tcp(address)).await));
        }
        let db = Db::connect(&postgres.url).await.unwrap();
        db.migrate().await.unwrap();
        let (site, team) = furnish(&db, plan).await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut house =
            Self { home, postgres, redis, to_postgres, to_redis, nodes: Vec::new(), site, team, db, http, plan, disk };
        for _ in 0..plan.nodes {
            house.add_node(Path::new(env!("CARGO_BIN_EXE_deskbell"))).await;
        }
        house
    }

    /// Another node, which runs this program.
    pub async fn add_node(&mut self, program: &Path) {
        self.add_node_whose_clock_is(None, program).await;
    }

    /// Another node whose machine's clock is off, by so much as `faketime` understands it.
    pub async fn add_node_whose_clock_is(&mut self, off: Option<&'static str>, program: &Path) {
        let number = self.nodes.len() + 1;
        let database_url = self.to_postgres.as_ref().map_or_else(
            || self.postgres.url.clone(),
            |proxy| format!("postgres://deskbell@{}/deskbell?sslmode=disable", proxy.address),
        );
        let redis_url = match (&self.to_redis, &self.redis) {
            (Some(proxy), _) => Some(format!("redis://{}", proxy.address)),
            (None, redis) => redis.as_ref().map(Redis::url),
        };
        let node = Node {
            listen: free_address(),
            program: program.to_owned(),
            clock_off: off,
            database_url,
            redis_url,
            smtp_url: self.plan.relay.map_or_else(
                || format!("files:{}", self.home.join("mail").display()),
                |relay| format!("smtp://{relay}"),
            ),
            filter: self.plan.log.unwrap_or("info,sqlx=warn"),
            log: self.home.join(format!("node-{number}.log")),
            child: None,
        };
        self.nodes.push(node);
        let node = self.nodes.last_mut().unwrap();
        node.run();
        node.ready(&self.http).await;
    }

    /// One of Deskbell's commands, or PostgreSQL's, on this database: what it said, and whether it succeeded.
    pub async fn command(&self, program: &str, args: &[&str]) -> (bool, String) {
        let output = Command::new(program).args(args).env("DATABASE_URL", &self.postgres.url).output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// Any of these nodes will do.
    pub fn door(&self, nodes: &[usize]) -> Door {
        self.door_at(nodes.iter().map(|n| self.nodes[*n].listen).collect())
    }

    pub fn door_at(&self, places: Vec<SocketAddr>) -> Door {
        Door { places: places.into(), site: self.site.public_key.clone(), http: self.http.clone() }
    }

    pub fn every_door(&self) -> Door {
        self.door(&(0..self.nodes.len()).collect::<Vec<_>>())
    }

    /// An agent of the team who may carry so many chats.
    pub async fn hire(&self, name: &str, capacity: i16) -> Agent {
        let id = AgentId(app::new_id());
        let email = format!("{}@staff.example", id.0.simple());
        let password_hash = deskbell::auth::session::hash_now(PASSWORD).unwrap();
        let new =
            NewAgent { id, email: &email, name, role: Role::Agent, password_hash: Some(&password_hash), capacity };
        add_agent(&self.db.read, &new).await.unwrap();
        // Letters are counted: those of shoppers.
        let prefs = Prefs { mail_after_min: 0, ..Prefs::default() };
        set_prefs(&self.db.read, id, ("en", None), &prefs).await.unwrap();
        join_team(&self.db.read, self.site.id, self.team, id).await.unwrap();
        Agent::new(email)
    }

    /// After the database was closed.
    pub async fn reconnect(&mut self) {
        self.db = Db::connect(&self.postgres.url).await.unwrap();
    }

    /// The end of a drill that went well.
    pub async fn close(mut self) {
        for node in &mut self.nodes {
            node.kill().await;
        }
        self.db.close().await;
        self.postgres.stop().await;
        drop(self.disk.take());
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

async fn furnish(db: &Db, plan: Plan) -> (Site, TeamId) {
    let mut site = app::new_site("Tea & Things", vec!["https://shop.example".to_owned()]);
    let many = 1_000_000;
    site.settings.limits = Limits {
        shopper_burst: many,
        shopper_per_s: many,
        agent_burst: many,
        agent_per_s: many,
        sessions_burst: many,
        sessions_per_s: many,
        recall_s: 120,
    };
    site.settings.routing.grace_s = plan.grace_s.unwrap_or(site.settings.routing.grace_s);
    site.settings.transcript_at_close = plan.transcript_at_close;
    sites::add(&db.read, &site).await.unwrap();
    let team = Team {
        site_id: site.id,
        id: TeamId(app::new_id()),
        name: "Orders".to_owned(),
        settings: TeamSettings::default(),
    };
    sites::add_team(&db.read, &team, None).await.unwrap();
    (site, team.id)
}

/// Where Debian keeps it, whatever the machine.
fn libfaketime() -> PathBuf {
    let places = std::fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path());
    let mut found = places.map(|place| place.join("faketime/libfaketime.so.1")).filter(|library| library.exists());
    found.next().expect("libfaketime is installed: bin/setup")
}

pub struct Node {
    pub listen: SocketAddr,
    program: PathBuf,
    clock_off: Option<&'static str>,
    database_url: String,
    redis_url: Option<String>,
    smtp_url: String,
    filter: &'static str,
    pub log: PathBuf,
    child: Option<Child>,
}

impl Node {
    fn run(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(&self.log).unwrap();
        let mut command = Command::new(&self.program);
        if let Some(off) = self.clock_off {
            // Not by the `faketime` program, which would be killed in the node's place.
            command.env("LD_PRELOAD", libfaketime()).env("FAKETIME", off).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command
            .arg("serve")
            .env("DATABASE_URL", &self.database_url)
            .env("SMTP_URL", &self.smtp_url)
            .env("DESKBELL_LOG", self.filter)
            .env("MAIL_FROM", "help@desk.example")
            .env("PUBLIC_URL", format!("http://{}", self.listen))
            .env("LISTEN", self.listen.to_string())
            .env("SECRET_KEY", base64::engine::general_purpose::STANDARD.encode([7; 32]))
            .env("LOG_FORMAT", "json")
            .env_remove("ROLES")
            .env_remove("REDIS_URL")
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        if let Some(url) = &self.redis_url {
            command.env("REDIS_URL", url);
        }
        self.child = Some(command.spawn().unwrap());
    }

    pub async fn ready(&self, http: &reqwest::Client) {
        let url = format!("http://{}/readyz", self.listen);
        eventually("the node is ready", async || http.get(&url).send().await.ok().filter(|a| a.status() == 200)).await;
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).expect("it runs")
    }

    /// Until it has left by itself; what it said is in its log.
    pub async fn left(&mut self) -> std::process::ExitStatus {
        let mut child = self.child.take().expect("it runs");
        tokio::time::timeout(Duration::from_secs(40), child.wait()).await.expect("it leaves").unwrap()
    }

    pub async fn run_again(&mut self, http: &reqwest::Client) {
        self.run();
        self.ready(http).await;
    }

    /// `kill -9`.
    pub async fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.unwrap();
        }
    }

    /// `kill -9`, and the same again on the same port.
    pub async fn kill_and_run(&mut self, http: &reqwest::Client) {
        self.kill().await;
        self.run_again(http).await;
    }

    /// SIGTERM; gives the time that leaving took.
    pub async fn leave(&mut self) -> Duration {
        let began = app::instant();
        let mut child = self.child.take().expect("it runs");
        let pid = nix::unistd::Pid::from_raw(child.id().unwrap().cast_signed());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        let status = tokio::time::timeout(Duration::from_secs(40), child.wait()).await.expect("it leaves").unwrap();
        assert!(status.success(), "{status}");
        app::instant() - began
    }

    /// Runs another program in its place.
    pub async fn run_as(&mut self, program: &Path, http: &reqwest::Client) {
        program.clone_into(&mut self.program);
        self.run_again(http).await;
    }

    /// One of its metrics: the sum over its labels.
    pub async fn metric(&self, http: &reqwest::Client, name: &str) -> f64 {
        let text = http.get(format!("http://{}/metrics", self.listen)).send().await.unwrap().text().await.unwrap();
        let is_it = |line: &&str| line.starts_with(name) && line[name.len()..].starts_with([' ', '{']);
        let value = |line: &str| line.rsplit(' ').next()?.parse::<f64>().ok();
        text.lines().filter(is_it).filter_map(value).sum()
    }

    /// Memory in use, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}
