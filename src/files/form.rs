//! A form with files, read part by part.

use super::meter::{Cut, Noted, metered};
use crate::error::{Error, Result};
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::header;

/// Most parts: a message's files and the fields beside them.
const PARTS_MAX: usize = 24;
/// Most text of one field, in bytes.
const TEXT_MAX: usize = 64 * 1024;
/// What is larger is refused by its announced length alone; what is not is read to its end, so that whoever sends it hears why.
pub const READ_ANYWAY: u64 = 64 * 1024 * 1024;
/// Boundaries, headers and text fields beside the files.
const BESIDE: u64 = 256 * 1024;

pub struct Form {
    parts: Multipart,
    noted: Noted,
    read: usize,
}

pub enum Part<'a> {
    Text(String, String),
    File(Box<Field<'a>>),
}

impl Form {
    /// For `files` files of at most `max` bytes each.
    pub async fn open(request: Request, max: u64, files: u64) -> Result<Self> {
        let most = (max * files + BESIDE).max(READ_ANYWAY + BESIDE);
        let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|text| text.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: u64| length > most) {
            return Err(too_large(max));
        }
        let (head, body) = request.into_parts();
        let (body, noted) = metered(body, most);
        let mut request = Request::from_parts(head, body);
        DefaultBodyLimit::disable().apply(&mut request);
        let parts = Multipart::from_request(request, &()).await;
        let parts = parts.map_err(|_| Error::BadRequest("Send a form of the type multipart/form-data."))?;
        Ok(Self { parts, noted, read: 0 })
    }

    /// `None`: that was all.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>> {
        self.read += 1;
        if self.read > PARTS_MAX {
            return Err(Error::TooLarge("This form has too many parts."));
        }
        let noted = self.noted.clone();
        let Some(mut field) = self.parts.next_field().await.map_err(|error| broken(&noted, &error))? else {
            return Ok(None);
        };
        if field.file_name().is_some() {
            return Ok(Some(Part::File(Box::new(field))));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let mut text = Vec::new();
        while let Some(bytes) = field.chunk().await.map_err(|error| broken(&noted, &error))? {
            if text.len() + bytes.len() > TEXT_MAX {
                return Err(Error::TooLarge("A field of this form is too long."));
            }
            noted.read(bytes.len());
            text.extend_from_slice(&bytes);
        }
        let text = String::from_utf8(text).map_err(|_| Error::BadRequest("The fields of a form are UTF-8."))?;
        Ok(Some(Part::Text(name, text)))
    }

    pub fn noted(&self) -> Noted {
        self.noted.clone()
    }
}

/// What to tell when a body ends in the middle.
pub fn broken(noted: &Noted, _: &MultipartError) -> Error {
    match noted.cut() {
        Some(Cut::TooSlow) => Error::TooSlow,
        Some(Cut::TooLong) => Error::TooLarge("This is larger than what is taken at once."),
        None => Error::BadRequest("The upload broke off, or is no proper form. Send it again."),
    }
}

pub fn too_large(max: u64) -> Error {
    Error::FileTooLarge { most_mb: max / 1_048_576 }
}
