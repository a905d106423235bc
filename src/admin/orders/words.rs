//! What the page of a site's orders says.

use crate::orders::{Kind, Problem};
use crate::outbound::Why;
use crate::words::{Lang, Sentence, ToArg};

/// Its name, or the key of it, and the key of what it takes.
pub fn kind(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Shopify => ("Shopify", "source-shopify-hint"),
        Kind::WooCommerce => ("WooCommerce", "source-woocommerce-hint"),
        Kind::Signed => ("source-signed", "source-signed-hint"),
    }
}

pub fn refused(why: &Why) -> Sentence {
    if *why == Why::Private { Sentence::of("source-mistake-private") } else { Sentence::of("source-mistake-refused") }
}

/// What went wrong, and what to do about it.
pub fn advice(lang: Lang, kind: Kind, problem: &Problem) -> String {
    let key = match (problem, kind) {
        (Problem::Wait(seconds), _) => return lang.say_with("source-wait", &[("seconds", seconds.to_arg())]),
        (Problem::Status(status), _) => {
            return lang.say_with("source-status", &[("status", status.to_string().to_arg())]);
        }
        (Problem::Leads(to), _) if !to.is_empty() => return lang.say_with("source-leads", &[("to", to.to_arg())]),
        (Problem::Leads(_), _) => "source-leads-away",
        (Problem::Denied, Kind::Shopify) => "source-denied-shopify",
        (Problem::Denied, Kind::WooCommerce) => "source-denied-woocommerce",
        (Problem::Denied, Kind::Signed) => "source-denied-signed",
        (Problem::NotThere, Kind::WooCommerce) => "source-missing-woocommerce",
        (Problem::NotThere, _) => "source-missing",
        (Problem::Unreadable, _) => "source-unreadable",
        (Problem::Unreachable, _) => "source-unreachable",
        (Problem::Slow, _) => "source-slow",
        (Problem::TooLarge, _) => "source-too-large",
        (Problem::Address, _) => "source-mistake-refused",
        (Problem::Private, _) => "source-mistake-private",
        (Problem::Busy, _) => "source-busy",
        (Problem::Sealed, _) => "source-sealed",
        (Problem::NeedsEmail, _) => "source-needs-email",
    };
    lang.say(key)
}
