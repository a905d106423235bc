//! What a browser gives when its owner agrees, checked before it is kept.

use super::seal::{AUTH, is_point};
use crate::app::App;
use crate::error::{Error, Result};
use crate::outbound::LONGEST;
use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde::Deserialize;
use url::Url;

/// What `PushSubscription.toJSON()` gives; what else is in it is of no use here.
#[derive(Deserialize)]
pub struct Subscription {
    endpoint: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

/// A browser that may be sent to.
pub struct Checked {
    pub endpoint: Url,
    /// As the browser names it.
    pub named: String,
    pub p256dh: Vec<u8>,
    pub auth: Vec<u8>,
}

impl Subscription {
    pub async fn check(self, app: &App) -> Result<Checked> {
        let (p256dh, auth) = (decode(&self.keys.p256dh), decode(&self.keys.auth));
        if !is_point(&p256dh) || auth.len() != AUTH {
            return Err(Error::invalid("keys", "These are not the keys of a browser."));
        }
        let address = Url::parse(&self.endpoint).ok().filter(|url| url.as_str().len() <= LONGEST);
        let endpoint =
            address.ok_or_else(|| Error::invalid("endpoint", "This is not the address of a push service."))?;
        let checked = app.outbound.check_to_send(&endpoint).await;
        checked
            .map_err(|why| Error::invalid("endpoint", format!("This is no push service that can be used: {why}.")))?;
        Ok(Checked { endpoint, named: self.endpoint, p256dh, auth })
    }
}

/// With padding or without, as browsers and libraries write it.
fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).unwrap_or_default()
}
