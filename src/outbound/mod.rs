//! The one way out: whatever Deskbell fetches, or sends, by an address that somebody gave.
//!
//! Promises: only `http` and `https`, no name and password in the address, ports 80 and 443; only addresses of the public
//! internet, and the one that was checked is the one that is connected to, because the check is the client's own resolver.
//! A redirect is followed by hand, at most three times, and each target is checked anew. What is read is bounded in size
//! while it streams and in time as a whole; so is how much goes on at once, to one host and altogether. No proxy of the
//! environment is asked, no cookie is kept, and no page is told where the request comes from.
//!
//! `OUTBOUND_ALLOW` names networks that may be reached all the same, at any port: a shop on the same machine, a test.

mod flights;
mod ranges;
mod resolver;
mod target;
mod turns;

use crate::domain::id::SiteId;
use crate::domain::site::parse_origin;
use flights::{Alone, Flights, Key};
use ipnet::IpNet;
use reqwest::header::{ACCEPT, CONTENT_ENCODING, HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Body, Client, ClientBuilder, RequestBuilder, Response, StatusCode};
use resolver::{Names, Resolver};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use target::Target;
use turns::Turns;
use url::Url;

pub use target::LONGEST;
pub use turns::Turn;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// One request with everything that belongs to it: waiting for a turn, the redirects, reading.
pub const WITHIN: Duration = Duration::from_secs(10);
pub const REDIRECTS: usize = 3;
/// Requests to one host at once,
const A_HOST: usize = 4;
/// and look-ups for one site.
const A_SITE: usize = 3;
/// What is read of an answer to something that was sent.
const ANSWER_MAX: usize = 1024;

pub struct Outbound {
    /// Reaches the public internet and the allowed networks; used for the web's own ports.
    everywhere: Client,
    /// Reaches the allowed networks only; used for every other port.
    inside: Client,
    resolver: Resolver,
    turns: Turns,
    sites: Turns,
    flights: Flights,
    patience: Duration,
}

/// Why nothing was fetched. None of it says what an address inside looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Not an address that can be fetched: says what is wrong with it.
    Address(&'static str),
    /// It leads into a network that is not public.
    Private,
    Port,
    /// The name is not known.
    Name,
    /// Nobody answers there, or not by TLS that can be trusted.
    Unreachable,
    Slow,
    TooLarge,
    Redirects,
    /// A redirect to an origin that was not asked for.
    Elsewhere(Url),
    /// Sent in an encoding that was not asked for.
    Encoded,
    /// Too much goes on at once.
    Busy,
}

impl Why {
    /// Whether another try later may do.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Name | Self::Unreachable | Self::Slow | Self::Busy)
    }
}

impl Why {
    /// For logs: says nothing of the address.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::Private => "private",
            Self::Port => "port",
            Self::Name => "name",
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::TooLarge => "too large",
            Self::Redirects => "redirects",
            Self::Elsewhere(_) => "elsewhere",
            Self::Encoded => "encoded",
            Self::Busy => "busy",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(what) => f.write_str(what),
            Self::Private => f.write_str(
                "it leads into a network that is not public. If that is meant, name the network in OUTBOUND_ALLOW",
            ),
            Self::Port => f.write_str("only the ports 80 and 443 are asked"),
            Self::Name => f.write_str("the host's name is not known"),
            Self::Unreachable => f.write_str("nobody answers there, or the certificate cannot be trusted"),
            Self::Slow => write!(f, "the answer took longer than {} s", WITHIN.as_secs()),
            Self::TooLarge => f.write_str("the answer is too large"),
            Self::Redirects => write!(f, "it redirects more than {REDIRECTS} times, or to nowhere"),
            Self::Elsewhere(url) => write!(f, "it redirects to {url}"),
            Self::Encoded => f.write_str("it was sent compressed without being asked"),
            Self::Busy => f.write_str("too much is being fetched at the moment"),
        }
    }
}

impl std::error::Error for Why {}

/// What is wanted of an address.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// Media types, as the header says them.
    pub accept: &'a str,
    /// Most bytes that are read,
    pub most: usize,
    /// and whether the beginning is of use where there are more.
    pub cut: bool,
    /// Redirects lead to these origins only; empty: anywhere that is public.
    pub origins: &'a [String],
}

pub struct Fetched {
    /// Where the answer came from in the end.
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Fetched {
    /// A header as text; where it comes several times, joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        let all: Vec<_> =
            self.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// The media type, in lower case and without parameters.
    pub fn mime(&self) -> String {
        let stated = self.header("content-type").unwrap_or_default();
        stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

impl Outbound {
    /// `home` is Deskbell's own address, so that whoever is asked can see by whom.
    pub fn new(allowed: &[IpNet], home: &str) -> anyhow::Result<Self> {
        Self::with_names(allowed, home, Names::System)
    }

    fn with_names(allowed: &[IpNet], home: &str, names: Names) -> anyhow::Result<Self> {
        let resolver = Resolver::new(allowed, names);
        let agent = format!("Deskbell/{} (+{home})", env!("CARGO_PKG_VERSION"));
        Ok(Self {
            everywhere: client(&agent, &resolver)?,
            inside: client(&agent, &resolver.only_inside())?,
            resolver,
            turns: Turns::of_each(A_HOST),
            sites: Turns::of_each(A_SITE),
            flights: Flights::default(),
            patience: WITHIN,
        })
    }

    /// Whether this address may be asked, as far as can be known now: for what is saved and asked later. It is checked
    /// again then.
    pub async fn check(&self, url: &Url) -> Result<(), Why> {
        let target = Target::of(url, &self.resolver)?;
        match &target.name {
            Some(name) => self.within(self.resolver_of(&target).addresses(name)).await?.map(|_| ()),
            None => Ok(()),
        }
    }

    fn resolver_of(&self, target: &Target) -> Resolver {
        if target.is_usual { self.resolver.clone() } else { self.resolver.only_inside() }
    }

    pub async fn get(&self, url: &Url, wish: &Wish<'_>) -> Result<Fetched, Why> {
        Self::count(self.within(self.follow(url, wish)).await.flatten())
    }

    async fn follow(&self, url: &Url, wish: &Wish<'_>) -> Result<Fetched, Why> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS {
            let (answer, turn) = {
                let target = Target::of(&url, &self.resolver)?;
                let turn = self.turns.take(&target.host).await?;
                let request = self.client(&target).get(target.url).header(ACCEPT, wish.accept);
                (send(request).await?, turn)
            };
            let Some(next) = next(&url, &answer)? else { return read(url, answer, wish).await };
            drop(turn);
            if !wish.origins.is_empty() && !is_of(&next, wish.origins) {
                return Err(Why::Elsewhere(next));
            }
            url = next;
        }
        Err(Why::Redirects)
    }

    /// Whoever wants to ask what others may be asking waits here first, and looks again then whether it is known.
    pub async fn alone(&self, key: Key) -> Alone {
        self.flights.alone(key).await
    }

    /// As [`Outbound::check`], for what will be sent there: it goes over TLS, or to an allowed network.
    pub async fn check_to_send(&self, url: &Url) -> Result<(), Why> {
        let target = Target::of(url, &self.resolver)?.for_sending()?;
        match &target.name {
            Some(name) => self.within(self.resolver_of(&target).addresses(name)).await?.map(|_| ()),
            None => Ok(()),
        }
    }

    /// Sends a body; redirects are not followed. What was answered, cut short.
    pub async fn post(&self, url: &Url, headers: HeaderMap, body: Vec<u8>) -> Result<(StatusCode, String), Why> {
        let sending = async {
            let target = Target::of(url, &self.resolver)?.for_sending()?;
            let _turn = self.turns.take(&target.host).await?;
            let request = self.client(&target).post(target.url).headers(headers).body(Body::from(body));
            let answer = send(request).await?;
            let status = answer.status();
            let text = gather(answer, ANSWER_MAX, true).await?;
            Ok((status, String::from_utf8_lossy(&text).into_owned()))
        };
        Self::count(self.within(sending).await.flatten())
    }

    /// Hands something over: the status and the headers are the answer, and nothing more of it is read. Redirects are not followed.
    /// It waits for no turn: whoever calls it bounds how much goes on at once, so that a slow receiver takes no turn from those
    /// who ask the same host for something.
    pub async fn hand_over(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<(StatusCode, HeaderMap), Why> {
        let sending = async {
            let target = Target::of(url, &self.resolver)?.for_sending()?;
            let request = self.client(&target).post(target.url).headers(headers).body(Body::from(body));
            let answer = send(request).await?;
            Ok((answer.status(), answer.headers().clone()))
        };
        Self::count(self.within(sending).await.flatten())
    }

    /// Asks something that is none of the public's business, with a body or without one: redirects are not followed, and
    /// nothing is sent but over TLS or to an allowed network.
    pub async fn ask(&self, url: &Url, headers: HeaderMap, body: Option<Vec<u8>>, most: usize) -> Result<Fetched, Why> {
        let asking = async {
            let target = Target::of(url, &self.resolver)?.for_sending()?;
            let _turn = self.turns.take(&target.host).await?;
            let client = self.client(&target);
            let request = match body {
                Some(body) => client.post(target.url).body(Body::from(body)),
                None => client.get(target.url),
            };
            let answer = send(request.headers(headers)).await?;
            if let Some(elsewhere) = next(url, &answer)? {
                return Err(Why::Elsewhere(elsewhere));
            }
            read(url.clone(), answer, &Wish { accept: "", most, cut: false, origins: &[] }).await
        };
        Self::count(self.within(asking).await.flatten())
    }

    /// The right to look something up for a site, where few do so at once.
    pub async fn turn_for(&self, site: SiteId) -> Result<Turn, Why> {
        self.sites.take(&site.to_string()).await
    }

    async fn within<T>(&self, asking: impl Future<Output = T>) -> Result<T, Why> {
        tokio::time::timeout(self.patience, asking).await.map_err(|_| Why::Slow)
    }

    fn count<T>(asked: Result<T, Why>) -> Result<T, Why> {
        let outcome = match &asked {
            Ok(_) => "answered",
            Err(Why::Address(_) | Why::Private | Why::Port | Why::Elsewhere(_)) => "refused",
            Err(_) => "failed",
        };
        metrics::counter!("deskbell_outbound_total", "outcome" => outcome).increment(1);
        asked
    }

    fn client(&self, target: &Target) -> &Client {
        if target.is_usual { &self.everywhere } else { &self.inside }
    }
}

fn client(agent: &str, resolver: &Resolver) -> anyhow::Result<Client> {
    let plain = || builder(agent, resolver.clone());
    let made = plain().build().or_else(|error| {
        tracing::error!(%error, "no certificate authorities on this machine: nothing is fetched over TLS. Install ca-certificates");
        plain().tls_certs_only([]).build()
    });
    Ok(made?)
}

fn builder(agent: &str, resolver: Resolver) -> ClientBuilder {
    Client::builder()
        .user_agent(agent)
        .dns_resolver(resolver)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .connect_timeout(CONNECT_WITHIN)
        .pool_max_idle_per_host(0)
}

async fn send(request: RequestBuilder) -> Result<Response, Why> {
    request.send().await.map_err(|error| why(&error))
}

/// The resolver's own reason, where it was the one that said no.
fn why(error: &reqwest::Error) -> Why {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(why) = error.downcast_ref::<Why>() {
            return why.clone();
        }
        cause = error.source();
    }
    if error.is_timeout() { Why::Slow } else { Why::Unreachable }
}

/// Where a redirect leads; `None`: it is none.
fn next(from: &Url, answer: &Response) -> Result<Option<Url>, Why> {
    let is_redirect = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    if !is_redirect {
        return Ok(None);
    }
    let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).ok_or(Why::Redirects)?;
    from.join(location).map(Some).map_err(|_| Why::Redirects)
}

/// Whether an address belongs to one of these origins.
pub fn is_of(url: &Url, origins: &[String]) -> bool {
    let mut bare = url.clone();
    bare.set_path("/");
    bare.set_query(None);
    bare.set_fragment(None);
    parse_origin(bare.as_str()).is_some_and(|origin| origins.contains(&origin))
}

async fn read(url: Url, answer: Response, wish: &Wish<'_>) -> Result<Fetched, Why> {
    let is_plain = |value: &[u8]| value.trim_ascii().is_empty() || value.trim_ascii().eq_ignore_ascii_case(b"identity");
    if !answer.headers().get_all(CONTENT_ENCODING).iter().all(|value| is_plain(value.as_bytes())) {
        return Err(Why::Encoded);
    }
    if !wish.cut && answer.content_length().is_some_and(|length| length > wish.most as u64) {
        return Err(Why::TooLarge);
    }
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = gather(answer, wish.most, wish.cut).await?;
    Ok(Fetched { url, status, headers, body })
}

async fn gather(mut answer: Response, most: usize, cut: bool) -> Result<Vec<u8>, Why> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| why(&error))? {
        if body.len() + chunk.len() > most {
            if !cut {
                return Err(Why::TooLarge);
            }
            body.extend_from_slice(&chunk[..most - body.len()]);
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbound")
    }
}

/// Shared by whoever holds an allow-list.
type Allowed = Arc<[IpNet]>;

#[cfg(test)]
mod tests;
