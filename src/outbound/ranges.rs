//! Which addresses belong to the public internet. Everything else is refused: what is not known to be public is not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of version 4 that are private, special or nobody's (IANA's registry of special-purpose addresses), with what
/// they are for.
const SPECIAL_V4: [([u8; 4], u8); 16] = [
    // This network; private; shared by carriers (CGNAT); this machine; the link.
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    // Private; protocols; documentation; AS112; the way to 6to4; AMT; private.
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    // Benchmarks; documentation twice.
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast; reserved, and everybody.
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Parts of the global unicast space of version 6 that are not: protocols with Teredo and ORCHID, documentation, 6to4,
/// documentation again.
const SPECIAL_V6: [([u16; 3], u8); 4] =
    [([0x2001, 0, 0], 23), ([0x2001, 0x0db8, 0], 32), ([0x2002, 0, 0], 16), ([0x3fff, 0, 0], 20)];

pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let is_in = |(network, bits): &([u8; 4], u8)| {
        let shift = 32 - u32::from(*bits);
        ip.to_bits() >> shift == Ipv4Addr::from(*network).to_bits() >> shift
    };
    !SPECIAL_V4.iter().any(is_in)
}

/// Global unicast is `2000::/3`: with that fall away loopback, mapped (`::ffff:0:0/96`) and translated (`64:ff9b::/96`)
/// addresses of version 4, unique local, link-local, site-local and multicast.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let is_in = |(network, bits): &([u16; 3], u8)| {
        let mut whole = [0; 8];
        whole[..3].copy_from_slice(network);
        let shift = 128 - u32::from(*bits);
        ip.to_bits() >> shift == Ipv6Addr::from(whole).to_bits() >> shift
    };
    // ISATAP carries an address of version 4 behind any prefix.
    let is_tunnel = matches!(parts[4], 0 | 0x0200) && parts[5] == 0x5efe;
    parts[0] & 0xe000 == 0x2000 && !is_tunnel && !SPECIAL_V6.iter().any(is_in)
}
