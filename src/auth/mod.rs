//! Who somebody is: staff by session, JWT or ticket, shoppers by token, ticket or the shop's signature.
//!
//! Secrets are stored hashed. An unproven name or address is never taken for a proven one.

pub mod identity;
pub mod session;
pub mod shopper;
pub mod token;

pub use session::{Admin, SignedIn, Supervisor};

use crate::config::SecretKey;
use crate::domain::id::LetterId;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Secrets have 256 random bits, so that a plain hash is enough.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The code of the link in a letter that calls somebody back: the letter can be written again without the code having been
/// kept in clear, and nobody makes one without the installation's key.
pub fn place_code(key: &SecretKey, letter: LetterId) -> String {
    URL_SAFE_NO_PAD.encode(key.derive(&format!("place/{letter}")))
}

/// The code of the link by which somebody who is invited chooses a password; made as [`place_code`] is.
pub fn invite_code(key: &SecretKey, letter: LetterId) -> String {
    URL_SAFE_NO_PAD.encode(key.derive(&format!("invite/{letter}")))
}

/// A short key for limits, from something that is not to be kept in clear.
pub fn short_key(text: &str) -> [u8; 8] {
    let hash = hash(text);
    [hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]
}
