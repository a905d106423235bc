//! Files the program carries within itself: served from memory, compressed once, with the caching they can bear.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256, Sha384};
use std::collections::HashMap;
use std::io::Write;

/// One file, plain and compressed.
#[derive(Clone, Debug)]
pub struct Asset {
    pub bytes: Bytes,
    /// Brotli; `None` where it would not be smaller.
    pub br: Option<Bytes>,
    pub mime: &'static str,
    pub etag: String,
}

/// How long a browser may keep an answer without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The address changes with the content.
    Forever,
    /// The address stays: the browser asks each time, and is told when nothing changed.
    AskAgain,
}

impl Asset {
    pub fn new(bytes: impl Into<Bytes>, mime: &'static str) -> Self {
        let bytes = bytes.into();
        let br = compress(&bytes).filter(|br| br.len() < bytes.len());
        let etag = format!("\"{}\"", digest([bytes.as_ref()]));
        Self { bytes, br, mime, etag }
    }

    /// The answer to a request with these headers.
    pub fn answer(&self, request: &HeaderMap, keep: Keep) -> Response {
        let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let mut answer = if known
            .is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == self.etag))
        {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            self.content(request)
        };
        let cache = match keep {
            Keep::Forever => "public, max-age=31536000, immutable",
            Keep::AskAgain => "no-cache",
        };
        let headers = answer.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(etag) = HeaderValue::from_str(&self.etag) {
            headers.insert(header::ETAG, etag);
        }
        answer
    }

    fn content(&self, request: &HeaderMap) -> Response {
        let compressed = self.br.as_ref().filter(|_| takes_brotli(request));
        let mut answer = Response::new(Body::from(compressed.unwrap_or(&self.bytes).clone()));
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.mime));
        if compressed.is_some() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        answer
    }
}

/// `br` named, and not with a weight of zero.
fn takes_brotli(request: &HeaderMap) -> bool {
    let accepted = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_brotli = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"));
        is_brotli && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn compress(bytes: &[u8]) -> Option<Bytes> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, 9, 22);
    writer.write_all(bytes).ok()?;
    Some(writer.into_inner().into())
}

/// The first 64 bits of SHA-256, in hexadecimal.
pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex::encode(&hash.finalize()[..8])
}

/// What a page may demand of a script it includes (<https://www.w3.org/TR/SRI/>).
pub fn integrity(bytes: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(bytes)))
}

/// Files that refer to each other by relative addresses, under one hash of them all.
pub struct Set {
    pub hash: String,
    files: HashMap<String, Asset>,
}

impl Set {
    pub fn new(files: &[(&'static str, &'static [u8])]) -> Self {
        Self::of(files.iter().map(|(name, bytes)| ((*name).to_owned(), Bytes::from_static(bytes))).collect())
    }

    pub fn of(files: Vec<(String, Bytes)>) -> Self {
        let hash = digest(files.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]));
        let asset = |(name, bytes): (String, Bytes)| {
            let asset = Asset::new(bytes, mime(&name));
            (name, asset)
        };
        Self { hash, files: files.into_iter().map(asset).collect() }
    }

    /// A file under a hash: kept for ever where the hash is the current one. A page of an older build gets the current file.
    pub fn answer(&self, hash: &str, name: &str, request: &HeaderMap) -> Option<Response> {
        let keep = if hash == self.hash { Keep::Forever } else { Keep::AskAgain };
        Some(self.files.get(name)?.answer(request, keep))
    }
}

pub fn mime(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("html") => "text/html; charset=utf-8",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{Set, takes_brotli};
    use axum::http::{HeaderMap, StatusCode, header};

    #[test]
    fn a_file_is_immutable_under_its_own_hash_only() {
        let set = Set::new(&[("a.css", b"body { color: black; color: black; color: black; color: black }")]);
        let cache = |hash: &str| {
            let answer = set.answer(hash, "a.css", &HeaderMap::new()).unwrap();
            answer.headers()[header::CACHE_CONTROL].to_str().unwrap().to_owned()
        };
        assert!(cache(&set.hash).contains("immutable"));
        assert_eq!(cache("other"), "no-cache");
        assert!(set.answer(&set.hash, "b.css", &HeaderMap::new()).is_none());
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        let set = Set::new(&[("a.css", b"x")]);
        let first = set.answer("", "a.css", &HeaderMap::new()).unwrap();
        let mut again = HeaderMap::new();
        again.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(set.answer("", "a.css", &again).unwrap().status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        let takes = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            takes_brotli(&headers)
        };
        assert!(takes("gzip, deflate, br") && takes("BR;q=0.5"));
        assert!(!takes("gzip") && !takes("br;q=0") && !takes("brotli"));
    }
}
