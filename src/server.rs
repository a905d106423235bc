//! The composition root: builds the house, opens the doors, and closes them in order.

mod health;
mod listen;
mod nodes;
mod patient;
mod upkeep;

use crate::app::{self, App, Clock, Sightings, Signals, SiteCache};
use crate::config::Config;
use crate::domain::id::NodeId;
use crate::measure::{self, Kind};
use crate::outbound::Outbound;
use crate::realtime::arrivals::Arrivals;
use crate::realtime::here::Here;
use crate::realtime::hub::Hub;
use crate::realtime::visits::Visits;
use crate::realtime::{Line, Link};
use crate::store::Db;
use crate::store::append::Writer;
use crate::vault::Vault;
use crate::web::layers;
use crate::{
    admin, admission, alerts, api, console, conversations, files, mail, pace, presence, privacy, queue, reminders,
    replay, search, shopper, sla, snooze, webhooks,
};
use anyhow::Context;
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use secrecy::ExposeSecret;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;

/// How long sockets and workers may take to leave.
const DRAIN: Duration = Duration::from_secs(20);
const HASHES_AT_ONCE: usize = 2;
const PICTURES_AT_ONCE: usize = 2;
const REPORTS_AT_ONCE: usize = 2;

/// A running server.
pub struct Server {
    pub app: Arc<App>,
    pub address: SocketAddr,
    listening: tokio::task::JoinHandle<()>,
}

/// Connects, checks, and starts to serve. `extra` is merged beside the doors: the demo's shop and mailbox.
pub async fn start(config: Config, extra: Router<Arc<App>>) -> anyhow::Result<Server> {
    let db = Db::connect(config.database_url.expose_secret())
        .await
        .context("PostgreSQL cannot be reached; check DATABASE_URL")?;
    db.check_durable().await?;
    let is_migrated = db.is_migrated().await.unwrap_or(false);
    anyhow::ensure!(is_migrated, "the database's schema is older than this program: run `deskbell migrate`");
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let (app, line) = build(config, db).await?;
    let app = Arc::new(app);
    if let Some(line) = line {
        nodes::follow(&app, line);
    }
    spawn_workers(&app);
    let listening = tokio::spawn(listen::run(listener, router(&app, extra), app.stopping.clone(), app.tasks.clone()));
    Ok(Server { app, address, listening })
}

async fn build(config: Config, db: Db) -> anyhow::Result<(App, Option<Line>)> {
    // First: what is recorded before there is a recorder is lost.
    let metrics = metrics_handle();
    metrics::gauge!("deskbell_log_available").set(1);
    let clock = Clock::default();
    clock.follow(db.now().await?);
    let (node, epoch) = (NodeId(app::new_id()), db.epoch().await?);
    let link = config.redis_url.clone().map(|url| Link::new(node, url, epoch.to_string()));
    let (link, line) = link.unzip();
    let outbound = Outbound::new(&config.outbound_allow, &config.public_url)?;
    let vault = config.files.as_ref().map(Vault::open).transpose()?;
    let files_key = config.secret_key.derive("files");
    let app = App {
        epoch,
        log: Writer::start(&db).context("the log writer needs a thread")?,
        db,
        config,
        hub: Hub::new(link),
        here: Here::default(),
        arrivals: Arrivals::default(),
        visits: Visits::default(),
        clock,
        node,
        sites: SiteCache::default(),
        sightings: Sightings::default(),
        paces: pace::Paces::default(),
        signals: Signals::default(),
        vault,
        uploads: admission::Uploads::default(),
        files_key,
        gate: admission::Gate::default(),
        doorstep: admission::Doorstep::default(),
        outbound,
        hashing: Semaphore::new(HASHES_AT_ONCE),
        unpacking: Semaphore::new(PICTURES_AT_ONCE),
        reporting: Arc::new(Semaphore::new(REPORTS_AT_ONCE)),
        tasks: TaskTracker::new(),
        stopping: CancellationToken::new(),
        metrics,
    };
    Ok((app, line))
}

/// The recorder is the process's, however many servers a test starts in it.
fn metrics_handle() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(record).clone()
}

fn record() -> PrometheusHandle {
    let mut builder = PrometheusBuilder::new();
    for measure in measure::ALL {
        if let Kind::Histogram(buckets) = measure.kind {
            let matcher = Matcher::Full(measure.name.to_owned());
            builder = builder.set_buckets_for_metric(matcher, buckets).expect("no histogram is without buckets");
        }
    }
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    // Refused where a program that has a server in it records already.
    let _ = metrics::set_global_recorder(recorder);
    measure::describe();
    handle
}

fn spawn_workers(app: &Arc<App>) {
    let roles = app.config.roles;
    if roles.queue {
        app.tasks.spawn(queue::run(Arc::clone(app)));
        app.tasks.spawn(sla::run(Arc::clone(app)));
        app.tasks.spawn(snooze::run(Arc::clone(app)));
        app.tasks.spawn(search::run(Arc::clone(app)));
        app.tasks.spawn(privacy::run(Arc::clone(app)));
    }
    if roles.mail {
        app.tasks.spawn(mail::worker::run(Arc::clone(app)));
        app.tasks.spawn(reminders::run(Arc::clone(app)));
        app.tasks.spawn(alerts::run(Arc::clone(app)));
        app.tasks.spawn(webhooks::worker::run(Arc::clone(app)));
    }
    if app.vault.is_some() {
        app.tasks.spawn(files::sweep::run(Arc::clone(app)));
    }
    app.tasks.spawn(upkeep::run(Arc::clone(app)));
    app.tasks.spawn(replay::sweep::run(Arc::clone(app)));
    app.tasks.spawn(presence::shoppers::run(Arc::clone(app)));
    app.tasks.spawn(conversations::keep_arrivals(Arc::clone(app)));
    if roles.web {
        app.tasks.spawn(presence::visits::run(Arc::clone(app)));
    }
}

fn router(app: &Arc<App>, extra: Router<Arc<App>>) -> Router {
    let mut router = Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics));
    if app.config.roles.web {
        router = router.merge(shopper::routes()).merge(api::routes()).merge(files::routes());
        router = router.merge(console::routes(app)).merge(admin::routes(app)).merge(extra);
    }
    router
        .fallback(health::nowhere)
        .method_not_allowed_fallback(health::wrong_method)
        .layer(from_fn(layers::in_time))
        .layer(from_fn(layers::headers))
        .layer(from_fn(layers::log))
        .layer(CatchPanicLayer::new())
        .with_state(Arc::clone(app))
}

impl Server {
    /// Not ready, no new connections, sockets leave in slices, transactions finish, then the pool closes: within 30 s.
    pub async fn stop(self) {
        let app = &self.app;
        tracing::info!("stopping");
        app.stopping.cancel();
        app.tasks.close();
        if tokio::time::timeout(DRAIN, app.tasks.wait()).await.is_err() {
            tracing::warn!(left = app.tasks.len(), "some sockets or workers did not leave in time");
        }
        let _ = tokio::time::timeout(Duration::from_secs(2), conversations::keep_last_arrivals(app)).await;
        if tokio::time::timeout(Duration::from_secs(5), app.log.drain()).await.is_err() {
            tracing::warn!("the log writer did not finish in time; clients will resend");
        }
        let _ = tokio::time::timeout(Duration::from_secs(2), self.listening).await;
        let _ = tokio::time::timeout(Duration::from_secs(2), app.db.close()).await;
        tracing::info!("stopped");
    }
}
