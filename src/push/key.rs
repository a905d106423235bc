//! The key by which push services know this installation (VAPID, RFC 8292): made once, kept in the database, its private
//! half sealed with a key from `SECRET_KEY`, so that neither alone is enough. Where it cannot be opened any more, because
//! `SECRET_KEY` is another one, a new one is made, and the browsers that agreed to the old one are asked again.

use crate::app::{self, App};
use crate::error::{Error, Result};
use crate::store::push::{self as store, StoredKey};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use anyhow::{Context, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::EncodePrivateKey;
use serde::Serialize;
use url::Url;

const NONCE: usize = 12;
/// Push services refuse more than a day.
const GOOD_FOR: TimeDelta = TimeDelta::hours(12);

pub struct Key {
    secret: SecretKey,
    public: Vec<u8>,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    sub: &'a str,
}

impl Key {
    /// The installation's key; the first who asks makes it, and everybody uses what was kept.
    pub async fn load(app: &App) -> Result<Self> {
        for _ in 0..3 {
            let stored = store::key(&app.db.read).await?;
            if let Some(key) = stored.as_ref().and_then(|stored| open(app, stored)) {
                return Ok(key);
            }
            if stored.is_some() {
                tracing::warn!(
                    "the key for notifications cannot be opened with this SECRET_KEY: a new one is made, and shoppers have to agree again"
                );
            }
            let fresh = fresh(app).map_err(Error::bug)?;
            store::keep_key(&app.db.read, &fresh, stored.as_ref(), app.clock.now()).await?;
        }
        Err(Error::bug(anyhow!("the nodes of this installation have different SECRET_KEYs")))
    }

    /// As browsers want it.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.public)
    }

    /// What a request to this push service says of who sends it.
    pub fn authorization(&self, endpoint: &Url, contact: &str, now: DateTime<Utc>) -> Result<String> {
        let aud = endpoint.origin().ascii_serialization();
        let claims = Claims { aud: &aud, exp: (now + GOOD_FOR).timestamp(), sub: &format!("mailto:{contact}") };
        let der = self.secret.to_pkcs8_der().map_err(Error::bug)?;
        let key = EncodingKey::from_ec_der(der.as_bytes());
        let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key).map_err(Error::bug)?;
        Ok(format!("vapid t={token}, k={}", self.public()))
    }
}

/// A key for one message, or for good: as random as the operating system makes it.
pub fn random() -> SecretKey {
    loop {
        // All but one in 2³² are good.
        if let Ok(key) = SecretKey::from_slice(&app::random_bytes::<32>()) {
            return key;
        }
    }
}

fn public(secret: &SecretKey) -> Vec<u8> {
    secret.public_key().to_encoded_point(false).as_bytes().to_vec()
}

fn cipher(app: &App) -> Aes256Gcm {
    Aes256Gcm::new(&app.config.secret_key.derive("push-key").into())
}

fn fresh(app: &App) -> anyhow::Result<StoredKey> {
    let secret = random();
    let (public_key, nonce) = (public(&secret), app::random_bytes::<NONCE>());
    let payload = Payload { msg: &secret.to_bytes(), aad: &public_key };
    let sealed = cipher(app).encrypt(&nonce.into(), payload).map_err(|_| anyhow!("a key cannot be sealed"))?;
    Ok(StoredKey { sealed: [nonce.as_slice(), &sealed].concat(), public_key })
}

fn open(app: &App, stored: &StoredKey) -> Option<Key> {
    let (nonce, sealed) = stored.sealed.split_at_checked(NONCE)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    let payload = Payload { msg: sealed, aad: &stored.public_key };
    let plain = cipher(app).decrypt(&nonce.into(), payload).ok()?;
    let secret = SecretKey::from_slice(&plain).context("a stored key is a key").ok()?;
    Some(Key { public: public(&secret), secret })
}
