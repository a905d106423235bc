//! What the page of a site's orders says.

use crate::orders::{Kind, Problem};
use crate::outbound::Why;

pub const ADDRESS: &str = "Write the shop's address, such as https://shop.example.";
pub const KEY: &str = "Paste the consumer key; it begins with ck_.";
pub const SECRET: &str = "Paste the whole secret, without spaces.";
pub const SHORT: &str = "A secret of fewer than 16 characters can be guessed: make a longer one.";
pub const WORKS: &str = "It works: the shop answered, and orders may be read.";
pub const NOTHING: &str = "Nothing is connected yet.";

pub fn kind(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Shopify => ("Shopify", "access token of a custom app with read_orders"),
        Kind::WooCommerce => ("WooCommerce", "a REST API key that may read"),
        Kind::Signed => ("Another system", "an address of yours that answers our signed question"),
    }
}

pub fn refused(why: &Why) -> String {
    format!("This address is not asked: {why}.")
}

/// What went wrong, and what to do about it.
pub fn advice(kind: Kind, problem: &Problem) -> String {
    match (problem, kind) {
        (Problem::Denied, Kind::Shopify) => {
            "Shopify refused the access token, or the app may not read orders. Give it read_orders, install it again, and paste the new token.".into()
        }
        (Problem::Denied, Kind::WooCommerce) => {
            "WooCommerce refused the keys. Make a key with permission to read, by a user who may see orders, and paste both parts.".into()
        }
        (Problem::Denied, Kind::Signed) => {
            "Your address refused the question (401 or 403). Both sides need the same secret, and clocks that differ by less than five minutes.".into()
        }
        (Problem::NotThere, Kind::WooCommerce) => {
            "There is no WooCommerce REST API at this address (404). Is the address the shop's own, and are permalinks anything but “plain”?".into()
        }
        (Problem::NotThere, _) => "There is nothing at this address (404). Check how it is written.".into(),
        (Problem::Wait(seconds), _) => format!("The shop answers, and asks to be left alone for {seconds} s. Try again then."),
        (Problem::Status(status), _) => format!("The shop answered with status {status}. Its own log may say why."),
        (Problem::Unreadable, _) => "The shop answered something else than orders. Check that the address and the kind of shop belong together.".into(),
        (Problem::Leads(to), _) if !to.is_empty() => {
            format!("This address leads on to {to}, and keys are not sent after it. If that is your shop, write that address here.")
        }
        (Problem::Leads(_), _) => "This address leads on to another, and keys are not sent after it.".into(),
        (Problem::Unreachable, _) => "Nobody answers at this address, its name is not known, or its certificate cannot be trusted.".into(),
        (Problem::Slow, _) => "The shop took longer than eight seconds to answer.".into(),
        (Problem::TooLarge, _) => "The shop's answer is larger than 1 MB.".into(),
        (Problem::Address, _) => "This address is not one that is asked: https, and ports 80 and 443, only.".into(),
        (Problem::Private, _) => {
            "This address leads into a network that is not public. If that is meant, name the network in OUTBOUND_ALLOW.".into()
        }
        (Problem::Busy, _) => "Too much is being asked at the moment. Try again.".into(),
        (Problem::Sealed, _) => "The keys were kept under another SECRET_KEY and cannot be opened. Enter them again.".into(),
        (Problem::NeedsEmail, _) => "The shop finds orders by e-mail alone.".into(),
    }
}
