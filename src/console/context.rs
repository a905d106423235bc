//! The side panel: who the shopper is, what their browser says, what came before, and why whom.

use super::fragments::{When, plain, shopper_name};
use super::why::{self, Why};
use crate::app::App;
use crate::domain::conversation::State;
use crate::domain::id::{AgentId, ConversationId};
use crate::domain::links::is_web;
use crate::error::Result;
use crate::store::conversations::{self as store, Summary};
use crate::store::people;
use crate::words::Lang;
use serde_json::Value;

/// Most pages and fields shown.
const SHOWN: usize = 12;

#[derive(Clone, Debug)]
pub struct Context {
    pub name: String,
    pub email: Option<String>,
    pub is_verified: bool,
    pub locale: String,
    pub site: String,
    /// Signed by the shop.
    pub attributes: Vec<(String, String)>,
    /// Everything below was reported by the browser: useful, and not to be trusted.
    pub cart: Vec<(String, String)>,
    pub fields: Vec<(String, String)>,
    pub pages: Vec<Page>,
    pub past: Vec<Past>,
    pub reasons: Vec<Why>,
}

#[derive(Clone, Debug)]
pub struct Page {
    pub title: String,
    pub url: String,
}

#[derive(Clone, Debug)]
pub struct Past {
    pub id: ConversationId,
    pub state: State,
    pub excerpt: String,
    pub when: When,
}

impl Context {
    pub async fn read(app: &App, lang: Lang, summary: &Summary, me: AgentId) -> Result<Self> {
        let db = &app.db.read;
        let (reported, attributes) = people::context(db, summary.site_id, summary.shopper_id).await?;
        let past = store::past_of(db, summary.site_id, summary.shopper_id, summary.id).await?;
        Ok(Self {
            name: shopper_name(lang, summary),
            email: summary.shopper_email.clone(),
            is_verified: summary.shopper_verified,
            locale: summary.locale.clone(),
            site: summary.site_name.clone(),
            attributes: pairs(&attributes),
            cart: cart(&reported["cart"]),
            fields: pairs(&reported["fields"]),
            pages: pages(&reported["pages"]),
            past: past.iter().map(Past::from).collect(),
            reasons: why::read(app, lang, summary, me).await?,
        })
    }

    pub fn has_reported(&self) -> bool {
        !(self.cart.is_empty() && self.fields.is_empty() && self.pages.is_empty())
    }
}

impl From<&Summary> for Past {
    fn from(summary: &Summary) -> Self {
        Self {
            id: summary.id,
            state: summary.state,
            excerpt: summary.last_message.clone(),
            when: summary.opened_at.into(),
        }
    }
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let fields = value.as_object().into_iter().flatten().take(SHOWN);
    fields.map(|(name, value)| (name.clone(), plain(value))).collect()
}

/// A shop describes its cart as it likes: lines with a title, a quantity and a price are read as such.
fn cart(value: &Value) -> Vec<(String, String)> {
    let lines = value.get("items").or_else(|| value.get("lines")).unwrap_or(value);
    let Some(lines) = lines.as_array() else { return pairs(value) };
    if lines.is_empty() {
        return Vec::new();
    }
    let mut rows: Vec<_> = lines.iter().take(SHOWN).map(cart_line).collect();
    if let Some(total) = value.get("total") {
        let currency = value.get("currency").map(plain).unwrap_or_default();
        rows.push(("Total".into(), format!("{} {currency}", plain(total)).trim().to_owned()));
    }
    rows
}

fn cart_line(line: &Value) -> (String, String) {
    let title = ["title", "name", "sku", "id"].iter().find_map(|key| line.get(key)).unwrap_or(line);
    let count = ["quantity", "qty", "count"].iter().find_map(|key| line.get(key)).map(plain);
    let price = ["price", "amount"].iter().find_map(|key| line.get(key)).map(plain).unwrap_or_default();
    let currency = line.get("currency").map(plain).unwrap_or_default();
    let price = format!("{price} {currency}").trim().to_owned();
    let detail = count.map_or(price.clone(), |count| format!("{count} × {price}"));
    (plain(title), detail.trim_end_matches(" × ").to_owned())
}

/// Pages are shown as text; only web addresses become links.
fn pages(value: &Value) -> Vec<Page> {
    let pages = value.as_array().into_iter().flatten().take(SHOWN);
    pages
        .map(|page| {
            let url = page.get("url").map_or_else(|| plain(page), plain);
            let title = page.get("title").map(plain).unwrap_or_default();
            // What the shop tracks: a name and what goes with it.
            if let Some(name) = url.strip_prefix("track:") {
                return Page { title: format!("{name} {title}").trim().to_owned(), url: String::new() };
            }
            let title = Some(title).filter(|title| !title.is_empty()).unwrap_or_else(|| url.clone());
            Page { title, url: if is_web(&url) { url } else { String::new() } }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{cart, pages};
    use serde_json::json;

    #[test]
    fn what_a_shop_tracks_stands_among_the_pages_and_is_no_link() {
        let told = json!([
            { "url": "track:invitation", "title": "\"Any questions?\"" },
            { "url": "https://shop.example/cart", "title": "Cart" },
            { "url": "track:javascript:alert(1)", "title": "" },
        ]);
        let shown: Vec<_> = pages(&told).into_iter().map(|page| (page.title, page.url)).collect();
        let expected =
            [("invitation \"Any questions?\"", ""), ("Cart", "https://shop.example/cart"), ("javascript:alert(1)", "")];
        assert_eq!(shown, expected.map(|(title, url)| (title.to_owned(), url.to_owned())));
    }

    #[test]
    fn a_cart_is_its_lines_and_their_total_and_an_empty_one_is_nothing() {
        let full =
            json!({ "items": [{ "title": "Lamp", "quantity": 2, "price": 40 }], "total": 80, "currency": "EUR" });
        let rows = [("Lamp", "2 × 40"), ("Total", "80 EUR")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(cart(&full), rows);
        assert!(cart(&json!({ "items": [], "total": 0, "currency": "EUR" })).is_empty());
        assert!(cart(&json!(null)).is_empty());
    }
}
