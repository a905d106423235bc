//! Shopify's Admin API, in GraphQL. The access token of a custom app needs `read_orders`; to find orders by customer number,
//! `read_customers` as well. Shopify itself gives orders of the last 60 days unless the app may read all of them.

use super::Customer;
use super::ask::{Problem, ask, secret};
use super::order::{Delivery, Found, Item, MOST, Money, Order, Payment, Tracking, first, moment, short, web};
use super::source::{Keys, Source};
use crate::app::App;
use axum::http::HeaderName;
use serde_json::{Value, json};
use url::Url;

/// Stable since 1 October 2026 and served until 1 October 2027; after that Shopify answers as its oldest supported version.
pub const VERSION: &str = "2026-10";

/// Most pages that are turned: what others ordered is not shown, and takes room on them.
const PAGES: usize = 3;

const QUERY: &str = "query($query: String!, $first: Int!, $after: String, $byCustomer: Boolean!) {
  orders(query: $query, first: $first, after: $after, sortKey: PROCESSED_AT, reverse: true) {
    pageInfo { hasNextPage endCursor }
    nodes {
      legacyResourceId name email processedAt cancelledAt displayFinancialStatus displayFulfillmentStatus
      customer @include(if: $byCustomer) { legacyResourceId }
      currentTotalPriceSet { presentmentMoney { amount currencyCode } }
      lineItems(first: 21) { nodes { title variantTitle sku currentQuantity } }
      fulfillments(first: 5) { trackingInfo(first: 5) { company number url } }
    }
  }
}";

const TEST: &str = "{ orders(first: 1) { nodes { legacyResourceId email } } }";

/// By what an order is this customer's.
enum By<'a> {
    Email(&'a str),
    Number(&'a str),
}

impl By<'_> {
    fn query(&self) -> String {
        match self {
            Self::Email(email) => format!("email:\"{}\"", email.replace('\\', "\\\\").replace('"', "\\\"")),
            Self::Number(number) => format!("customer_id:{number}"),
        }
    }

    /// The search finds similar ones too.
    fn is_of(&self, order: &Value) -> bool {
        match self {
            Self::Email(email) => order["email"].as_str().is_some_and(|of| of.trim().to_lowercase() == *email),
            Self::Number(number) => short(&order["customer"]["legacyResourceId"]) == *number,
        }
    }
}

fn by(customer: &Customer) -> Result<By<'_>, Problem> {
    let is_number = |subject: &&str| (1..=20).contains(&subject.len()) && subject.bytes().all(|b| b.is_ascii_digit());
    let number = customer.subject.as_deref().filter(is_number).map(By::Number);
    number.or(customer.email.as_deref().map(By::Email)).ok_or(Problem::NeedsEmail)
}

pub async fn orders(app: &App, source: &Source, keys: &Keys, customer: &Customer) -> Result<Found, Problem> {
    let by = by(customer)?;
    let (mut found, mut after) = (Found::default(), Value::Null);
    for _ in 0..PAGES {
        let variables = json!({ "query": by.query(), "first": MOST, "after": after,
            "byCustomer": matches!(by, By::Number(_)) });
        let answer = post(app, source, keys, &json!({ "query": QUERY, "variables": variables })).await?;
        let page = &answer["data"]["orders"];
        let nodes = page["nodes"].as_array().ok_or(Problem::Unreadable)?;
        let own: Vec<_> = nodes.iter().filter(|order| by.is_of(order)).collect();
        let room = MOST - found.orders.len();
        found.orders.extend(own.iter().take(room).map(|order| read(&source.url, order)));
        let has_next = page["pageInfo"]["hasNextPage"].as_bool().unwrap_or_default();
        found.has_more = own.len() > room || has_next;
        after = page["pageInfo"]["endCursor"].clone();
        if found.orders.len() == MOST || !has_next || !after.is_string() {
            break;
        }
    }
    Ok(found)
}

pub async fn test(app: &App, source: &Source, keys: &Keys) -> Result<(), Problem> {
    let answer = post(app, source, keys, &json!({ "query": TEST })).await?;
    answer["data"]["orders"]["nodes"].as_array().map(drop).ok_or(Problem::Unreadable)
}

async fn post(app: &App, source: &Source, keys: &Keys, body: &Value) -> Result<Value, Problem> {
    let path = format!("admin/api/{VERSION}/graphql.json");
    let url = source.url.join(&path).map_err(|_| Problem::Address)?;
    let token = secret(HeaderName::from_static("x-shopify-access-token"), &keys.secret)?;
    let (_, answer) = ask(app, &url, [token], Some(body.to_string().into_bytes())).await?;
    objection(&answer).map_or(Ok(answer), Err)
}

/// GraphQL says no with status 200.
fn objection(answer: &Value) -> Option<Problem> {
    let errors = match &answer["errors"] {
        Value::Null => return None,
        Value::Array(errors) if errors.is_empty() => return None,
        Value::Array(errors) => errors.as_slice(),
        other => std::slice::from_ref(other),
    };
    let code = |error: &Value| error["extensions"]["code"].as_str().unwrap_or_default().to_owned();
    let codes: Vec<_> = errors.iter().map(code).collect();
    if codes.iter().any(|code| code == "THROTTLED") {
        return Some(Problem::Wait(refill(answer)));
    }
    Some(if codes.iter().any(|code| code == "ACCESS_DENIED") { Problem::Denied } else { Problem::Unreadable })
}

/// After how many seconds the shop's bucket holds what this question costs.
fn refill(answer: &Value) -> i64 {
    let cost = &answer["extensions"]["cost"];
    let number = |value: &Value| value.as_f64().filter(|number| number.is_finite());
    let status = &cost["throttleStatus"];
    let missing = number(&cost["requestedQueryCost"]).zip(number(&status["currentlyAvailable"])).map(|(a, b)| a - b);
    let wait = missing.zip(number(&status["restoreRate"]).filter(|rate| *rate > 0.0)).map(|(a, b)| (a / b).ceil());
    #[expect(clippy::cast_possible_truncation, reason = "within these bounds nothing is cut off")]
    wait.map_or(2, |seconds| seconds.clamp(1.0, 60.0) as i64)
}

fn read(shop: &Url, order: &Value) -> Order {
    let (items, has_more_items) = first(&order["lineItems"]["nodes"], item);
    let money = &order["currentTotalPriceSet"]["presentmentMoney"];
    let (tracking, _) = first(&order["fulfillments"], |sent| Some(first(&sent["trackingInfo"], tracking).0));
    let id = short(&order["legacyResourceId"]);
    let is_id = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    Order {
        number: short(&order["name"]),
        placed_at: moment(&order["processedAt"]),
        payment: payment(&order["displayFinancialStatus"]),
        delivery: delivery(&order["displayFulfillmentStatus"]),
        is_cancelled: order["cancelledAt"].is_string(),
        total: Money::parse(&money["amount"], &short(&money["currencyCode"])),
        items,
        has_more_items,
        tracking: tracking.into_iter().flatten().collect(),
        url: is_id.then(|| shop.join(&format!("admin/orders/{id}")).ok().map(String::from)).flatten(),
    }
}

fn item(line: &Value) -> Option<Item> {
    let (title, variant) = (short(&line["title"]), short(&line["variantTitle"]));
    let title = if variant.is_empty() || variant == "Default Title" { title } else { format!("{title}, {variant}") };
    let quantity = line["currentQuantity"].as_i64().unwrap_or(1);
    (!title.is_empty()).then(|| Item { title, sku: short(&line["sku"]), quantity })
}

fn tracking(info: &Value) -> Option<Tracking> {
    let (carrier, number, url) = (short(&info["company"]), short(&info["number"]), web(&info["url"]));
    (!number.is_empty() || url.is_some()).then_some(Tracking { carrier, number, url })
}

fn payment(status: &Value) -> Payment {
    match status.as_str().unwrap_or_default() {
        "PAID" => Payment::Paid,
        "PARTIALLY_PAID" => Payment::PartlyPaid,
        "PENDING" => Payment::Pending,
        "AUTHORIZED" => Payment::Authorized,
        "REFUNDED" => Payment::Refunded,
        "PARTIALLY_REFUNDED" => Payment::PartlyRefunded,
        "VOIDED" | "EXPIRED" => Payment::Failed,
        _ => Payment::Unknown,
    }
}

fn delivery(status: &Value) -> Delivery {
    match status.as_str().unwrap_or_default() {
        "UNFULFILLED" | "OPEN" | "SCHEDULED" | "RESTOCKED" | "REQUEST_DECLINED" => Delivery::Open,
        "IN_PROGRESS" | "PENDING_FULFILLMENT" => Delivery::UnderWay,
        "PARTIALLY_FULFILLED" => Delivery::Partly,
        "FULFILLED" => Delivery::Fulfilled,
        "ON_HOLD" => Delivery::OnHold,
        _ => Delivery::Unknown,
    }
}
