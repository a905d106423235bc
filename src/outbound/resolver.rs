//! The client's resolver: it gives only addresses that may be connected to, so that between the check and the connection
//! nothing can change.

use super::{Allowed, Why, ranges};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};

/// Most addresses of a name that are looked at.
const MOST: usize = 16;

/// Who knows the addresses of a name.
#[derive(Clone)]
pub enum Names {
    System,
    /// Each look-up tells the next answer; the last one stays.
    #[cfg(test)]
    Told(std::sync::Arc<std::sync::Mutex<Vec<Vec<IpAddr>>>>),
}

#[derive(Clone)]
pub struct Resolver {
    allowed: Allowed,
    names: Names,
    is_inside_only: bool,
}

impl Resolver {
    pub fn new(allowed: &[IpNet], names: Names) -> Self {
        Self { allowed: allowed.into(), names, is_inside_only: false }
    }

    /// The same, for the allowed networks alone.
    pub fn only_inside(&self) -> Self {
        Self { is_inside_only: true, ..self.clone() }
    }

    pub fn is_allowed(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.allowed.iter().any(|net| net.contains(&ip))
    }

    fn may_reach(&self, ip: IpAddr) -> bool {
        self.is_allowed(ip) || (!self.is_inside_only && ranges::is_public(ip))
    }

    /// Where a name may be reached.
    pub async fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, Why> {
        let all = self.look_up(name).await?;
        if all.is_empty() {
            return Err(Why::Name);
        }
        let good: Vec<_> = all.iter().filter(|ip| self.may_reach(**ip)).map(|ip| SocketAddr::new(*ip, 0)).collect();
        if good.is_empty() {
            let is_public = all.iter().all(|ip| ranges::is_public(*ip));
            return Err(if is_public { Why::Port } else { Why::Private });
        }
        Ok(good)
    }

    async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, Why> {
        match &self.names {
            Names::System => {
                let found = tokio::net::lookup_host((name, 0)).await.map_err(|_| Why::Name)?;
                Ok(found.take(MOST).map(|address| address.ip()).collect())
            }
            #[cfg(test)]
            Names::Told(answers) => {
                let mut answers = answers.lock().unwrap();
                Ok(if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() })
            }
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let found = resolver.addresses(name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
