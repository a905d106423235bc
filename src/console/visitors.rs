//! Visitors: who is at a shop with the chat open right now, so that somebody can write first. Whoever merely reads the shop asks
//! nothing of Deskbell, and is not here.
//!
//! Promises: of the agent's own shops alone; a chat is linked for whoever may open it. The list is printed from the same piece
//! that the page's socket is told of.

mod watch;
mod write;

pub use watch::Watch;
pub use write::{page as one, write};

use super::context::reported::{Cart, Page};
use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::conversation::State as Standing;
use crate::domain::id::{ConversationId, ShopperId, SiteId};
use crate::domain::people::Agent;
use crate::error::Result;
use crate::shell::{Face, Section, Shell, print};
use crate::store::visits::{self as store, Count, LISTED, Visitor};
use crate::words::{self, Lang, When, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    site: String,
}

#[derive(Template)]
#[template(path = "console/visitors.html")]
struct VisitorsPage {
    shell: Shell,
    /// The shops to choose from.
    shops: Vec<(SiteId, String)>,
    visitors: Visitors,
}

/// The list; shared with the live update.
pub struct Visitors {
    /// The only shop that was asked for.
    site: Option<SiteId>,
    rows: Vec<Row>,
    count: Count,
    is_of_several: bool,
}

#[derive(Template)]
#[template(path = "console/_visitors.html")]
struct VisitorsFragment<'a> {
    visitors: &'a Visitors,
}

struct Row {
    id: ShopperId,
    site_id: SiteId,
    person: ShopperId,
    name: String,
    face: Face,
    is_verified: bool,
    site: String,
    locale: String,
    page: Option<Page>,
    cart: Option<String>,
    since: When,
    standing: Stands,
    past: i64,
}

/// How it stands between them and the shop.
enum Stands {
    /// Has never written.
    Silent,
    /// Has written before.
    Idle,
    Waits {
        since: When,
        chat: Option<ConversationId>,
    },
    Talks {
        with: String,
        chat: Option<ConversationId>,
    },
}

impl Row {
    fn new(lang: Lang, visitor: Visitor) -> Self {
        let name = if visitor.name.is_empty() { lang.say("visitor") } else { visitor.name };
        let cart = Cart::of(&json!({ "cart": visitor.cart }), &json!({ "cart": visitor.signed_cart }));
        let chat = visitor.chat.filter(|_| visitor.may_open);
        let standing = match (visitor.state, visitor.queued_at) {
            (Some(Standing::Waiting), Some(since)) => Stands::Waits { since: since.into(), chat },
            (Some(Standing::Active), _) => Stands::Talks { with: visitor.agent.unwrap_or_default(), chat },
            _ if visitor.has_past || visitor.past > 0 => Stands::Idle,
            _ => Stands::Silent,
        };
        Self {
            id: visitor.shopper_id,
            site_id: visitor.site_id,
            person: visitor.person_id,
            face: Face::of(&name),
            name,
            is_verified: visitor.verified,
            site: visitor.site_name,
            locale: visitor.locale,
            page: visitor.page.and_then(Page::at),
            cart: cart.total,
            since: visitor.since.into(),
            standing,
            past: visitor.past,
        }
    }
}

impl Visitors {
    /// Who is at the agent's shops, or at the one of them that they asked for; and those shops.
    async fn read(app: &App, agent: &Agent, site: Option<SiteId>) -> Result<(Self, Vec<(SiteId, String)>)> {
        let (db, who, now) = (&app.db.read, (agent.id, agent.role), app.clock.now());
        let shops = store::shops(db, who).await?;
        let site = site.filter(|site| shops.iter().any(|(id, _)| id == site));
        let wanted: Vec<_> = shops.iter().map(|(id, _)| *id).filter(|id| site.is_none_or(|site| site == *id)).collect();
        let newest = store::newest(db, who, (&wanted, None), now).await?;
        let rows = newest.into_iter().map(|visitor| Row::new(Lang::of(agent), visitor)).collect();
        let count = store::count(db, &wanted, now).await?;
        Ok((Self { site, rows, count, is_of_several: wanted.len() > 1 }, shops))
    }

    fn print(&self, lang: Lang) -> Result<String> {
        words::print(lang, &VisitorsFragment { visitors: self })
    }

    /// The name of its topic.
    fn topic(&self) -> String {
        format!("visitors:{}", self.site.map(|site| site.to_string()).unwrap_or_default())
    }

    /// There are more than are listed.
    fn is_cut(&self) -> bool {
        self.count.count > LISTED
    }

    fn is_chosen(&self, site: &SiteId) -> bool {
        self.site.as_ref() == Some(site)
    }
}

pub async fn page(State(app): State<Arc<App>>, who: SignedIn, Query(asked): Query<Asked>) -> Result<Response> {
    let (visitors, shops) = Visitors::read(&app, &who.agent, asked.site.parse().ok()).await?;
    let shell = Shell::of(&app, &who.agent, Section::Visitors, who.lang().say("nav-visitors")).await?;
    print(who.reader(), StatusCode::OK, &VisitorsPage { shell, shops, visitors })
}
