//! The house's rules: imports go down only, a door never imports another door, an outside crate has one home.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Floor {
    Ground,
    Spine,
    Work,
    Door,
    Front,
}

/// Every room and its floor. A new room is named here first.
const ROOMS: &[(&str, Floor)] = &[
    ("domain", Floor::Ground),
    ("config", Floor::Ground),
    ("error", Floor::Ground),
    ("pace", Floor::Ground),
    ("measure", Floor::Ground),
    ("words", Floor::Ground),
    ("store", Floor::Spine),
    ("realtime", Floor::Spine),
    ("admission", Floor::Spine),
    ("outbound", Floor::Spine),
    ("vault", Floor::Spine),
    ("app", Floor::Spine),
    ("web", Floor::Spine),
    ("conversations", Floor::Work),
    ("queue", Floor::Work),
    ("sla", Floor::Work),
    ("snooze", Floor::Work),
    ("rooms", Floor::Work),
    ("staff", Floor::Work),
    ("privacy", Floor::Work),
    ("presence", Floor::Work),
    ("replay", Floor::Work),
    ("transcripts", Floor::Work),
    ("storefront", Floor::Work),
    ("orders", Floor::Work),
    ("seal", Floor::Work),
    ("webhooks", Floor::Work),
    ("push", Floor::Work),
    ("reminders", Floor::Work),
    ("alerts", Floor::Work),
    ("search", Floor::Work),
    ("mail", Floor::Work),
    ("files", Floor::Work),
    ("auth", Floor::Work),
    ("shell", Floor::Work),
    ("embed", Floor::Work),
    ("shopper", Floor::Door),
    ("console", Floor::Door),
    ("admin", Floor::Door),
    ("api", Floor::Door),
    ("server", Floor::Front),
    ("cli", Floor::Front),
    ("demo", Floor::Front),
    ("bench", Floor::Front),
    ("main", Floor::Front),
];

/// What a room of the spine may import besides the ground floor.
const SPINE: &[(&str, &[&str])] = &[
    ("store", &[]),
    ("realtime", &[]),
    ("admission", &[]),
    ("outbound", &[]),
    ("vault", &[]),
    ("app", &["store", "realtime", "admission", "outbound", "vault"]),
    ("web", &["app", "store", "realtime", "admission", "outbound", "vault"]),
];

/// What ground rooms may import.
const GROUND: [(&str, &[&str]); 6] = [
    ("domain", &["error"]),
    ("config", &["domain", "error"]),
    ("error", &[]),
    ("pace", &["domain", "error"]),
    ("measure", &[]),
    ("words", &["domain", "error"]),
];

/// Imports that break a rule, each with the reason why it stays: `(file, room)`.
const EXCEPTIONS: [(&str, &str); 0] = [];

/// A crate or call, and where it is at home. `src/` is left out of the paths.
const HOMES: &[(&str, &[&str])] = &[
    // The derives of ids and rows, and what an error of the database means; the demo makes its own cluster's database.
    ("sqlx::", &["store", "domain", "error.rs", "demo/postgres"]),
    ("lettre::", &["mail", "cli/doctor.rs"]),
    ("argon2::", &["auth"]),
    ("redis::", &["realtime"]),
    ("reqwest::", &["outbound"]),
    ("object_store::", &["vault.rs"]),
    ("infer::", &["files"]),
    ("image::", &["files", "storefront"]),
    ("lol_html::", &["storefront"]),
    ("p256::", &["push"]),
    ("jsonwebtoken::", &["auth", "push"]),
    ("metrics_exporter_prometheus::", &["server.rs", "app.rs"]),
    ("tokio_tungstenite::", &["web/socket.rs", "bench"]),
    ("hyper::", &["server", "bench", "cli/doctor"]),
    ("askama::", &["console", "admin", "shell", "words", "mail", "transcripts", "shopper", "demo"]),
    ("fluent_bundle::", &["words"]),
    // Time and randomness. The generator measures from outside, with a clock of its own.
    ("Utc::now", &["app.rs"]),
    ("Local::now", &["app.rs"]),
    ("Instant::now", &["app.rs", "bench/clock.rs"]),
    ("SystemTime::now", &["app.rs", "bench/clock.rs"]),
    ("now_v7", &["app.rs", "bench"]),
    ("getrandom::", &["app.rs"]),
];

struct Source {
    /// Below `src/`.
    path: String,
    room: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    gather(&root, &mut found);
    assert!(found.len() > 50, "the sources are where they were");
    found.into_iter().map(|path| source(&root, &path)).collect()
}

fn gather(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs")
            && path.file_name().is_some_and(|name| name != "tests.rs")
        {
            found.push(path);
        }
    }
}

fn source(root: &Path, path: &Path) -> Source {
    let path_below = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    let room = path_below.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
    let text = std::fs::read_to_string(path).unwrap();
    // Tests stand at the end of a file and may reach anywhere.
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let text = text.split("#[cfg(test)]\npub(crate) mod tests").next().unwrap();
    let code: Vec<_> = text.lines().map(|line| line.split("//").next().unwrap()).collect();
    Source { path: path_below, room, code: code.join("\n") }
}

/// The rooms a source names: `crate::room`, and each of `crate::{room::…, room}`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(first_names(group)),
            None => rooms.extend(name(rest)),
        }
    }
    rooms
}

fn name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// The first name of each entry of a use group, up to its closing brace.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut begins) = (1, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => begins = true,
            c if begins && !c.is_whitespace() => {
                names.extend(name(&group[at..]));
                begins = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn floor(room: &str) -> Option<Floor> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// Why `from` may not import `to`; `None`: it may.
fn objection(from: &str, to: &str) -> Option<&'static str> {
    let (above, below) = (floor(from)?, floor(to)?);
    let listed = |table: &[(&str, &[&str])]| table.iter().any(|(room, allowed)| *room == from && allowed.contains(&to));
    match above {
        _ if from == to => None,
        Floor::Front => None,
        _ if below == Floor::Front => Some("nobody but the front imports the front"),
        Floor::Ground => (!listed(&GROUND)).then_some("the ground floor imports nothing above it"),
        Floor::Spine if below == Floor::Ground => None,
        Floor::Spine => (!listed(SPINE)).then_some("store and realtime know neither each other nor anything above"),
        Floor::Work => (below == Floor::Door).then_some("a work room never imports a door"),
        Floor::Door => (below == Floor::Door).then_some("a door never imports another door"),
    }
}

#[test]
fn imports_go_down_only() {
    let mut broken = Vec::new();
    for source in sources() {
        for room in imports(&source.code) {
            let excepted = EXCEPTIONS.contains(&(source.path.as_str(), room.as_str()));
            if let Some(why) = objection(&source.room, &room).filter(|_| !excepted) {
                broken.push(format!("{} imports {room}: {why}", source.path));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_room_has_a_floor() {
    let rooms: BTreeSet<_> = sources().into_iter().map(|source| source.room).filter(|room| room != "lib").collect();
    let known: BTreeSet<_> = ROOMS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(rooms, known);
}

#[test]
fn an_outside_crate_has_one_home() {
    let mut strayed = Vec::new();
    for source in sources() {
        for (what, homes) in HOMES {
            let at_home = homes.iter().any(|home| {
                source.path == *home || source.path.strip_prefix(home).is_some_and(|rest| rest.starts_with(['/', '.']))
            });
            if names(&source.code, what) && !at_home {
                strayed.push(format!("{} uses {what}", source.path));
            }
        }
    }
    assert!(strayed.is_empty(), "{strayed:#?}");
}

/// Whether the code names it, and not merely something that ends alike.
fn names(code: &str, what: &str) -> bool {
    code.match_indices(what).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[test]
fn the_sources_are_read_as_they_are_written() {
    let code = "use crate::app::{self, App};\nuse crate::{\n    store::{people, sites},\n    web,\n};\nlet x = crate::pace::Key::A;";
    assert_eq!(imports(code).into_iter().collect::<Vec<_>>(), ["app", "pace", "store", "web"]);
    assert!(names("use sqlx::PgPool;", "sqlx::") && !names("mysqlx::x", "sqlx::"));
    assert!(objection("store", "realtime").is_some() && objection("web", "app").is_none());
    assert!(objection("queue", "api").is_some() && objection("console", "api").is_some());
    assert!(objection("conversations", "demo").is_some() && objection("domain", "store").is_some());
}
