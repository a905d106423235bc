//! The card of a shopper's orders.

use super::{Seat, words};
use crate::console::fragments::{When, plain};
use crate::domain::id::SiteId;
use crate::error::Result;
use crate::orders::{self, Answer, Customer, Delivery, Known, Order, Payment, Tracking, Wish};
use crate::store::cards::About;
use crate::words::{Key, Lang};
use serde_json::Value;

#[derive(Clone, Debug)]
pub struct Orders {
    pub site: SiteId,
    pub email: String,
    pub is_confirmed: bool,
    pub shown: Shown,
}

#[derive(Clone, Debug)]
pub enum Shown {
    NoSource,
    Nobody,
    Unconfirmed {
        may_ask: bool,
    },
    /// Loaded by itself when it comes into sight, or by its link.
    Later,
    Problem {
        text: String,
        when: When,
    },
    Said {
        orders: Vec<OrderLine>,
        has_more: bool,
        when: When,
    },
}

#[derive(Clone, Debug)]
pub struct OrderLine {
    pub number: String,
    pub url: Option<String>,
    pub when: Option<When>,
    pub total: String,
    /// What became of it, each with its look.
    pub states: Vec<(&'static str, Key)>,
    pub items: Vec<(i64, String, String)>,
    pub has_more_items: bool,
    pub tracking: Vec<Tracking>,
}

/// What shops call the number of an order.
pub const NAMES: [&str; 2] = ["order", "order_number"];

/// Whose orders are meant. A verified shopper's address is the shop's word; another's is what somebody typed.
pub fn customer(seat: Seat<'_>, about: &About) -> Customer {
    let is_confirmed = seat.summary.shopper_verified;
    let number = |told: &Value| {
        let told = NAMES.iter().find_map(|name| told.get(*name)).map(plain);
        told.map(|text| text.trim().chars().take(64).collect::<String>()).filter(|text| !text.is_empty())
    };
    Customer {
        email: seat.summary.shopper_email.clone(),
        subject: about.external_id.clone().filter(|_| is_confirmed),
        is_confirmed,
        order: number(&about.attributes).or_else(|| number(&about.context["fields"])),
    }
}

impl Orders {
    pub async fn read(seat: Seat<'_>, about: &About, wish: Wish) -> Result<Self> {
        let customer = customer(seat, about);
        let shown = match orders::of(seat.app, seat.summary.site_id, &customer, wish).await? {
            Answer::NoSource => Shown::NoSource,
            Answer::Nobody => Shown::Nobody,
            Answer::Unconfirmed { may_ask } => Shown::Unconfirmed { may_ask },
            Answer::Unasked => Shown::Later,
            Answer::Said(known) => Shown::of(known, Lang::of(seat.agent)),
        };
        let email = customer.email.unwrap_or_default();
        Ok(Self { site: seat.summary.site_id, email, is_confirmed: customer.is_confirmed, shown })
    }

    pub fn has_source(&self) -> bool {
        !matches!(self.shown, Shown::NoSource)
    }
}

impl Shown {
    fn of(known: Known, lang: Lang) -> Self {
        let when = known.asked_at.into();
        match known.outcome {
            Ok(found) => Self::Said {
                orders: found.orders.iter().map(|order| OrderLine::of(order, lang)).collect(),
                has_more: found.has_more,
                when,
            },
            Err(problem) => Self::Problem { text: words::problem(lang, &problem), when },
        }
    }
}

impl OrderLine {
    fn of(order: &Order, lang: Lang) -> Self {
        let (thousands, decimal) = words::separators(lang);
        let cancelled = order.is_cancelled.then_some(("bad", Key("orders-cancelled")));
        let paid = words::payment(order.payment).map(|word| (payment_look(order.payment), word));
        let sent = words::delivery(order.delivery).filter(|_| !order.is_cancelled);
        let sent = sent.map(|word| (if order.delivery == Delivery::Fulfilled { "ok" } else { "" }, word));
        Self {
            number: order.number.clone(),
            url: order.url.clone(),
            when: order.placed_at.map(When::from),
            total: order.total.as_ref().map(|total| total.written(thousands, decimal)).unwrap_or_default(),
            states: [cancelled, paid, sent].into_iter().flatten().collect(),
            items: order.items.iter().map(|item| (item.quantity, item.title.clone(), item.sku.clone())).collect(),
            has_more_items: order.has_more_items,
            tracking: order.tracking.clone(),
        }
    }
}

fn payment_look(payment: Payment) -> &'static str {
    match payment {
        Payment::Paid => "ok",
        Payment::Failed => "bad",
        Payment::Pending | Payment::PartlyPaid | Payment::Refunded | Payment::PartlyRefunded => "warn",
        Payment::Authorized | Payment::Unknown => "",
    }
}
