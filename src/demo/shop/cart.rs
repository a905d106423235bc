//! A shopper's cart, kept in a cookie so that the shop works without script and without a database.
//!
//! Promises: whatever the cookie holds, a cart is a handful of goods that exist, in sensible quantities.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::CookieJar;
use serde::Serialize;

use super::goods::{self, Good, money};

const COOKIE: &str = "shop_cart";
/// More lines than these are dropped, larger quantities lowered.
const MOST_LINES: usize = 12;
const MOST_PIECES: u32 = 20;
const FREE_DELIVERY_FROM: u32 = 8000;
const DELIVERY: u32 = 490;

#[derive(Debug, Clone)]
pub(super) struct Line {
    pub good: &'static Good,
    pub choice: usize,
    pub pieces: u32,
}

impl Line {
    pub(super) fn sum(&self) -> String {
        money(self.good.cents * self.pieces)
    }

    pub(super) fn value(&self) -> &'static str {
        self.good.value(self.choice)
    }

    /// What the quantity field offers: usual amounts, and the present one if it is larger.
    pub(super) fn amounts(&self) -> std::ops::RangeInclusive<u32> {
        1..=self.pieces.max(9)
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Cart {
    pub lines: Vec<Line>,
}

/// The cart as the chat's `setCart` takes it; prices in euros, addresses relative to the shop.
#[derive(Serialize)]
pub(super) struct Reported {
    items: Vec<ReportedItem>,
    total: f64,
    currency: &'static str,
}

#[derive(Serialize)]
struct ReportedItem {
    sku: &'static str,
    title: String,
    qty: u32,
    price: f64,
    currency: &'static str,
    url: String,
    img: String,
}

impl Cart {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        CookieJar::from_headers(headers).get(COOKIE).map(|cookie| Self::parse(cookie.value())).unwrap_or_default()
    }

    fn parse(text: &str) -> Self {
        let mut cart = Self::default();
        for part in text.split('~').take(MOST_LINES) {
            let mut fields = part.split('.');
            let (slug, choice, pieces) = (fields.next(), fields.next(), fields.next());
            let (Some(choice), Some(pieces)) = (number(choice), number(pieces)) else { continue };
            cart.add(slug.unwrap_or_default(), choice as usize, pieces);
        }
        cart
    }

    /// Adds pieces of a good; false when the shop has no such thing or the cart is full.
    pub(super) fn add(&mut self, slug: &str, choice: usize, pieces: u32) -> bool {
        let Some(good) = goods::find(slug) else { return false };
        if pieces == 0 || (choice > 0 && choice >= good.values.len()) {
            return false;
        }
        if let Some(line) = self.lines.iter_mut().find(|line| line.good.slug == slug && line.choice == choice) {
            line.pieces = line.pieces.saturating_add(pieces).min(MOST_PIECES);
            return true;
        }
        if self.lines.len() >= MOST_LINES {
            return false;
        }
        self.lines.push(Line { good, choice, pieces: pieces.min(MOST_PIECES) });
        true
    }

    /// Sets how many pieces there are; none removes the line.
    pub(super) fn set(&mut self, slug: &str, choice: usize, pieces: u32) {
        for line in &mut self.lines {
            if line.good.slug == slug && line.choice == choice {
                line.pieces = pieces.min(MOST_PIECES);
            }
        }
        self.lines.retain(|line| line.pieces > 0);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn pieces(&self) -> u32 {
        self.lines.iter().map(|line| line.pieces).sum()
    }

    fn goods_cents(&self) -> u32 {
        self.lines.iter().map(|line| line.good.cents * line.pieces).sum()
    }

    fn delivery_cents(&self) -> u32 {
        if self.goods_cents() >= FREE_DELIVERY_FROM { 0 } else { DELIVERY }
    }

    pub(super) fn subtotal(&self) -> String {
        money(self.goods_cents())
    }

    pub(super) fn delivery(&self) -> String {
        match self.delivery_cents() {
            0 => "Free".into(),
            cents => money(cents),
        }
    }

    pub(super) fn total(&self) -> String {
        money(self.goods_cents() + self.delivery_cents())
    }

    /// What is missing for free delivery, if anything.
    pub(super) fn missing(&self) -> Option<String> {
        FREE_DELIVERY_FROM.checked_sub(self.goods_cents()).filter(|cents| *cents > 0).map(money)
    }

    pub(super) fn written(&self) -> String {
        let parts: Vec<_> =
            self.lines.iter().map(|line| format!("{}.{}.{}", line.good.slug, line.choice, line.pieces)).collect();
        parts.join("~")
    }

    /// The value of a `Set-Cookie` header that keeps this cart for a month.
    pub(super) fn cookie(&self) -> String {
        let age = if self.is_empty() { 0 } else { 30 * 24 * 3600 };
        format!("{COOKIE}={}; Path=/shop; Max-Age={age}; HttpOnly; SameSite=Lax", self.written())
    }

    pub(super) fn reported(&self) -> Reported {
        let items = self.lines.iter().map(|line| ReportedItem {
            sku: line.good.slug,
            title: match line.value() {
                "" => line.good.name.to_owned(),
                value => format!("{}, {value}", line.good.name),
            },
            qty: line.pieces,
            price: euros(line.good.cents),
            currency: "EUR",
            url: format!("/shop/p/{}", line.good.slug),
            img: format!("/shop/assets/{}.svg", line.good.slug),
        });
        Reported { items: items.collect(), total: euros(self.goods_cents()), currency: "EUR" }
    }

    /// The same for an attribute of the page, where the shop's script finds it.
    pub(super) fn attribute(&self) -> String {
        serde_json::to_string(&self.reported()).unwrap_or_default()
    }
}

fn euros(cents: u32) -> f64 {
    f64::from(cents) / 100.0
}

fn number(text: Option<&str>) -> Option<u32> {
    text?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `Cookie` header a browser would send, for reading it back.
    fn sent_back(cart: &Cart) -> HeaderMap {
        let pair = cart.cookie().split(';').next().unwrap_or_default().to_owned();
        HeaderMap::from_iter([(axum::http::header::COOKIE, pair.parse().unwrap())])
    }

    #[test]
    fn a_cart_survives_its_cookie() {
        let mut cart = Cart::default();
        assert!(cart.add("linen-notebook", 2, 3));
        assert!(cart.add("arc-lamp", 0, 1));
        assert!(cart.add("linen-notebook", 2, 1));
        let back = Cart::of(&sent_back(&cart));
        assert_eq!(back.written(), "linen-notebook.2.4~arc-lamp.0.1");
        assert_eq!((back.pieces(), back.subtotal().as_str(), back.delivery().as_str()), (5, "€201.00", "Free"));
    }

    #[test]
    fn a_forged_cookie_yields_only_goods_that_exist_in_sensible_amounts() {
        let cart =
            Cart::parse("nothing.0.1~linen-notebook.7.1~linen-notebook.0.4000000000~mug~~arc-lamp.0.0~letter-set.-1.2");
        assert_eq!(cart.written(), "linen-notebook.0.20");
        let many = vec!["linen-notebook.0.1"; 5000].join("~");
        assert_eq!(Cart::parse(&many).pieces(), 12);
    }

    #[test]
    fn small_orders_pay_for_delivery_and_none_removes_a_line() {
        let mut cart = Cart::default();
        cart.add("cedar-pencils", 0, 1);
        assert_eq!(
            (cart.delivery(), cart.total(), cart.missing()),
            ("€4.90".into(), "€16.90".into(), Some("€68.00".into()))
        );
        cart.set("cedar-pencils", 0, 0);
        assert!(cart.is_empty() && cart.cookie().contains("Max-Age=0"));
    }
}
