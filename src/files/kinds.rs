//! What a file is, by its content. Names and declared types are not asked.

use crate::domain::file::Class;
use std::io::{self, Read, Seek};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub class: Class,
    /// What it is called when it is served.
    pub mime: &'static str,
    /// Endings that fit, the usual one first; none: whatever its name has.
    pub endings: &'static [&'static str],
}

/// What cannot be told or must not be named.
const OTHER: Seen = Seen { class: Class::Other, mime: "application/octet-stream", endings: &[] };

const KNOWN: [Seen; 35] = [
    seen(Class::Pictures, "image/jpeg", &["jpg", "jpeg"]),
    seen(Class::Pictures, "image/png", &["png"]),
    seen(Class::Pictures, "image/webp", &["webp"]),
    seen(Class::Pictures, "image/gif", &["gif"]),
    seen(Class::Documents, "application/pdf", &["pdf"]),
    seen(Class::Documents, "application/rtf", &["rtf"]),
    seen(Class::Documents, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    seen(Class::Documents, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    seen(Class::Documents, "application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"]),
    seen(Class::Documents, "application/vnd.oasis.opendocument.text", &["odt"]),
    seen(Class::Documents, "application/vnd.oasis.opendocument.spreadsheet", &["ods"]),
    seen(Class::Documents, "application/vnd.oasis.opendocument.presentation", &["odp"]),
    seen(Class::Archives, "application/zip", &["zip"]),
    seen(Class::Archives, "application/gzip", &["gz", "tgz"]),
    seen(Class::Archives, "application/x-7z-compressed", &["7z"]),
    seen(Class::Archives, "application/x-tar", &["tar"]),
    seen(Class::Archives, "application/x-xz", &["xz"]),
    seen(Class::Archives, "application/x-bzip2", &["bz2"]),
    seen(Class::Archives, "application/zstd", &["zst"]),
    seen(Class::Archives, "application/vnd.rar", &["rar"]),
    seen(Class::Media, "audio/mpeg", &["mp3"]),
    seen(Class::Media, "audio/m4a", &["m4a"]),
    seen(Class::Media, "audio/ogg", &["ogg", "oga"]),
    seen(Class::Media, "audio/opus", &["opus"]),
    seen(Class::Media, "audio/aac", &["aac"]),
    seen(Class::Media, "audio/x-wav", &["wav"]),
    seen(Class::Media, "audio/x-flac", &["flac"]),
    seen(Class::Media, "audio/amr", &["amr"]),
    seen(Class::Media, "video/mp4", &["mp4"]),
    seen(Class::Media, "video/x-m4v", &["m4v"]),
    seen(Class::Media, "video/webm", &["webm"]),
    seen(Class::Media, "video/quicktime", &["mov"]),
    seen(Class::Media, "video/x-matroska", &["mkv"]),
    seen(Class::Media, "video/x-msvideo", &["avi"]),
    seen(Class::Media, "video/mpeg", &["mpg", "mpeg"]),
];

const TEXT: Seen = seen(Class::Text, "text/plain", &["txt", "csv", "tsv", "log", "md"]);

const fn seen(class: Class, mime: &'static str, endings: &'static [&'static str]) -> Seen {
    Seen { class, mime, endings }
}

/// Phones write these; no browser but one shows them, and they cannot be drawn anew here.
pub fn is_heic(head: &[u8]) -> bool {
    infer::get(head).is_some_and(|found| matches!(found.mime_type(), "image/heif" | "image/avif"))
}

/// How much of the beginning is looked at for marks of a format.
pub const HEAD: usize = 8 * 1024;

/// Looks at a whole file. Blocks.
pub fn look(file: &mut (impl Read + Seek)) -> io::Result<Seen> {
    file.rewind()?;
    let mut head = Vec::with_capacity(HEAD);
    file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    if let Some(found) = infer::get(&head) {
        let known = KNOWN.iter().find(|seen| seen.mime == found.mime_type());
        return Ok(known.copied().unwrap_or(OTHER));
    }
    file.rewind()?;
    Ok(if !is_markup(&head) && is_text(file)? { TEXT } else { OTHER })
}

/// Whether a browser or viewer that guesses might take it for a page: SVG, HTML, XML, with or without anything before it.
fn is_markup(head: &[u8]) -> bool {
    const MARKS: [&[u8]; 16] = [
        b"<!doctype",
        b"<!--",
        b"<?xml",
        b"<?php",
        b"<html",
        b"<head",
        b"<body",
        b"<svg",
        b"<script",
        b"<iframe",
        b"<style",
        b"<math",
        b"<meta",
        b"<link",
        b"<base",
        b"<form",
    ];
    let lower = head.to_ascii_lowercase();
    MARKS.iter().any(|mark| lower.windows(mark.len()).any(|window| window == *mark)) || head.starts_with(b"#!")
}

/// UTF-8 to its end, without control characters that no text has.
fn is_text(file: &mut impl Read) -> io::Result<bool> {
    let mut buffer = vec![0; 64 * 1024];
    let mut kept = 0;
    loop {
        let read = file.read(&mut buffer[kept..])?;
        let whole = kept + read;
        let (valid, is_broken) = match std::str::from_utf8(&buffer[..whole]) {
            Ok(_) => (whole, false),
            Err(error) => (error.valid_up_to(), error.error_len().is_some()),
        };
        let is_odd = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c);
        if is_broken || buffer[..valid].iter().any(is_odd) {
            return Ok(false);
        }
        if read == 0 {
            // A character that was begun and not ended.
            return Ok(valid == whole);
        }
        buffer.copy_within(valid..whole, 0);
        kept = whole - valid;
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, is_heic, look};
    use std::io::Cursor;

    fn class_of(bytes: &[u8]) -> (Class, &'static str) {
        let seen = look(&mut Cursor::new(bytes)).unwrap();
        (seen.class, seen.mime)
    }

    #[test]
    fn a_file_is_what_it_holds() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(class_of(png), (Class::Pictures, "image/png"));
        assert_eq!(class_of(b"%PDF-1.7\n..."), (Class::Documents, "application/pdf"));
        assert_eq!(class_of(b"PK\x03\x04rest of it"), (Class::Archives, "application/zip"));
        assert_eq!(class_of("Größe, 好\nzwei".as_bytes()), (Class::Text, "text/plain"));
        assert_eq!(class_of(b"").0, Class::Text);
    }

    #[test]
    fn what_a_browser_might_run_is_never_called_by_its_type() {
        let pages: [&[u8]; 12] = [
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"<?xml version='1.0'?><svg/>",
            b"\xef\xbb\xbf  <!DOCTYPE html><p>",
            b"<HTML><script>alert(1)</script>",
            b"hello <script>alert(1)</script>",
            b"<!-- x --><svg/>",
            b"#!/bin/sh\nrm -rf",
            b"MZ\x90\0rest",
            b"\x7fELF\x02\x01\x01",
            b"\xff\xfe<\0s\0v\0g\0",
            b"text\0with nul",
            b"broken \xff utf-8",
        ];
        for page in pages {
            assert_eq!(class_of(page), (Class::Other, "application/octet-stream"), "{}", String::from_utf8_lossy(page));
        }
        let long = [vec![b'a'; 200_000], "好".repeat(50_000).into_bytes(), vec![0]].concat();
        assert_eq!(class_of(&long).0, Class::Other, "a NUL at the end of much text");
        assert_eq!(class_of(&long[..long.len() - 1]).0, Class::Text);
        assert_eq!(class_of(&long[..long.len() - 2]).0, Class::Other, "half a character");
        assert!(is_heic(b"\0\0\0\x18ftypheic\0\0\0\0heicmif1"));
    }
}
