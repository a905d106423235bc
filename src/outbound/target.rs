//! Whether an address is one that may be asked at all, before any name is looked up. Numbers in place of a name, however
//! they are spelt, are addresses by then: the parser reads them as browsers do.

use super::{Why, ranges, resolver::Resolver};
use std::net::IpAddr;
use url::{Host, Url};

/// Longest address, in bytes.
pub const LONGEST: usize = 2_048;

pub struct Target {
    pub url: Url,
    /// The host as it is written, for counting.
    pub host: String,
    /// To be looked up; `None`: the address is stated, and may be reached.
    pub name: Option<String>,
    /// At one of the web's own ports.
    pub is_usual: bool,
    /// A stated address of an allowed network.
    is_inside: bool,
}

impl Target {
    pub fn of(url: &Url, resolver: &Resolver) -> Result<Self, Why> {
        if url.as_str().len() > LONGEST {
            return Err(Why::Address("the address is too long"));
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Why::Address("only http and https are asked"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Why::Address("an address with a name or a password in it is not asked"));
        }
        let host = url.host().ok_or(Why::Address("the address names no host"))?;
        let is_usual = matches!(url.port(), None | Some(80 | 443));
        let ip = match host {
            Host::Domain(_) => None,
            Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
        };
        if let Some(ip) = ip.filter(|ip| !resolver.is_allowed(*ip)) {
            if !ranges::is_public(ip) {
                return Err(Why::Private);
            }
            if !is_usual {
                return Err(Why::Port);
            }
        }
        let mut bare = url.clone();
        bare.set_fragment(None);
        let (host, ip_allowed) = (host.to_string(), ip.is_some_and(|ip| resolver.is_allowed(ip)));
        Ok(Self { url: bare, name: ip.is_none().then(|| host.clone()), host, is_usual, is_inside: ip_allowed })
    }

    /// For what is sent: in clear only within the allowed networks.
    pub fn for_sending(mut self) -> Result<Self, Why> {
        if self.url.scheme() == "http" && !self.is_inside {
            if self.name.is_none() {
                return Err(Why::Address("nothing is sent without TLS"));
            }
            self.is_usual = false;
        }
        Ok(self)
    }
}
