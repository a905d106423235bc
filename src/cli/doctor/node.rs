//! How the node at LISTEN does, by its own numbers. That none runs is no fault: doctor is asked before the first start too.

use super::Remark::{self, Fine, Look, Wrong};
use super::numbers::Numbers;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(3);
/// Far above what a node tells, in bytes.
const ANSWER_MAX: usize = 4 << 20;

pub async fn examine(listen: SocketAddr) -> Vec<Remark> {
    let address = reachable(listen);
    let stream = match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            return vec![Fine(format!("no node runs at {address}, so there is nothing to read"))];
        }
        Ok(Err(error)) => return vec![Wrong(format!("{address}: {error}; check LISTEN"))],
        Err(_) => return vec![hangs(address)],
    };
    match timeout(PATIENCE, read(stream, address)).await {
        Ok(Ok(text)) => judge(address, &Numbers::read(&text)),
        Ok(Err(error)) => vec![Wrong(format!("{address} does not answer as a node does ({error}); check LISTEN"))],
        Err(_) => vec![hangs(address)],
    }
}

/// A node that listens everywhere is asked here.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let here: IpAddr = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(here, listen.port())
}

fn hangs(address: SocketAddr) -> Remark {
    Wrong(format!(
        "the node at {address} does not answer within {} s: look at its log, and restart it",
        PATIENCE.as_secs()
    ))
}

async fn read(stream: TcpStream, address: SocketAddr) -> anyhow::Result<String> {
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    // Ends by itself when the sender is dropped.
    tokio::spawn(connection);
    let request = Request::get("/metrics").header("host", address.to_string()).body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    anyhow::ensure!(answer.status().is_success(), "it says {}", answer.status());
    let body = Limited::new(answer.into_body(), ANSWER_MAX).collect().await.map_err(anyhow::Error::from_boxed)?;
    Ok(String::from_utf8(body.to_bytes().into())?)
}

fn judge(address: SocketAddr, told: &Numbers) -> Vec<Remark> {
    let Some(version) = told.label("deskbell_build_info", "version") else {
        return vec![Wrong(format!("something that is not Deskbell answers at {address}: give LISTEN another port"))];
    };
    let mut remarks: Vec<_> =
        [standing(told), messages(told), people(told), outbound(told)].into_iter().flatten().collect();
    if version != env!("CARGO_PKG_VERSION") {
        let mine = env!("CARGO_PKG_VERSION");
        remarks.push(Look(format!("version {version} runs, and this is {mine}: restart it to run this one")));
    }
    if remarks.iter().all(|remark| matches!(remark, Look(_))) {
        remarks.insert(0, Fine(how_it_does(address, &version, told)));
    }
    remarks
}

fn how_it_does(address: SocketAddr, version: &str, told: &Numbers) -> String {
    let sockets = told.sum("deskbell_sockets");
    let quick = match told.quantile("deskbell_ack_seconds", 0.99) {
        Some(bound) => format!("99 of 100 messages acknowledged within {}", seconds(bound)),
        None => "no message yet".into(),
    };
    format!("version {version} runs at {address}, {sockets} sockets, {quick}")
}

/// A bucket's bound, for people.
fn seconds(bound: f64) -> String {
    if bound.is_infinite() {
        "more than 10 s".into()
    } else if bound < 1.0 {
        format!("{:.0} ms", bound * 1_000.0)
    } else {
        format!("{bound} s")
    }
}

fn minutes(seconds: f64) -> String {
    format!("{:.0} minutes", seconds / 60.0)
}

/// What holds now.
fn standing(told: &Numbers) -> Vec<Remark> {
    let is_off = |name| told.sum_known(name) == Some(0.0);
    let mut remarks = Vec::new();
    if is_off("deskbell_database_up") || is_off("deskbell_log_available") {
        remarks.push(Wrong(
            "it cannot reach PostgreSQL, so nothing can be sent: see that PostgreSQL runs and has connections left; the node comes back by itself".into(),
        ));
    } else if is_off("deskbell_ready") {
        remarks.push(Wrong("it takes no part: it is stopping, or its schema is old; run `deskbell migrate`".into()));
    }
    if is_off("deskbell_bus_up") {
        remarks.push(Wrong(
            "Redis is away, so other nodes hear up to 2.5 s late and nothing is lost: see that Redis runs at REDIS_URL"
                .into(),
        ));
    }
    for pool in ["read", "send"] {
        let used = told.with("deskbell_pool_connections", &[("pool", pool), ("state", "used")]);
        if used > 0.0 && used >= told.with("deskbell_pool_limit", &[("pool", pool)]) {
            remarks.push(Look(format!(
                "every connection of the pool `{pool}` is in use: look for slow statements in PostgreSQL"
            )));
        }
    }
    remarks
}

/// What happened since the node began.
fn messages(told: &Numbers) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if let Some(bound) = told.quantile("deskbell_ack_seconds", 0.99).filter(|bound| *bound > 1.0) {
        remarks.push(Wrong(format!(
            "one message in a hundred took up to {} to be acknowledged: look at the load and at the disk of PostgreSQL",
            seconds(bound)
        )));
    }
    let refused = told.with("deskbell_nacks_total", &[("code", "unavailable")]);
    if refused > 0.0 {
        remarks.push(Look(format!("{refused} frames were refused as unavailable; their senders try again")));
    }
    let found = told.sum("deskbell_sweeps_found_total");
    if found > 0.0 {
        remarks.push(Look(format!("{found} times no hint came and the sweep found what was missing, up to 2.5 s late: if it grows while Redis is there, look at Redis")));
    }
    let epoch = told.with("deskbell_resets_total", &[("reason", "epoch")]);
    if epoch > 0.0 {
        remarks.push(Look(format!("{epoch} clients loaded their history anew because the database is another one now: expected after a restore, and only then")));
    }
    let ahead = told.with("deskbell_resets_total", &[("reason", "ahead")])
        + told.with("deskbell_resets_total", &[("reason", "tip")]);
    if ahead > 0.0 {
        remarks.push(Wrong(format!("{ahead} clients knew events that the database does not have: was a backup put back by hand, without a new epoch?")));
    }
    remarks
}

fn people(told: &Numbers) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let evicted = told.sum("deskbell_socket_evictions_total");
    if evicted > 0.0 {
        remarks.push(Look(format!("{evicted} sockets were too slow for what waited for them and had to resume: few are bad networks, many are a slow proxy")));
    }
    let longest = told.sum("deskbell_queue_oldest_seconds");
    if longest > 600.0 {
        remarks.push(Look(format!("a shopper has waited for {}: see who is available", minutes(longest))));
    }
    remarks
}

fn outbound(told: &Numbers) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let oldest = told.sum("deskbell_outbox_oldest_seconds");
    if oldest > 600.0 {
        let waiting = told.sum("deskbell_outbox_waiting");
        remarks.push(Wrong(format!(
            "the oldest of {waiting} letters has waited for {}: see that the mail server of SMTP_URL takes letters; the log says why it does not",
            minutes(oldest)
        )));
    }
    let dead = told.sum("deskbell_outbox_dead");
    if dead > 0.0 {
        remarks.push(Look(format!("{dead} letters were given up: /admin/letters says why and sends them again")));
    }
    let undelivered = told.sum("deskbell_webhooks_dead");
    if undelivered > 0.0 {
        remarks.push(Look(format!(
            "{undelivered} deliveries to webhooks were given up: /admin/webhooks says why and sends them again"
        )));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::{Numbers, Remark, judge, reachable};

    const HEALTHY: &str = "deskbell_build_info{version=\"0.1.0\"} 1\ndeskbell_ready 1\ndeskbell_database_up 1\n\
        deskbell_bus_up 1\ndeskbell_sockets{who=\"shopper\"} 3\ndeskbell_ack_seconds_bucket{le=\"0.02\"} 99\n\
        deskbell_ack_seconds_bucket{le=\"+Inf\"} 100\ndeskbell_ack_seconds_count 100\n";

    fn said(more: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
        // The later line counts, as if the node had said nothing else.
        let lines: Vec<_> =
            HEALTHY.lines().filter(|l| !more.lines().any(|m| l.split(' ').next() == m.split(' ').next())).collect();
        let told = Numbers::read(&format!("{}\n{more}", lines.join("\n")));
        let (mut fine, mut look, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for remark in judge("127.0.0.1:8080".parse().unwrap(), &told) {
            match remark {
                Remark::Fine(text) => fine.push(text),
                Remark::Look(text) => look.push(text),
                Remark::Wrong(text) => wrong.push(text),
            }
        }
        (fine, look, wrong)
    }

    #[test]
    fn a_healthy_node_is_told_of_in_one_line() {
        let (fine, look, wrong) = said("");
        assert_eq!(
            fine,
            ["version 0.1.0 runs at 127.0.0.1:8080, 3 sockets, 99 of 100 messages acknowledged within 20 ms"]
        );
        assert!(look.is_empty() && wrong.is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_do() {
        for (line, word) in [
            ("deskbell_database_up 0", "PostgreSQL"),
            ("deskbell_log_available 0", "PostgreSQL"),
            ("deskbell_ready 0", "deskbell migrate"),
            ("deskbell_bus_up 0", "REDIS_URL"),
            ("deskbell_outbox_oldest_seconds 601", "SMTP_URL"),
            ("deskbell_ack_seconds_bucket{le=\"0.02\"} 1\ndeskbell_ack_seconds_bucket{le=\"2.5\"} 100", "2.5 s"),
            ("deskbell_resets_total{reason=\"tip\"} 1", "backup"),
        ] {
            let (fine, _, wrong) = said(line);
            assert_eq!(wrong.len(), 1, "{line}: {wrong:?}");
            assert!(wrong[0].contains(word) && fine.is_empty(), "{line}: {wrong:?}");
        }
        let (_, _, wrong) = said("deskbell_build_info{version=\"0.1.0\"} 1\ndeskbell_outbox_oldest_seconds 599");
        assert!(wrong.is_empty());
    }

    #[test]
    fn what_is_worth_a_look_is_no_fault() {
        for (line, word) in [
            ("deskbell_socket_evictions_total 4", "4 sockets"),
            ("deskbell_resets_total{reason=\"epoch\"} 2", "restore"),
            ("deskbell_outbox_dead 1", "/admin/letters"),
            ("deskbell_webhooks_dead 3", "/admin/webhooks"),
            ("deskbell_sweeps_found_total 7", "sweep"),
            ("deskbell_queue_oldest_seconds 1200", "20 minutes"),
            ("deskbell_nacks_total{code=\"unavailable\"} 5", "try again"),
            (
                "deskbell_pool_connections{pool=\"read\",state=\"used\"} 16\ndeskbell_pool_limit{pool=\"read\"} 16",
                "`read`",
            ),
        ] {
            let (fine, look, wrong) = said(line);
            assert_eq!((fine.len(), look.len(), wrong.len()), (1, 1, 0), "{line}: {look:?} {wrong:?}");
            assert!(look[0].contains(word), "{line}: {look:?}");
        }
    }

    #[test]
    fn a_node_that_listens_everywhere_is_asked_here() {
        assert_eq!(reachable("0.0.0.0:80".parse().unwrap()), "127.0.0.1:80".parse().unwrap());
        assert_eq!(reachable("[::]:80".parse().unwrap()), "[::1]:80".parse().unwrap());
    }
}
