//! From what a page says of itself to a card: the goods' structured data first (schema.org as JSON-LD), then the metadata
//! for sharing (Open Graph and its product fields), then the title. Pure.

use super::page::Page;
use crate::transcripts::one_line;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// Longest title and article number, in characters, and longest address of a picture, in bytes.
const TITLE_MAX: usize = 200;
const SKU_MAX: usize = 64;
const IMAGE_MAX: usize = 2_000;
/// Longest price, in characters, and how deep structured data are followed.
const PRICE_MAX: usize = 14;
const DEPTH: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stock {
    In,
    Out,
    Few,
}

/// What a page offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub title: String,
    /// Where the shop has the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// A decimal number, and what it counts (ISO 4217); never one without the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<Stock>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
}

/// The card of a page that was found at `url`; `None`: it does not even have a title.
pub fn card(page: &Page, url: &Url) -> Option<Card> {
    let data: Vec<Value> = page
        .scripts
        .iter()
        .filter(|script| script.kind == "application/ld+json")
        .filter_map(|script| parse(&script.text))
        .collect();
    let mut card = data.iter().find_map(|data| product(data, DEPTH)).map(Found::of_data).unwrap_or_default();
    card.or(Found::of_meta(page));
    let title = card.title.or_else(|| tidy(&page.title, TITLE_MAX))?;
    let base = page.base(url);
    let (price, currency) = card.price.zip(card.currency).unzip();
    let image = card.image.and_then(|image| base.join(&image).ok());
    let image = image.filter(|image| matches!(image.scheme(), "http" | "https") && image.as_str().len() <= IMAGE_MAX);
    let image = image.map(String::from);
    Some(Card { title, image, price, currency, stock: card.stock, sku: card.sku })
}

/// Shops wrap it into comments and break lines within strings.
fn parse(text: &str) -> Option<Value> {
    let text = text.trim();
    let text = text
        .strip_prefix("<!--")
        .or_else(|| text.strip_prefix("//<![CDATA["))
        .or_else(|| text.strip_prefix("<![CDATA["))
        .unwrap_or(text);
    let text = text
        .strip_suffix("-->")
        .or_else(|| text.strip_suffix("//]]>"))
        .or_else(|| text.strip_suffix("]]>"))
        .unwrap_or(text);
    serde_json::from_str(text).ok().or_else(|| {
        let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        serde_json::from_str(&one_line).ok()
    })
}

/// The first product, wherever it stands.
fn product(data: &Value, depth: usize) -> Option<&Value> {
    let deeper = depth.checked_sub(1)?;
    match data {
        Value::Array(all) => all.iter().find_map(|one| product(one, deeper)),
        Value::Object(fields)
            if is_a(data, &["Product", "ProductGroup", "IndividualProduct", "ProductModel"])
                && fields.contains_key("name") =>
        {
            Some(data)
        }
        Value::Object(fields) => ["@graph", "mainEntity", "itemOffered", "hasVariant"]
            .iter()
            .find_map(|field| product(fields.get(*field)?, deeper)),
        _ => None,
    }
}

fn is_a(data: &Value, kinds: &[&str]) -> bool {
    let is = |kind: &Value| kind.as_str().is_some_and(|kind| kinds.contains(&last_word(kind)));
    match &data["@type"] {
        Value::Array(all) => all.iter().any(is),
        one => is(one),
    }
}

/// `https://schema.org/InStock`, `schema:InStock` and `InStock` are one.
fn last_word(name: &str) -> &str {
    name.rsplit(['/', ':', '#']).next().unwrap_or(name)
}

/// What was found, before it is a card.
#[derive(Default)]
struct Found {
    title: Option<String>,
    image: Option<String>,
    price: Option<String>,
    currency: Option<String>,
    stock: Option<Stock>,
    sku: Option<String>,
}

impl Found {
    fn of_data(data: &Value) -> Self {
        let offer = offer(&data["offers"], DEPTH).or_else(|| offer(&data["hasVariant"][0]["offers"], DEPTH));
        let offer = offer.unwrap_or(&Value::Null);
        let specification = match &offer["priceSpecification"] {
            Value::Array(all) => all.first().unwrap_or(&Value::Null),
            one => one,
        };
        let amount = [&offer["price"], &offer["lowPrice"], &specification["price"]].into_iter().find_map(price);
        let currency =
            [&offer["priceCurrency"], &specification["priceCurrency"]].into_iter().find_map(|c| currency(c.as_str()?));
        let sku = [&data["sku"], &offer["sku"], &data["mpn"]].into_iter().find_map(said);
        Self {
            title: said(&data["name"]).and_then(|name| tidy(&super::charset::unescape(&name), TITLE_MAX)),
            image: image(&data["image"], DEPTH),
            price: amount,
            currency,
            stock: offer["availability"].as_str().and_then(stock),
            sku: sku.and_then(|sku| tidy(&sku, SKU_MAX)),
        }
    }

    fn of_meta(page: &Page) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| page.meta(name));
        Self {
            title: first(&["og:title", "twitter:title"]).and_then(|title| tidy(title, TITLE_MAX)),
            image: first(&["og:image:secure_url", "og:image", "og:image:url", "twitter:image", "image"])
                .map(|image| image.trim().to_owned()),
            price: first(&["product:price:amount", "og:price:amount", "price"]).and_then(decimal),
            currency: first(&["product:price:currency", "og:price:currency", "pricecurrency"]).and_then(currency),
            stock: first(&["product:availability", "og:availability", "availability"]).and_then(stock),
            sku: first(&["product:retailer_item_id", "sku"]).and_then(|sku| tidy(sku, SKU_MAX)),
        }
    }

    /// What is not known yet from another source. A price goes with its own currency.
    fn or(&mut self, other: Self) {
        if self.price.is_none() || self.currency.is_none() {
            (self.price, self.currency) = (other.price, other.currency);
        }
        self.title = self.title.take().or(other.title);
        self.image = self.image.take().or(other.image);
        self.stock = self.stock.or(other.stock);
        self.sku = self.sku.take().or(other.sku);
    }
}

fn said(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The first offer; of several together, what they begin at.
fn offer(data: &Value, depth: usize) -> Option<&Value> {
    let deeper = depth.checked_sub(1)?;
    match data {
        Value::Array(all) => all.iter().find_map(|one| offer(one, deeper)),
        Value::Object(fields) => {
            let has_own = ["price", "lowPrice", "priceSpecification"].iter().any(|field| fields.contains_key(*field));
            if has_own {
                Some(data)
            } else {
                fields.get("offers").and_then(|inner| offer(inner, deeper)).or(Some(data))
            }
        }
        _ => None,
    }
}

fn image(data: &Value, depth: usize) -> Option<String> {
    let deeper = depth.checked_sub(1)?;
    match data {
        Value::String(address) => Some(address.trim().to_owned()).filter(|address| !address.is_empty()),
        Value::Array(all) => all.iter().find_map(|one| image(one, deeper)),
        Value::Object(fields) => {
            ["url", "contentUrl", "@id"].iter().find_map(|field| image(fields.get(*field)?, deeper))
        }
        _ => None,
    }
}

fn price(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => decimal(&number.to_string()),
        Value::String(text) => decimal(text),
        _ => None,
    }
}

/// A price as shops write it (`1.299,00`, `€ 18`, `1 299.5`) as a plain decimal number.
fn decimal(text: &str) -> Option<String> {
    let shown: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    let shown = shown.trim_end_matches(['.', ',']);
    // What stands before the first digit belongs to the currency, unless the cents stand alone.
    let shown = if shown.len() == 3 && shown.starts_with('.') { shown } else { shown.trim_start_matches(['.', ',']) };
    // The last mark parts the cents, unless it parts thousands: three digits behind it, or another of its kind before.
    let mark = shown.rfind(['.', ',']).filter(|at| {
        let (before, behind) = (&shown[..*at], &shown[at + 1..]);
        let is_repeated = before.contains(&shown[*at..=*at]);
        let is_grouping = behind.len() == 3 && (shown[*at..].starts_with(',') || before.contains(','));
        !is_repeated && !is_grouping
    });
    let digits = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>();
    let (whole, cents) =
        mark.map_or((digits(shown), String::new()), |at| (digits(&shown[..at]), digits(&shown[at + 1..])));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let is_negative = text.trim_start().starts_with('-');
    let is_price = !shown.is_empty() && !is_negative && whole.len() + cents.len() < PRICE_MAX;
    is_price.then(|| match cents.len() {
        0 => whole.to_owned(),
        1 => format!("{whole}.{cents}0"),
        _ => format!("{whole}.{cents}"),
    })
}

fn currency(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    (code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())).then_some(code)
}

/// What schema.org and Open Graph say of it; being on order is neither.
fn stock(text: &str) -> Option<Stock> {
    let word: String =
        last_word(text.trim()).to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    match word.as_str() {
        "instock" | "available" | "onlineonly" | "instoreonly" => Some(Stock::In),
        "outofstock" | "oos" | "soldout" | "discontinued" => Some(Stock::Out),
        "limitedavailability" => Some(Stock::Few),
        _ => None,
    }
}

fn tidy(text: &str, most: usize) -> Option<String> {
    let text: String = one_line(text).chars().take(most).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;
