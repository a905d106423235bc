//! Configuration by environment. Every mistake is reported at once, by variable name, with what would be right.

use crate::domain::people::parse_email;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct Config {
    pub database_url: SecretString,
    pub mail: MailTarget,
    pub mail_from: String,
    /// Deskbell's own origin, as browsers write it, without a trailing slash.
    pub public_url: String,
    pub listen: SocketAddr,
    pub secret_key: SecretKey,
    pub trusted_proxies: Vec<IpNet>,
    /// Networks that are reached although they are not public, at any port.
    pub outbound_allow: Vec<IpNet>,
    pub roles: Roles,
    /// `None`: this is the only node.
    pub redis_url: Option<SecretString>,
    /// `None`: nobody can send files.
    pub files: Option<FilesTarget>,
}

/// Where the bytes of files lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesTarget {
    Disk(PathBuf),
    /// `s3://bucket/prefix`; keys, region and endpoint are read from the usual `AWS_` variables.
    Bucket(String),
}

#[derive(Clone, Debug)]
pub enum MailTarget {
    Smtp(SecretString),
    Files(PathBuf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    pub web: bool,
    pub queue: bool,
    pub mail: bool,
}

/// The root of this installation's signatures; each use derives its own key, so that no signature serves another purpose.
#[derive(Clone)]
pub struct SecretKey(SecretString);

impl SecretKey {
    pub fn new(bytes: &[u8]) -> Self {
        Self(STANDARD.encode(bytes).into())
    }

    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"deskbell/");
        hash.update(purpose);
        hash.update([0]);
        hash.update(self.0.expose_secret());
        hash.finalize().into()
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey")
    }
}

/// One thing that is wrong: the variable and what would be right.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistake {
    pub variable: &'static str,
    pub advice: String,
}

impl Config {
    pub fn from_environment() -> Result<Self, Vec<Mistake>> {
        Self::read(&|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// Reads through `lookup`, so that a test can hand in its own environment.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader { lookup, mistakes: Vec::new() };
        let config = Self {
            database_url: reader.database_url().into(),
            mail: reader.mail(),
            mail_from: reader.mail_from(),
            public_url: reader.public_url(),
            listen: reader.listen(),
            secret_key: reader.secret_key(),
            trusted_proxies: reader.networks("TRUSTED_PROXIES"),
            outbound_allow: reader.networks("OUTBOUND_ALLOW"),
            roles: reader.roles(),
            redis_url: reader.redis_url(),
            files: reader.files_url(),
        };
        reader.log_format();
        if reader.mistakes.is_empty() { Ok(config) } else { Err(reader.mistakes) }
    }

    /// Cookies are `Secure` and `__Host-` where the site is served over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn parse_files_url(text: &str) -> Option<FilesTarget> {
    let url = url::Url::parse(text).ok()?;
    match url.scheme() {
        "file" if text.starts_with("file:///") => {
            let dir = url.to_file_path().ok()?;
            (dir.components().count() > 1).then_some(FilesTarget::Disk(dir))
        }
        "s3" if url.host_str().is_some_and(|bucket| !bucket.is_empty()) => Some(FilesTarget::Bucket(text.to_owned())),
        _ => None,
    }
}

struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn wrong(&mut self, variable: &'static str, advice: impl Into<String>) {
        self.mistakes.push(Mistake { variable, advice: advice.into() });
    }

    fn database_url(&mut self) -> String {
        match (self.lookup)("DATABASE_URL") {
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => url,
            Some(_) => {
                self.wrong(
                    "DATABASE_URL",
                    "must begin with postgres://, for example postgres://deskbell@localhost/deskbell",
                );
                String::new()
            }
            None => {
                self.wrong("DATABASE_URL", "is required, for example postgres://deskbell@localhost/deskbell");
                String::new()
            }
        }
    }

    fn mail(&mut self) -> MailTarget {
        let text = (self.lookup)("SMTP_URL").unwrap_or_default();
        if let Some(dir) = text.strip_prefix("files:").filter(|dir| !dir.is_empty()) {
            return MailTarget::Files(PathBuf::from(dir));
        }
        if !text.starts_with("smtp://") && !text.starts_with("smtps://") {
            self.wrong(
                "SMTP_URL",
                "is required: smtp://user:password@host:587, smtps://… or, for development, files:DIRECTORY",
            );
        }
        MailTarget::Smtp(text.into())
    }

    fn mail_from(&mut self) -> String {
        let text = (self.lookup)("MAIL_FROM").unwrap_or_default();
        parse_email(&text).unwrap_or_else(|| {
            self.wrong("MAIL_FROM", "is required: the address letters are sent from, for example help@shop.example");
            String::new()
        })
    }

    fn public_url(&mut self) -> String {
        let text = (self.lookup)("PUBLIC_URL").unwrap_or_default();
        crate::domain::site::parse_origin(&text).unwrap_or_else(|| {
            self.wrong("PUBLIC_URL", "is required: the address browsers reach Deskbell at, without a path, for example https://chat.shop.example");
            String::new()
        })
    }

    fn listen(&mut self) -> SocketAddr {
        let text = (self.lookup)("LISTEN").unwrap_or_else(|| "127.0.0.1:8080".into());
        text.parse().unwrap_or_else(|_| {
            self.wrong("LISTEN", "must be an address and a port, for example 127.0.0.1:8080 or [::]:8080");
            SocketAddr::from(([127, 0, 0, 1], 8080))
        })
    }

    fn secret_key(&mut self) -> SecretKey {
        let text = (self.lookup)("SECRET_KEY").unwrap_or_default();
        let bytes = STANDARD.decode(&text).or_else(|_| URL_SAFE_NO_PAD.decode(&text)).unwrap_or_default();
        if bytes.len() < 32 {
            self.wrong(
                "SECRET_KEY",
                "is required: 32 random bytes or more in base64, for example from `openssl rand -base64 32`",
            );
        }
        SecretKey::new(&bytes)
    }

    fn networks(&mut self, variable: &'static str) -> Vec<IpNet> {
        let text = (self.lookup)(variable).unwrap_or_default();
        let (good, bad): (Vec<_>, Vec<_>) = text
            .split([',', ' '])
            .filter(|part| !part.is_empty())
            .map(|part| {
                (part, part.parse::<IpNet>().ok().or_else(|| part.parse::<std::net::IpAddr>().ok().map(IpNet::from)))
            })
            .partition(|(_, net)| net.is_some());
        for (part, _) in bad {
            self.wrong(variable, format!("{part:?} is not a network such as 10.0.0.0/8 or an address"));
        }
        good.into_iter().filter_map(|(_, net)| net).collect()
    }

    fn roles(&mut self) -> Roles {
        let text = (self.lookup)("ROLES").unwrap_or_else(|| "web,queue,mail".into());
        let mut roles = Roles { web: false, queue: false, mail: false };
        for part in text.split(',').map(str::trim) {
            match part {
                "web" => roles.web = true,
                "queue" => roles.queue = true,
                "mail" => roles.mail = true,
                other => self.wrong("ROLES", format!("{other:?} is none of web, queue, mail")),
            }
        }
        roles
    }

    fn log_format(&mut self) {
        if let Some(format) = (self.lookup)("LOG_FORMAT")
            && format != "text"
            && format != "json"
        {
            self.wrong("LOG_FORMAT", "must be text or json");
        }
    }

    fn files_url(&mut self) -> Option<FilesTarget> {
        let text = (self.lookup)("FILES_URL")?;
        let target = parse_files_url(&text);
        if target.is_none() {
            self.wrong(
                "FILES_URL",
                "must be file:/// and a directory, or s3:// and a bucket, for example file:///var/lib/deskbell/files or s3://bucket/prefix",
            );
        }
        target
    }

    fn redis_url(&mut self) -> Option<SecretString> {
        let url = (self.lookup)("REDIS_URL")?;
        if ["redis://", "rediss://", "unix://", "redis+unix://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Some(url.into());
        }
        self.wrong(
            "REDIS_URL",
            "must begin with redis:// or rediss://, for example redis://127.0.0.1:6379; one node needs none",
        );
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn every_mistake_is_reported_at_once() {
        let lookup = |name: &str| match name {
            "LISTEN" => Some("nowhere".to_owned()),
            "ROLES" => Some("web,cook".to_owned()),
            "SECRET_KEY" => Some("c2hvcnQ=".to_owned()),
            "TRUSTED_PROXIES" => Some("10.0.0.0/8 elsewhere".to_owned()),
            "OUTBOUND_ALLOW" => Some("10.0.0.0/99".to_owned()),
            "FILES_URL" => Some("file://here".to_owned()),
            _ => None,
        };
        let mistakes = Config::read(&lookup).unwrap_err();
        let variables: Vec<_> = mistakes.iter().map(|m| m.variable).collect();
        assert_eq!(
            variables,
            [
                "DATABASE_URL",
                "SMTP_URL",
                "MAIL_FROM",
                "PUBLIC_URL",
                "LISTEN",
                "SECRET_KEY",
                "TRUSTED_PROXIES",
                "OUTBOUND_ALLOW",
                "ROLES",
                "FILES_URL"
            ]
        );
    }

    #[test]
    fn files_lie_in_a_directory_or_a_bucket() {
        use super::{FilesTarget, parse_files_url};
        assert_eq!(parse_files_url("file:///srv/a%20b"), Some(FilesTarget::Disk("/srv/a b".into())));
        assert_eq!(parse_files_url("s3://bucket/x"), Some(FilesTarget::Bucket("s3://bucket/x".into())));
        for bad in ["", "file:///", "file://host/x", "file:x", "/srv/x", "s3:///x", "s3:", "http://x/y"] {
            assert_eq!(parse_files_url(bad), None, "{bad}");
        }
    }
}
