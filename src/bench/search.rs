//! `bench search`: what the index costs whoever writes, and what a search takes among a million messages.
//!
//! Unlike the other measurements it looks from inside: it makes a PostgreSQL of its own, fills it with invented chats, has them
//! taken apart by the code that a node runs, and asks what the console's page asks.

mod invented;

use super::clock::now;
use super::report::{table, write_json};
use crate::app;
use crate::demo::postgres;
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{AgentId, ClientId, ConversationId, EventId, ShopperId, SiteId, TeamId};
use crate::domain::people::{Role, Team};
use crate::domain::routing::TeamSettings;
use crate::search::query::Query;
use crate::search::{TURN, as_vector};
use crate::store::append::{Append, Outcome, Writer};
use crate::store::people::{NewAgent, add_agent, join_team};
use crate::store::search::rehearse::{self, Chat, Floor, Line};
use crate::store::search::{self as store, Failure, Log, Narrow};
use crate::store::{Db, sites};
use anyhow::{Context, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

#[derive(Debug, clap::Args)]
pub struct SearchArgs {
    /// Messages to fill the database with
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1_000..=50_000_000))]
    messages: u32,
    /// Where the database is made; it is removed afterwards
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Times that each question is asked
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    times: u16,
    /// Messages of each round that measures the log writer
    #[arg(long, default_value_t = 40_000, value_parser = clap::value_parser!(u32).range(1_000..=1_000_000))]
    appends: u32,
    /// Write the figures there as well
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    messages: u32,
    appends: Vec<Appends>,
    taken_apart_per_s: f64,
    index_mb: f64,
    log_mb: f64,
    questions: Vec<Asked>,
}

/// The log writer as fast as it goes, in messages a second.
#[derive(Clone, Serialize)]
struct Appends {
    how: &'static str,
    per_s: f64,
}

#[derive(Serialize)]
struct Asked {
    what: &'static str,
    q: String,
    found: usize,
    p50_ms: f64,
    p95_ms: f64,
    /// A plain scan of all texts for the same, once.
    scan_ms: f64,
}

pub async fn run(args: SearchArgs) -> anyhow::Result<()> {
    let home =
        args.dir.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("deskbell-search-{}", app::new_id())));
    let server = postgres::start(&home).await?;
    let done = measure(&args, &server.url()).await;
    server.stop().await;
    std::fs::remove_dir_all(&home).with_context(|| format!("{} cannot be removed", home.display()))?;
    let report = done?;
    print(&report);
    write_json(args.json.as_deref(), &report)
}

async fn measure(args: &SearchArgs, url: &str) -> anyhow::Result<Report> {
    let db = Db::connect_unhurried(url).await?;
    db.migrate().await?;
    let floors = floors(&db).await?;
    let appends = appends(&db, &floors[0], args.appends).await?;
    rehearse::forget_to_note(&db.read, true).await?;
    fill(&db, &floors, args.messages).await?;
    rehearse::forget_to_note(&db.read, false).await?;
    let begun = now();
    let apart = take_apart(&db).await?;
    let taken_apart_per_s = f64::from(apart) / begun.elapsed().as_secs_f64();
    rehearse::settle(&db.read).await?;
    let (index, log) = rehearse::sizes(&db.read).await?;
    let questions = questions(args, &db, &floors).await?;
    db.close().await;
    Ok(Report {
        messages: args.messages,
        appends,
        taken_apart_per_s,
        index_mb: megabytes(index),
        log_mb: megabytes(log),
        questions,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
fn megabytes(bytes: i64) -> f64 {
    bytes as f64 / 1_048_576.0
}

/// A large shop, a middling one and a small one.
async fn floors(db: &Db) -> anyhow::Result<Vec<Floor>> {
    let mut floors = Vec::new();
    for name in ["Large", "Middling", "Small"] {
        let site = app::new_site(name, vec![format!("https://{}.example", name.to_lowercase())]);
        sites::add(&db.read, &site).await?;
        let team = Team {
            site_id: site.id,
            id: TeamId(app::new_id()),
            name: "Everybody".into(),
            settings: TeamSettings::default(),
        };
        sites::add_team(&db.read, &team, None).await?;
        let agent = AgentId(app::new_id());
        let email = format!("agent@{}.example", name.to_lowercase());
        let new = NewAgent { id: agent, email: &email, name, role: Role::Agent, password_hash: None, capacity: 5 };
        add_agent(&db.read, &new).await?;
        join_team(&db.read, site.id, team.id, agent).await?;
        floors.push(Floor { site: site.id, team: team.id, agent });
    }
    Ok(floors)
}

/// Which shop's chat this is: ninety, nine and one in a hundred.
fn floor_of(n: u32) -> usize {
    match n % 100 {
        0 => 2,
        1..=9 => 1,
        _ => 0,
    }
}

const LINES: u32 = 10;
const CHATS: u32 = 500;

async fn fill(db: &Db, floors: &[Floor], messages: u32) -> anyhow::Result<()> {
    let mut writer = invented::Writer::new(20_261_126);
    let (chats, now) = (messages.div_ceil(LINES), moment());
    let begin = now - TimeDelta::days(365);
    let step = TimeDelta::days(365) / i32::try_from(messages).unwrap_or(i32::MAX);
    for first in (0..chats).step_by(CHATS as usize) {
        let some: Vec<Chat> = (first..chats.min(first + CHATS)).map(|n| chat(&mut writer, n, begin, step)).collect();
        rehearse::fill(&db.read, floors, &some).await?;
        if first % (CHATS * 20) == 0 {
            eprintln!("filled {} of {messages}", first * LINES);
        }
    }
    Ok(())
}

fn chat(writer: &mut invented::Writer, n: u32, begin: DateTime<Utc>, step: TimeDelta) -> Chat {
    let line = |writer: &mut invented::Writer, at: u32| Line {
        id: EventId(app::new_id()),
        by_agent: at % 2 == 1,
        body: if (n, at) == PLANTED { "the only zwiebelkuchen, 彩虹 as well".to_owned() } else { writer.message() },
        at: begin + step * i32::try_from(n * LINES + at).unwrap_or(i32::MAX),
    };
    Chat {
        id: ConversationId(app::new_id()),
        floor: floor_of(n),
        shopper: ShopperId(app::new_id()),
        name: writer.name(),
        email: writer.address(),
        lines: (0..LINES).map(|at| line(writer, at)).collect(),
    }
}

/// The chat and the line that hold what nobody else wrote: an old one.
const PLANTED: (u32, u32) = (3, 4);

async fn take_apart(db: &Db) -> anyhow::Result<u32> {
    let mut apart = 0;
    loop {
        let turn = store::turn(&db.read, as_vector, TURN).await.map_err(|error| anyhow!(error.cause()))?;
        apart += u32::try_from(turn.noted + turn.old)?;
        if turn.is_whole && turn.noted == 0 {
            return Ok(apart);
        }
        if apart % 100_000 < 1_000 {
            eprintln!("taken apart {apart}");
        }
    }
}

/// Rounds of each kind, in turn, so that whatever else the machine does falls on all alike.
const ROUNDS: usize = 3;
const OPEN: usize = 64;
/// Messages on their way at once.
const AT_ONCE: usize = 1_024;

/// The log writer without the search, with what the search notes, and with an index of the usual kind on the log itself.
async fn appends(db: &Db, floor: &Floor, messages: u32) -> anyhow::Result<Vec<Appends>> {
    let chats: Vec<_> = (0..OPEN).map(|_| (ConversationId(app::new_id()), ShopperId(app::new_id()))).collect();
    rehearse::open(&db.read, floor, &chats, moment()).await?;
    let log = Writer::start(db)?;
    let mut best = [("without the search", 0.0), ("noted for the search", 0.0), ("indexed in the log itself", 0.0)];
    write(&log, floor.site, &chats, messages / 4).await?;
    for _ in 0..ROUNDS {
        for (n, (how, per_s)) in best.iter_mut().enumerate() {
            rehearse::forget_to_note(&db.read, n != 1).await?;
            rehearse::index_in_place(&db.read, n == 2).await?;
            let rate = write(&log, floor.site, &chats, messages).await?;
            rehearse::index_in_place(&db.read, false).await?;
            eprintln!("{how}: {rate:.0}/s");
            *per_s = f64::max(*per_s, rate);
        }
    }
    log.drain().await;
    Ok(best.into_iter().map(|(how, per_s)| Appends { how, per_s }).collect())
}

async fn write(
    log: &Writer,
    site: SiteId,
    chats: &[(ConversationId, ShopperId)],
    messages: u32,
) -> anyhow::Result<f64> {
    let mut writer = invented::Writer::new(7);
    let bodies: Vec<String> = (0..messages).map(|_| writer.message()).collect();
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let failed = Arc::new(AtomicU32::new(0));
    let begun = now();
    for body in bodies {
        let (chat, shopper) = chats[writer.dice().below(chats.len())];
        let permit = Arc::clone(&room).acquire_owned().await?;
        let failed = Arc::clone(&failed);
        log.submit(Append {
            site,
            conversation: chat,
            draft: draft(shopper, body),
            generation: None,
            shown: None,
            at: moment(),
            done: Box::new(move |outcome| {
                if !matches!(outcome, Outcome::Stored(_)) {
                    failed.fetch_add(1, Ordering::Relaxed);
                }
                drop(permit);
            }),
        });
    }
    let _all = room.acquire_many(u32::try_from(AT_ONCE)?).await?;
    let took = begun.elapsed();
    let failed = failed.load(Ordering::Relaxed);
    anyhow::ensure!(failed == 0, "{failed} of {messages} messages were not stored");
    Ok(f64::from(messages) / took.as_secs_f64())
}

fn draft(shopper: ShopperId, body: String) -> Draft {
    Draft {
        id: EventId(app::new_id()),
        cid: Some(ClientId(app::new_id())),
        kind: Kind::Message,
        by: Author::Shopper(shopper),
        by_name: "Visitor".into(),
        body: Some(body),
        data: None,
        files: Vec::new(),
        internal: false,
        oversees: false,
    }
}

async fn questions(args: &SearchArgs, db: &Db, floors: &[Floor]) -> anyhow::Result<Vec<Asked>> {
    let (admin, small) = ((AgentId(app::new_id()), Role::Admin), (floors[2].agent, Role::Agent));
    let all = Narrow::default();
    let one_agent = Narrow { agent: Some(floors[2].agent), ..Narrow::default() };
    let known = rehearse::somebody(&db.read).await?;
    let set = [
        ("a common word", "order", admin, &all),
        ("two common words", "order parcel", admin, &all),
        ("three words", "order jacket leather", admin, &all),
        ("a rare word", "zwiebelkuchen", admin, &all),
        ("a beginning", "gar", admin, &all),
        ("a phrase", "\"the order\"", admin, &all),
        ("Chinese, two characters, common", "订单", admin, &all),
        ("Chinese, two characters, rare", "彩虹", admin, &all),
        ("Chinese, one character", "的", admin, &all),
        ("Chinese, a phrase", "什么时候到", admin, &all),
        ("Arabic", "الطلب", admin, &all),
        ("an e-mail address", known.as_str(), admin, &all),
        ("an order number", "#500123", admin, &all),
        ("a word nobody wrote", "wordnobodywrote", admin, &all),
        ("characters nobody wrote", "龘龘", admin, &all),
        ("a common word, in a small shop", "order", small, &all),
        ("a common word, of one agent in a hundred", "order", admin, &one_agent),
        ("what is in every address", "example", admin, &all),
    ];
    let mut asked = Vec::new();
    for (what, q, who, narrow) in set {
        let one = ask(args, db, (what, q), who, narrow).await.with_context(|| what.to_owned())?;
        eprintln!(
            "{what}: p50 {:.1} p95 {:.1} ms, {} found, scan {:.0} ms",
            one.p50_ms, one.p95_ms, one.found, one.scan_ms
        );
        asked.push(one);
    }
    Ok(asked)
}

/// As the first page of the console asks: people, tickets and messages.
async fn ask(
    args: &SearchArgs,
    db: &Db,
    (what, q): (&'static str, &str),
    who: (AgentId, Role),
    narrow: &Narrow,
) -> anyhow::Result<Asked> {
    let (mut took, mut found) = (Vec::new(), 0);
    for _ in 0..args.times {
        let begun = now();
        let query = Query::parse(q).map_err(|refusal| anyhow!("{refusal:?}"))?;
        let wanted = store::Asked { who, query: &query.text, narrow };
        let failed = |failure: Failure| anyhow!("{failure:?}");
        found = store::people(&db.read, &wanted, None, 6).await.map_err(failed)?.len();
        found += store::tickets(&db.read, &wanted, None, 6).await.map_err(failed)?.len();
        found += store::said(&db.read, (&wanted, Log::Rooms), None, 6).await.map_err(failed)?.len();
        found += store::said(&db.read, (&wanted, Log::Chats), None, 26).await.map_err(failed)?.len();
        took.push(begun.elapsed());
    }
    let begun = now();
    rehearse::scan(&db.read, q.trim_matches('"'), 26).await?;
    let scan_ms = millis(begun.elapsed());
    took.sort_unstable();
    let at = |share: usize| millis(took[(took.len() * share / 100).min(took.len() - 1)]);
    Ok(Asked { what, q: q.to_owned(), found, p50_ms: at(50), p95_ms: at(95), scan_ms })
}

/// Any will do: what counts is how long things take.
fn moment() -> DateTime<Utc> {
    app::Clock::default().now()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn print(report: &Report) {
    let plain = report.appends[0].per_s;
    let mut rows: Vec<(&str, String)> = report
        .appends
        .iter()
        .map(|one| (one.how, format!("{:.0} messages/s, {:.2} of the first", one.per_s, one.per_s / plain)))
        .collect();
    rows.push(("taken apart", format!("{:.0}/s", report.taken_apart_per_s)));
    rows.push(("size", format!("index {:.0} MB, log {:.0} MB", report.index_mb, report.log_mb)));
    for one in &report.questions {
        let ratio = one.scan_ms / one.p50_ms;
        let line = format!(
            "p50 {:.1} ms, p95 {:.1} ms; a scan {:.0} ms ({ratio:.0} times as long); {} found",
            one.p50_ms, one.p95_ms, one.scan_ms, one.found
        );
        rows.push((one.what, line));
    }
    print!("{}", table(&rows));
}
