//! What lies in the database sealed with a key from `SECRET_KEY`, one key for each purpose, and bound to what it belongs to: moved
//! elsewhere it cannot be opened.

use crate::app::{self, App};
use crate::error::{Error, Result};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use anyhow::anyhow;

const NONCE: usize = 12;

fn cipher(app: &App, purpose: &str) -> Aes256Gcm {
    Aes256Gcm::new(&app.config.secret_key.derive(purpose).into())
}

pub fn seal(app: &App, purpose: &str, plain: &[u8], bound_to: &str) -> Result<Vec<u8>> {
    let nonce = app::random_bytes::<NONCE>();
    let payload = Payload { msg: plain, aad: bound_to.as_bytes() };
    let sealed = cipher(app, purpose).encrypt(&nonce.into(), payload);
    let sealed = sealed.map_err(|_| Error::bug(anyhow!("what belongs to {purpose} cannot be sealed")))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// `None`: it is sealed with another `SECRET_KEY`, or belongs elsewhere.
pub fn open(app: &App, purpose: &str, sealed: &[u8], bound_to: &str) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    cipher(app, purpose).decrypt(&nonce.into(), Payload { msg: sealed, aad: bound_to.as_bytes() }).ok()
}
