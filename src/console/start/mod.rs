//! An admin's first steps: a shop, its snippet, a first chat, colleagues, opening hours; each with why, where, and whether it
//! is done. Works without script. May not decide what is done: that is [`crate::domain::start`].

pub mod attempt;

use crate::app::{self, App};
use crate::auth::Admin;
use crate::domain::id::TeamId;
use crate::domain::people::{Team, tidy_name};
use crate::domain::routing::TeamSettings;
use crate::domain::site::{Site, parse_origin};
use crate::domain::start::{Facts, Step};
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::{sites, start as store};
use crate::words::{Lang, filters};
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;
use url::Url;

const HERE: &str = "/console/start";

#[derive(Template)]
#[template(path = "console/start.html")]
struct StartPage {
    shell: Shell,
    facts: Facts,
    /// The first shop, once there is one.
    site: Option<Site>,
    snippet: String,
    form: SiteForm,
    mistakes: Mistakes,
}

impl StartPage {
    fn steps(&self) -> impl Iterator<Item = Line> + '_ {
        let next = Step::ALL.into_iter().find(|step| !self.facts.is_done(*step) && !self.facts.is_skipped(*step));
        Step::ALL.into_iter().map(move |step| Line {
            step,
            is_done: self.facts.is_done(step),
            is_skipped: self.facts.is_skipped(step),
            is_next: next == Some(step),
        })
    }
}

/// A step as the page shows it.
struct Line {
    step: Step,
    is_done: bool,
    is_skipped: bool,
    is_next: bool,
}

impl Line {
    /// What it is called, and why it is worth it.
    fn words(&self) -> (&'static str, &'static str) {
        match self.step {
            Step::Site => ("start-site", "start-site-why"),
            Step::Snippet => ("start-snippet", "start-snippet-why"),
            Step::Chat => ("start-chat", "start-chat-why"),
            Step::People => ("start-people", "start-people-why"),
            Step::Hours => ("start-hours", "start-hours-why"),
        }
    }

    fn title(&self) -> &'static str {
        self.words().0
    }

    fn why(&self) -> &'static str {
        self.words().1
    }
}

#[derive(Default, Deserialize)]
pub struct SiteForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
}

/// Which of the two fields are not as they should be.
#[derive(Clone, Copy, Default)]
struct Mistakes {
    name: bool,
    address: bool,
}

pub async fn page(State(app): State<Arc<App>>, admin: Admin) -> Result<Response> {
    show(&app, &admin, SiteForm::default(), Mistakes::default()).await
}

async fn show(app: &App, Admin(who): &Admin, form: SiteForm, mistakes: Mistakes) -> Result<Response> {
    let facts = store::facts(&app.db.read).await?;
    let site = match facts.site {
        Some(id) => sites::by_id(&app.db.read, id).await?,
        None => None,
    };
    let status = if mistakes.name || mistakes.address { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = StartPage {
        shell: Shell::of(app, &who.agent, Section::Start, who.lang().say("start-title")).await?,
        snippet: site.as_ref().map(|site| crate::embed::tag(app, site)).unwrap_or_default(),
        facts,
        site,
        form,
        mistakes,
    };
    print(who.reader(), status, &page)
}

/// The first shop, with a team that its maker is in, so that a first chat has somebody to go to.
pub async fn add_site(State(app): State<Arc<App>>, admin: Admin, Form(form): Form<SiteForm>) -> Result<Response> {
    let (name, origin) = (tidy_name(&form.name), origin(&form.address));
    let mistakes = Mistakes { name: name.is_empty(), address: origin.is_none() };
    let Some(origin) = origin.filter(|_| !mistakes.name) else {
        return show(&app, &admin, form, mistakes).await;
    };
    let mut site = app::new_site(&name, vec![origin]);
    // A shop that says it is open should have somebody there.
    site.settings.routing.needs_staff = true;
    let lang: Lang = admin.0.lang();
    let (id, settings) = (TeamId(app::new_id()), TeamSettings::default());
    let team = Team { site_id: site.id, id, name: lang.say("start-team"), settings };
    store::add_first(&app.db.read, &site, &team, admin.0.agent.id).await?;
    app.wake_queue();
    Ok(Redirect::to(HERE).into_response())
}

/// As people write the address of a page: without a scheme, with a path.
fn origin(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = Url::parse(&whole).ok()?;
    let is_name = url.host_str().is_some_and(|host| host.contains('.') || host == "localhost" || host.starts_with('['));
    parse_origin(&url.origin().ascii_serialization()).filter(|_| is_name && url.username().is_empty())
}

#[derive(Deserialize)]
pub struct Skip {
    step: String,
    /// Takes it up again.
    undo: Option<String>,
}

pub async fn skip(State(app): State<Arc<App>>, Admin(who): Admin, Form(form): Form<Skip>) -> Result<Redirect> {
    let step = Step::skippable(&form.step).ok_or(Error::NotFound)?;
    let by = Some(who.agent.id).filter(|_| form.undo.is_none());
    store::skip(&app.db.read, step, by, app.clock.now()).await?;
    Ok(Redirect::to(HERE))
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_address_is_taken_as_people_write_it() {
        for (typed, taken) in [
            ("shop.example", "https://shop.example"),
            (" https://Shop.Example/de/?a=1 ", "https://shop.example"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://127.0.0.1:8080/shop/", "http://127.0.0.1:8080"),
            ("münchen.example", "https://xn--mnchen-3ya.example"),
        ] {
            assert_eq!(origin(typed).as_deref(), Some(taken), "{typed}");
        }
        for bad in
            ["", "shop", "javascript:alert(1)", "ftp://shop.example", "https://me@shop.example", "a b.example", "://"]
        {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }
}
