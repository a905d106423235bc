//! WooCommerce's REST API, version 3. A key with permission to read will do.

use super::Customer;
use super::ask::{Problem, ask, secret};
use super::order::{Delivery, Found, Item, MOST, Money, Order, Payment, Tracking, first, moment, short, web};
use super::source::{Keys, Source};
use crate::app::App;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

const PAGES: usize = 3;
/// What is read of an order; without it each comes with everything the shop knows of its customer.
const FIELDS: &str =
    "id,number,status,currency,date_created_gmt,date_paid_gmt,total,customer_id,billing,line_items,refunds,meta_data";

enum By<'a> {
    Email(&'a str),
    Number(u64),
}

impl By<'_> {
    fn parameter(&self) -> (&'static str, String) {
        match self {
            Self::Email(email) => ("search", (*email).to_owned()),
            Self::Number(number) => ("customer", number.to_string()),
        }
    }

    /// The search looks into every field.
    fn is_of(&self, order: &Value) -> bool {
        match self {
            Self::Email(email) => {
                order["billing"]["email"].as_str().is_some_and(|of| of.trim().to_lowercase() == *email)
            }
            Self::Number(number) => order["customer_id"].as_u64() == Some(*number),
        }
    }
}

fn by(customer: &Customer) -> Result<By<'_>, Problem> {
    // Customer 0 is every guest.
    let number = customer.subject.as_deref().and_then(|subject| subject.parse().ok()).filter(|number| *number > 0);
    number.map(By::Number).or(customer.email.as_deref().map(By::Email)).ok_or(Problem::NeedsEmail)
}

pub async fn orders(app: &App, source: &Source, keys: &Keys, customer: &Customer) -> Result<Found, Problem> {
    let by = by(customer)?;
    let mut found = Found::default();
    for page in 1..=PAGES {
        let mut url = base(source)?;
        let (name, value) = by.parameter();
        url.query_pairs_mut()
            .append_pair(name, &value)
            .append_pair("per_page", &MOST.to_string())
            .append_pair("page", &page.to_string())
            .append_pair("orderby", "date")
            .append_pair("order", "desc")
            .append_pair("_fields", FIELDS);
        let (headers, answer) = ask(app, &url, [login(keys)?], None).await?;
        let orders = answer.as_array().ok_or(Problem::Unreadable)?;
        let own: Vec<_> = orders.iter().filter(|order| by.is_of(order) && is_order(order)).collect();
        let room = MOST - found.orders.len();
        found.orders.extend(own.iter().take(room).map(|order| read(&source.url, order)));
        let has_next = pages(&headers) > page;
        found.has_more = own.len() > room || has_next;
        if found.orders.len() == MOST || !has_next {
            break;
        }
    }
    Ok(found)
}

pub async fn test(app: &App, source: &Source, keys: &Keys) -> Result<(), Problem> {
    let mut url = base(source)?;
    url.query_pairs_mut().append_pair("per_page", "1").append_pair("_fields", "id");
    let (_, answer) = ask(app, &url, [login(keys)?], None).await?;
    answer.as_array().map(drop).ok_or(Problem::Unreadable)
}

fn base(source: &Source) -> Result<Url, Problem> {
    source.url.join("wp-json/wc/v3/orders").map_err(|_| Problem::Address)
}

fn login(keys: &Keys) -> Result<(axum::http::HeaderName, axum::http::HeaderValue), Problem> {
    let pair = STANDARD.encode(format!("{}:{}", keys.key.expose_secret(), keys.secret.expose_secret()));
    secret(header::AUTHORIZATION, &SecretString::from(format!("Basic {pair}")))
}

/// How many pages there are, as the header says; one, where it does not.
fn pages(headers: &HeaderMap) -> usize {
    headers.get("x-wp-totalpages").and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(1)
}

/// A checkout that somebody is still at, or what lies in the bin, is none.
fn is_order(order: &Value) -> bool {
    !matches!(order["status"].as_str().unwrap_or_default(), "checkout-draft" | "auto-draft" | "trash")
}

fn read(shop: &Url, order: &Value) -> Order {
    let (items, has_more_items) = first(&order["line_items"], item);
    let status = order["status"].as_str().unwrap_or_default();
    let currency = short(&order["currency"]);
    let id = order["id"].as_u64();
    let admin = id.and_then(|id| shop.join(&format!("wp-admin/admin.php?page=wc-orders&action=edit&id={id}")).ok());
    Order {
        number: short(&order["number"]),
        placed_at: moment(&order["date_created_gmt"]),
        payment: payment(status, order),
        delivery: delivery(status),
        is_cancelled: status == "cancelled",
        total: Money::parse(&order["total"], &currency),
        items,
        has_more_items,
        tracking: parcels(order),
        url: admin.map(String::from),
    }
}

fn item(line: &Value) -> Option<Item> {
    let title = short(&line["name"]);
    let quantity = line["quantity"].as_i64().unwrap_or(1);
    (!title.is_empty()).then(|| Item { title, sku: short(&line["sku"]), quantity })
}

/// Where a plug-in for parcels keeps them. WooCommerce itself has no place for them.
fn parcels(order: &Value) -> Vec<Tracking> {
    let all = order["meta_data"].as_array().map(Vec::as_slice).unwrap_or_default();
    let kept = all.iter().find(|meta| meta["key"] == "_wc_shipment_tracking_items");
    kept.map(|meta| first(&meta["value"], tracking).0).unwrap_or_default()
}

fn tracking(parcel: &Value) -> Option<Tracking> {
    let either = |one: &str, other: &str| {
        Some(short(&parcel[one])).filter(|text| !text.is_empty()).unwrap_or(short(&parcel[other]))
    };
    let url = web(&parcel["custom_tracking_link"]).or_else(|| web(&parcel["tracking_link"]));
    let (carrier, number) =
        (either("custom_tracking_provider", "tracking_provider"), short(&parcel["tracking_number"]));
    (!number.is_empty() || url.is_some()).then_some(Tracking { carrier, number, url })
}

fn payment(status: &str, order: &Value) -> Payment {
    let is_paid = order["date_paid_gmt"].is_string();
    let is_partly_back = order["refunds"].as_array().is_some_and(|refunds| !refunds.is_empty());
    match status {
        "refunded" => Payment::Refunded,
        "failed" => Payment::Failed,
        _ if is_partly_back => Payment::PartlyRefunded,
        "completed" => Payment::Paid,
        _ if is_paid => Payment::Paid,
        // Whoever pays on delivery is served before.
        "processing" | "pending" | "on-hold" => Payment::Pending,
        _ => Payment::Unknown,
    }
}

fn delivery(status: &str) -> Delivery {
    match status {
        "completed" => Delivery::Fulfilled,
        "processing" | "pending" => Delivery::Open,
        "on-hold" => Delivery::OnHold,
        _ => Delivery::Unknown,
    }
}
