//! What the side panel calls things.

use super::Name;
use crate::orders::{Delivery, Payment, Problem};
use crate::words::{Key, Lang, ToArg, Word};

impl Word for Name {
    fn key(&self) -> &str {
        match self {
            Self::Who => "card-who",
            Self::Orders => "card-orders",
            Self::Cart => "card-cart",
            Self::Trail => "card-trail",
            Self::Fields => "card-fields",
            Self::Past => "card-past",
            Self::Notes => "card-notes",
            Self::Tickets => "card-tickets",
            Self::Why => "card-why",
        }
    }
}

/// `None`: there is nothing to say.
pub fn payment(payment: Payment) -> Option<Key> {
    Some(Key(match payment {
        Payment::Paid => "orders-paid",
        Payment::PartlyPaid => "orders-partly-paid",
        Payment::Pending => "orders-pending",
        Payment::Authorized => "orders-authorized",
        Payment::Refunded => "orders-refunded",
        Payment::PartlyRefunded => "orders-partly-refunded",
        Payment::Failed => "orders-failed",
        Payment::Unknown => return None,
    }))
}

pub fn delivery(delivery: Delivery) -> Option<Key> {
    Some(Key(match delivery {
        Delivery::Open => "orders-unsent",
        Delivery::UnderWay => "orders-under-way",
        Delivery::Partly => "orders-partly-sent",
        Delivery::Fulfilled => "orders-fulfilled",
        Delivery::OnHold => "orders-on-hold",
        Delivery::Unknown => return None,
    }))
}

pub fn problem(lang: Lang, problem: &Problem) -> String {
    let key = match problem {
        Problem::Wait(seconds) => return lang.say_with("orders-wait", &[("seconds", seconds.to_arg())]),
        Problem::Status(status) => return lang.say_with("orders-status", &[("status", status.to_string().to_arg())]),
        Problem::Denied => "orders-denied",
        Problem::NotThere => "orders-not-there",
        Problem::Unreadable => "orders-unreadable",
        Problem::Leads(_) => "orders-leads",
        Problem::Unreachable => "orders-unreachable",
        Problem::Slow => "orders-slow",
        Problem::TooLarge => "orders-too-large",
        Problem::Address | Problem::Private => "orders-address",
        Problem::Busy => "orders-busy",
        Problem::Sealed => "orders-sealed",
        Problem::NeedsEmail => "orders-needs-email",
    };
    lang.say(key)
}

/// What stands between thousands, and before the cents.
pub fn separators(lang: Lang) -> (char, char) {
    match lang {
        Lang::De => ('.', ','),
        Lang::En | Lang::ZhCn | Lang::Ar => (',', '.'),
    }
}
