//! Where a site's orders are asked for: the shop's system, its address and keys, and whether it answers. Keys are taken and
//! never shown again; another address wants them anew, so that nobody sends the old ones elsewhere.

mod words;

use super::form::{Mistakes, Sent};
use super::sites::Saved;
use crate::app::App;
use crate::auth::Admin;
use crate::domain::id::SiteId;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::orders::{self, Keys, Kind, Source, shop_address};
use crate::outbound::Why;
use crate::shell::{Section, Shell, print};
use crate::store::sites;
use crate::words::{Sentence, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use secrecy::SecretString;
use std::sync::Arc;
use url::Url;
use uuid::Uuid;

/// Longest key, in characters.
const KEY_MAX: usize = 300;
/// Shorter ones can be guessed; only for what an owner makes up.
const SECRET_MIN: usize = 16;

#[derive(Template)]
#[template(path = "admin/orders.html")]
struct OrdersPage {
    shell: Shell,
    site: Site,
    form: Fields,
    mistakes: Mistakes,
    is_saved: bool,
    /// Something is connected.
    is_kept: bool,
    /// Its keys can be used.
    has_keys: bool,
    /// What the test said, and whether that is good.
    verdict: Option<(bool, String)>,
    version: &'static str,
}

/// As typed, but for the keys.
struct Fields {
    kind: Kind,
    url: String,
    key: SecretString,
    secret: SecretString,
    by_subject: bool,
    asks_unconfirmed: bool,
}

struct Choice {
    value: &'static str,
    label: &'static str,
    hint: &'static str,
    is_chosen: bool,
    /// A maker's name, the same in every language.
    is_named: bool,
}

impl Fields {
    fn of(source: Option<&Source>) -> Self {
        Self {
            kind: source.map_or(Kind::Shopify, |source| source.kind),
            url: source.map(|source| source.url.to_string()).unwrap_or_default(),
            key: SecretString::default(),
            secret: SecretString::default(),
            by_subject: source.is_some_and(|source| source.by_subject),
            asks_unconfirmed: source.is_none_or(|source| source.asks_unconfirmed),
        }
    }

    fn read(fields: &[(String, String)]) -> Self {
        let sent = Sent(fields);
        Self {
            kind: Kind::parse(&sent.text("kind")).unwrap_or(Kind::Shopify),
            url: sent.text("url"),
            key: sent.text("key").into(),
            secret: sent.text("secret").into(),
            by_subject: sent.has("by_subject"),
            asks_unconfirmed: sent.has("asks_unconfirmed"),
        }
    }

    fn kinds(&self) -> impl Iterator<Item = Choice> + '_ {
        Kind::ALL.into_iter().map(|kind| {
            let (label, hint) = words::kind(kind);
            Choice { value: kind.as_str(), label, hint, is_chosen: kind == self.kind, is_named: kind != Kind::Signed }
        })
    }

    /// What is kept from now on; `before` lends its keys where they are for the same address.
    fn parse(&self, before: Option<&Source>) -> Result<Source, Mistakes> {
        let mut mistakes = Mistakes::default();
        let url = mistakes
            .note("url", shop_address(self.kind, &self.url).ok_or_else(|| Sentence::of("source-mistake-address")));
        let same = before.filter(|before| before.kind == self.kind && Some(&before.url) == url.as_ref());
        let keys = self.keys(same.and_then(|same| same.keys.as_ref()), &mut mistakes);
        match url {
            Some(url) if mistakes.is_empty() => Ok(Source {
                kind: self.kind,
                url,
                keys: Some(keys),
                by_subject: self.by_subject,
                asks_unconfirmed: self.asks_unconfirmed,
                revision: Uuid::nil(),
            }),
            _ => Err(mistakes),
        }
    }

    fn keys(&self, kept: Option<&Keys>, mistakes: &mut Mistakes) -> Keys {
        use secrecy::ExposeSecret;
        let (key, secret) = (self.key.expose_secret(), self.secret.expose_secret());
        if let Some(kept) = kept.filter(|_| key.is_empty() && secret.is_empty()) {
            return kept.clone();
        }
        let is_key = |text: &str| (1..=KEY_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if self.kind.has_key() && !is_key(key) {
            mistakes.add("key", Sentence::of("source-mistake-key"));
        }
        if !is_key(secret) {
            mistakes.add("secret", Sentence::of("source-mistake-secret"));
        } else if self.kind == Kind::Signed && secret.len() < SECRET_MIN {
            mistakes.add("secret", Sentence::of("source-mistake-short"));
        }
        Keys {
            key: if self.kind.has_key() { self.key.clone() } else { SecretString::default() },
            secret: self.secret.clone(),
        }
    }
}

/// What a page shows beside the form.
#[derive(Default)]
struct Said {
    mistakes: Mistakes,
    is_saved: bool,
    verdict: Option<(bool, String)>,
}

pub async fn page(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Query(saved): Query<Saved>,
) -> Result<Response> {
    let source = orders::load(&app, id).await?;
    let said = Said { is_saved: saved.is_saved(), ..Said::default() };
    show(&app, &admin, id, (Fields::of(source.as_ref()), source), said).await
}

async fn show(
    app: &App,
    admin: &Admin,
    id: SiteId,
    (form, source): (Fields, Option<Source>),
    said: Said,
) -> Result<Response> {
    let site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let status = if said.mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = OrdersPage {
        shell: Shell::of(app, &admin.0.agent, Section::Sites, site.name.clone()).await?,
        site,
        form,
        mistakes: said.mistakes,
        is_saved: said.is_saved,
        is_kept: source.is_some(),
        has_keys: source.is_some_and(|source| source.keys.is_some()),
        verdict: said.verdict,
        version: orders::SHOPIFY_VERSION,
    };
    print(admin.0.lang(), status, &page)
}

pub async fn save(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let (before, form) = (orders::load(&app, id).await?, Fields::read(&fields));
    let parsed = match form.parse(before.as_ref()) {
        Ok(source) => reachable(&app, &source.url).await.map(|()| source),
        Err(mistakes) => Err(mistakes),
    };
    match parsed {
        Ok(source) => orders::save(&app, id, &source, admin.0.agent.id).await?,
        Err(mistakes) => return show(&app, &admin, id, (form, before), Said { mistakes, ..Said::default() }).await,
    }
    Ok(Redirect::to(&format!("/admin/sites/{id}/orders?saved=1")).into_response())
}

/// What could never be asked is not kept; a shop that is away for a moment is.
async fn reachable(app: &App, url: &Url) -> Result<(), Mistakes> {
    let Err(why @ (Why::Address(_) | Why::Private | Why::Port)) = app.outbound.check_to_send(url).await else {
        return Ok(());
    };
    let mut mistakes = Mistakes::default();
    mistakes.add("url", words::refused(&why));
    Err(mistakes)
}

/// Asks the shop as it is kept, and says in words how that went.
pub async fn test(State(app): State<Arc<App>>, admin: Admin, Path(id): Path<SiteId>) -> Result<Response> {
    let (source, lang) = (orders::load(&app, id).await?, admin.0.lang());
    let verdict = match &source {
        Some(source) => {
            let tested = orders::test(&app, id, source).await;
            (
                tested.is_ok(),
                tested.err().map_or(lang.say("source-works"), |problem| words::advice(lang, source.kind, &problem)),
            )
        }
        None => (false, lang.say("source-nothing")),
    };
    let said = Said { verdict: Some(verdict), ..Said::default() };
    show(&app, &admin, id, (Fields::of(source.as_ref()), source), said).await
}

/// The keys and everything that was answered are forgotten.
pub async fn remove(State(app): State<Arc<App>>, Admin(who): Admin, Path(id): Path<SiteId>) -> Result<Response> {
    orders::remove(&app, id, who.agent.id).await?;
    Ok(Redirect::to(&format!("/admin/sites/{id}/orders?saved=1")).into_response())
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use crate::orders::Source;
    use secrecy::ExposeSecret;

    fn typed(fields: &[(&str, &str)]) -> Fields {
        let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Fields::read(&fields)
    }

    const SHOP: [(&str, &str); 4] =
        [("kind", "woocommerce"), ("url", "https://shop.example"), ("key", "ck_1"), ("secret", "cs_1")];

    fn mistakes(fields: &[(&str, &str)], before: Option<&Source>) -> Vec<String> {
        typed(fields)
            .parse(before)
            .err()
            .map(|m| m.fields().into_iter().map(str::to_owned).collect())
            .unwrap_or_default()
    }

    #[test]
    fn keys_stay_with_their_address_and_no_other_gets_them() {
        let kept = typed(&SHOP).parse(None).unwrap();
        let again = typed(&[SHOP[0], SHOP[1]]).parse(Some(&kept)).unwrap();
        assert_eq!(again.keys.unwrap().secret.expose_secret(), "cs_1");
        assert_eq!(mistakes(&[SHOP[0], ("url", "https://evil.example")], Some(&kept)), ["key", "secret"]);
        assert_eq!(mistakes(&[("kind", "signed"), SHOP[1]], Some(&kept)), ["secret"]);
        assert_eq!(mistakes(&[SHOP[0], SHOP[1], ("secret", "cs_2")], Some(&kept)), ["key"], "both or neither");
    }

    #[test]
    fn each_mistake_is_told_at_its_field() {
        assert_eq!(mistakes(&[], None), ["secret", "url"]);
        assert_eq!(mistakes(&[("kind", "signed"), SHOP[1], ("secret", "short")], None), ["secret"]);
        for bad in ["with space", "n\u{e9}e", &"x".repeat(301)] {
            assert_eq!(mistakes(&[("kind", "shopify"), SHOP[1], ("secret", bad)], None), ["secret"], "{bad}");
        }
    }
}
