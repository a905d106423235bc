//! The zero-configuration first run: a shop, a database and a mailbox on this machine, and nothing outside it.
//!
//! Promises: what `deskbell demo` shows is the product itself, with the same doors and rules as in production. It may not be
//! reached from production code.

mod first_run;
pub mod mailbox;
pub mod postgres;
pub mod shop;

use crate::cli;
use crate::config::{Config, FilesTarget, MailTarget, Roles, SecretKey};
use crate::domain::people::Role;
use crate::server;
use crate::store::Db;
use anyhow::Context;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use first_run::{Known, Person, write_private};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Networks that are this machine.
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];

/// Shop, console, captured mail and database on this machine.
#[derive(clap::Args)]
pub struct Args {
    /// A loopback address
    #[arg(long, default_value = "127.0.0.1:8080", value_parser = loopback)]
    listen: SocketAddr,
    /// Where the demo keeps its data
    #[arg(long, default_value = "var/demo")]
    data_dir: PathBuf,
    /// How many agents there are
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=2_000))]
    agents: u16,
}

/// The demo has no TLS and shows its mail to whoever comes: it stays on this machine.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| format!("{text:?} is not an address and a port such as 127.0.0.1:8080"))?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("the demo listens on loopback only, such as 127.0.0.1:8080".into())
    }
}

/// Runs until SIGTERM or Ctrl-C, then stops everything it started; data stay.
pub async fn run(args: Args) -> anyhow::Result<()> {
    cli::raise_file_limit();
    std::fs::create_dir_all(&args.data_dir).with_context(|| format!("{} cannot be made", args.data_dir.display()))?;
    let home = args.data_dir.canonicalize()?;
    let given = std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty());
    // Held by the private server where there is one.
    let mut lock = None;
    let (database_url, mut private) = if let Some(url) = given {
        lock = Some(postgres::lock(&home).await?);
        (url, None)
    } else {
        let private = postgres::start(&home).await?;
        (private.url(), Some(private))
    };
    let served = serve(&args, &home, &database_url, private.as_mut()).await;
    drop(lock);
    if let Some(private) = private {
        private.stop().await;
    }
    served
}

async fn serve(
    args: &Args,
    home: &Path,
    database_url: &str,
    private: Option<&mut postgres::Server>,
) -> anyhow::Result<()> {
    let public_url = format!("http://{}", args.listen);
    let (known, fresh) = prepare(home, &public_url, database_url, usize::from(args.agents)).await?;
    let mail = home.join("mail");
    std::fs::create_dir_all(&mail)?;
    let config = Config {
        database_url: database_url.into(),
        mail: MailTarget::Files(mail.clone()),
        mail_from: "help@demo.example".into(),
        public_url,
        listen: args.listen,
        secret_key: secret_key(home)?,
        trusted_proxies: Vec::new(),
        // The demo's shop is on this machine.
        outbound_allow: LOOPBACK.iter().filter_map(|net| net.parse().ok()).collect(),
        roles: Roles { web: true, queue: true, mail: true },
        redis_url: None,
        files: Some(FilesTarget::Disk(home.join("files"))),
    };
    let extra = Router::new().merge(shop::routes(known.site_key.clone())).merge(mailbox::routes(mail));
    let server = server::start(config, extra).await?;
    greet(&known, &fresh, home);
    let ended = tokio::select! {
        ended = cli::wait_for_signal() => ended,
        failed = keep_alive(private) => failed,
        () = server.app.stopping.cancelled() => Err(anyhow::anyhow!("the database was replaced: start the demo again")),
    };
    server.stop().await;
    ended
}

/// Starts the private server again whenever it ends. Returns when that fails.
async fn keep_alive(private: Option<&mut postgres::Server>) -> anyhow::Result<()> {
    let Some(private) = private else { return std::future::pending().await };
    loop {
        private.ended().await;
        private.start_again().await.context("PostgreSQL ended and does not start again; start the demo anew")?;
        tracing::info!("PostgreSQL runs again");
    }
}

async fn prepare(
    home: &Path,
    public_url: &str,
    database_url: &str,
    agents: usize,
) -> anyhow::Result<(Known, Vec<Person>)> {
    let db = Db::connect(database_url).await.context("PostgreSQL cannot be reached")?;
    db.migrate().await?;
    let prepared = first_run::prepare(&db, &home.join("demo.json"), public_url, database_url, agents).await?;
    db.close().await;
    Ok(prepared)
}

/// Made at the first start and kept, so that whoever was signed in stays so.
fn secret_key(home: &Path) -> anyhow::Result<SecretKey> {
    let file = home.join("secret.key");
    if let Ok(bytes) = std::fs::read(&file)
        && bytes.len() == 32
    {
        return Ok(SecretKey::new(&bytes));
    }
    let bytes = crate::app::random_bytes::<32>();
    write_private(&file, &bytes)?;
    Ok(SecretKey::new(&bytes))
}

/// Says where everything is, and the passwords that were just made; older ones are in the file alone.
fn greet(known: &Known, fresh: &[Person], home: &Path) {
    println!("\nDeskbell is ready.\n");
    println!("  shop      {}", known.shop_url);
    println!("  console   {}", known.console_url);
    println!("  mail      {}", known.mail_url);
    let is_agent = |person: &&Person| person.role == Role::Agent;
    let shown: Vec<_> = fresh.iter().filter(|p| !is_agent(p)).chain(fresh.iter().filter(is_agent).take(2)).collect();
    if !shown.is_empty() {
        println!("\nSign in to the console as one of:\n");
    }
    for person in shown {
        println!("  {:10} {:24} {}", person.role.as_str(), person.email, person.password);
    }
    println!("\nEverybody is in {}. Ctrl-C stops the demo; its data stay.", home.join("demo.json").display());
}

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(cause) => {
            tracing::error!(error = %cause, "a page of the demo cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
