//! A small, complete sample shop with the chat in every page: what a merchant's site looks like to Deskbell.
//!
//! Promises: everything comes from this machine, buying works without script, and the strict content policy is one that a
//! careful shop would set, so the chat is always seen to work under it. Nothing is sold and nothing typed is kept.

mod assets;
mod cart;
mod checkout;
mod goods;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use askama::Template;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde::{Deserialize, Serialize};
use tower_http::set_header::SetResponseHeaderLayer;

use super::page;
use cart::Cart;
use checkout::{COUNTRIES, Complaints};
use goods::{Good, Group};

/// The shop's name, for the site that belongs to it.
pub const NAME: &str = "Larkmoor";
/// The shop's own green, for the widget in it.
pub const COLOR: &str = "#2f5d50";
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";
const LARGEST_FORM: usize = 16 * 1024;

/// The shop under `/shop/`, with the chat of the site `site_key` in each page.
pub fn routes<S: Clone + Send + Sync + 'static>(site_key: String) -> Router<S> {
    Router::new()
        .route("/shop", get(|| async { Redirect::permanent("/shop/") }))
        .route("/shop/", get(home))
        .route("/shop/p/{slug}", get(product))
        .route("/shop/cart", get(basket))
        .route("/shop/cart/add", post(add))
        .route("/shop/cart/set", post(set))
        .route("/shop/checkout", get(checkout_page).post(order))
        .route("/shop/thanks/{order}", get(thanks))
        .route("/shop/help", get(help))
        .route("/shop/assets/{name}", get(assets::file))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(always(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(always(header::REFERRER_POLICY, "strict-origin-when-cross-origin"))
        .with_state(Shop { site_key: site_key.into() })
}

fn always(name: header::HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

#[derive(Debug, Clone)]
struct Shop {
    site_key: Arc<str>,
}

/// What every page shows around its own part.
struct Frame {
    site_key: Arc<str>,
    fingerprint: &'static str,
    cart: Cart,
    here: &'static str,
}

impl Shop {
    fn frame(&self, headers: &HeaderMap, here: &'static str) -> Frame {
        let fingerprint = assets::FINGERPRINT.as_str();
        Frame { site_key: Arc::clone(&self.site_key), fingerprint, cart: Cart::of(headers), here }
    }

    fn lost(&self, headers: &HeaderMap) -> Response {
        (StatusCode::NOT_FOUND, page(&Lost { frame: self.frame(headers, "") })).into_response()
    }
}

#[derive(Template)]
#[template(path = "demo/shop/home.html")]
struct Home {
    frame: Frame,
    goods: Vec<&'static Good>,
    group: Option<Group>,
    words: String,
}

impl Home {
    fn is_narrowed(&self) -> bool {
        self.group.is_some() || !self.words.is_empty()
    }

    fn shows(&self, group: Group) -> bool {
        self.group == Some(group)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Narrowing {
    c: String,
    q: String,
}

async fn home(State(shop): State<Shop>, headers: HeaderMap, Query(wanted): Query<Narrowing>) -> Response {
    let group = Group::ALL.into_iter().find(|group| group.key() == wanted.c);
    let words: String = wanted.q.trim().chars().take(60).collect();
    let goods = goods::matching(group.map(Group::key), &words);
    page(&Home { frame: shop.frame(&headers, group.map_or("all", Group::key)), goods, group, words })
}

#[derive(Template)]
#[template(path = "demo/shop/product.html")]
struct Product {
    frame: Frame,
    good: &'static Good,
    beside: Vec<&'static Good>,
}

async fn product(State(shop): State<Shop>, headers: HeaderMap, Path(slug): Path<String>) -> Response {
    let Some(good) = goods::find(&slug) else { return shop.lost(&headers) };
    page(&Product { frame: shop.frame(&headers, good.group.key()), good, beside: goods::beside(good) })
}

#[derive(Template)]
#[template(path = "demo/shop/cart.html")]
struct Basket {
    frame: Frame,
}

async fn basket(State(shop): State<Shop>, headers: HeaderMap) -> Response {
    page(&Basket { frame: shop.frame(&headers, "cart") })
}

#[derive(Debug, Deserialize)]
struct Wish {
    slug: String,
    #[serde(default)]
    choice: usize,
    pieces: u32,
}

#[derive(Serialize)]
struct Added {
    ok: bool,
    pieces: u32,
    cart: cart::Reported,
}

async fn add(headers: HeaderMap, Form(wish): Form<Wish>) -> Response {
    let mut cart = Cart::of(&headers);
    let added = cart.add(&wish.slug, wish.choice, wish.pieces);
    let cookie = [(header::SET_COOKIE, cart.cookie())];
    if !headers.get(header::ACCEPT).is_some_and(|kinds| kinds.as_bytes().starts_with(b"application/json")) {
        return (cookie, Redirect::to("/shop/cart")).into_response();
    }
    let answer = Added { ok: added, pieces: cart.pieces(), cart: cart.reported() };
    (cookie, Json(answer)).into_response()
}

async fn set(headers: HeaderMap, Form(wish): Form<Wish>) -> Response {
    let mut cart = Cart::of(&headers);
    cart.set(&wish.slug, wish.choice, wish.pieces);
    ([(header::SET_COOKIE, cart.cookie())], Redirect::to("/shop/cart")).into_response()
}

#[derive(Template)]
#[template(path = "demo/shop/checkout.html")]
struct Checkout {
    frame: Frame,
    form: checkout::Form,
    complaints: Complaints,
    countries: [&'static str; 8],
}

async fn checkout_page(State(shop): State<Shop>, headers: HeaderMap) -> Response {
    let frame = shop.frame(&headers, "checkout");
    if frame.cart.is_empty() {
        return Redirect::to("/shop/cart").into_response();
    }
    page(&Checkout { frame, form: checkout::Form::default(), complaints: Complaints::default(), countries: COUNTRIES })
}

async fn order(State(shop): State<Shop>, headers: HeaderMap, Form(form): Form<checkout::Form>) -> Response {
    let frame = shop.frame(&headers, "checkout");
    if frame.cart.is_empty() {
        return Redirect::to("/shop/cart").into_response();
    }
    let complaints = form.complaints();
    if complaints.any() {
        let again = Checkout { frame, form, complaints, countries: COUNTRIES };
        return (StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response();
    }
    let number = checkout::order_number(&frame.cart, &form);
    let emptied = [(header::SET_COOKIE, Cart::default().cookie())];
    (emptied, Redirect::to(&format!("/shop/thanks/{number}"))).into_response()
}

#[derive(Template)]
#[template(path = "demo/shop/thanks.html")]
struct Thanks {
    frame: Frame,
    number: String,
}

async fn thanks(State(shop): State<Shop>, headers: HeaderMap, Path(number): Path<String>) -> Response {
    if !checkout::is_order_number(&number) {
        return shop.lost(&headers);
    }
    page(&Thanks { frame: shop.frame(&headers, "thanks"), number })
}

#[derive(Template)]
#[template(path = "demo/shop/help.html")]
struct Help {
    frame: Frame,
}

async fn help(State(shop): State<Shop>, headers: HeaderMap) -> Response {
    page(&Help { frame: shop.frame(&headers, "help") })
}

#[derive(Template)]
#[template(path = "demo/shop/lost.html")]
struct Lost {
    frame: Frame,
}
