//! The keys and answers of orders as they lie in the database.

use crate::app::App;
use crate::error::Result;
use hmac::{Hmac, Mac};
use sha2::Sha256;

const PURPOSE: &str = "orders";

pub fn seal(app: &App, plain: &[u8], bound_to: &str) -> Result<Vec<u8>> {
    crate::seal::seal(app, PURPOSE, plain, bound_to)
}

pub fn open(app: &App, sealed: &[u8], bound_to: &str) -> Option<Vec<u8>> {
    crate::seal::open(app, PURPOSE, sealed, bound_to)
}

/// A hash that nobody makes without `SECRET_KEY`: addresses are too few to hide in a plain one.
pub fn hash(app: &App, what: &str) -> [u8; 32] {
    let key = app.config.secret_key.derive("orders-customer");
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key).expect("a key of any length will do");
    mac.update(what.as_bytes());
    mac.finalize().into_bytes().into()
}
