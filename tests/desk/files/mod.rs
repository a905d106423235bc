//! Files: uploaded, sent, seen, taken back; and everything a hostile one might do.

mod bucket;
mod carried;
pub mod console;
mod kept;
mod limits;
mod pictures;
mod ready;
mod served;

use crate::harness::{Desk, SHOP, Shopper};
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::Value;
use std::io::Cursor;

pub const BOUNDARY: &str = "----------------------------boundary7";

/// One part of a form, its headers as they are.
pub fn part(headers: &str, bytes: &[u8]) -> Vec<u8> {
    [format!("--{BOUNDARY}\r\n{headers}\r\n\r\n").as_bytes(), bytes, b"\r\n"].concat()
}

pub fn file_part(name: &str, mime: &str, bytes: &[u8]) -> Vec<u8> {
    part(&format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {mime}"), bytes)
}

pub fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), format!("--{BOUNDARY}--\r\n").into_bytes()].concat()
}

pub fn form_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// A request with a form.
pub fn posting(desk: &Desk, path: &str, token: &str, body: Vec<u8>) -> reqwest::RequestBuilder {
    let request = desk.http.post(format!("{}{path}", desk.base)).bearer_auth(token).header("origin", SHOP);
    request.header("content-type", form_type()).body(body)
}

pub async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

pub async fn upload(desk: &Desk, shopper: &Shopper, name: &str, bytes: &[u8]) -> (u16, Value) {
    let body = form(&[file_part(name, "application/octet-stream", bytes)]);
    answer(posting(desk, "/v1/shopper/files", &shopper.token, body)).await
}

/// Uploads what must be taken; gives its id.
pub async fn taken(desk: &Desk, shopper: &Shopper, name: &str, bytes: &[u8]) -> String {
    let (status, file) = upload(desk, shopper, name, bytes).await;
    assert_eq!(status, 201, "{file}");
    file["id"].as_str().unwrap().to_owned()
}

/// A picture of many colours.
pub fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let drawn = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, (x ^ y) as u8]));
    let mut out = Cursor::new(Vec::new());
    DynamicImage::from(drawn).write_to(&mut out, format).unwrap();
    out.into_inner()
}

pub async fn get(desk: &Desk, url: &str) -> reqwest::Response {
    desk.http.get(format!("{}{url}", desk.base)).send().await.unwrap()
}
