//! An address of the shop's own that answers our signed question; README says in what words.

use super::Customer;
use super::ask::{Problem, ask};
use super::order::{Delivery, Found, Item, MOST, Money, Order, Payment, Tracking, first, moment, short, web};
use super::source::{Keys, Source};
use crate::app::App;
use axum::http::{HeaderName, HeaderValue};
use hmac::{Hmac, Mac};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::Sha256;

pub async fn orders(app: &App, source: &Source, keys: &Keys, customer: &Customer) -> Result<Found, Problem> {
    let question = json!({
        "email": customer.email,
        "confirmed": customer.is_confirmed,
        "subject": customer.subject,
        "order": customer.order,
        "limit": MOST,
    });
    let answer = post(app, source, keys, &question).await?;
    let orders = answer["orders"].as_array().ok_or(Problem::Unreadable)?;
    Ok(Found {
        orders: orders.iter().take(MOST).filter_map(read).collect(),
        has_more: orders.len() > MOST || answer["more"] == true,
    })
}

pub async fn test(app: &App, source: &Source, keys: &Keys) -> Result<(), Problem> {
    let answer = post(app, source, keys, &json!({ "test": true, "limit": 0 })).await?;
    answer["orders"].as_array().map(drop).ok_or(Problem::Unreadable)
}

async fn post(app: &App, source: &Source, keys: &Keys, question: &Value) -> Result<Value, Problem> {
    let body = question.to_string();
    let at = app.clock.now().timestamp().to_string();
    let signature = sign(keys.secret.expose_secret(), &at, &body);
    let header = |name, value: &str| Ok((HeaderName::from_static(name), HeaderValue::from_str(value)?));
    let headers: Result<Vec<_>, axum::http::header::InvalidHeaderValue> =
        [("deskbell-timestamp", &at), ("deskbell-signature", &signature)]
            .map(|(n, v)| header(n, v))
            .into_iter()
            .collect();
    let headers = headers.map_err(|_| Problem::Address)?;
    Ok(ask(app, &source.url, headers, Some(body.into_bytes())).await?.1)
}

/// `v1=` and, in hexadecimal, the HMAC-SHA256 of the moment, a full stop and the body.
fn sign(secret: &str, at: &str, body: &str) -> String {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).expect("a key of any length will do");
    mac.update(at.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    format!("v1={}", hex::encode(mac.finalize().into_bytes()))
}

fn read(order: &Value) -> Option<Order> {
    let number = short(&order["number"]);
    if number.is_empty() {
        return None;
    }
    let (items, has_more_items) = first(&order["items"], item);
    let (parcels, _) = first(&order["tracking"], tracking);
    Some(Order {
        number,
        placed_at: moment(&order["placed_at"]),
        payment: payment(&order["payment"]),
        delivery: delivery(&order["delivery"]),
        is_cancelled: order["cancelled"] == true,
        total: Money::parse(&order["total"], &short(&order["currency"])),
        items,
        has_more_items,
        tracking: parcels,
        url: web(&order["url"]),
    })
}

fn item(line: &Value) -> Option<Item> {
    let title = short(&line["title"]);
    let quantity = line["quantity"].as_i64().unwrap_or(1);
    (!title.is_empty()).then(|| Item { title, sku: short(&line["sku"]), quantity })
}

fn tracking(parcel: &Value) -> Option<Tracking> {
    let (carrier, number, url) = (short(&parcel["carrier"]), short(&parcel["number"]), web(&parcel["url"]));
    (!number.is_empty() || url.is_some()).then_some(Tracking { carrier, number, url })
}

/// The words that README names; another one is not guessed at.
fn payment(word: &Value) -> Payment {
    serde_json::from_value(word.clone()).unwrap_or(Payment::Unknown)
}

fn delivery(word: &Value) -> Delivery {
    serde_json::from_value(word.clone()).unwrap_or(Delivery::Unknown)
}

#[cfg(test)]
mod tests {
    use super::sign;

    /// Made with `printf '1780000000.{"a":1}' | openssl dgst -sha256 -hmac secret`.
    #[test]
    fn the_signature_is_one_that_others_make_too() {
        let ours = sign("secret", "1780000000", r#"{"a":1}"#);
        assert_eq!(ours, "v1=beb6c645b997ab516be5a8e5e2215a3394f24755b01119bf1d4cb6f7d7cf71da");
    }
}
