//! Pictures of cards: fetched from wherever the shop has them, made anew as a small JPEG, and served by ourselves. What the
//! other side sent never reaches a browser; nor does the other side learn who looks.

use crate::app::App;
use crate::config::SecretKey;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::outbound::{LONGEST, Why, Wish};
use crate::store::storefront as store;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use hmac::{Hmac, Mac};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, Rgb, RgbImage};
use sha2::{Digest, Sha256};
use std::io::Cursor;
use std::time::Duration;
use url::Url;

/// Largest picture that is fetched, in bytes, and longest side that is unpacked, in pixels.
const BYTES_MAX: usize = 4 * 1024 * 1024;
const SIDE_MAX: u32 = 8_000;
/// What unpacking may take, in bytes: 16 million pixels with transparency.
const MEMORY_MAX: u64 = 64 * 1024 * 1024;
/// Longest side of what is made of it, in pixels, and how good it is.
const SIDE: u32 = 320;
const QUALITY: u8 = 80;
const FOUND_FOR: TimeDelta = TimeDelta::days(7);
const NOTHING_FOR: TimeDelta = TimeDelta::hours(1);
const FAILED_FOR: TimeDelta = TimeDelta::minutes(1);
const PATIENCE: Duration = Duration::from_secs(8);

pub enum Picture {
    Jpeg(Vec<u8>),
    /// It is none, or it could not be had.
    None,
}

/// Where we serve a shop's picture: nobody else can name one.
pub fn address(key: &SecretKey, site: &Site, image: &str) -> String {
    let url = percent_encoding::utf8_percent_encode(image, percent_encoding::NON_ALPHANUMERIC);
    format!(
        "/w/{}/image?u={url}&s={}",
        site.public_key,
        URL_SAFE_NO_PAD.encode(signer(key, site, image).finalize().into_bytes())
    )
}

fn signer(key: &SecretKey, site: &Site, image: &str) -> Hmac<Sha256> {
    let mut signer = Hmac::<Sha256>::new_from_slice(&key.derive("picture")).expect("HMAC takes a key of any length");
    signer.update(site.id.0.as_bytes());
    signer.update(image.as_bytes());
    signer
}

/// The picture of an address that we signed; anything else is not found.
pub async fn picture(app: &App, site: &Site, image: &str, signature: &str) -> Result<Picture> {
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Error::NotFound)?;
    if image.len() > LONGEST || signer(&app.config.secret_key, site, image).verify_slice(&signature).is_err() {
        return Err(Error::NotFound);
    }
    let url = Url::parse(image).map_err(|_| Error::NotFound)?;
    let hash: [u8; 32] = Sha256::digest(image).into();
    let key = (site.id, hash.as_slice());
    if let Some(known) = store::picture(&app.db.read, key, app.clock.now()).await? {
        return Ok(known.map_or(Picture::None, Picture::Jpeg));
    }
    let _alone = app.outbound.alone((site.id, hash)).await;
    if let Some(known) = store::picture(&app.db.read, key, app.clock.now()).await? {
        return Ok(known.map_or(Picture::None, Picture::Jpeg));
    }
    let (jpeg, holds) = match tokio::time::timeout(PATIENCE, fetch(app, &url)).await.unwrap_or(Err(Why::Slow)) {
        Ok(Some(jpeg)) => (Some(jpeg), FOUND_FOR),
        Ok(None) => (None, NOTHING_FOR),
        Err(why) => {
            tracing::debug!(site = %site.id, why = why.class(), "a picture of the shop was not had");
            (None, if why.is_passing() { FAILED_FOR } else { NOTHING_FOR })
        }
    };
    store::keep_picture(&app.db.read, key, jpeg.as_deref(), app.clock.now() + holds).await?;
    Ok(jpeg.map_or(Picture::None, Picture::Jpeg))
}

async fn fetch(app: &App, url: &Url) -> Result<Option<Vec<u8>>, Why> {
    let wish =
        Wish { accept: "image/webp,image/png,image/jpeg,image/gif;q=0.5", most: BYTES_MAX, cut: false, origins: &[] };
    let found = app.outbound.get(url, &wish).await?;
    if !found.status.is_success() {
        return Ok(None);
    }
    let Ok(_turn) = app.unpacking.acquire().await else { return Err(Why::Busy) };
    Ok(tokio::task::spawn_blocking(move || small(&found.body)).await.unwrap_or_default())
}

/// A small JPEG of whatever picture these bytes are; the type is told by the bytes. `None`: they are none, or too large.
fn small(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    if decoder.total_bytes() > MEMORY_MAX {
        return None;
    }
    let turned = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    if picture.width() > SIDE || picture.height() > SIDE {
        picture = picture.thumbnail(SIDE, SIDE);
    }
    if let Some(turned) = turned {
        picture.apply_orientation(turned);
    }
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&on_white(&picture)).ok()?;
    Some(jpeg)
}

/// Shops cut their goods out and stand them on white.
fn on_white(picture: &DynamicImage) -> RgbImage {
    let picture = picture.to_rgba8();
    let blend = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
    };
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b, a] = picture.get_pixel(x, y).0;
        Rgb([blend(r, a), blend(g, a), blend(b, a)])
    })
}

#[cfg(test)]
mod tests;
