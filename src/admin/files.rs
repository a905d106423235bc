//! What a shop takes of files: whether any, of which kinds, how large and how many.

use super::form::{Mistakes, Sent};
use super::sites::{Saved, save_site};
use crate::app::App;
use crate::auth::Admin;
use crate::domain::file::{Class, FileRules, PER_MESSAGE, size_in_words};
use crate::domain::id::SiteId;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::{files, sites};
use crate::words::{Key, Sentence, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "admin/files.html")]
struct FilesPage {
    shell: Shell,
    site: Site,
    form: Fields,
    mistakes: Mistakes,
    is_saved: bool,
    /// Whether the house keeps files at all.
    is_kept: bool,
    used: String,
}

/// As typed.
struct Fields {
    on: bool,
    max_mb: String,
    per_message: String,
    per_day: String,
    quota_mb: String,
    classes: Vec<Class>,
}

struct Kind {
    name: &'static str,
    label: Key,
    hint: Key,
    is_ticked: bool,
}

fn words(class: Class) -> (Key, Key) {
    let (label, hint) = match class {
        Class::Pictures => ("keep-pictures", "keep-pictures-hint"),
        Class::Documents => ("keep-documents", "keep-documents-hint"),
        Class::Text => ("keep-text", "keep-text-hint"),
        Class::Archives => ("keep-archives", "keep-archives-hint"),
        Class::Media => ("keep-media", "keep-media-hint"),
        Class::Other => ("keep-other", "keep-other-hint"),
    };
    (Key(label), Key(hint))
}

impl Fields {
    fn of(rules: &FileRules) -> Self {
        Self {
            on: rules.on,
            max_mb: rules.max_mb.to_string(),
            per_message: rules.per_message.to_string(),
            per_day: rules.per_day.to_string(),
            quota_mb: rules.quota_mb.to_string(),
            classes: rules.classes.clone(),
        }
    }

    fn read(fields: &[(String, String)]) -> Self {
        let sent = Sent(fields);
        Self {
            on: sent.has("on"),
            max_mb: sent.text("max_mb"),
            per_message: sent.text("per_message"),
            per_day: sent.text("per_day"),
            quota_mb: sent.text("quota_mb"),
            classes: Class::ALL.into_iter().filter(|class| sent.has(format!("class_{}", class.name()))).collect(),
        }
    }

    fn parse(&self) -> Result<FileRules, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut number = |field: &str, text: &str, most: u32| {
            let parsed = text.parse().ok().filter(|number| (1..=most).contains(number));
            let mistake = || Sentence::of("keep-mistake-number").with("most", most);
            mistakes.note(field, parsed.ok_or_else(mistake)).unwrap_or_default()
        };
        let rules = FileRules {
            on: self.on,
            max_mb: number("max_mb", &self.max_mb, 100),
            per_message: number("per_message", &self.per_message, u32::try_from(PER_MESSAGE).unwrap_or(5)),
            per_day: number("per_day", &self.per_day, 10_000),
            quota_mb: number("quota_mb", &self.quota_mb, 10_000_000),
            classes: self.classes.clone(),
        };
        if self.on && self.classes.is_empty() {
            mistakes.add("classes", Sentence::of("keep-mistake-kinds"));
        }
        if mistakes.is_empty() { Ok(rules) } else { Err(mistakes) }
    }

    fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        Class::ALL.into_iter().map(|class| {
            let (label, hint) = words(class);
            Kind { name: class.name(), label, hint, is_ticked: self.classes.contains(&class) }
        })
    }
}

pub async fn page(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Query(saved): Query<Saved>,
) -> Result<Response> {
    let site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let form = Fields::of(&site.settings.files);
    show(&app, &admin, site, (form, Mistakes::default()), saved.is_saved()).await
}

async fn show(
    app: &App,
    admin: &Admin,
    site: Site,
    (form, mistakes): (Fields, Mistakes),
    is_saved: bool,
) -> Result<Response> {
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = FilesPage {
        shell: Shell::of(app, &admin.0.agent, Section::Sites, site.name.clone()).await?,
        used: size_in_words(files::space(&app.db.read, site.id).await?),
        site,
        form,
        mistakes,
        is_saved,
        is_kept: app.vault.is_some(),
    };
    print(admin.0.lang(), status, &page)
}

pub async fn save(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let mut site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let form = Fields::read(&fields);
    match form.parse() {
        Ok(rules) => site.settings.files = rules,
        Err(mistakes) => return show(&app, &admin, site, (form, mistakes), false).await,
    }
    save_site(&app, site, &admin).await?;
    Ok(Redirect::to(&format!("/admin/sites/{id}/files?saved=1")).into_response())
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use crate::domain::file::{Class, FileRules};

    fn sent(changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let good = [("on", "1"), ("max_mb", "10"), ("per_message", "5"), ("per_day", "50"), ("quota_mb", "5000")];
        let kept = good.iter().filter(|(key, _)| !changes.iter().any(|(changed, _)| changed == key));
        kept.chain(changes).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn each_limit_is_a_number_within_reason() {
        let bad = [("max_mb", "0"), ("per_message", "6"), ("per_day", "many"), ("quota_mb", "-1")];
        let mistakes = Fields::read(&sent(&bad)).parse().unwrap_err();
        assert_eq!(mistakes.fields(), ["classes", "max_mb", "per_day", "per_message", "quota_mb"]);
        let rules = Fields::read(&sent(&[("class_text", "1"), ("max_mb", "3")])).parse().unwrap();
        assert_eq!(rules, FileRules { max_mb: 3, classes: vec![Class::Text], ..FileRules::default() });
    }
}
