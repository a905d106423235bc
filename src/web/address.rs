//! Where a request comes from. Forwarding headers count only from trusted proxies.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv6Addr};

/// The client's address: the nearest hop that is not a trusted proxy.
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    let peer = peer.to_canonical();
    if !is_trusted(&peer) {
        return peer;
    }
    let hops = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<IpAddr> = hops.flat_map(|value| value.split(',')).map_while(|hop| hop.trim().parse().ok()).collect();
    hops.into_iter().rev().map(|ip: IpAddr| ip.to_canonical()).find(|ip| !is_trusted(ip)).unwrap_or(peer)
}

/// What is counted as one place: whoever has one address of IPv6 has 2^64 of them.
pub fn place(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::{client, place};
    use axum::http::HeaderMap;

    #[test]
    fn forwarding_headers_count_only_from_trusted_proxies() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "203.0.113.9, 198.51.100.7, 10.0.0.2".parse().unwrap());
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let ip = |text: &str| text.parse().unwrap();
        assert_eq!(client(ip("192.0.2.1"), &headers, &trusted), ip("192.0.2.1"));
        assert_eq!(client(ip("10.0.0.1"), &headers, &trusted), ip("198.51.100.7"));
        assert_eq!(client(ip("10.0.0.1"), &HeaderMap::new(), &trusted), ip("10.0.0.1"));
    }

    #[test]
    fn a_network_of_ipv6_is_one_place_and_each_address_of_ipv4_is() {
        let at = |text: &str| place(text.parse().unwrap()).to_string();
        assert_eq!(at("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(at("2001:db8:1:2:ffff::1"), at("2001:db8:1:2::"));
        assert_ne!(at("2001:db8:1:3::1"), at("2001:db8:1:2::1"));
        assert_eq!(at("203.0.113.9"), "203.0.113.9");
    }
}
