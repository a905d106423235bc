//! The secret a webhook signs with: kept sealed, shown once, and what is signed with it.

use crate::app::{self, App};
use crate::domain::id::{EventId, SiteId, WebhookId};
use crate::error::Result;
use crate::seal;
use crate::store::webhooks::Webhook;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

const PURPOSE: &str = "webhooks";
const BYTES: usize = 32;

pub struct Secret(SecretBox<[u8; BYTES]>);

fn bound_to(site: SiteId, id: WebhookId) -> String {
    format!("secret/{site}/{id}")
}

impl Secret {
    pub fn fresh() -> Self {
        Self(SecretBox::new(Box::new(app::random_bytes())))
    }

    /// `None`: it was sealed with another `SECRET_KEY`.
    fn open(app: &App, sealed: &[u8], (site, id): (SiteId, WebhookId)) -> Option<Self> {
        let plain = seal::open(app, PURPOSE, sealed, &bound_to(site, id))?;
        Some(Self(SecretBox::new(Box::new(plain.try_into().ok()?))))
    }

    pub fn seal(&self, app: &App, (site, id): (SiteId, WebhookId)) -> Result<Vec<u8>> {
        seal::seal(app, PURPOSE, self.0.expose_secret(), &bound_to(site, id))
    }

    /// As receivers are given it.
    pub fn shown(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0.expose_secret()))
    }

    fn sign(&self, id: &str, at: i64, body: &str) -> String {
        let mut mac =
            <Hmac<Sha256> as Mac>::new_from_slice(self.0.expose_secret()).expect("a key of any length will do");
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The secrets that sign now, the newest first.
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// `None`: the secret was sealed with another `SECRET_KEY`.
    pub fn of(app: &App, hook: &Webhook, now: DateTime<Utc>) -> Option<Self> {
        let open = |sealed: &[u8]| Secret::open(app, sealed, (hook.site_id, hook.id));
        let newest = open(&hook.sealed)?;
        let before = hook.sealed_before.as_deref().filter(|_| hook.before_until.is_some_and(|until| until > now));
        Some(Self([Some(newest), before.and_then(open)].into_iter().flatten().collect()))
    }

    /// One signature for each, as the header holds them.
    pub fn sign(&self, id: EventId, at: DateTime<Utc>, body: &str) -> String {
        let id = id.to_string();
        self.0.iter().map(|secret| secret.sign(&id, at.timestamp(), body)).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;
    use secrecy::SecretBox;

    /// Made with `printf 'msg_1.1780000000.{"a":1}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707… -binary | base64`.
    #[test]
    fn the_signature_is_one_that_others_make_too() {
        let secret = Secret(SecretBox::new(Box::new([7; 32])));
        assert_eq!(secret.shown(), "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
        assert_eq!(
            secret.sign("msg_1", 1_780_000_000, r#"{"a":1}"#),
            "v1,f/7fAk392rgPb/UfP+eUA0ZHPw66zUP4nKlfe/HbnNg="
        );
    }
}
