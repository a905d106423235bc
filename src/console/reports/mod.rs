//! What came of the conversations of a span of days: how many, how soon, by whom, how well. A form that needs no script; what is
//! asked is in the address. Every drawing says in words what it shows, and stands over a table of the same numbers, which is
//! also to be had as CSV.
//!
//! Promises: a table's last line, its CSV and the database say the same. May not: show a site that the supervisor does not work for.

mod asked;
mod chart;
mod export;
mod numbers;
mod tables;
mod tiles;

use super::choice::{Choice, offer};
use crate::app::App;
use crate::auth::session::Supervisor;
use crate::conversations::site_by_id;
use crate::domain::id::SiteId;
use crate::domain::people::Agent;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::people::sites_of;
use crate::store::reports::{self as store, Comment, Cut, Line, Span};
use crate::store::search::Failure;
use crate::store::wall;
use crate::words::{Key, Lang, ToArg, filters};
use askama::Template;
use asked::{Asked, Kind, Period, RANGES};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use chart::Chart;
use chrono_tz::Tz;
use numbers::show;
use std::sync::Arc;
use std::time::Duration;
use tables::{Drawn, Plan, Table, plans};
use tiles::{Tile, Totals};

/// Most comments on one page.
const COMMENTS: i64 = 50;
/// Whoever waits longer, for their turn or for the database, is told so: before the server's own patience with a request ends.
const PATIENCE: Duration = Duration::from_secs(8);

#[derive(Template)]
#[template(path = "console/report.html")]
struct ReportPage {
    shell: Shell,
    asked: Asked,
    period: Period,
    tabs: Vec<(Kind, String)>,
    /// What a range is called, its address, and whether it is the one that is shown.
    ranges: Vec<(Key, String, bool)>,
    sites: Vec<Choice>,
    teams: Vec<Choice>,
    zones: Vec<Choice>,
    /// It would have taken too long.
    is_too_much: bool,
    tiles: Vec<Tile>,
    sheets: Vec<Sheet>,
    comments: Vec<Comment>,
}

/// A table, drawn, and the sentence that says what is seen.
struct Sheet {
    table: Table,
    chart: Chart,
    finding: String,
    csv: String,
}

impl Sheet {
    fn of(lang: Lang, asked: &Asked, table: Table) -> Self {
        let (chart, csv) = (Chart::of(lang, &table), asked.csv(table.plan.name));
        let finding = finding(lang, &table).unwrap_or_else(|| lang.say("report-nothing"));
        Self { table, chart, finding, csv }
    }

    fn shown<'a>(&'a self, lang: &'a Lang, line: &'a [Option<f64>]) -> impl Iterator<Item = String> + 'a {
        line.iter().zip(self.table.plan.columns).map(|(value, column)| show(*lang, *value, column.unit))
    }

    /// What the lines of the drawing are.
    fn legend(&self) -> impl Iterator<Item = (usize, Key)> + '_ {
        let drawn: &[usize] = if let Drawn::Lines(columns) = &self.table.plan.drawn { columns } else { &[] };
        drawn.iter().enumerate().filter_map(|(n, at)| self.table.plan.columns.get(*at).map(|column| (n, column.label)))
    }
}

/// What a drawing shows, for whoever does not see it: all of it, and where most is; or of what it is reckoned, where that is all
/// there is.
fn finding(lang: Lang, table: &Table) -> Option<String> {
    let drawn = match table.plan.drawn {
        Drawn::Lines(columns) => columns.first().copied().unwrap_or_default(),
        Drawn::Bars(column) => column,
    };
    [drawn, 0].into_iter().find_map(|n| {
        let column = table.plan.columns.get(n)?;
        let values = table.lines.iter().filter_map(|line| line.numbers.get(n).copied().flatten().map(|v| (line, v)));
        let (line, most) = values.filter(|(_, value)| *value > 0.0).max_by(|one, other| one.1.total_cmp(&other.1))?;
        let all = show(lang, table.total.get(n).copied().flatten(), column.unit);
        let most = show(lang, Some(most), column.unit);
        let given = [
            ("what", column.label.to_arg()),
            ("all", all.to_arg()),
            ("most", most.to_arg()),
            ("where", line.label.to_arg()),
        ];
        Some(lang.say_with("report-finding", &given))
    })
}

/// The sites that are asked about, and by whose clock.
struct Scope {
    sites: Vec<SiteId>,
    zone: Tz,
    choices: (Vec<Choice>, Vec<Choice>, Vec<Choice>),
}

impl Scope {
    /// A site or team that is not theirs to see is as if it were not asked for.
    async fn of(app: &App, who: &Agent, asked: &mut Asked) -> Result<Self> {
        let theirs = sites_of(&app.db.read, who.id, who.role).await?;
        asked.site = asked.site.filter(|site| theirs.contains(site));
        let (mut names, mut zones) = (Vec::new(), Vec::new());
        zones.extend(who.zone.clone());
        for id in &theirs {
            let site = site_by_id(app, *id).await?;
            zones.push(site.settings.hours.zone.clone());
            names.push((*id, site.name.clone()));
        }
        zones.push("UTC".to_owned());
        let mut known: Vec<Tz> = Vec::new();
        for zone in zones.iter().filter_map(|zone| zone.parse().ok()).chain(asked.zone) {
            if !known.contains(&zone) {
                known.push(zone);
            }
        }
        let zone = asked.zone.or_else(|| known.first().copied()).unwrap_or(Tz::UTC);
        let sites: Vec<_> = theirs.into_iter().filter(|site| asked.site.is_none_or(|one| one == *site)).collect();
        let teams = wall::teams(&app.db.read, &sites).await?;
        asked.team = asked.team.filter(|team| teams.iter().any(|known| known.id == *team));
        let teams: Vec<_> = teams.into_iter().map(|team| (team.id, team.name)).collect();
        let known: Vec<_> = known.into_iter().map(|zone| (zone, zone.to_string())).collect();
        let choices = (offer(&names, asked.site), offer(&teams, asked.team), offer(&known, Some(zone)));
        Ok(Self { sites, zone, choices })
    }

    fn span(&self, app: &App, asked: &Asked, period: Period) -> Span {
        let (edges, offsets) = (period.edges(self.zone), period.offsets(self.zone));
        Span { sites: self.sites.clone(), team: asked.team, edges, offsets, now: app.clock.now() }
    }
}

pub async fn home() -> Redirect {
    Redirect::to("/console/reports/overview")
}

pub async fn page(
    State(app): State<Arc<App>>,
    Supervisor(who): Supervisor,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let kind = Kind::named(&kind).ok_or(Error::NotFound)?;
    let mut asked = Asked::read(kind, query.as_deref().unwrap_or_default());
    let scope = Scope::of(&app, &who.agent, &mut asked).await?;
    let period = asked.period(app.clock.now().with_timezone(&scope.zone).date_naive());
    let lang = who.lang();
    let wanted = |plan: &&Plan| asked.table.as_deref().is_none_or(|table| table == plan.name);
    let plans: Vec<&'static Plan> = plans(kind).iter().filter(wanted).collect();
    if plans.is_empty() {
        return Err(Error::NotFound);
    }
    let before = (kind == Kind::Overview && asked.compares).then(|| scope.span(&app, &asked, period.before()));
    let read =
        read(app.clone(), kind, scope.span(&app, &asked, period), before, plans.iter().map(|plan| plan.cut).collect());
    let found = match tokio::time::timeout(PATIENCE, read).await {
        Ok(Ok(found)) => Some(found),
        Ok(Err(Failure::Other(error))) => return Err(error),
        Ok(Err(Failure::TooSlow)) | Err(_) => None,
    };
    let is_too_much = found.is_none();
    let Found { cuts, totals, comments } = found.unwrap_or_default();
    let tables = plans.into_iter().zip(cuts).map(|(plan, lines)| Table::of(lang, plan, period, lines));
    let tables: Vec<_> = tables.collect();
    if let (Some(_), Some(table)) = (&asked.table, tables.first()) {
        return export::answer(lang, table, period);
    }
    let title = format!("{} · {}", lang.say(kind.label().0), lang.say("nav-reports"));
    let (sites, teams, zones) = scope.choices;
    let page = ReportPage {
        shell: Shell::of(&app, &who.agent, Section::Reports, title).await?,
        tabs: Kind::ALL.map(|kind| (kind, asked.at(kind))).to_vec(),
        ranges: RANGES.map(|(days, name)| (name, asked.over(days), asked.days == Some(days))).to_vec(),
        sheets: tables.into_iter().map(|table| Sheet::of(lang, &asked, table)).collect(),
        tiles: totals.map(|(now, before)| tiles::of(lang, &now, before.as_ref())).unwrap_or_default(),
        sites,
        teams,
        zones,
        comments,
        period,
        asked,
        is_too_much,
    };
    let status = if is_too_much { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    print(who.reader(), status, &page)
}

#[derive(Default)]
struct Found {
    cuts: Vec<Vec<Line>>,
    /// Of these days, and of those before where they are compared.
    totals: Option<(Totals, Option<Totals>)>,
    comments: Vec<Comment>,
}

/// A report reads much: no more of them at once than leave the database to those who chat. It goes on when whoever asked is gone,
/// as the database does, so that its turn is not given to another meanwhile.
async fn read(app: Arc<App>, kind: Kind, span: Span, before: Option<Span>, cuts: Vec<Cut>) -> Result<Found, Failure> {
    let tasks = app.tasks.clone();
    let turn = Arc::clone(&app.reporting).acquire_owned().await.map_err(|error| Failure::Other(Error::bug(error)))?;
    let work = async move {
        let db = &app.db.read;
        let is_overview = kind == Kind::Overview;
        let wanted = if is_overview { tiles::CUTS.to_vec() } else { cuts };
        let cuts = store::lines(db, &span, &wanted).await?;
        let before = match before {
            Some(before) => Some(Totals::of(&store::lines(db, &before, &tiles::CUTS).await?)),
            None => None,
        };
        let totals = is_overview.then(|| (Totals::of(&cuts), before));
        let comments = if kind == Kind::Csat { store::comments(db, &span, COMMENTS).await? } else { Vec::new() };
        drop(turn);
        Ok(Found { cuts, totals, comments })
    };
    tasks.spawn(work).await.map_err(|error| Failure::Other(Error::bug(error)))?
}
