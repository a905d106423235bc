//! The sample shop's files, compiled into the binary.
//!
//! Promises: right types, an `ETag`, and a year in the browser's cache for addresses that carry the files' fingerprint.

use std::sync::LazyLock;

use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use super::goods::GOODS;

const FILES: [(&str, &str); 4] = [
    ("shop.css", include_str!("../../../assets/demo/shop.css")),
    ("shop.js", include_str!("../../../assets/demo/shop.js")),
    ("hero.svg", include_str!("../../../assets/demo/hero.svg")),
    ("mark.svg", include_str!("../../../assets/demo/mark.svg")),
];

macro_rules! photo {
    ($slug:literal) => {
        (concat!($slug, ".jpg"), include_bytes!(concat!("../../../assets/demo/goods/", $slug, ".jpg")))
    };
}

/// The goods' pictures again, for whoever takes no drawings: sharing, and the cards in a chat.
const PHOTOS: [(&str, &[u8]); 12] = [
    photo!("arc-lamp"),
    photo!("brass-pen"),
    photo!("cedar-pencils"),
    photo!("day-tote"),
    photo!("desk-clock"),
    photo!("dome-lamp"),
    photo!("folio-satchel"),
    photo!("letter-set"),
    photo!("linen-notebook"),
    photo!("rolltop-pack"),
    photo!("stoneware-mug"),
    photo!("walnut-tray"),
];

/// One fingerprint for all files: they only change together, with the binary.
pub(super) static FINGERPRINT: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    let texts = FILES.iter().map(|(_, text)| *text).chain(GOODS.iter().map(|good| good.picture));
    for bytes in texts.map(str::as_bytes).chain(PHOTOS.iter().map(|(_, bytes)| *bytes)) {
        hash.update(bytes);
    }
    hex::encode(&hash.finalize()[..6])
});

pub(super) async fn file(Path(name): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let Some(bytes) = find(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let etag = format!("\"{}\"", *FINGERPRINT);
    let named = query.as_deref() == Some(format!("v={}", *FINGERPRINT).as_str());
    let caching = if named { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    let kept = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, caching.to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(header::CONTENT_TYPE, kind(&name))], bytes).into_response()
}

fn find(name: &str) -> Option<&'static [u8]> {
    let photo = PHOTOS.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes);
    photo.or_else(|| text(name).map(str::as_bytes))
}

fn text(name: &str) -> Option<&'static str> {
    let picture = || {
        let slug = name.strip_suffix(".svg")?;
        GOODS.iter().find(|good| good.slug == slug).map(|good| good.picture)
    };
    FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).or_else(picture)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("jpg") => "image/jpeg",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    }
}
