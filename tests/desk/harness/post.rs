//! Where letters arrive: a relay that takes or refuses them, and the directory of captured ones.

use super::{Desk, eventually};
use mail_parser::{Message, MessageParser};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// What a relay was asked: recipients of one letter and its text.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    pub recipients: Vec<String>,
    pub content: Vec<u8>,
}

/// How a relay behaves.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "the drills know more moods")]
pub enum Mood {
    Takes,
    /// The answer to every recipient, such as `550 no such mailbox`.
    Refuses(&'static str),
    /// Never answers a recipient.
    Hangs,
    /// Takes the letter, and breaks the connection instead of saying so.
    Forgets,
}

pub struct Relay {
    pub address: SocketAddr,
    posted: Arc<Mutex<Vec<Posted>>>,
    mood: Arc<Mutex<Mood>>,
    _task: AbortOnDropHandle<()>,
}

impl Relay {
    /// `refusal` is the answer to every recipient, such as `550 no such mailbox`; none takes all letters.
    pub async fn open(refusal: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let posted = Arc::new(Mutex::new(Vec::new()));
        let mood = Arc::new(Mutex::new(refusal.map_or(Mood::Takes, Mood::Refuses)));
        let (kept, moods) = (Arc::clone(&posted), Arc::clone(&mood));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&kept), Arc::clone(&moods)));
            }
        });
        Self { address, posted, mood, _task: AbortOnDropHandle::new(task) }
    }

    pub fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }

    pub async fn until(&self, count: usize) -> Vec<Posted> {
        eventually(&format!("{count} letters at the relay"), async || {
            let posted = self.posted();
            (posted.len() >= count).then_some(posted)
        })
        .await
    }
}

async fn talk(stream: TcpStream, posted: Arc<Mutex<Vec<Posted>>>, mood: Arc<Mutex<Mood>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut now = Posted::default();
    stream.write_all(b"220 relay\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let mood = *mood.lock().unwrap();
        let verb = line.trim_end().to_ascii_uppercase();
        let answer = if verb.starts_with("RCPT") {
            now.recipients.push(line.trim_end().to_owned());
            match mood {
                Mood::Takes | Mood::Forgets => "250 ok".to_owned(),
                Mood::Refuses(answer) => answer.to_owned(),
                Mood::Hangs => std::future::pending().await,
            }
        } else if verb == "DATA" {
            stream.write_all(b"354 go on\r\n").await?;
            now.content = content(&mut stream).await?;
            posted.lock().unwrap().push(std::mem::take(&mut now));
            if let Mood::Forgets = mood {
                return Ok(());
            }
            "250 taken".to_owned()
        } else if verb == "QUIT" {
            stream.write_all(b"221 bye\r\n").await?;
            return Ok(());
        } else {
            "250 ok".to_owned()
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

async fn content(stream: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let begin = content.len();
        stream.read_until(b'\n', &mut content).await?;
        if &content[begin..] == b".\r\n" {
            content.truncate(begin);
            return Ok(content);
        }
        if content[begin..].starts_with(b"..") {
            content.remove(begin);
        }
    }
}

/// A letter as its reader sees it.
#[derive(Clone, Debug)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub message_id: String,
    pub text: String,
    pub html: String,
}

pub fn read(bytes: &[u8]) -> Letter {
    let message: Message<'_> = MessageParser::default().parse(bytes).expect("a letter");
    let to: Vec<_> = message.to().unwrap().iter().filter_map(|to| to.address()).map(str::to_owned).collect();
    Letter {
        to: to.join(" "),
        subject: message.subject().unwrap_or_default().to_owned(),
        message_id: message.message_id().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
        html: message.body_html(0).unwrap_or_default().into_owned(),
    }
}

impl Desk {
    /// The letters captured so far.
    pub fn letters(&self) -> Vec<Letter> {
        let Ok(files) = std::fs::read_dir(&self.mail) else { return Vec::new() };
        let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ext| ext == "eml"));
        paths.sort();
        paths.iter().map(|path| read(&std::fs::read(path).unwrap())).collect()
    }

    pub async fn letters_until(&self, count: usize) -> Vec<Letter> {
        eventually(&format!("{count} captured letters"), async || {
            let letters = self.letters();
            (letters.len() >= count).then_some(letters)
        })
        .await
    }

    /// Until no letter waits: what is there now is all there will be.
    pub async fn outbox_empty(&self) {
        eventually("nothing waits in the outbox", async || {
            (self.count("select count(*) from outbox where state = 'waiting'").await == 0).then_some(())
        })
        .await;
    }
}
