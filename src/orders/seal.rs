//! What lies in the database sealed with a key from `SECRET_KEY`, bound to what it belongs to: moved elsewhere it cannot be
//! opened.

use crate::app::{self, App};
use crate::error::{Error, Result};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use anyhow::anyhow;
use hmac::{Hmac, Mac};
use sha2::Sha256;

const NONCE: usize = 12;

fn cipher(app: &App) -> Aes256Gcm {
    Aes256Gcm::new(&app.config.secret_key.derive("orders").into())
}

pub fn seal(app: &App, plain: &[u8], bound_to: &str) -> Result<Vec<u8>> {
    let nonce = app::random_bytes::<NONCE>();
    let payload = Payload { msg: plain, aad: bound_to.as_bytes() };
    let sealed = cipher(app).encrypt(&nonce.into(), payload);
    let sealed = sealed.map_err(|_| Error::bug(anyhow!("what belongs to orders cannot be sealed")))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// `None`: it is sealed with another `SECRET_KEY`, or belongs elsewhere.
pub fn open(app: &App, sealed: &[u8], bound_to: &str) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    cipher(app).decrypt(&nonce.into(), Payload { msg: sealed, aad: bound_to.as_bytes() }).ok()
}

/// A hash that nobody makes without `SECRET_KEY`: addresses are too few to hide in a plain one.
pub fn hash(app: &App, what: &str) -> [u8; 32] {
    let key = app.config.secret_key.derive("orders-customer");
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key).expect("a key of any length will do");
    mac.update(what.as_bytes());
    mac.finalize().into_bytes().into()
}
