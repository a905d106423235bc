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

use crate::app::App;
use crate::auth::session::Supervisor;
use crate::conversations::site_by_id;
use crate::domain::id::SiteId;
use crate::domain::people::Agent;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::people::sites_of;
use crate::store::reports::{self as store, Comment, Cut, Line, Span};
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
use tables::{Table, Unit, plans};
use tiles::Tile;

/// Most comments on one page.
const COMMENTS: i64 = 50;

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
    tiles: Vec<Tile>,
    sheets: Vec<Sheet>,
    comments: Vec<Comment>,
}

struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
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
        Self { chart: Chart::of(&table), finding: finding(lang, &table), csv: asked.csv(table.plan.name), table }
    }

    fn unit(&self, column: usize) -> Unit {
        self.table.plan.columns.get(column).map_or(Unit::Count, |column| column.unit)
    }

    fn shown<'a>(&'a self, line: &'a [Option<f64>]) -> impl Iterator<Item = String> + 'a {
        line.iter().enumerate().map(|(n, value)| show(*value, self.unit(n)))
    }

    /// What the lines of the drawing are.
    fn legend(&self) -> impl Iterator<Item = (usize, Key)> + '_ {
        let drawn: &[usize] = if let tables::Drawn::Lines(columns) = &self.table.plan.drawn { columns } else { &[] };
        drawn.iter().enumerate().filter_map(|(n, at)| self.table.plan.columns.get(*at).map(|column| (n, column.label)))
    }

    fn is_empty(&self) -> bool {
        self.table.total.first().copied().flatten().unwrap_or_default() == 0.0
    }
}

/// What a drawing shows, for whoever does not see it: all of it, and where most is.
fn finding(lang: Lang, table: &Table) -> String {
    let column = match table.plan.drawn {
        tables::Drawn::Lines(columns) => columns.first().copied().unwrap_or_default(),
        tables::Drawn::Bars(column) => column,
    };
    let unit = table.plan.columns.get(column).map_or(Unit::Count, |column| column.unit);
    let values = table.lines.iter().filter_map(|(label, line)| line.get(column).copied().flatten().map(|v| (label, v)));
    let most = values.filter(|(_, value)| *value > 0.0).max_by(|one, other| one.1.total_cmp(&other.1));
    let Some((label, most)) = most else { return lang.say("report-nothing") };
    let label_of = table.plan.columns.get(column).map_or(Key("report-opened"), |column| column.label);
    let all = show(table.total.get(column).copied().flatten(), unit);
    let most = show(Some(most), unit);
    let given = [
        ("what", label_of.to_arg()),
        ("all", all.to_arg()),
        ("most", most.to_arg()),
        ("where", label.as_str().to_arg()),
    ];
    lang.say_with("report-finding", &given)
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
        let choice = |value: String, label: String, is_chosen| Choice { value, label, is_chosen };
        let choices = (
            names.into_iter().map(|(id, name)| choice(id.to_string(), name, asked.site == Some(id))).collect(),
            teams.into_iter().map(|team| choice(team.id.to_string(), team.name, asked.team == Some(team.id))).collect(),
            known.into_iter().map(|known| choice(known.to_string(), known.to_string(), known == zone)).collect(),
        );
        Ok(Self { sites, zone, choices })
    }

    fn span<'a>(&'a self, asked: &Asked, period: Period) -> Span<'a> {
        let (from, until) = period.moments(self.zone);
        Span { sites: &self.sites, team: asked.team, from, until, step: period.step(), zone: self.zone.name() }
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
    let (lang, span) = (who.lang(), scope.span(&asked, period));
    // A report reads much: no more of them at once than leave the database to those who chat.
    let _turn = app.reporting.acquire().await.map_err(Error::bug)?;
    let mut found = Vec::new();
    for plan in plans(kind) {
        if asked.table.as_deref().is_none_or(|table| table == plan.name) {
            let lines = store::lines(&app.db.read, &span, plan.cut).await?;
            found.push(Table::of(lang, plan, period, lines));
        }
    }
    if asked.table.is_some() {
        let table = found.first().ok_or(Error::NotFound)?;
        return export::answer(lang, table, period);
    }
    let tiles = if kind == Kind::Overview { tiles(&app, lang, &scope, &asked, period).await? } else { Vec::new() };
    let comments = if kind == Kind::Csat { store::comments(&app.db.read, &span, COMMENTS).await? } else { Vec::new() };
    let title = format!("{} · {}", lang.say(kind.label().0), lang.say("nav-reports"));
    let (sites, teams, zones) = scope.choices;
    let page = ReportPage {
        shell: Shell::of(&app, &who.agent, Section::Reports, title).await?,
        tabs: Kind::ALL.map(|kind| (kind, asked.at(kind))).to_vec(),
        ranges: RANGES.map(|(days, name)| (name, asked.over(days), asked.days == Some(days))).to_vec(),
        sheets: found.into_iter().map(|table| Sheet::of(lang, &asked, table)).collect(),
        sites,
        teams,
        zones,
        tiles,
        comments,
        period,
        asked,
    };
    print(who.reader(), StatusCode::OK, &page)
}

/// All of a cut together.
async fn total(app: &App, span: &Span<'_>, cut: Cut) -> Result<Vec<Option<f64>>> {
    let lines = store::lines(&app.db.read, span, cut).await?;
    let total = lines.into_iter().find(|line| line.label.is_none());
    Ok(total.map(|Line { numbers, .. }| numbers).unwrap_or_default())
}

async fn tiles(app: &App, lang: Lang, scope: &Scope, asked: &Asked, period: Period) -> Result<Vec<Tile>> {
    let now = scope.span(asked, period);
    let now = tiles::Totals::read(app, &now).await?;
    let before =
        if asked.compares { Some(tiles::Totals::read(app, &scope.span(asked, period.before())).await?) } else { None };
    Ok(tiles::of(lang, &now, before.as_ref()))
}
