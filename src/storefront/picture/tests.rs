use super::{SIDE, address, signer, small};
use crate::config::SecretKey;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use std::io::Cursor;

fn drawn(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbaImage::from_fn(width, height, |x, _| Rgba([255, 0, 0, if x < width / 2 { 0 } else { 255 }]));
    let picture = DynamicImage::from(picture);
    let picture = if format == ImageFormat::Jpeg { DynamicImage::from(picture.to_rgb8()) } else { picture };
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn read(jpeg: &[u8]) -> image::RgbImage {
    assert_eq!(image::guess_format(jpeg).unwrap(), ImageFormat::Jpeg);
    image::load_from_memory(jpeg).unwrap().to_rgb8()
}

#[test]
fn pictures_become_small_jpegs_on_white() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
        let made = read(&small(&drawn(1_000, 500, format)).unwrap());
        assert_eq!((made.width(), made.height()), (SIDE, SIDE / 2), "{format:?}");
    }
    let made = read(&small(&drawn(40, 20, ImageFormat::Png)).unwrap());
    assert_eq!((made.width(), made.height()), (40, 20), "what is small stays so");
    let (clear, red) = (made.get_pixel(2, 10).0, made.get_pixel(37, 10).0);
    assert!(clear.iter().all(|value| *value > 240) && red[0] > 240 && red[1] < 40, "{clear:?} {red:?}");
}

#[test]
fn what_is_no_picture_or_too_large_a_one_is_refused_from_its_head() {
    let mut bomb = drawn(8, 8, ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    let mut wide = drawn(8, 8, ImageFormat::Png);
    wide[16..20].copy_from_slice(&7_999_u32.to_be_bytes());
    wide[20..24].copy_from_slice(&7_999_u32.to_be_bytes());
    let whole = drawn(300, 300, ImageFormat::Jpeg);
    let html = b"<html><script>alert(1)</script></html>".to_vec();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    for bad in [bomb, wide, html, svg, Vec::new(), b"GIF89a".to_vec(), vec![0xff, 0xd8, 0xff], whole[..20].to_vec()] {
        assert_eq!(small(&bad), None, "{:?}", &bad[..bad.len().min(12)]);
    }
}

#[test]
fn what_hides_in_a_picture_is_gone() {
    let mut polyglot = drawn(8, 8, ImageFormat::Gif);
    polyglot.extend_from_slice(b"/*<script>alert(1)</script>");
    let made = small(&polyglot).unwrap();
    assert!(!made.windows(7).any(|bytes| bytes == b"<script"));
}

#[test]
fn only_we_can_name_an_address() {
    let site = crate::app::new_site("Shop", Vec::new());
    let (key, other) = (SecretKey::new(&[7; 32]), SecretKey::new(&[8; 32]));
    let image = "https://cdn.example/a%20b.jpg?x=1&s=2";
    let address = address(&key, &site, image);
    assert!(address.starts_with(&format!("/w/{}/image?u=https%3A%2F%2Fcdn%2Eexample", site.public_key)), "{address}");
    let sum = |key: &SecretKey, text: &str| hmac::Mac::finalize(signer(key, &site, text)).into_bytes();
    assert_ne!(sum(&key, image), sum(&other, image));
    assert_ne!(sum(&key, image), sum(&key, "https://cdn.example/other"));
}
