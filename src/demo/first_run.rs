//! What a demo starts with: a shop, two teams, its staff with generated passwords, kept in `demo.json` for the next start.

use super::shop;
use crate::app;
use crate::auth::session::hash_now;
use crate::domain::id::{AgentId, SiteId, TeamId};
use crate::domain::people::{Role, Team};
use crate::domain::routing::TeamSettings;
use crate::domain::site::{IntakeField, Site};
use crate::store::people::{NewAgent, add_agent, join_team};
use crate::store::{Db, sites};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// `demo.json`, as other programs read it.
#[derive(Serialize, Deserialize)]
pub struct Known {
    pub shop_url: String,
    pub console_url: String,
    pub mail_url: String,
    pub site_key: String,
    pub site_secret: String,
    pub database_url: String,
    pub agents: Vec<Person>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Person {
    pub email: String,
    pub password: String,
    pub name: String,
    pub team: String,
    pub role: Role,
}

const TEAMS: [&str; 2] = ["Orders", "Products"];
const AGENTS: [&str; 6] = ["Ana Lindqvist", "Ben Okafor", "Chen Yu", "Dalia Haddad", "Emil Brandt", "Farah Siddiqui"];
const CHATS_AT_ONCE: i16 = 5;

/// Makes what is missing, and writes `demo.json` readable by its owner alone. Also gives those whose password was just made.
pub async fn prepare(
    db: &Db,
    file: &Path,
    public_url: &str,
    database_url: &str,
    agents: usize,
) -> anyhow::Result<(Known, Vec<Person>)> {
    let before: Option<Known> = fs::read_to_string(file).ok().and_then(|text| serde_json::from_str(&text).ok());
    let site = site(db, before.as_ref().map(|known| known.site_key.as_str()), public_url).await?;
    let mut people = before.map(|known| known.agents).unwrap_or_default();
    let mut missing = Vec::new();
    for (n, wanted) in staff(agents).into_iter().enumerate() {
        let exists = crate::store::people::agent_by_email(&db.read, &wanted.email).await?.is_some();
        let known = people.iter().any(|person| person.email == wanted.email);
        if !exists || !known {
            missing.push((n, wanted));
        }
    }
    people.retain(|person| missing.iter().all(|(_, new)| new.email != person.email));
    let added = add(db, site.id, missing).await?;
    people.extend(added.iter().cloned());
    let known = Known {
        shop_url: format!("{public_url}/shop/"),
        console_url: format!("{public_url}/console"),
        mail_url: format!("{public_url}/demo/mail"),
        site_key: site.public_key,
        site_secret: site.secret,
        database_url: database_url.to_owned(),
        agents: people,
    };
    write(file, &known)?;
    Ok((known, added))
}

async fn site(db: &Db, key: Option<&str>, public_url: &str) -> anyhow::Result<Site> {
    let known = match key {
        Some(key) => sites::by_key(&db.read, key).await?,
        None => sites::all(&db.read).await?.into_iter().find(|site| site.name == shop::NAME),
    };
    if let Some(mut site) = known {
        site.origins = vec![public_url.to_owned()];
        sites::update(&db.read, &site, None).await?;
        return Ok(site);
    }
    let mut site = app::new_site(shop::NAME, vec![public_url.to_owned()]);
    site.settings.intake =
        vec![field("name", "Your name", "text"), field("email", "E-mail (for the transcript)", "email")];
    site.settings.transcript_at_close = true;
    site.settings.appearance.color = shop::COLOR.into();
    // One machine plays all shoppers here.
    site.settings.limits.sessions_burst = 2_000;
    site.settings.limits.sessions_per_s = 200;
    sites::add(&db.read, &site).await?;
    Ok(site)
}

fn field(name: &str, label: &str, kind: &str) -> IntakeField {
    IntakeField { name: name.into(), label: label.into(), kind: kind.into(), ..IntakeField::default() }
}

/// Six agents or as many as asked for, a supervisor and an admin.
fn staff(agents: usize) -> Vec<Person> {
    let mut staff: Vec<_> = (0..agents)
        .map(|n| {
            let name = AGENTS.get(n).map_or_else(|| format!("Agent {}", n + 1), |name| (*name).to_owned());
            let local = name.split(' ').next().unwrap_or("agent").to_lowercase();
            let local = if n < AGENTS.len() { local } else { format!("agent{}", n + 1) };
            person(&local, &name, TEAMS[n % TEAMS.len()], Role::Agent)
        })
        .collect();
    staff.push(person("grace", "Grace Moreau", TEAMS[0], Role::Supervisor));
    staff.push(person("hugo", "Hugo Tanaka", TEAMS[0], Role::Admin));
    staff
}

fn person(local: &str, name: &str, team: &str, role: Role) -> Person {
    Person {
        email: format!("{local}@demo.example"),
        password: String::new(),
        name: name.into(),
        team: team.into(),
        role,
    }
}

/// Two at a time: each hash takes 19 MiB, and a server that starts small should stay so.
async fn add(db: &Db, site: SiteId, people: Vec<(usize, Person)>) -> anyhow::Result<Vec<Person>> {
    let mut added = Vec::new();
    for pair in people.chunks(2) {
        let hashing: Vec<_> = pair.iter().map(|(_, person)| hash(person.clone())).collect();
        for hashed in hashing {
            let (person, hash) = hashed.await??;
            write_person(db, site, &person, &hash).await?;
            added.push(person);
        }
    }
    Ok(added)
}

fn hash(mut person: Person) -> tokio::task::JoinHandle<crate::error::Result<(Person, String)>> {
    tokio::task::spawn_blocking(move || {
        person.password = app::new_secret();
        hash_now(&person.password).map(|hash| (person, hash))
    })
}

async fn write_person(db: &Db, site: SiteId, person: &Person, hash: &str) -> anyhow::Result<()> {
    let id = AgentId(app::new_id());
    let new = NewAgent {
        id,
        email: &person.email,
        name: &person.name,
        role: person.role,
        password_hash: Some(hash),
        capacity: CHATS_AT_ONCE,
    };
    let id = match add_agent(&db.read, &new).await {
        Ok(()) => id,
        // demo.json was lost: a new password for who is there already.
        Err(cause) if crate::error::violates(&cause, "agents_email_unique") => {
            crate::store::people::set_password(&db.read, &person.email, hash).await?
        }
        Err(cause) => return Err(cause.into()),
    };
    let team = if let Some(team) = sites::team_named(&db.read, site, &person.team).await? {
        team
    } else {
        let team = Team {
            site_id: site,
            id: TeamId(app::new_id()),
            name: person.team.clone(),
            settings: TeamSettings::default(),
        };
        sites::add_team(&db.read, &team, None).await?;
        team
    };
    join_team(&db.read, site, team.id, id).await?;
    Ok(())
}

fn write(file: &Path, known: &Known) -> anyhow::Result<()> {
    write_private(file, &serde_json::to_vec_pretty(known)?)
}

/// Written beside and renamed, so that a reader never sees half of it; only its owner may read it.
pub fn write_private(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = file.with_extension("new");
    let cannot = || format!("{} cannot be written", file.display());
    let _ = fs::remove_file(&beside);
    let mut new = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).with_context(cannot)?;
    new.write_all(bytes).and_then(|()| new.sync_all()).with_context(cannot)?;
    fs::rename(&beside, file).with_context(cannot)
}
