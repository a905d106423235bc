//! Cards of the goods that a message links to, as agents see them: a fragment that a page asks for when the message comes
//! into sight.

use super::thread;
use crate::app::App;
use crate::auth::SignedIn;
use crate::conversations::site_by_id;
use crate::domain::event::Kind;
use crate::domain::id::ConversationId;
use crate::error::{Error, Result};
use crate::shell::print;
use crate::store::events::{self, Audience};
use crate::storefront::{self, Shown, Stock};
use crate::words::filters;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/_goods.html")]
struct Goods {
    cards: Vec<Shown>,
}

impl Goods {
    fn price(card: &Shown) -> Option<String> {
        Some(format!("{} {}", card.price.as_ref()?, card.currency.as_ref()?))
    }

    /// The key of what is said.
    fn stock(card: &Shown) -> Option<&'static str> {
        Some(match card.stock? {
            Stock::In => "stock-in",
            Stock::Out => "stock-out",
            Stock::Few => "stock-few",
        })
    }
}

pub async fn cards(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path((id, seq)): Path<(ConversationId, i64)>,
) -> Result<Response> {
    let summary = thread::find(&app, &who.agent, id).await?;
    let event =
        events::before(&app.db.read, Audience::Staff, (summary.site_id, id), seq.saturating_add(1), 1).await?.pop();
    let event = event.filter(|event| event.seq == seq).ok_or(Error::NotFound)?;
    let text = event.body.filter(|_| matches!(event.kind, Kind::Message | Kind::Note)).unwrap_or_default();
    let site = site_by_id(&app, summary.site_id).await?;
    let cards = storefront::cards(&app, &site, &text).await?;
    let mut answer = print(who.reader(), StatusCode::OK, &Goods { cards })?;
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));
    Ok(answer)
}
