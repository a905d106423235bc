//! Handing a letter over: to a relay by SMTP, or to a directory where it can be read.

use crate::config::MailTarget;
use crate::domain::id::LetterId;
use anyhow::Context;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::fs;
use tokio::io::AsyncWriteExt;

/// For the whole of one hand-over: below what a shutdown waits for, and well below how long a claim holds.
const PATIENCE: Duration = Duration::from_secs(15);

pub enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// One file a letter.
    Files(PathBuf),
}

/// Why a letter did not go.
#[derive(Debug)]
pub struct Failure {
    /// Whether trying again is pointless.
    pub is_permanent: bool,
    /// For logs: says nothing about the letter or its reader.
    pub class: String,
    /// For the people who look after the mail; may quote the relay.
    pub detail: String,
}

impl Transport {
    pub fn of(target: &MailTarget) -> anyhow::Result<Self> {
        match target {
            MailTarget::Smtp(url) => Ok(Self::Smtp(relay(url.expose_secret())?)),
            MailTarget::Files(directory) => Ok(Self::Files(directory.clone())),
        }
    }

    pub async fn send(&self, id: LetterId, message: Message) -> Result<(), Failure> {
        match self {
            Self::Smtp(relay) => match tokio::time::timeout(PATIENCE, relay.send(message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(Failure::by_relay(&error)),
                Err(_) => Err(Failure::passing(
                    "timeout",
                    format!("the relay did not answer within {} s", PATIENCE.as_secs()),
                )),
            },
            Self::Files(directory) => {
                let kept = keep(directory, id, &message.formatted()).await;
                kept.map_err(|error| {
                    Failure::passing("file", format!("the letter cannot be written to a file: {error}"))
                })
            }
        }
    }
}

impl Failure {
    fn passing(class: &str, detail: String) -> Self {
        Self { is_permanent: false, class: class.to_owned(), detail }
    }

    fn by_relay(error: &lettre::transport::smtp::Error) -> Self {
        let class = match error.status() {
            Some(code) => format!("smtp {code}"),
            None if error.is_tls() => "tls".to_owned(),
            None if error.is_client() => "not accepted by this relay".to_owned(),
            None if error.is_response() => "broken answer".to_owned(),
            None => "connection".to_owned(),
        };
        Self { is_permanent: error.is_permanent(), class, detail: error.to_string() }
    }
}

/// `smtps://` is TLS from the start. `smtp://` says by `?tls=required` or `?tls=opportunistic` what it wants; where it says
/// nothing, a password is never sent in clear and other mail is encrypted if the relay can, except to this machine itself.
fn relay(url: &str) -> anyhow::Result<AsyncSmtpTransport<Tokio1Executor>> {
    let parsed = url::Url::parse(url).context("SMTP_URL is not an address")?;
    let host = parsed.host_str().context("SMTP_URL names no host")?;
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).context("SMTP_URL cannot be used")?;
    let says_tls = parsed.query_pairs().any(|(name, _)| name == "tls");
    if parsed.scheme() == "smtp" && !says_tls && !is_this_machine(host) {
        let parameters =
            TlsParameters::new(host.to_owned()).context("SMTP_URL names a host that cannot have a certificate")?;
        let needs_secrecy = parsed.password().is_some();
        builder = builder.tls(if needs_secrecy { Tls::Required(parameters) } else { Tls::Opportunistic(parameters) });
    }
    // A hand-over that was given up may leave an answer in the connection, to be mistaken for the next letter's: no reuse.
    Ok(builder.timeout(Some(PATIENCE)).pool_config(PoolConfig::new().max_size(0)).build())
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Writes aside and renames, so that a reader of the directory never sees half a letter.
async fn keep(directory: &Path, id: LetterId, bytes: &[u8]) -> io::Result<()> {
    let mut private = fs::DirBuilder::new();
    private.recursive(true).mode(0o700);
    private.create(directory).await?;
    let aside = directory.join(format!(".{id}.part"));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    drop(file);
    fs::rename(&aside, directory.join(format!("{id}.eml"))).await
}

#[cfg(test)]
mod tests {
    use super::{LetterId, MailTarget, Message, Transport, is_this_machine, relay};
    use uuid::Uuid;

    #[tokio::test]
    async fn a_letter_in_a_file_is_whole_and_replaces_itself() {
        let directory = std::env::temp_dir().join(format!("deskbell-mail-{}", crate::app::new_id()));
        let transport = Transport::of(&MailTarget::Files(directory.join("inside"))).unwrap();
        let letter = || {
            Message::builder()
                .from("a@b.co".parse().unwrap())
                .to("c@d.co".parse().unwrap())
                .body("Hello".to_owned())
                .unwrap()
        };
        let id = LetterId(Uuid::from_u128(7));
        transport.send(id, letter()).await.unwrap();
        transport.send(id, letter()).await.unwrap();
        let names: Vec<_> =
            std::fs::read_dir(directory.join("inside")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, [format!("{id}.eml").as_str()]);
        assert!(std::fs::read_to_string(directory.join("inside").join(&names[0])).unwrap().ends_with("Hello"));
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for here in ["localhost", "127.0.0.1", "[::1]"] {
            assert!(is_this_machine(here), "{here}");
        }
        for there in ["mail.example", "10.0.0.1", "localhost.example"] {
            assert!(!is_this_machine(there), "{there}");
        }
    }

    #[tokio::test]
    async fn an_address_of_a_relay_that_cannot_be_used_is_said_at_once() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        for good in [
            "smtp://127.0.0.1:2525",
            "smtp://u:p@mail.example:587",
            "smtps://u:p@mail.example",
            "smtp://mail.example?tls=required",
        ] {
            assert!(relay(good).is_ok(), "{good}");
        }
        for bad in ["smtp://", "smtp://mail.example?tls=perhaps", "mail.example"] {
            assert!(relay(bad).is_err(), "{bad}");
        }
    }
}
