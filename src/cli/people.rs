//! First steps without a browser: `site add`, `site set`, `agent add`, `agent password`.

use crate::app;
use crate::auth::session::{PASSWORD_MAX, PASSWORD_MIN, hash_now};
use crate::domain::id::{AgentId, SiteId, TeamId};
use crate::domain::people::{Role, Team, parse_email, tidy_name};
use crate::domain::routing::TeamSettings;
use crate::domain::site::{Site, parse_origin};
use crate::store::people::{NewAgent, add_agent, join_team};
use crate::store::staff::replace_password;
use crate::store::{Db, sites};
use clap::Subcommand;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{IsTerminal, Read};

#[derive(Subcommand)]
pub enum SiteCommand {
    /// Add a shop; prints its key, its secret and the snippet to embed
    Add {
        name: String,
        /// An address the shop is served at, for example https://shop.example; may be given several times
        #[arg(long, required = true)]
        origin: Vec<String>,
    },
    /// Change a shop's limits and its routing
    Set {
        /// The site's public key
        #[arg(allow_hyphen_values = true)]
        key: String,
        /// For example shopper_per_s=10; may be given several times
        #[arg(long, value_name = "NAME=NUMBER")]
        limit: Vec<String>,
        /// For example mode=offer or ageing_s=300; may be given several times
        #[arg(long, value_name = "NAME=VALUE")]
        routing: Vec<String>,
    },
}

#[derive(Subcommand)]
pub enum AgentCommand {
    /// Add somebody to the staff; the password is read from standard input, or made and printed
    Add {
        email: String,
        #[arg(long)]
        name: String,
        #[arg(long, value_enum)]
        role: Role,
        /// The team's name; it is made if it does not exist yet. Without one an admin sets up the shop in the console
        #[arg(long)]
        team: Option<String>,
        /// The site's public key; needed where there are several sites
        #[arg(long, allow_hyphen_values = true)]
        site: Option<String>,
        /// How many chats at once
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(i16).range(0..=100))]
        capacity: i16,
    },
    /// Give somebody another password, which signs them out everywhere; read from standard input, or made and printed
    Password { email: String },
}

pub async fn site(command: SiteCommand) -> anyhow::Result<()> {
    let db = super::connect().await?;
    match command {
        SiteCommand::Add { name, origin } => {
            let origins = origin.iter().map(|text| {
                parse_origin(text)
                    .ok_or_else(|| anyhow::anyhow!("{text:?} is not an origin such as https://shop.example"))
            });
            let mut site = app::new_site(&named("NAME", &name)?, origins.collect::<anyhow::Result<_>>()?);
            // A shop that says it is open should have somebody there.
            site.settings.routing.needs_staff = true;
            sites::add(&db.read, &site).await?;
            println!("site key     {}\nsite secret  {}", site.public_key, site.secret);
            println!(
                "\nEmbed on every page of the shop:\n<script async src=\"https://YOUR-DESKBELL/w/{}.js\"></script>",
                site.public_key
            );
            Ok(())
        }
        SiteCommand::Set { key, limit, routing } => set(&db, &key, &limit, &routing).await,
    }
}

async fn set(db: &Db, key: &str, limits: &[String], routing: &[String]) -> anyhow::Result<()> {
    let mut site =
        sites::by_key(&db.read, key).await?.ok_or_else(|| anyhow::anyhow!("there is no site with the key {key}"))?;
    site.settings.limits = changed(&site.settings.limits, limits)?;
    site.settings.routing = changed(&site.settings.routing, routing)?;
    sites::update(&db.read, &site, None).await?;
    println!("This holds within a few seconds.");
    Ok(())
}

/// Settings with some of their fields set; each keeps its kind.
fn changed<T: Serialize + DeserializeOwned>(settings: &T, changes: &[String]) -> anyhow::Result<T> {
    let mut known = serde_json::to_value(settings)?;
    let names = known.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>().join(", ")).unwrap_or_default();
    for change in changes {
        let (name, value) = change.split_once('=').ok_or_else(|| anyhow::anyhow!("{change:?} is not NAME=VALUE"))?;
        let place = known.get_mut(name).ok_or_else(|| anyhow::anyhow!("{name:?} is none of {names}"))?;
        *place = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    }
    serde_json::from_value(known).map_err(|mistake| anyhow::anyhow!("{}: {mistake}", changes.join(" ")))
}

pub async fn agent(command: AgentCommand) -> anyhow::Result<()> {
    let db = super::connect().await?;
    let (email, name, role, team, site, capacity) = match command {
        AgentCommand::Add { email, name, role, team, site, capacity } => (email, name, role, team, site, capacity),
        AgentCommand::Password { email } => return password(&db, &email).await,
    };
    let email = parse_email(&email).ok_or_else(|| anyhow::anyhow!("{email:?} is not an e-mail address"))?;
    let name = named("--name", &name)?;
    anyhow::ensure!(team.is_some() || role == Role::Admin, "say which team they are in with --team");
    // The team first: an agent without one is of no use, a team without agents does no harm.
    let team = match team {
        Some(team) => {
            let (site, team) = (one_site(&db, site.as_deref()).await?, named("--team", &team)?);
            Some((site.id, team_named(&db, site.id, &team).await?))
        }
        None => None,
    };
    let (password, made) = read_password()?;
    let id = AgentId(app::new_id());
    let hash = hash_now(&password)?;
    let new = NewAgent { id, email: &email, name: &name, role, password_hash: Some(&hash), capacity };
    add_agent(&db.read, &new).await.map_err(|cause| match &cause {
        cause if crate::error::violates(cause, "agents_email_unique") => {
            anyhow::anyhow!("somebody has the address {email} already")
        }
        _ => cause.into(),
    })?;
    if let Some((site, team)) = team {
        join_team(&db.read, site, team, id).await?;
    }
    println!("{email} may sign in.");
    if made {
        println!("password     {password}");
    }
    Ok(())
}

async fn password(db: &Db, email: &str) -> anyhow::Result<()> {
    let (password, made) = read_password()?;
    let is_known = replace_password(&db.read, email.trim(), &hash_now(&password)?).await?;
    anyhow::ensure!(is_known, "nobody has the address {email}");
    println!("{email} has another password and is signed out.");
    if made {
        println!("password     {password}");
    }
    Ok(())
}

fn named(option: &str, text: &str) -> anyhow::Result<String> {
    let tidy = tidy_name(text);
    anyhow::ensure!(!tidy.is_empty(), "{option} needs a name");
    Ok(tidy)
}

pub async fn one_site(db: &Db, key: Option<&str>) -> anyhow::Result<Site> {
    if let Some(key) = key {
        return sites::by_key(&db.read, key)
            .await?
            .ok_or_else(|| anyhow::anyhow!("there is no site with the key {key}"));
    }
    let mut all = sites::all(&db.read).await?;
    match (all.pop(), all.len()) {
        (Some(site), 0) => Ok(site),
        (None, _) => anyhow::bail!("there is no site yet: run `deskbell site add`"),
        (Some(_), _) => anyhow::bail!("there are several sites: say which with --site KEY"),
    }
}

async fn team_named(db: &Db, site: SiteId, name: &str) -> anyhow::Result<TeamId> {
    if let Some(team) = sites::team_named(&db.read, site, name).await? {
        return Ok(team.id);
    }
    let team =
        Team { site_id: site, id: TeamId(app::new_id()), name: tidy_name(name), settings: TeamSettings::default() };
    sites::add_team(&db.read, &team, None).await?;
    Ok(team.id)
}

/// From standard input where it is piped; else one is made. Never a default.
fn read_password() -> anyhow::Result<(String, bool)> {
    let mut typed = String::new();
    if !std::io::stdin().is_terminal() {
        std::io::stdin().take(2_048).read_to_string(&mut typed)?;
    }
    let typed = typed.trim_end_matches(['\r', '\n']);
    if typed.is_empty() {
        return Ok((app::new_secret(), true));
    }
    anyhow::ensure!(typed.chars().count() >= PASSWORD_MIN, "a password needs {PASSWORD_MIN} characters or more");
    anyhow::ensure!(typed.len() <= PASSWORD_MAX, "a password has at most {PASSWORD_MAX} bytes");
    Ok((typed.to_owned(), false))
}
