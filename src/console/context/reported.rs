//! What the shopper's browser says: cart, fields, and the pages they were at. Useful, and not to be trusted; the shop may
//! have signed a cart of its own.

use crate::console::fragments::plain;
use crate::domain::links::is_web;
use serde_json::Value;

/// Most pages and fields shown.
const SHOWN: usize = 12;
/// Longest title or address of a page in a list, in characters.
const PAGE_MAX: usize = 200;

/// Names and values in the order they are shown.
pub type Pairs = Vec<(String, String)>;

#[derive(Clone, Debug)]
pub struct Cart {
    pub rows: Pairs,
    pub total: Option<String>,
    /// How many lines it has, of which the first are shown; none where it is described otherwise.
    pub lines: usize,
    /// The shop's own signed statement says so too, or alone.
    pub is_confirmed: bool,
}

#[derive(Clone, Debug)]
pub struct Page {
    pub title: String,
    pub url: String,
}

impl Cart {
    pub fn of(reported: &Value, attributes: &Value) -> Self {
        let (told, signed) = (cart(&reported["cart"]), cart(&attributes["cart"]));
        let is_confirmed = !signed.0.is_empty() && (told.0.is_empty() || told == signed);
        let lines = lines(if is_confirmed { &attributes["cart"] } else { &reported["cart"] }).map_or(0, Vec::len);
        let (rows, total) = if is_confirmed { signed } else { told };
        Self { rows, total, lines, is_confirmed }
    }
}

impl Page {
    /// One alone, as a list shows it: what browsers say may be as long as they like.
    pub fn at(told: Value) -> Option<Self> {
        let page = pages(&Value::Array(vec![told])).pop()?;
        Some(match page.title.char_indices().nth(PAGE_MAX) {
            Some((end, _)) => Self { title: format!("{}…", &page.title[..end]), ..page },
            None => page,
        })
    }
}

/// What the shop signed besides the cart.
pub fn attributes(attributes: &Value) -> Pairs {
    let mut pairs = pairs(attributes);
    pairs.retain(|(name, _)| name != "cart");
    pairs
}

/// What they answered when asked, and what the shop's page set.
pub fn fields(reported: &Value) -> Pairs {
    let mut all = pairs(&reported["answers"]);
    all.extend(pairs(&reported["fields"]));
    all
}

pub fn pairs(value: &Value) -> Pairs {
    let fields = value.as_object().into_iter().flatten().take(SHOWN);
    fields.map(|(name, value)| (name.clone(), plain(value))).collect()
}

fn lines(cart: &Value) -> Option<&Vec<Value>> {
    cart.get("items").or_else(|| cart.get("lines")).unwrap_or(cart).as_array()
}

/// A shop describes its cart as it likes: lines with a title, a quantity and a price are read as such; and their total.
fn cart(value: &Value) -> (Pairs, Option<String>) {
    let Some(lines) = lines(value) else { return (pairs(value), None) };
    if lines.is_empty() {
        return (Vec::new(), None);
    }
    let currency = value.get("currency").map(plain).unwrap_or_default();
    let total = value.get("total").map(|total| format!("{} {currency}", plain(total)).trim().to_owned());
    (lines.iter().take(SHOWN).map(cart_line).collect(), total)
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
pub fn pages(value: &Value) -> Vec<Page> {
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
    use super::{Cart, attributes, cart, pages};
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
        let rows = vec![("Lamp".to_owned(), "2 × 40".to_owned())];
        assert_eq!(cart(&full), (rows, Some("80 EUR".to_owned())));
        assert_eq!(cart(&json!({ "items": [], "total": 0, "currency": "EUR" })), (Vec::new(), None));
        assert_eq!(cart(&json!(null)), (Vec::new(), None));
    }

    #[test]
    fn a_cart_is_confirmed_where_the_shop_signed_the_same_or_the_browser_says_nothing() {
        let lamp = json!({ "items": [{ "title": "Lamp", "quantity": 2, "price": 40 }] });
        let dear = json!({ "items": [{ "title": "Lamp", "quantity": 2, "price": 1 }] });
        let told = |reported: &_, signed: &_| {
            let cart = Cart::of(&json!({ "cart": reported }), &json!({ "cart": signed, "tier": "gold" }));
            (cart.rows.first().map(|(_, detail)| detail.clone()), cart.is_confirmed)
        };
        assert_eq!(told(&lamp, &lamp), (Some("2 × 40".into()), true));
        assert_eq!(told(&json!(null), &lamp), (Some("2 × 40".into()), true));
        assert_eq!(told(&dear, &lamp), (Some("2 × 1".into()), false));
        assert_eq!(told(&lamp, &json!(null)), (Some("2 × 40".into()), false));
        assert_eq!(told(&json!(null), &json!([])), (None, false));
        assert_eq!(attributes(&json!({ "cart": [], "tier": "gold" })), [("tier".to_owned(), "gold".to_owned())]);
    }
}
