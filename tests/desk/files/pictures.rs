//! Pictures: drawn anew, and bombs that do not go off.

use super::{taken, upload};
use crate::harness::process::Process;
use crate::harness::{Desk, Shopper, text};
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageFormat, Rgba, RgbaImage};
use serde_json::json;

use super::picture;

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    };
    !bytes.iter().fold(!0, step)
}

/// A PNG that says it has so many pixels, and has none of them.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut png = picture(1, 1, ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&sum);
    png
}

fn film(frames: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut out, 30);
    for n in 0..frames {
        let picture = RgbaImage::from_pixel(4, 4, Rgba([(n % 251) as u8, 0, 0, 255]));
        encoder.encode_frame(Frame::new(picture)).unwrap();
    }
    drop(encoder);
    out
}

/// The most memory a process has had, in KiB.
fn peak(process: &Process) -> i64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bombs_are_refused_by_their_head_at_once_and_without_memory() {
    let desk = Desk::open().await;
    let node = Process::start(&desk, None).await;
    let desk = desk.node_itself().through(&node.base);
    let shopper = Shopper::come(&desk).await;
    taken(&desk, &shopper, "warm.png", &picture(64, 64, ImageFormat::Png)).await;
    let before = peak(&node);
    let half = picture(400, 400, ImageFormat::Jpeg);
    let bombs = [
        (claiming(50_000, 50_000), 413, "too_large"),
        (claiming(16_000, 16_000), 413, "too_large"),
        (claiming(u32::MAX, 1), 413, "too_large"),
        (film(10_000), 413, "too_large"),
        (half[..half.len() / 2].to_vec(), 415, "wrong_kind"),
        (half[..30].to_vec(), 415, "wrong_kind"),
    ];
    for (n, (bytes, status, code)) in bombs.iter().enumerate() {
        let began = deskbell::app::instant();
        let (answered, said) = upload(&desk, &shopper, "holiday.png", bytes).await;
        let took = (deskbell::app::instant() - began).as_millis();
        if !(answered == 415 && *status == 413) {
            assert_eq!((answered, &said["error"]["code"]), (*status, &json!(code)), "bomb {n}: {said}");
        }
        assert!(took < 5_000, "bomb {n} took {took} ms");
    }
    let grown = peak(&node) - before;
    assert!(grown < 50 * 1024, "memory grew by {grown} KiB");
    assert_eq!(desk.count("select count(*) from files").await, 1);
}

#[tokio::test]
async fn what_a_camera_noted_is_not_kept() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let plain = picture(64, 32, ImageFormat::Jpeg);
    let tiff =
        [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".as_slice(), b"GPSLatitude 52.5"].concat();
    let length = u16::try_from(tiff.len() + 8).unwrap().to_be_bytes();
    let noted = [&plain[..2], b"\xff\xe1", &length, b"Exif\0\0", &tiff, &plain[2..]].concat();
    let (status, file) = upload(&desk, &shopper, "IMG_0001.JPG", &noted).await;
    assert_eq!(status, 201, "{file}");
    assert_eq!((&file["width"], &file["height"]), (&json!(32), &json!(64)), "it was held sideways");
    for path in desk.files_on_disk() {
        let kept = std::fs::read(path).unwrap();
        for gone in [&b"Exif"[..], b"GPS"] {
            assert!(!kept.windows(gone.len()).any(|window| window == gone));
        }
    }
}

#[tokio::test]
async fn a_webp_becomes_what_every_browser_shows_and_is_named_so() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let clear = DynamicImage::from(RgbaImage::from_pixel(20, 10, Rgba([1, 2, 3, 4])));
    let mut webp = std::io::Cursor::new(Vec::new());
    clear.write_to(&mut webp, ImageFormat::WebP).unwrap();
    let (_, file) = upload(&desk, &shopper, "logo.webp", &webp.into_inner()).await;
    assert_eq!((text(&file, "mime"), text(&file, "name")), ("image/png", "logo.png"));
}
