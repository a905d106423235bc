//! A push service on this machine, and a browser behind it that opens what it was sent: RFC 8291 from the receiver's side.

use aes_gcm::aead::Aead;
use aes_gcm::{Aes128Gcm, KeyInit};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskbell::app;
use hkdf::Hkdf;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

#[derive(Clone)]
pub struct Pushed {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

type Shelf = Arc<Mutex<(Vec<Pushed>, u16)>>;

pub struct Service {
    pub origin: String,
    shelf: Shelf,
    _task: AbortOnDropHandle<()>,
}

impl Service {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let shelf: Shelf = Arc::new(Mutex::new((Vec::new(), 201)));
        let router = Router::new().fallback(take).with_state(Arc::clone(&shelf));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, shelf, _task: AbortOnDropHandle::new(task) }
    }

    /// What it answers from now on.
    pub fn answers(&self, status: u16) {
        self.shelf.lock().unwrap().1 = status;
    }

    /// All that came, refused or not.
    pub fn pushed(&self) -> Vec<Pushed> {
        self.shelf.lock().unwrap().0.clone()
    }

    pub async fn until(&self, count: usize) -> Vec<Pushed> {
        super::eventually("notifications arrive", async || {
            let pushed = self.pushed();
            (pushed.len() >= count).then_some(pushed)
        })
        .await
    }
}

async fn take(State(shelf): State<Shelf>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut shelf = shelf.lock().unwrap();
    shelf.0.push(Pushed { path: uri.path().to_owned(), headers, body });
    StatusCode::from_u16(shelf.1).unwrap()
}

/// A browser that agreed: its keys and its address at the service.
pub struct Receiver {
    secret: SecretKey,
    auth: [u8; 16],
    pub endpoint: String,
}

impl Receiver {
    pub fn at(service: &Service) -> Self {
        let secret = SecretKey::from_slice(&app::random_bytes::<32>()).unwrap();
        Self { secret, auth: app::random_bytes(), endpoint: format!("{}/to/{}", service.origin, app::new_id()) }
    }

    fn point(&self) -> Vec<u8> {
        self.secret.public_key().to_encoded_point(false).as_bytes().to_vec()
    }

    /// As `PushSubscription.toJSON()` gives it.
    pub fn subscription(&self) -> Value {
        json!({ "endpoint": self.endpoint, "expirationTime": null,
            "keys": { "p256dh": URL_SAFE_NO_PAD.encode(self.point()), "auth": URL_SAFE_NO_PAD.encode(self.auth) } })
    }

    /// Opens what was sent; panics where it is not sealed for this browser.
    pub fn open(&self, pushed: &Pushed) -> Value {
        let (salt, rest) = pushed.body.split_at(16);
        let (size, rest) = rest.split_at(4);
        assert_eq!(u32::from_be_bytes(size.try_into().unwrap()), 4_096);
        let (length, rest) = rest.split_first().unwrap();
        let (theirs, sealed) = rest.split_at(usize::from(*length));
        let shared =
            diffie_hellman(self.secret.to_nonzero_scalar(), PublicKey::from_sec1_bytes(theirs).unwrap().as_affine());
        let expand = |salt: &[u8], secret: &[u8], info: &[u8], length: usize| {
            let mut out = vec![0; length];
            Hkdf::<Sha256>::new(Some(salt), secret).expand(info, &mut out).unwrap();
            out
        };
        let info = [b"WebPush: info\0".as_slice(), &self.point(), theirs].concat();
        let secret = expand(&self.auth, shared.raw_secret_bytes(), &info, 32);
        let key: [u8; 16] = expand(salt, &secret, b"Content-Encoding: aes128gcm\0", 16).try_into().unwrap();
        let nonce: [u8; 12] = expand(salt, &secret, b"Content-Encoding: nonce\0", 12).try_into().unwrap();
        let plain = Aes128Gcm::new(&key.into()).decrypt(&nonce.into(), sealed).unwrap();
        let end = plain.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(plain[end], 2, "the last record");
        serde_json::from_slice(&plain[..end]).unwrap()
    }
}

/// Checks who sent it (RFC 8292); the claims, and the key in the form browsers want.
pub fn signed(pushed: &Pushed) -> (Value, String) {
    let header = pushed.headers["authorization"].to_str().unwrap();
    let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    let point = URL_SAFE_NO_PAD.decode(key).unwrap();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let decoding = DecodingKey::from_ec_components(&part(&point[1..33]), &part(&point[33..])).unwrap();
    let mut rules = Validation::new(Algorithm::ES256);
    rules.validate_aud = false;
    let claims = jsonwebtoken::decode::<Value>(token, &decoding, &rules).expect("signed with that key").claims;
    (claims, key.to_owned())
}
