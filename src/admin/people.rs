//! The staff: what each is called, their role, how much they carry and which languages they answer in, and whether they may come in.

use super::form::{Choice, Mistakes, Sent, number};
use super::invite::InviteForm;
use super::roles;
use super::sites::Saved;
use crate::app::App;
use crate::auth::{Admin, invite_code};
use crate::domain::id::AgentId;
use crate::domain::people::tidy_name;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::invitations;
use crate::store::staff::{self, Change, Changed, Person};
use crate::words::{Sentence, When, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

const LANGUAGES_MAX: usize = 20;

#[derive(Template)]
#[template(path = "admin/people.html")]
struct PeoplePage {
    shell: Shell,
    people: Vec<Person>,
    /// Accounts that were switched off: whose, and when.
    gone: Vec<(AgentId, String, String, When)>,
    form: InviteForm,
    mistakes: Mistakes,
}

#[derive(Template)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that the page says")]
#[template(path = "admin/person.html")]
struct PersonPage {
    shell: Shell,
    person: Person,
    form: PersonForm,
    mistakes: Mistakes,
    is_saved: bool,
    /// They were invited and have no password yet; and the link, while one is good.
    waits: bool,
    link: Option<(String, When)>,
    is_invited: bool,
    is_self: bool,
}

struct PersonForm {
    name: String,
    role: String,
    /// The role that the page was printed with.
    role_was: String,
    capacity: String,
    languages: String,
}

pub async fn list(State(app): State<Arc<App>>, admin: Admin) -> Result<Response> {
    let form = InviteForm::empty(&app).await?;
    show_all(&app, &admin, form, Mistakes::default()).await
}

/// The list, and the form by which it grows.
pub async fn show_all(app: &App, Admin(who): &Admin, form: InviteForm, mistakes: Mistakes) -> Result<Response> {
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::of(app, &who.agent, Section::Sites, who.lang().say("crew-title")).await?;
    let people = staff::people(&app.db.read).await?;
    let gone = staff::switched_off(&app.db.read).await?;
    let gone = gone.into_iter().map(|(id, name, email, at)| (id, name, email, at.into())).collect();
    print(who.reader(), status, &PeoplePage { shell, people, gone, form, mistakes })
}

pub async fn page(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<AgentId>,
    Query(saved): Query<Saved>,
) -> Result<Response> {
    let Some(person) = staff::person(&app.db.read, id).await? else {
        // Who was switched off is among those who are let in again.
        let is_off = staff::is_switched_off(&app.db.read, id).await?;
        return if is_off { Ok(Redirect::to("/admin/people").into_response()) } else { Err(Error::NotFound) };
    };
    let form = PersonForm::of(&person);
    show(&app, &admin, person, form, Mistakes::default(), &saved).await
}

async fn show(
    app: &App,
    admin: &Admin,
    person: Person,
    form: PersonForm,
    mistakes: Mistakes,
    saved: &Saved,
) -> Result<Response> {
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::of(app, &admin.0.agent, Section::Sites, person.name.clone()).await?;
    let (waits, link) = (invitations::waits(&app.db.read, person.id).await?, link(app, person.id).await?);
    let (is_saved, is_invited, is_self) = (saved.is_saved(), saved.is_invited(), person.id == admin.0.agent.id);
    print(
        admin.0.lang(),
        status,
        &PersonPage { shell, person, form, mistakes, is_saved, waits, link, is_invited, is_self },
    )
}

/// Where somebody who is invited chooses a password, and until when.
async fn link(app: &App, agent: AgentId) -> Result<Option<(String, When)>> {
    let invited = invitations::of(&app.db.read, agent, app.clock.now()).await?;
    Ok(invited.map(|invited| {
        let code = invite_code(&app.config.secret_key, invited.letter_id);
        (format!("{}/console/welcome/{code}", app.config.public_url), invited.expires_at.into())
    }))
}

pub async fn save(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<AgentId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let person = staff::person(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let sent = Sent(&fields);
    let mut form = PersonForm {
        name: sent.text("name"),
        role: sent.text("role"),
        role_was: sent.text("role_was"),
        capacity: sent.text("capacity"),
        languages: sent.text("languages"),
    };
    let mut mistakes = Mistakes::default();
    let name = tidy_name(&form.name);
    if name.is_empty() {
        mistakes.add("name", Sentence::of("crew-mistake-person"));
    }
    let capacity = mistakes.note("capacity", number(&form.capacity, 0, 100)).and_then(|n| i16::try_from(n).ok());
    let languages = mistakes.note("languages", languages(&form.languages));
    let role = mistakes.note("role", roles::parse(&form.role));
    let role = role.map(|role| (roles::parse(&form.role_was).unwrap_or(person.role), role));
    if let (Some(role), Some(capacity), Some(languages), true) = (role, capacity, languages, mistakes.is_empty()) {
        let change = Change { name: &name, role, capacity, languages: &languages };
        let why = match crate::staff::change(&app, id, &change, admin.0.agent.id).await? {
            Changed::Yes => return Ok(Redirect::to(&format!("/admin/people/{id}?saved=1")).into_response()),
            Changed::LastAdmin => "crew-mistake-last-admin",
            Changed::Stale => {
                person.role.as_str().clone_into(&mut form.role_was);
                "crew-mistake-role-changed"
            }
        };
        mistakes.add("role", Sentence::of(why));
    }
    show(&app, &admin, person, form, mistakes, &Saved::default()).await
}

/// They may not come in any more; their chats go back into line.
pub async fn switch_off(State(app): State<Arc<App>>, admin: Admin, Path(id): Path<AgentId>) -> Result<Response> {
    let person = staff::person(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let me = admin.0.agent.id;
    if person.id != me && crate::staff::switch_off(&app, id, me).await? {
        return Ok(Redirect::to("/admin/people").into_response());
    }
    let why = if person.id == me { "crew-mistake-oneself" } else { "crew-mistake-last-admin" };
    let mut mistakes = Mistakes::default();
    mistakes.add("off", Sentence::of(why));
    let form = PersonForm::of(&person);
    show(&app, &admin, person, form, mistakes, &Saved::default()).await
}

pub async fn switch_on(State(app): State<Arc<App>>, Admin(who): Admin, Path(id): Path<AgentId>) -> Result<Redirect> {
    crate::staff::switch_on(&app, id, who.agent.id).await?;
    Ok(Redirect::to(&format!("/admin/people/{id}")))
}

impl PersonForm {
    fn of(person: &Person) -> Self {
        Self {
            name: person.name.clone(),
            role: person.role.as_str().to_owned(),
            role_was: person.role.as_str().to_owned(),
            capacity: person.capacity.to_string(),
            languages: person.languages.join(", "),
        }
    }

    fn roles(&self) -> impl Iterator<Item = Choice> + '_ {
        roles::choices(&self.role)
    }
}

/// Language tags, separated by commas, each once.
fn languages(text: &str) -> std::result::Result<Vec<String>, Sentence> {
    let mut languages: Vec<String> = Vec::new();
    for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
        let language = tag.split('-').next().unwrap_or_default();
        let is_tag = (2..=3).contains(&language.len())
            && language.chars().all(|c| c.is_ascii_alphabetic())
            && tag.len() <= 35
            && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !is_tag {
            return Err(Sentence::of("crew-mistake-language").with("tag", tag));
        }
        if !languages.iter().any(|known| known.eq_ignore_ascii_case(tag)) {
            languages.push(tag.to_owned());
        }
    }
    if languages.len() > LANGUAGES_MAX {
        return Err(Sentence::of("crew-mistake-languages").with("most", LANGUAGES_MAX));
    }
    Ok(languages)
}

#[cfg(test)]
mod tests {
    use super::languages;
    use crate::words::Lang;

    #[test]
    fn languages_are_codes() {
        assert_eq!(languages("en, de,, zh-CN, EN").unwrap(), ["en", "de", "zh-CN"]);
        for bad in ["English", "d", "de_AT", "de AT", "12"] {
            assert!(languages(bad).unwrap_err().say(Lang::En).contains("such as en, de or zh-CN"), "{bad}");
        }
    }
}
