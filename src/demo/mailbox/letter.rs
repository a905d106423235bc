//! One captured letter, read from its file.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use mail_parser::{Address, Message, MessageParser, MimeHeaders as _, PartType};
use uuid::Uuid;

use super::LARGEST;

/// Enough for every header of a letter in the list.
const HEAD: u64 = 64 << 10;

/// A letter in the list.
pub(super) struct Line {
    pub id: Uuid,
    pub subject: String,
    pub to: String,
    pub time: DateTime<Utc>,
    pub is_readable: bool,
}

impl Line {
    pub(super) fn read(id: Uuid, path: &Path, written: SystemTime) -> Self {
        let bytes = read(path, HEAD).unwrap_or_default();
        let parsed = MessageParser::default().parse_headers(&bytes).filter(is_letter);
        let Some(message) = parsed else {
            let time = written.into();
            return Self { id, subject: String::new(), to: String::new(), time, is_readable: false };
        };
        let time = sent(&message).unwrap_or_else(|| written.into());
        Self { id, subject: subject(&message), to: people(message.to()), time, is_readable: true }
    }

    pub(super) fn shown_time(&self) -> String {
        shown(self.time)
    }
}

/// A letter opened.
pub(super) struct Letter {
    pub subject: String,
    pub from: String,
    pub to: String,
    pub time: String,
    pub headers: Vec<(String, String)>,
    pub text: Option<String>,
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
}

pub(super) struct Attachment {
    pub name: String,
    pub kind: String,
    pub size: String,
}

impl Letter {
    /// None when the file is no letter, is too large or cannot be read.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        if found.len() > LARGEST {
            return None;
        }
        let bytes = read(path, LARGEST).ok()?;
        let message = MessageParser::default().parse(&bytes).filter(is_letter)?;
        let headers = message.headers_raw().map(|(name, value)| (name.to_owned(), unfolded(value))).collect();
        Some(Self {
            subject: subject(&message),
            from: people(message.from()),
            to: people(message.to()),
            time: sent(&message).map(shown).unwrap_or_default(),
            headers,
            text: part(&message, &message.text_body, |body| match body {
                PartType::Text(text) => Some(text.to_string()),
                _ => None,
            }),
            html: part(&message, &message.html_body, |body| match body {
                PartType::Html(html) => Some(html.to_string()),
                _ => None,
            }),
            attachments: message.attachments().map(attachment).collect(),
        })
    }
}

impl Letter {
    /// The text with its web addresses apart, so that the page can make links of them.
    pub(super) fn pieces(&self) -> Vec<Piece<'_>> {
        self.text.as_deref().map(pieces).unwrap_or_default()
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub text: &'a str,
    pub is_link: bool,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = first_of(rest, &["https://", "http://"]) {
        let length =
            rest[start..].find(|c: char| c.is_whitespace() || "<>\"".contains(c)).unwrap_or(rest.len() - start);
        let link = rest[start..start + length].trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
        found.push(Piece { text: &rest[..start], is_link: false });
        found.push(Piece { text: link, is_link: true });
        rest = &rest[start + link.len()..];
    }
    found.push(Piece { text: rest, is_link: false });
    found
}

fn first_of(text: &str, words: &[&str]) -> Option<usize> {
    words.iter().filter_map(|word| text.find(word)).min()
}

fn read(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The parser takes anything; a letter says at least who sent it or whom it is for.
fn is_letter(message: &Message<'_>) -> bool {
    message.from().is_some() || message.to().is_some()
}

fn subject(message: &Message<'_>) -> String {
    message.subject().map(str::trim).filter(|text| !text.is_empty()).unwrap_or("(no subject)").to_owned()
}

fn sent(message: &Message<'_>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(message.date()?.to_timestamp(), 0)
}

fn shown(time: DateTime<Utc>) -> String {
    time.format("%-d %b %Y, %H:%M:%S UTC").to_string()
}

fn people(address: Option<&Address<'_>>) -> String {
    let one = |who: &mail_parser::Addr<'_>| match (who.name(), who.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => address.or(name).unwrap_or_default().to_owned(),
    };
    address.into_iter().flat_map(Address::iter).map(one).collect::<Vec<_>>().join(", ")
}

fn unfolded(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn part(message: &Message<'_>, among: &[u32], pick: impl Fn(&PartType<'_>) -> Option<String>) -> Option<String> {
    among.iter().find_map(|index| pick(&message.part(*index)?.body))
}

fn attachment(part: &mail_parser::MessagePart<'_>) -> Attachment {
    let kind = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    Attachment {
        name: part.attachment_name().unwrap_or("unnamed").to_owned(),
        kind: kind.unwrap_or_else(|| "unknown type".into()),
        size: size(part.contents().len()),
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KB", bytes.div_ceil(1024)),
        _ => format!("{} MB", bytes.div_ceil(1_048_576)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_stand_apart_and_leave_their_full_stop_behind() {
        let text = "See http://127.0.0.1:8080/r?t=a, or <https://x.example/b>. https://";
        let links: Vec<_> = pieces(text).into_iter().filter(|p| p.is_link).map(|p| p.text).collect();
        assert_eq!(links, ["http://127.0.0.1:8080/r?t=a", "https://x.example/b", "https://"]);
        assert_eq!(pieces(text).iter().map(|p| p.text).collect::<String>(), text);
        assert_eq!(pieces("plain"), [Piece { text: "plain", is_link: false }]);
    }
}
