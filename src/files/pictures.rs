//! Pictures are drawn anew: what is kept was written by us, pixel by pixel, without what a camera noted beside them.
//!
//! Promises: how large a picture is, is read from its head before anything is decoded; the memory that pictures take at once
//! is bounded, whoever sends them. Blocks: for threads that may.

use crate::admission::PICTURES;
use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{
    AnimationDecoder, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat,
    ImageReader, Limits,
};
use std::io::Cursor;

/// What a decoded picture may take, in bytes: about 20 million pixels with transparency, 27 without.
const DECODED_MAX: u64 = 80 * 1024 * 1024;
/// Most pixels on a side, before and after.
const SIDE_MAX: u32 = 16_384;
const KEPT_SIDE: u32 = 4_096;
/// Most pixels of an animation, over all its frames, and most frames.
const FILM_PIXELS: u64 = 24_000_000;
const FILM_FRAMES: usize = 300;
/// Within this box a small copy is drawn.
pub const SMALL: (u32, u32) = (480, 360);
const QUALITY: u8 = 86;

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    TooLarge,
    TooLong,
    Broken,
}

#[derive(Debug)]
pub struct Drawn {
    pub mime: &'static str,
    pub ending: &'static str,
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
    /// A small copy, where the picture is not small itself.
    pub small: Option<Vec<u8>>,
}

/// What is known of a picture by its head.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    format: ImageFormat,
    /// Of the room for pictures, in MiB.
    pub takes: u32,
}

/// Reads no pixels.
pub fn head(bytes: &[u8]) -> Result<Head, Refused> {
    let format = image::guess_format(bytes).map_err(|_| Refused::Broken)?;
    let decoder = decoder(bytes, format)?;
    let (width, height) = decoder.dimensions();
    let decoded = decoder.total_bytes().saturating_mul(if format == ImageFormat::Gif { 2 } else { 1 });
    if width == 0 || height == 0 {
        return Err(Refused::Broken);
    }
    if width > SIDE_MAX || height > SIDE_MAX || decoded > DECODED_MAX {
        return Err(Refused::TooLarge);
    }
    if format == ImageFormat::Gif {
        let frames = frames(bytes);
        let pixels = u64::from(width) * u64::from(height) * frames as u64;
        if frames > FILM_FRAMES || (frames > 1 && pixels > FILM_PIXELS) {
            return Err(Refused::TooLong);
        }
    }
    if format == ImageFormat::Jpeg && !is_whole(bytes) {
        return Err(Refused::Broken);
    }
    // The picture itself, the file it came in, and the smaller ones made of it.
    let bytes = decoded + bytes.len() as u64 * 2 + u64::from(KEPT_SIDE) * u64::from(KEPT_SIDE);
    Ok(Head { format, takes: u32::try_from(bytes / 1_048_576 + 1).map_or(PICTURES, |takes| takes.min(PICTURES)) })
}

/// Decoders paint what is missing of a JPEG in grey. One that has come whole ends after its last scan, where a marker cannot be
/// anything else.
fn is_whole(jpeg: &[u8]) -> bool {
    let last = |of: &[u8], marker| of.windows(2).rposition(|pair| pair == [0xff, marker]);
    last(jpeg, 0xda).is_some_and(|scan| last(&jpeg[scan..], 0xd9).is_some())
}

fn decoder(bytes: &[u8], format: ImageFormat) -> Result<Box<dyn ImageDecoder + '_>, Refused> {
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE_MAX), Some(SIDE_MAX));
    limits.max_alloc = Some(DECODED_MAX * 2);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    Ok(Box::new(reader.into_decoder().map_err(|error| refused(&error))?))
}

fn refused(error: &ImageError) -> Refused {
    if matches!(error, ImageError::Limits(_)) { Refused::TooLarge } else { Refused::Broken }
}

/// Draws it anew.
pub fn draw(bytes: &[u8], head: Head) -> Result<Drawn, Refused> {
    if head.format == ImageFormat::Gif && frames(bytes) > 1 {
        return film(bytes);
    }
    let mut decoder = decoder(bytes, head.format)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| refused(&error))?;
    let mut picture = fitting(picture, (KEPT_SIDE, KEPT_SIDE));
    picture.apply_orientation(orientation);
    let is_photo = match head.format {
        ImageFormat::Jpeg => true,
        ImageFormat::WebP => !picture.color().has_alpha() && !is_lossless(bytes),
        _ => false,
    };
    let (width, height) = (picture.width(), picture.height());
    let small = (width > SMALL.0 || height > SMALL.1).then(|| encode(&fitting_ref(&picture, SMALL), is_photo));
    let (mime, ending) = if is_photo { ("image/jpeg", "jpg") } else { ("image/png", "png") };
    Ok(Drawn { mime, ending, bytes: encode(&picture, is_photo)?, width, height, small: small.transpose()? })
}

/// By averages of the pixels they replace, which takes no memory but the result's.
fn fitting(picture: DynamicImage, within: (u32, u32)) -> DynamicImage {
    if picture.width() > within.0 || picture.height() > within.1 { fitting_ref(&picture, within) } else { picture }
}

fn fitting_ref(picture: &DynamicImage, within: (u32, u32)) -> DynamicImage {
    picture.thumbnail(within.0, within.1)
}

/// WebP's lossless form, as screenshots are kept in.
fn is_lossless(bytes: &[u8]) -> bool {
    bytes.get(12..16) == Some(b"VP8L".as_slice())
}

fn encode(picture: &DynamicImage, is_photo: bool) -> Result<Vec<u8>, Refused> {
    let mut out = Vec::new();
    let color = picture.color();
    let written = match (is_photo, color.has_color(), color.has_alpha()) {
        (true, true, _) => jpeg(&mut out, picture.to_rgb8().as_raw(), picture, ExtendedColorType::Rgb8),
        (true, false, _) => jpeg(&mut out, picture.to_luma8().as_raw(), picture, ExtendedColorType::L8),
        (false, true, true) => png(&mut out, picture.to_rgba8().as_raw(), picture, ExtendedColorType::Rgba8),
        (false, true, false) => png(&mut out, picture.to_rgb8().as_raw(), picture, ExtendedColorType::Rgb8),
        (false, false, true) => png(&mut out, picture.to_luma_alpha8().as_raw(), picture, ExtendedColorType::La8),
        (false, false, false) => png(&mut out, picture.to_luma8().as_raw(), picture, ExtendedColorType::L8),
    };
    written.map_err(|_| Refused::Broken)?;
    Ok(out)
}

fn jpeg(out: &mut Vec<u8>, raw: &[u8], of: &DynamicImage, color: ExtendedColorType) -> Result<(), ImageError> {
    JpegEncoder::new_with_quality(out, QUALITY).write_image(raw, of.width(), of.height(), color)
}

fn png(out: &mut Vec<u8>, raw: &[u8], of: &DynamicImage, color: ExtendedColorType) -> Result<(), ImageError> {
    PngEncoder::new(out).write_image(raw, of.width(), of.height(), color)
}

/// An animation, frame by frame; its small copy is the first.
fn film(bytes: &[u8]) -> Result<Drawn, Refused> {
    let decoder = GifDecoder::new(Cursor::new(bytes)).map_err(|error| refused(&error))?;
    let (width, height) = decoder.dimensions();
    let mut out = Vec::new();
    let mut first = None;
    {
        let mut encoder = GifEncoder::new_with_speed(&mut out, 20);
        encoder.set_repeat(Repeat::Infinite).map_err(|_| Refused::Broken)?;
        for frame in decoder.into_frames().take(FILM_FRAMES) {
            let frame = frame.map_err(|error| refused(&error))?;
            if first.is_none() {
                first = Some(DynamicImage::from(frame.buffer().clone()));
            }
            encoder.encode_frame(frame).map_err(|_| Refused::Broken)?;
        }
    }
    let small = first.ok_or(Refused::Broken).and_then(|first| encode(&fitting(first, SMALL), false))?;
    Ok(Drawn { mime: "image/gif", ending: "gif", bytes: out, width, height, small: Some(small) })
}

/// How many pictures a GIF holds, by its blocks alone.
fn frames(bytes: &[u8]) -> usize {
    let table = |packed: u8| if packed & 0x80 != 0 { 3 << ((packed & 7) + 1) } else { 0 };
    let Some(packed) = bytes.get(10) else { return 0 };
    let (mut at, mut count) = (13 + table(*packed), 0);
    while let Some(block) = bytes.get(at) {
        at = match block {
            0x2c => {
                count += 1;
                let Some(packed) = bytes.get(at + 9) else { return count };
                // The descriptor, its colours, and the least size of a code.
                at + 10 + table(*packed) + 1
            }
            0x21 => at + 2,
            _ => return count,
        };
        while let Some(size) = bytes.get(at) {
            at += usize::from(*size) + 1;
            if *size == 0 {
                break;
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{Refused, draw, frames, head};
    use image::codecs::gif::GifEncoder;
    use image::{DynamicImage, Frame, ImageFormat, RgbImage, RgbaImage};
    use std::io::Cursor;

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    fn drawn(bytes: &[u8]) -> Result<super::Drawn, Refused> {
        draw(bytes, head(bytes)?)
    }

    /// A JPEG whose camera noted where it was taken and that it was held sideways.
    fn with_exif(jpeg: &[u8]) -> Vec<u8> {
        let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        tiff.extend_from_slice(b"GPSLatitude 52.5 N");
        let length = u16::try_from(tiff.len() + 8).unwrap().to_be_bytes();
        [&jpeg[..2], b"\xff\xe1", &length, b"Exif\0\0", &tiff, &jpeg[2..]].concat()
    }

    #[test]
    fn a_photo_is_turned_upright_and_says_nothing_of_where_it_was_taken() {
        let mut photo = RgbImage::new(600, 200);
        photo.get_pixel_mut(0, 0).0 = [255, 0, 0];
        let bytes = with_exif(&encoded(&photo.into(), ImageFormat::Jpeg));
        let drawn = drawn(&bytes).unwrap();
        assert_eq!((drawn.width, drawn.height, drawn.mime), (200, 600, "image/jpeg"));
        for gone in [&b"Exif"[..], b"GPS"] {
            assert!(bytes.windows(gone.len()).any(|w| w == gone));
            assert!(!drawn.bytes.windows(gone.len()).any(|w| w == gone));
        }
        let small = image::load_from_memory(&drawn.small.unwrap()).unwrap();
        assert_eq!((small.width(), small.height()), (120, 360));
    }

    #[test]
    fn transparency_stays_and_small_pictures_need_no_small_copy() {
        let drawn = drawn(&encoded(&RgbaImage::new(40, 30).into(), ImageFormat::Png)).unwrap();
        assert_eq!((drawn.mime, drawn.small.is_none()), ("image/png", true));
        assert!(image::load_from_memory(&drawn.bytes).unwrap().color().has_alpha());
    }

    #[test]
    fn a_bomb_is_refused_by_its_head() {
        // 50,000 by 50,000, and not a byte of it.
        let mut bomb = encoded(&RgbImage::new(1, 1).into(), ImageFormat::Png);
        bomb[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
        let crc = png_crc(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(head(&bomb).unwrap_err(), Refused::TooLarge);
        let wide = encoded(&RgbImage::new(16_000, 2_000).into(), ImageFormat::Png);
        assert_eq!(head(&wide).unwrap_err(), Refused::TooLarge);
    }

    fn png_crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32, byte: &u8| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        };
        !bytes.iter().fold(!0, step)
    }

    #[test]
    fn half_a_photo_is_refused() {
        let shades = |x: u32, y: u32| image::Rgb([x, y, x ^ y].map(|shade| (shade % 256).try_into().unwrap()));
        let photo = encoded(&RgbImage::from_fn(300, 300, shades).into(), ImageFormat::Jpeg);
        for cut in [20, photo.len() / 2] {
            assert_eq!(drawn(&photo[..cut]).unwrap_err(), Refused::Broken, "{cut}");
        }
        assert!(drawn(b"GIF89a=1;alert(1)//").is_err());
    }

    #[test]
    fn an_animation_moves_still_and_a_long_one_is_refused() {
        let gif = |count: usize| {
            let mut out = Vec::new();
            {
                let mut encoder = GifEncoder::new_with_speed(&mut out, 30);
                for n in 0..count {
                    let shade = u8::try_from(n % 250).unwrap();
                    let picture = RgbaImage::from_pixel(8, 8, image::Rgba([shade, 0, 0, 255]));
                    encoder.encode_frame(Frame::new(picture)).unwrap();
                }
            }
            out
        };
        let (short, long) = (gif(3), gif(301));
        assert_eq!((frames(&short), frames(&long)), (3, 301));
        let again = drawn(&short).unwrap();
        assert_eq!((frames(&again.bytes), again.mime), (3, "image/gif"));
        assert_eq!(drawn(&gif(1)).unwrap().mime, "image/png");
        assert_eq!(head(&long).unwrap_err(), Refused::TooLong);
    }
}
