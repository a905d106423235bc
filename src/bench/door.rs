//! Where the load goes: the address, the site and the people who may sign in there.

use super::proc::{self, Watch};
use super::wire::Wire;
use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct DoorArgs {
    /// Which server answers; the peers are those of `benches/peers/`
    #[arg(long, value_enum, default_value_t = Wire::Deskbell)]
    target: Wire,
    /// `demo.json` of a running `deskbell demo`: address, site and agents
    #[arg(long, value_name = "FILE")]
    demo: Option<PathBuf>,
    /// Address of the server, where there is no demo.json
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Public key of the site
    #[arg(long, value_name = "KEY")]
    site_key: Option<String>,
    /// Origin the shoppers come from [default: the server's own]
    #[arg(long, value_name = "URL")]
    origin: Option<String>,
    /// Process whose memory and CPU time count as the server's [default: whoever listens at the address]
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
    /// PostgreSQL's first process [default: the one in the demo's data directory]
    #[arg(long, value_name = "PID")]
    postgres_pid: Option<u32>,
    /// Drive a server that is not on this machine
    #[arg(long)]
    allow_remote: bool,
    /// Write the figures to a file as JSON too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

pub struct Door {
    pub wire: Wire,
    pub addr: SocketAddr,
    /// Authority of the address, for the `Host` header.
    pub host: String,
    pub site_key: String,
    pub origin: String,
    pub agents: Vec<Login>,
    pub watch: Watch,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Login {
    pub email: String,
    pub password: String,
    pub role: String,
}

#[derive(Deserialize)]
struct Demo {
    shop_url: String,
    site_key: String,
    agents: Vec<Login>,
}

impl DoorArgs {
    /// Finds the server and refuses one on another machine.
    pub fn open(&self) -> anyhow::Result<Door> {
        let demo = self.demo.as_deref().map(read_demo).transpose()?;
        let address = match (&self.url, &demo) {
            (Some(url), _) => url.clone(),
            (None, Some(demo)) => demo.shop_url.clone(),
            (None, None) => bail!("say where the server is: --demo FILE or --url URL"),
        };
        let url = url::Url::parse(&address).with_context(|| format!("{address} is not an address"))?;
        ensure!(url.scheme() == "http", "{address}: only http:// can be driven");
        let addr = resolve(&url)?;
        ensure!(
            self.allow_remote || addr.ip().is_loopback(),
            "{address} is another machine: driving it needs --allow-remote and its owner's consent"
        );
        let origin = url.origin().ascii_serialization();
        let site_key = self.site_key.clone().or_else(|| demo.as_ref().map(|demo| demo.site_key.clone()));
        ensure!(self.target != Wire::Deskbell || site_key.is_some(), "say which site: --demo FILE or --site-key KEY");
        Ok(Door {
            wire: self.target,
            addr,
            host: origin.trim_start_matches("http://").to_owned(),
            site_key: site_key.unwrap_or_default(),
            origin: self.origin.clone().unwrap_or(origin),
            agents: demo.map(|demo| demo.agents).unwrap_or_default(),
            watch: self.watch(addr),
        })
    }

    fn watch(&self, addr: SocketAddr) -> Watch {
        let server = self.server_pid.or_else(|| proc::listener(addr.port()));
        let data = self.demo.as_deref().and_then(Path::parent);
        let postgres = self.postgres_pid.or_else(|| data.and_then(proc::postmaster));
        Watch { server, postgres }
    }
}

fn read_demo(path: &Path) -> anyhow::Result<Demo> {
    let text = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not the demo's file", path.display()))
}

fn resolve(url: &url::Url) -> anyhow::Result<SocketAddr> {
    let host = url.host_str().with_context(|| format!("{url} names no host"))?;
    let port = url.port_or_known_default().unwrap_or(80);
    let mut found =
        (host.trim_matches(['[', ']']), port).to_socket_addrs().with_context(|| format!("looking up {host}"))?;
    found.next().with_context(|| format!("{host} has no address"))
}
