//! A small TCP proxy with faults: what passes it may be cut after so many bytes, held, delayed, slowed down, dropped in one
//! direction, and, where it speaks Redis' protocol, lose or exchange the messages that are pushed to subscribers.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// What happens to one direction.
#[derive(Clone, Default)]
pub struct Fault {
    /// Nothing passes; it waits.
    pub hold: bool,
    /// It is read and forgotten.
    pub swallow: bool,
    pub delay: Option<Duration>,
    /// The connection is cut after so many further bytes.
    pub cut_after: Option<usize>,
    pub bytes_per_s: Option<usize>,
    /// Of pushed messages every so many-th is lost.
    pub lose_each: Option<usize>,
    /// Pushed messages are exchanged in pairs.
    pub exchange: bool,
}

impl Fault {
    pub fn held() -> Self {
        Self { hold: true, ..Self::default() }
    }

    fn minds_messages(&self) -> bool {
        self.lose_each.is_some() || self.exchange
    }
}

/// Where the proxy leads.
#[derive(Clone)]
pub enum Target {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

pub struct Fproxy {
    pub address: SocketAddr,
    up: watch::Sender<Fault>,
    down: watch::Sender<Fault>,
    cut: watch::Sender<u64>,
    _task: AbortOnDropHandle<()>,
}

impl Fproxy {
    pub async fn before(target: Target) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (up, to_server) = watch::channel(Fault::default());
        let (down, to_client) = watch::channel(Fault::default());
        let (cut, cuts) = watch::channel(0);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let _ = client.set_nodelay(true);
                let (target, up, down, mut cuts) = (target.clone(), to_server.clone(), to_client.clone(), cuts.clone());
                tokio::spawn(async move {
                    cuts.mark_unchanged();
                    tokio::select! {
                        () = join(client, target, up, down) => {}
                        _ = cuts.changed() => {}
                    }
                });
            }
        });
        Self { address, up, down, cut, _task: AbortOnDropHandle::new(task) }
    }

    /// From the client to the server.
    pub fn upwards(&self, fault: Fault) {
        self.up.send_replace(fault);
    }

    /// From the server to the client.
    pub fn downwards(&self, fault: Fault) {
        self.down.send_replace(fault);
    }

    pub fn both(&self, fault: &Fault) {
        self.upwards(fault.clone());
        self.downwards(fault.clone());
    }

    pub fn heal(&self) {
        self.both(&Fault::default());
    }

    /// Ends every connection there is.
    pub fn cut(&self) {
        self.cut.send_modify(|n| *n += 1);
    }
}

async fn join(client: TcpStream, target: Target, up: watch::Receiver<Fault>, down: watch::Receiver<Fault>) {
    let (from_client, to_client) = client.into_split();
    match target {
        Target::Tcp(address) => {
            let Ok(server) = TcpStream::connect(address).await else { return };
            let _ = server.set_nodelay(true);
            let (from_server, to_server) = server.into_split();
            tokio::select! {
                () = carry(from_client, to_server, up) => {}
                () = carry(from_server, to_client, down) => {}
            }
        }
        Target::Unix(path) => {
            let Ok(server) = UnixStream::connect(path).await else { return };
            let (from_server, to_server) = server.into_split();
            tokio::select! {
                () = carry(from_client, to_server, up) => {}
                () = carry(from_server, to_client, down) => {}
            }
        }
    }
}

/// Until either side ends.
async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut fault: watch::Receiver<Fault>) {
    let (mut buffer, mut passed, mut pushes) = (vec![0; 16 * 1024], 0, Pushes::default());
    loop {
        let limit = fault.borrow().bytes_per_s.map_or(buffer.len(), |rate| (rate / 10).clamp(1, buffer.len()));
        let Ok(length) = from.read(&mut buffer[..limit]).await else { return };
        if length == 0 {
            return;
        }
        if fault.wait_for(|fault| !fault.hold).await.is_err() {
            return;
        }
        let now = fault.borrow().clone();
        if now.swallow {
            continue;
        }
        if let Some(delay) = now.delay {
            tokio::time::sleep(delay).await;
        }
        if now.bytes_per_s.is_some() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let mut bytes = buffer[..length].to_vec();
        if now.minds_messages() || pushes.is_in_the_middle() {
            bytes = pushes.pass(&bytes, &now);
        }
        passed += bytes.len();
        if let Some(most) = now.cut_after.filter(|most| passed > *most) {
            let kept = bytes.len().saturating_sub(passed - most);
            let _ = to.write_all(&bytes[..kept]).await;
            return;
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// Redis' answers and pushed messages, told apart (RESP3).
#[derive(Default)]
struct Pushes {
    unread: Vec<u8>,
    kept_back: Option<Vec<u8>>,
    seen: usize,
}

impl Pushes {
    fn is_in_the_middle(&self) -> bool {
        !self.unread.is_empty() || self.kept_back.is_some()
    }

    fn pass(&mut self, bytes: &[u8], fault: &Fault) -> Vec<u8> {
        self.unread.extend_from_slice(bytes);
        let mut out = Vec::new();
        while let Some(length) = value_length(&self.unread) {
            let value: Vec<u8> = self.unread.drain(..length).collect();
            if !is_message(&value) {
                out.extend(value);
                continue;
            }
            self.seen += 1;
            if fault.lose_each.is_some_and(|each| self.seen.is_multiple_of(each)) {
                continue;
            }
            match (fault.exchange, self.kept_back.take()) {
                (true, None) => self.kept_back = Some(value),
                (_, before) => {
                    out.extend(value);
                    out.extend(before.unwrap_or_default());
                }
            }
        }
        out
    }
}

fn is_message(value: &[u8]) -> bool {
    let head = &value[..value.len().min(24)];
    value[0] == b'>' && head.windows(9).any(|part| part.eq_ignore_ascii_case(b"\r\nmessage") || part == b"\nsmessage")
}

/// How long the value at the beginning is; `None`: it is not all here.
fn value_length(bytes: &[u8]) -> Option<usize> {
    let line = bytes.windows(2).position(|pair| pair == b"\r\n")? + 2;
    let number = || std::str::from_utf8(&bytes[1..line - 2]).ok()?.parse::<i64>().ok();
    let parts = match bytes[0] {
        b'$' | b'=' | b'!' => {
            let length = usize::try_from(number()?).map_or(line, |length| line + length + 2);
            return (bytes.len() >= length).then_some(length);
        }
        b'*' | b'>' | b'~' => number()?.max(0),
        b'%' | b'|' => 2 * number()?.max(0),
        _ => 0,
    };
    let mut length = line;
    for _ in 0..parts {
        length += value_length(bytes.get(length..)?)?;
    }
    Some(length)
}

/// Held for as long as something needs it.
pub type Shared = Arc<Fproxy>;

#[test]
fn pushed_messages_are_told_apart_lost_and_exchanged() {
    let message = |text: &str| format!(">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n${}\r\n{text}\r\n", text.len());
    let stream = format!("+OK\r\n{}{}:5\r\n{}{}", message("a"), message("bb"), message("c"), message("d"));
    let mut pushes = Pushes::default();
    let fault = Fault { lose_each: Some(4), exchange: true, ..Fault::default() };
    let mut out = Vec::new();
    for part in stream.as_bytes().chunks(7) {
        out.extend(pushes.pass(part, &fault));
    }
    out.extend(pushes.pass(message("e").as_bytes(), &fault));
    let expected = format!("+OK\r\n{}{}:5\r\n{}{}", message("bb"), message("a"), message("e"), message("c"));
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}
