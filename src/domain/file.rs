//! Files that people send: what is kept of them beside a message, what a name may be, what a shop takes, and the signed
//! addresses they are read at.

use super::id::FileId;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Most files of one message.
pub const PER_MESSAGE: usize = 5;

/// A file as its message carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct File {
    pub id: FileId,
    pub name: String,
    /// In bytes.
    pub size: i64,
    pub mime: String,
    /// In pixels; only a picture that was drawn anew has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<i32>,
}

impl File {
    /// Whether it was drawn anew by us, so that a page may show it.
    pub fn is_picture(&self) -> bool {
        self.width.is_some()
    }
}

/// One line for lists: the name of the first, and how many more.
pub fn mention(files: &[File]) -> String {
    match files {
        [] => String::new(),
        [one] => format!("📎 {}", one.name),
        [first, more @ ..] => format!("📎 {} +{}", first.name, more.len()),
    }
}

/// A size as people read it.
pub fn size_in_words(bytes: i64) -> String {
    match bytes {
        ..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", (bytes + 512) / 1_024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Drawn anew: JPEG, PNG, WebP, GIF.
    Pictures,
    /// PDF and the formats of office programs without macros.
    Documents,
    /// Text without markup.
    Text,
    Archives,
    /// Sound and film.
    Media,
    /// Anything, pages and programs among it: kept as it is and never called by its type.
    Other,
}

impl Class {
    pub const ALL: [Self; 6] = [Self::Pictures, Self::Documents, Self::Text, Self::Archives, Self::Media, Self::Other];

    pub fn name(self) -> &'static str {
        match self {
            Self::Pictures => "pictures",
            Self::Documents => "documents",
            Self::Text => "text",
            Self::Archives => "archives",
            Self::Media => "media",
            Self::Other => "other",
        }
    }
}

/// What a shop takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileRules {
    pub on: bool,
    pub max_mb: u32,
    pub per_message: u32,
    /// Of one shopper in 24 hours.
    pub per_day: u32,
    /// All the shop's files together.
    pub quota_mb: u32,
    pub classes: Vec<Class>,
}

impl Default for FileRules {
    fn default() -> Self {
        Self {
            on: true,
            max_mb: 10,
            per_message: 5,
            per_day: 50,
            quota_mb: 5_000,
            classes: vec![Class::Pictures, Class::Documents, Class::Text],
        }
    }
}

const MB: u64 = 1_048_576;

impl FileRules {
    pub fn max_bytes(&self) -> u64 {
        u64::from(self.max_mb) * MB
    }

    pub fn quota_bytes(&self) -> i64 {
        i64::try_from(u64::from(self.quota_mb) * MB).unwrap_or(i64::MAX)
    }

    pub fn per_message(&self) -> usize {
        usize::try_from(self.per_message).map_or(PER_MESSAGE, |most| most.min(PER_MESSAGE))
    }
}

/// Longest name kept, in characters.
const NAME_MAX: usize = 120;
/// Names that some systems keep for devices.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// A name to show and to save under: the last part of a path, without what breaks lines, turns their direction or hides, with
/// one of the endings that fit the content (`endings`; none: whatever it has).
pub fn tidy_name(raw: &str, endings: &[&str]) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().map(|c| if is_unruly(c) { '_' } else { c }).collect();
    let kept = kept.trim_matches(|c: char| c.is_whitespace() || c == '.');
    let (stem, ending) = kept.rsplit_once('.').map_or((kept, ""), |(stem, ending)| (stem, ending));
    let fits = endings.is_empty() || endings.iter().any(|fit| ending.eq_ignore_ascii_case(fit));
    let (stem, ending) = if fits { (stem, ending) } else { (kept, endings.first().copied().unwrap_or_default()) };
    let stem = if stem.is_empty() { "file" } else { stem };
    let is_device =
        DEVICES.iter().any(|device| stem.split('.').next().is_some_and(|s| s.trim().eq_ignore_ascii_case(device)));
    let ending: String = ending.chars().take(20).collect();
    let stem: String = stem.chars().take(NAME_MAX.saturating_sub(ending.chars().count() + 2)).collect();
    let mark = if is_device { "_" } else { "" };
    if ending.is_empty() { format!("{mark}{stem}") } else { format!("{mark}{stem}.{ending}") }
}

fn is_unruly(c: char) -> bool {
    c.is_control()
        || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Which copy of a file an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    Whole,
    /// A picture's small one.
    Thumb,
}

/// Signs the addresses files are read at. Whoever has such an address may read the file until it expires; nobody else may.
#[derive(Clone)]
pub struct Addresses {
    key: [u8; 32],
    /// In seconds since 1970.
    until: i64,
}

/// An address holds between one and two of these: the same one for a while, so that browsers may keep what they read.
const HOLDS: i64 = 12 * 3_600;

impl Addresses {
    pub fn new(key: [u8; 32], now: DateTime<Utc>) -> Self {
        Self { key, until: (now.timestamp().div_euclid(HOLDS) + 2) * HOLDS }
    }

    /// Path-absolute.
    pub fn of(&self, file: FileId, copy: Copy) -> String {
        let signature = URL_SAFE_NO_PAD.encode(signed(&self.key, file, copy, self.until).finalize().into_bytes());
        let small = if copy == Copy::Thumb { "&v=s" } else { "" };
        format!("/files/{file}?e={}{small}&s={signature}", self.until)
    }
}

/// Whether an address was signed by us for this copy of this file and holds still.
pub fn is_signed(
    key: &[u8; 32],
    (file, copy): (FileId, Copy),
    (until, signature): (i64, &str),
    now: DateTime<Utc>,
) -> bool {
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    signed(key, file, copy, until).verify_slice(&signature).is_ok() && now.timestamp() < until
}

fn signed(key: &[u8; 32], file: FileId, copy: Copy, until: i64) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(file.0.as_bytes());
    mac.update(&[u8::from(copy == Copy::Thumb)]);
    mac.update(&until.to_be_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::{Addresses, Copy, File, is_signed, mention, size_in_words, tidy_name};
    use crate::domain::id::FileId;
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    #[test]
    fn a_hostile_name_is_a_plain_one_afterwards() {
        let cases = [
            ("\"><svg onload=alert(1)>.png", &["png"][..], "___svg onload=alert(1)_.png"),
            ("photo\u{202e}gnp.exe", &["png"], "photo_gnp.exe.png"),
            ("../../etc/passwd", &["txt"], "passwd.txt"),
            ("C:\\Users\\me\\a.pdf", &["pdf"], "a.pdf"),
            ("a\r\nSet-Cookie: x=1.pdf", &["pdf"], "a__Set-Cookie_ x=1.pdf"),
            ("a\0b.png", &["png"], "a_b.png"),
            ("con.txt", &["txt"], "_con.txt"),
            ("", &["png"], "file.png"),
            ("...", &[], "file"),
            (".htaccess", &["txt"], "htaccess.txt"),
            ("photo.JPEG", &["jpg", "jpeg"], "photo.JPEG"),
            ("page.html", &["txt", "csv"], "page.html.txt"),
            ("Überraschung 好.jpg", &["jpg"], "Überraschung 好.jpg"),
        ];
        for (raw, endings, tidy) in cases {
            assert_eq!(tidy_name(raw, endings), tidy, "{raw:?}");
        }
        let long = tidy_name(&"x".repeat(4_096), &["png"]);
        assert!(long.len() <= 124 && long.rsplit('.').next() == Some("png"), "{long}");
    }

    #[test]
    fn an_address_is_good_for_one_copy_of_one_file_for_a_while() {
        let (key, now, file) =
            ([7; 32], DateTime::from_timestamp(1_800_000_000, 0).unwrap(), FileId(Uuid::from_u128(9)));
        let address = Addresses::new(key, now).of(file, Copy::Whole);
        let url = url::Url::parse("http://x").unwrap().join(&address).unwrap();
        let part = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        let (until, signature) = (part("e").parse().unwrap(), part("s"));
        let is_good = |file, copy, until, signature: &str, now| is_signed(&key, (file, copy), (until, signature), now);
        assert!(is_good(file, Copy::Whole, until, &signature, now));
        assert!(is_good(file, Copy::Whole, until, &signature, now + TimeDelta::hours(11)));
        assert!(!is_good(file, Copy::Whole, until, &signature, now + TimeDelta::hours(24)));
        assert!(!is_good(file, Copy::Whole, until + 1, &signature, now));
        assert!(!is_good(file, Copy::Thumb, until, &signature, now));
        assert!(!is_good(FileId(Uuid::from_u128(8)), Copy::Whole, until, &signature, now));
        assert!(!is_good(file, Copy::Whole, until, &signature[1..], now));
        assert!(!is_good(file, Copy::Whole, until, "", now));
        assert!(!is_signed(&[8; 32], (file, Copy::Whole), (until, &signature), now));
    }

    #[test]
    fn lists_mention_files_in_one_line() {
        let file = |name: &str| File {
            id: FileId(Uuid::nil()),
            name: name.into(),
            size: 1,
            mime: "image/png".into(),
            width: None,
            height: None,
        };
        assert_eq!(mention(&[file("a.png"), file("b.png"), file("c.png")]), "📎 a.png +2");
        let sizes = [0, 1_023, 1_024, 1_500_000, 10_485_760].map(size_in_words);
        assert_eq!(sizes, ["0 B", "1023 B", "1 KB", "1.4 MB", "10.0 MB"]);
    }
}
