//! The sample shop's checkout: the form, what is wrong with it, and the number of the order.
//!
//! Promises: nothing a shopper types is stored or sent anywhere; the order exists only as the number on the last page.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::cart::Cart;

pub(super) const COUNTRIES: [&str; 8] =
    ["Austria", "Belgium", "Denmark", "France", "Germany", "Netherlands", "Spain", "Sweden"];
const LONGEST: usize = 120;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    pub name: String,
    pub email: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub country: String,
    pub payment: String,
}

/// A sentence for each field that needs another look; empty when all is well.
#[derive(Debug, Default)]
pub(super) struct Complaints {
    pub name: &'static str,
    pub email: &'static str,
    pub street: &'static str,
    pub postcode: &'static str,
    pub city: &'static str,
    pub country: &'static str,
}

impl Complaints {
    pub(super) fn any(&self) -> bool {
        [self.name, self.email, self.street, self.postcode, self.city, self.country].iter().any(|text| !text.is_empty())
    }
}

impl Form {
    pub(super) fn complaints(&self) -> Complaints {
        let unless = |fine: bool, sentence: &'static str| if fine { "" } else { sentence };
        Complaints {
            name: unless(filled(&self.name), "Please tell us who the parcel is for."),
            email: unless(looks_like_mail(&self.email), "Please enter an e-mail address, like ana@example.org."),
            street: unless(filled(&self.street), "Please enter the street and number."),
            postcode: unless(filled(&self.postcode), "Please enter the postcode."),
            city: unless(filled(&self.city), "Please enter the town."),
            country: unless(COUNTRIES.contains(&self.country.as_str()), "Please choose a country we deliver to."),
        }
    }

    pub(super) fn pays_by_invoice(&self) -> bool {
        self.payment != "delivery"
    }
}

fn filled(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= LONGEST
}

fn looks_like_mail(text: &str) -> bool {
    let text = text.trim();
    let parts = text.split_once('@');
    filled(text)
        && !text.contains(char::is_whitespace)
        && parts.is_some_and(|(who, host)| !who.is_empty() && host.contains('.') && !host.contains('@'))
}

/// Drawn from the order itself: the same cart for the same person has the same number.
pub(super) fn order_number(cart: &Cart, form: &Form) -> String {
    let digest = Sha256::digest(format!("{}\n{}\n{}", cart.written(), form.email, form.postcode));
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) % 900_000 + 100_000;
    format!("LM-{number}")
}

pub(super) fn is_order_number(text: &str) -> bool {
    text.strip_prefix("LM-").is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_field_gets_its_own_sentence() {
        let complaints = Form::default().complaints();
        assert!(complaints.any() && !complaints.name.is_empty() && !complaints.country.is_empty());
        let form = Form {
            name: "Ana".into(),
            email: "ana@example.org".into(),
            street: "Lindenweg 4".into(),
            postcode: "10115".into(),
            city: "Berlin".into(),
            country: "Germany".into(),
            payment: String::new(),
        };
        assert!(!form.complaints().any());
        assert!(is_order_number(&order_number(&Cart::default(), &form)));
    }

    #[test]
    fn mail_addresses_are_looked_at_kindly() {
        for good in ["a@b.example", " ana.b+shop@mail.example "] {
            assert!(looks_like_mail(good), "{good}");
        }
        for bad in ["", "ana", "@b.example", "a@b", "a b@c.example", "a@b@c.example"] {
            assert!(!looks_like_mail(bad), "{bad}");
        }
    }
}
