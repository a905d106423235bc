//! A shopper's orders, asked of the shop's own system and shown beside the chat: Shopify, WooCommerce, or an address of the
//! shop's that understands our signed question.
//!
//! Promises: it only reads; everything goes through [`crate::outbound`], over TLS, and no redirect is followed with a key in
//! hand. A question takes 8 s at most, an answer 1 MiB, and three go on at once for a site. What the shop's search finds is
//! compared again: only orders that carry this very address, or this very customer, are shown. Answers are kept for five
//! minutes, failures for half a minute, sealed as the keys are; where the shop asks to be left alone it is. For an address
//! that nobody has confirmed nothing is asked unless an agent wants it, and nothing at all where the owner says so.
//! May not: import a door, keep an order longer than that, or say more to a log than ids.

mod ask;
mod known;
mod order;
mod seal;
mod shopify;
mod signed;
mod source;
mod woocommerce;

pub use ask::Problem;
pub use known::{Answer, Known, Wish, of};
pub use order::{Delivery, Found, Item, Money, Order, Payment, Tracking};
pub use shopify::VERSION as SHOPIFY_VERSION;
pub use source::{Keys, Kind, Source, load, remove, save, shop_address, test};

/// Whose orders are wanted.
#[derive(Clone, Debug, Default)]
pub struct Customer {
    pub email: Option<String>,
    /// What the shop's signed statement calls them.
    pub subject: Option<String>,
    /// The shop vouches for both.
    pub is_confirmed: bool,
    /// An order number that came along, never more than a hint: nobody has confirmed it.
    pub order: Option<String>,
}
