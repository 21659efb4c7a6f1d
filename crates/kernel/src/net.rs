//! Network addresses.

use std::net::{IpAddr, Ipv6Addr};

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
