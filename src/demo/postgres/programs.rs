//! Finding PostgreSQL's programs on this machine.
//!
//! Promises: programs are only chosen after they have answered `--version` under the account that will run them, data are
//! only opened by the major version that made them, and when nothing fits the message says what was looked for, what was
//! found and why it does not do, and what to type. It may not install or download anything.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use super::account::Account;

/// `initdb --no-instructions` and everything the schema needs is there from this major version on.
const OLDEST: u32 = 14;
const PATIENCE: Duration = Duration::from_secs(10);

/// Where distributions keep the programs out of `PATH`; a `*` stands for a version.
const KNOWN: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ("/opt/local/lib", "postgresql", "bin"),
];

const ADVICE: &str = "Install PostgreSQL and start again:
  Debian, Ubuntu:                 sudo apt-get install -y postgresql
  Fedora:                         sudo dnf install -y postgresql-server
  macOS:                          brew install postgresql@17
  without administrator's rights: bin/get-postgres
Or set DATABASE_URL to a database of your own.";

/// A directory whose `postgres` and `initdb` work here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    pub bin: PathBuf,
    pub major: u32,
}

/// The directories to look into, in the order of preference.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// `PG_BIN`: when set, nothing else is looked at.
    pub chosen: Option<PathBuf>,
    pub places: Vec<PathBuf>,
}

impl Search {
    pub(super) async fn of_this_machine(home: &Path, account: &Account) -> Self {
        let chosen = std::env::var_os("PG_BIN").filter(|v| !v.is_empty()).map(PathBuf::from);
        let mut places = vec![PathBuf::from("var/postgres/bin")];
        places.extend(home.parent().map(|dir| dir.join("postgres/bin")));
        places.extend(asked_of_pg_config(account).await);
        places.extend(KNOWN.iter().flat_map(versioned));
        places.extend(std::env::var_os("PATH").iter().flat_map(|path| std::env::split_paths(path).collect::<Vec<_>>()));
        Self { chosen, places }
    }

    /// The programs for data made by `wanted`, or the newest ones when there are no data yet.
    pub(super) async fn find(&self, wanted: Option<u32>, account: &Account) -> Result<Programs> {
        let (usable, refused) = match &self.chosen {
            Some(bin) => look(std::slice::from_ref(bin), account).await,
            None => look(&self.places, account).await,
        };
        let found = match wanted {
            Some(major) => usable.iter().find(|p| p.major == major),
            // `max_by_key` keeps the last of equals; the first place is the preferred one.
            None => usable.iter().rev().max_by_key(|p| p.major),
        };
        match (found, wanted) {
            (Some(programs), _) => Ok(programs.clone()),
            (None, Some(major)) => bail!(wrong_version(major, &usable, &refused)),
            (None, None) => bail!(self.missing(&refused)),
        }
    }

    fn missing(&self, refused: &[String]) -> String {
        let mut text = match &self.chosen {
            Some(bin) => format!("PG_BIN is {}, and that is no usable PostgreSQL.\n", bin.display()),
            None => format!(
                "No usable PostgreSQL was found on this machine.\nLooked for the programs postgres and initdb, version {OLDEST} or newer, in: {}.\n",
                looked_for()
            ),
        };
        append_refused(&mut text, refused);
        text.push_str(ADVICE);
        text
    }
}

fn looked_for() -> String {
    let known = KNOWN.iter().map(|(parent, prefix, rest)| match *rest {
        "" => format!("{parent}/{prefix}*"),
        rest => format!("{parent}/{prefix}*/{rest}"),
    });
    let ends = ["PATH".to_owned()];
    let starts = ["PG_BIN (not set)".to_owned(), "var/postgres/bin".to_owned(), "pg_config --bindir".to_owned()];
    starts.into_iter().chain(known).chain(ends).collect::<Vec<_>>().join(", ")
}

fn wrong_version(major: u32, usable: &[Programs], refused: &[String]) -> String {
    let mut text = format!("The demo's data were made by PostgreSQL {major}, and that version is not usable here.\n");
    for programs in usable {
        let _ = writeln!(text, "  found {} in {}", programs.major, programs.bin.display());
    }
    append_refused(&mut text, refused);
    let _ = write!(
        text,
        "Install PostgreSQL {major}, or begin anew in another place with --data-dir, or set DATABASE_URL to a database of your own."
    );
    text
}

fn append_refused(text: &mut String, refused: &[String]) {
    if !refused.is_empty() {
        text.push_str("Found, but not usable:\n");
    }
    for line in refused {
        let _ = writeln!(text, "  {line}");
    }
}

/// Usable programs in the order of preference, and a line for each that is not.
async fn look(places: &[PathBuf], account: &Account) -> (Vec<Programs>, Vec<String>) {
    let (mut usable, mut refused, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for place in places {
        let Some(bin) = resolved(place).filter(|bin| seen.insert(bin.clone())) else { continue };
        match probe(&bin, account).await {
            Ok(major) => usable.push(Programs { bin, major }),
            Err(why) => refused.push(format!("{}: {why}", bin.display())),
        }
    }
    (usable, refused)
}

/// The directory a `postgres` really lives in: `PATH` often holds one lone symlink to it.
fn resolved(place: &Path) -> Option<PathBuf> {
    let program = place.join("postgres");
    if !program.exists() {
        return None;
    }
    if place.join("initdb").exists() {
        return place.canonicalize().ok();
    }
    program.canonicalize().ok()?.parent().map(Path::to_path_buf)
}

async fn probe(bin: &Path, account: &Account) -> Result<u32, String> {
    if !bin.join("initdb").exists() {
        return Err("there is a postgres, but no initdb beside it".into());
    }
    let text = answer(&bin.join("postgres"), "--version", account).await?;
    match major(&text) {
        None => Err(format!("postgres --version answered {text:?}")),
        Some(major) if major < OLDEST => Err(format!("version {major} is too old, {OLDEST} or newer is needed")),
        Some(major) => {
            answer(&bin.join("initdb"), "--version", account).await?;
            Ok(major)
        }
    }
}

/// What a program prints, or its last complaint.
async fn answer(program: &Path, argument: &str, account: &Account) -> Result<String, String> {
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut command = account.command(program, Path::new("/"));
    command.arg(argument).kill_on_drop(true);
    match tokio::time::timeout(PATIENCE, command.output()).await {
        Err(_) => Err(format!("{name} did not answer within {} s", PATIENCE.as_secs())),
        Ok(Err(cause)) => Err(format!("{name} cannot be run: {cause}")),
        Ok(Ok(out)) if out.status.success() => Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned()),
        Ok(Ok(out)) => {
            let complaint = String::from_utf8_lossy(&out.stderr);
            Err(format!("{name} does not run: {}", complaint.lines().last().unwrap_or("it says nothing")))
        }
    }
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` → 15; wrappers may print lines of their own around it.
fn major(text: &str) -> Option<u32> {
    let rest = text.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

async fn asked_of_pg_config(account: &Account) -> Option<PathBuf> {
    let bindir = answer(Path::new("pg_config"), "--bindir", account).await.ok()?;
    bindir.starts_with('/').then(|| PathBuf::from(bindir))
}

/// The versioned directories that exist, e.g. `/usr/lib/postgresql/*/bin`.
fn versioned((parent, prefix, rest): &(&str, &str, &str)) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(rest))
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(dir: &Path, name: &str, script: &str) {
        std::fs::create_dir_all(dir).unwrap();
        let path = dir.join(name);
        // Written by a child: what this process has open for writing while another test starts a program cannot be run.
        let write = r#"printf '#!/bin/sh\n%s\n' "$2" > "$1" && chmod 755 "$1""#;
        let written = std::process::Command::new("sh").args(["-c", write, "sh"]).arg(&path).arg(script).status();
        assert!(written.unwrap().success(), "{}", path.display());
    }

    fn version(dir: &Path, number: &str) {
        program(dir, "postgres", &format!("echo 'postgres (PostgreSQL) {number}'"));
        program(dir, "initdb", &format!("echo 'initdb (PostgreSQL) {number}'"));
    }

    fn scratch(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("deskbell-programs-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        dir.canonicalize().unwrap()
    }

    fn search(places: &[PathBuf]) -> Search {
        Search { chosen: None, places: places.to_vec() }
    }

    #[test]
    fn the_major_version_is_read_from_what_postgres_says() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta2"), Some(18));
        assert_eq!(major("using the wrapper\npostgres (PostgreSQL) 17.2"), Some(17));
        assert_eq!(major("hello"), None);
    }

    #[tokio::test]
    async fn new_data_take_the_newest_and_old_data_the_version_that_made_them() {
        let dir = scratch("versions");
        let places = [dir.join("a"), dir.join("b"), dir.join("c")];
        for (place, number) in places.iter().zip(["15.3", "17.1", "17.2"]) {
            version(place, number);
        }
        let (search, account) = (search(&places), Account::of_this_process());
        assert_eq!(search.find(None, &account).await.unwrap(), Programs { bin: places[1].clone(), major: 17 });
        assert_eq!(search.find(Some(15), &account).await.unwrap().bin, places[0]);
        let refusal = search.find(Some(16), &account).await.unwrap_err().to_string();
        assert!(refusal.contains("made by PostgreSQL 16") && refusal.contains("found 17 in"), "{refusal}");
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[tokio::test]
    async fn a_lone_symlink_in_the_path_leads_to_its_directory() {
        let dir = scratch("symlink");
        version(&dir.join("real"), "16.0");
        std::fs::create_dir(dir.join("path")).unwrap();
        std::os::unix::fs::symlink(dir.join("real/postgres"), dir.join("path/postgres")).unwrap();
        let found = search(&[dir.join("path")]).find(None, &Account::of_this_process()).await.unwrap();
        assert_eq!(found.bin, dir.join("real"));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[tokio::test]
    async fn missing_programs_are_explained_with_what_was_found_and_what_to_type() {
        let dir = scratch("missing");
        program(&dir.join("broken"), "postgres", "echo 'libxml2.so.2: cannot open shared object file' >&2; exit 127");
        program(&dir.join("broken"), "initdb", "exit 127");
        program(&dir.join("lone"), "postgres", "echo 'postgres (PostgreSQL) 17.2'");
        version(&dir.join("old"), "9.6.24");
        let places = [dir.join("broken"), dir.join("lone"), dir.join("old"), dir.join("nothing")];
        let refusal = search(&places).find(None, &Account::of_this_process()).await.unwrap_err().to_string();
        let sentences = [
            "No usable PostgreSQL was found on this machine.",
            "Looked for the programs postgres and initdb, version 14 or newer, in: PG_BIN (not set), var/postgres/bin, pg_config --bindir, /usr/lib/postgresql/*/bin",
            "broken: postgres does not run: libxml2.so.2: cannot open shared object file",
            "lone: there is a postgres, but no initdb beside it",
            "old: version 9 is too old",
            "sudo apt-get install -y postgresql",
            "brew install postgresql@17",
            "DATABASE_URL",
        ];
        for sentence in sentences {
            assert!(refusal.contains(sentence), "{sentence:?} is not in: {refusal}");
        }
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[tokio::test]
    async fn a_chosen_directory_is_the_only_one_looked_at() {
        let dir = scratch("chosen");
        version(&dir.join("good"), "17.0");
        let search = Search { chosen: Some(dir.join("empty")), places: vec![dir.join("good")] };
        let refusal = search.find(None, &Account::of_this_process()).await.unwrap_err().to_string();
        assert!(refusal.starts_with("PG_BIN is ") && refusal.contains("empty"), "{refusal}");
        std::fs::remove_dir_all(dir).unwrap();
    }
}
