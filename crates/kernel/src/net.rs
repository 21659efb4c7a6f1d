//! Network addresses.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// The place that an address counts for: itself, or for IPv6 its network of 64 bits, which one customer owns.
pub fn place(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// A range of addresses: how many bits of the first are common to all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range(IpAddr, u8);

const fn v4(a: u8, b: u8, c: u8, bits: u8) -> Range {
    Range(IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), bits)
}

const fn v6(a: u16, b: u16, bits: u8) -> Range {
    Range(IpAddr::V6(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0)), bits)
}

/// What of IPv4 is nobody's on the internet: this network, private, shared, loopback, link-local, of protocols,
/// of documentation, of benchmarks, multicast, reserved (IANA's special-purpose registry).
const SPECIAL_4: [Range; 15] = [
    v4(0, 0, 0, 8),
    v4(10, 0, 0, 8),
    v4(100, 64, 0, 10),
    v4(127, 0, 0, 8),
    v4(169, 254, 0, 16),
    v4(172, 16, 0, 12),
    v4(192, 0, 0, 24),
    v4(192, 0, 2, 24),
    v4(192, 88, 99, 24),
    v4(192, 168, 0, 16),
    v4(198, 18, 0, 15),
    v4(198, 51, 100, 24),
    v4(203, 0, 113, 24),
    v4(224, 0, 0, 4),
    v4(240, 0, 0, 4),
];
/// The only part of IPv6 that is given out to networks. Loopback, unique-local, link-local, IPv4-mapped and NAT64
/// addresses lie outside of it.
const GIVEN_OUT_6: Range = v6(0x2000, 0, 3);
/// What in there is special all the same: protocols with Teredo, documentation, 6to4.
const SPECIAL_6: [Range; 4] =
    [v6(0x2001, 0, 23), v6(0x2001, 0xdb8, 32), v6(0x2002, 0, 16), v6(0x3fff, 0, 20)];

/// Whether an address is one on the internet that anyone may reach: not private, not this machine's, not special.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => !SPECIAL_4.iter().any(|range| range.covers(address)),
        IpAddr::V6(_) => GIVEN_OUT_6.covers(address) && !SPECIAL_6.iter().any(|range| range.covers(address)),
    }
}

/// An address as 128 bits from the left, and how many of them it has.
fn bits(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

impl Range {
    /// Whether the address is in the range. One of the other family never is, in whatever form it is written.
    pub fn covers(self, address: IpAddr) -> bool {
        let ((first, long), (given, family)) = (bits(self.0), bits(address));
        let differ = (first ^ given).checked_shr(128 - u32::from(self.1)).unwrap_or(0);
        long == family && differ == 0
    }
}

/// The text is no range of addresses.
#[derive(Debug, thiserror::Error)]
#[error("not an address, a range or a host")]
pub struct NotANetwork;

impl FromStr for Range {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (first, length) = text.split_once('/').map_or((text, None), |(first, rest)| (first, Some(rest)));
        let first = first.parse::<IpAddr>().map_err(|_| NotANetwork)?;
        let (_, most) = bits(first);
        let length = length.map_or(Ok(most), str::parse).map_err(|_| NotANetwork)?;
        if length > most { Err(NotANetwork) } else { Ok(Self(first, length)) }
    }
}

/// What an operator allows: a range of addresses, or a host by its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Allowed {
    /// These addresses.
    Range(Range),
    /// This host, wherever it is; in lower case.
    Host(String),
}

impl FromStr for Allowed {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        if let Ok(range) = text.parse() {
            return Ok(Self::Range(range));
        }
        let letters = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
        let named = letters && text.bytes().any(|byte| byte.is_ascii_alphabetic());
        if named { Ok(Self::Host(text.to_ascii_lowercase())) } else { Err(NotANetwork) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public_in_any_form() {
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.0.9",
            "169.254.169.254",
            "172.31.255.255",
            "192.168.1.1",
            "198.19.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
        for public in ["1.1.1.1", "8.8.8.8", "100.128.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn ranges_cover_their_own_family_alone() {
        let covers = |range: &str, address: &str| {
            range.parse::<Range>().unwrap().covers(address.parse::<IpAddr>().unwrap())
        };
        assert!(covers("127.0.0.1", "127.0.0.1") && !covers("127.0.0.1", "127.0.0.2"));
        assert!(covers("10.0.0.0/8", "10.255.0.1") && !covers("10.0.0.0/8", "11.0.0.1"));
        assert!(covers("0.0.0.0/0", "9.9.9.9") && !covers("0.0.0.0/0", "::1"));
        assert!(covers("fd00::/8", "fd01::1") && covers("::/0", "::1"));
        assert!(!covers("127.0.0.0/8", "::ffff:127.0.0.1"));
        for wrong in ["10.0.0.0/33", "10.0.0/8", "::/129", "x", "10.0.0.0/", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Range>().is_err(), "{wrong}");
        }
        assert_eq!("Hooks.Local".parse::<Allowed>().unwrap(), Allowed::Host("hooks.local".to_owned()));
        for wrong in ["", "10.0.0.0/99", "a b", "https://x.org", "2130706433"] {
            assert!(wrong.parse::<Allowed>().is_err(), "{wrong}");
        }
    }
}
