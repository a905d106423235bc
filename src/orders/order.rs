//! An order as agents see it, whichever system it comes from: bounded text and closed words, nothing else.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most orders shown of one customer.
pub const MOST: usize = 10;
/// Most lines and parcels shown of one order.
pub const LINES: usize = 20;
/// Longest text taken over, in characters.
const TEXT_MAX: usize = 200;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub orders: Vec<Order>,
    /// The shop has older ones.
    pub has_more: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub number: String,
    pub placed_at: Option<DateTime<Utc>>,
    pub payment: Payment,
    pub delivery: Delivery,
    pub is_cancelled: bool,
    pub total: Option<Money>,
    pub items: Vec<Item>,
    /// There are more lines than these.
    pub has_more_items: bool,
    pub tracking: Vec<Tracking>,
    /// The order in the shop's own administration.
    pub url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    Paid,
    PartlyPaid,
    Pending,
    Authorized,
    Refunded,
    PartlyRefunded,
    Failed,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Open,
    UnderWay,
    Partly,
    Fulfilled,
    OnHold,
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub title: String,
    pub sku: String,
    pub quantity: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    pub carrier: String,
    pub number: String,
    /// Of the web, or nothing.
    pub url: Option<String>,
}

/// An amount as its currency writes it: no floating point touches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    is_negative: bool,
    whole: String,
    part: String,
    pub currency: String,
}

impl Money {
    /// Of a number or a text such as `1299.9`; anything else is no amount.
    pub fn parse(amount: &Value, currency: &str) -> Option<Self> {
        let text = match amount {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        let (is_negative, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |text: &str, most| text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
        let currency = currency.trim().to_ascii_uppercase();
        if whole.is_empty() || !is_number(whole, 15) || !is_number(part, 12) || !is_currency(&currency) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let mut part = part.trim_end_matches('0').to_owned();
        while part.len() < digits_of(&currency) {
            part.push('0');
        }
        Some(Self { is_negative, whole: if whole.is_empty() { "0".into() } else { whole.into() }, part, currency })
    }

    /// With the separators that a language uses: `1,299.90 EUR`.
    pub fn written(&self, thousands: char, decimal: char) -> String {
        let mut text = String::new();
        for (at, digit) in self.whole.chars().enumerate() {
            if at > 0 && (self.whole.len() - at).is_multiple_of(3) {
                text.push(thousands);
            }
            text.push(digit);
        }
        let sign = if self.is_negative { "-" } else { "" };
        let point = if self.part.is_empty() { String::new() } else { format!("{decimal}{}", self.part) };
        format!("{sign}{text}{point}\u{a0}{}", self.currency)
    }
}

fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())
}

/// Digits after the point where a currency has others than two (ISO 4217).
fn digits_of(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// A text or a number, without control characters, and not endless.
pub fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    text.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect::<String>().trim().to_owned()
}

/// RFC 3339, or, as WooCommerce writes it, without a zone: then it is UTC.
pub fn moment(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?;
    let zoned = DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc));
    zoned.or_else(|| text.parse::<NaiveDateTime>().ok().map(|at| at.and_utc()))
}

/// Only the web can be followed from an order.
pub fn web(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (text.len() <= crate::outbound::LONGEST && crate::domain::links::is_web(text)).then(|| text.to_owned())
}

/// The first of a list, as far as they are shown, and whether there were more.
pub fn first<T>(list: &Value, read: impl Fn(&Value) -> Option<T>) -> (Vec<T>, bool) {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    (list.iter().take(LINES).filter_map(read).collect(), list.len() > LINES)
}

#[cfg(test)]
mod tests {
    use super::{Money, moment, short, web};
    use serde_json::json;

    #[test]
    fn an_amount_is_written_as_its_currency_and_the_reader_want_it() {
        let written = |amount, currency| Money::parse(&amount, currency).map(|money| money.written(',', '.'));
        for (amount, currency, expected) in [
            (json!("1299.9"), "EUR", "1,299.90\u{a0}EUR"),
            (json!("0.5"), "usd", "0.50\u{a0}USD"),
            (json!(1_234_567), "JPY", "1,234,567\u{a0}JPY"),
            (json!("1000.00"), "JPY", "1,000\u{a0}JPY"),
            (json!("12.5"), "KWD", "12.500\u{a0}KWD"),
            (json!("-20.00"), "EUR", "-20.00\u{a0}EUR"),
            (json!("0.1234"), "EUR", "0.1234\u{a0}EUR"),
            (json!("000.10"), "EUR", "0.10\u{a0}EUR"),
            (json!(49.9), "EUR", "49.90\u{a0}EUR"),
        ] {
            assert_eq!(written(amount.clone(), currency).as_deref(), Some(expected), "{amount}");
        }
        assert_eq!(Money::parse(&json!("1299.90"), "EUR").unwrap().written('.', ','), "1.299,90\u{a0}EUR");
        for (bad, currency) in [
            (json!("12,50"), "EUR"),
            (json!("1e9"), "EUR"),
            (json!(1e300), "EUR"),
            (json!(""), "EUR"),
            (json!("."), "EUR"),
            (json!("--1"), "EUR"),
            (json!("NaN"), "EUR"),
            (json!(null), "EUR"),
            (json!([1]), "EUR"),
            (json!("1"), "EURO"),
            (json!("1"), "<b>"),
            (json!("1"), ""),
        ] {
            assert_eq!(Money::parse(&bad, currency), None, "{bad} {currency}");
        }
    }

    #[test]
    fn what_is_taken_over_is_bounded_and_only_the_web_is_linked() {
        assert_eq!(short(&json!("  a\u{0}\nb ")), "ab");
        assert_eq!(short(&json!("x".repeat(5_000))).len(), 200);
        assert_eq!((short(&json!(42)), short(&json!({ "a": 1 }))), ("42".into(), String::new()));
        assert_eq!(web(&json!("https://post.example/1")).as_deref(), Some("https://post.example/1"));
        for bad in ["javascript:alert(1)", "data:text/html,x", "//post.example", "post.example", "ftp://post.example/"]
        {
            assert_eq!(web(&json!(bad)), None, "{bad}");
        }
        assert_eq!(web(&json!(format!("https://post.example/{}", "x".repeat(3_000)))), None);
    }

    #[test]
    fn moments_are_read_with_a_zone_and_without_one() {
        let text = |value| moment(&json!(value)).map(|at| at.to_rfc3339());
        assert_eq!(text("2026-11-02T10:00:00+01:00").as_deref(), Some("2026-11-02T09:00:00+00:00"));
        assert_eq!(text("2026-11-02T09:00:00").as_deref(), Some("2026-11-02T09:00:00+00:00"));
        assert_eq!((text("yesterday"), moment(&json!(17))), (None, None));
    }
}
