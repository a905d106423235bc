//! What the side panel calls things.

use super::Name;
use crate::domain::ticket::Status;
use crate::orders::{Delivery, Payment, Problem};

impl Name {
    pub fn title(self) -> &'static str {
        match self {
            Self::Who => "Identity",
            Self::Orders => "Orders",
            Self::Cart => "Cart",
            Self::Trail => "Page trail",
            Self::Fields => "Fields",
            Self::Past => "Past conversations",
            Self::Tickets => "Tickets",
            Self::Why => "Why me, why not me",
        }
    }
}

pub fn status(status: Status) -> &'static str {
    match status {
        Status::Open => "Open",
        Status::Pending => "Answered",
        Status::Solved => "Solved",
    }
}

/// `None`: there is nothing to say.
pub fn payment(payment: Payment) -> Option<&'static str> {
    Some(match payment {
        Payment::Paid => "Paid",
        Payment::PartlyPaid => "Partly paid",
        Payment::Pending => "Not paid yet",
        Payment::Authorized => "Payment authorised",
        Payment::Refunded => "Refunded",
        Payment::PartlyRefunded => "Partly refunded",
        Payment::Failed => "Payment failed",
        Payment::Unknown => return None,
    })
}

pub fn delivery(delivery: Delivery) -> Option<&'static str> {
    Some(match delivery {
        Delivery::Open => "Not sent yet",
        Delivery::UnderWay => "Being prepared",
        Delivery::Partly => "Partly sent",
        Delivery::Fulfilled => "Fulfilled",
        Delivery::OnHold => "On hold",
        Delivery::Unknown => return None,
    })
}

pub fn problem(problem: &Problem) -> String {
    match problem {
        Problem::Denied => "The shop refused the keys. An admin has to look at them.".into(),
        Problem::NotThere => "There is nothing at the address of the shop's orders. An admin has to look at it.".into(),
        Problem::Wait(seconds) => format!("The shop asks to be left alone for {seconds} s."),
        Problem::Status(status) => format!("The shop answered with an error ({status})."),
        Problem::Unreadable => "The shop answered something that cannot be read.".into(),
        Problem::Leads(_) => "The shop's address leads elsewhere. An admin has to look at it.".into(),
        Problem::Unreachable => "The shop cannot be reached.".into(),
        Problem::Slow => "The shop took too long to answer.".into(),
        Problem::TooLarge => "The shop's answer is too large.".into(),
        Problem::Address | Problem::Private => {
            "The shop's address may not be asked. An admin has to look at it.".into()
        }
        Problem::Busy => "Too much is being asked at the moment.".into(),
        Problem::Sealed => "The keys cannot be opened any more. An admin has to enter them again.".into(),
        Problem::NeedsEmail => "The shop finds orders by e-mail alone, and none is known.".into(),
    }
}
