//! The IP addresses of the public internet, as opposed to private and other special ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const fn v4(a: u8, b: u8, c: u8, d: u8) -> Ipv4Addr {
    Ipv4Addr::new(a, b, c, d)
}

const fn v6(a: u16, b: u16, c: u16) -> Ipv6Addr {
    Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)
}

/// IANA's registry of special-purpose addresses, and multicast. The few blocks that the registry calls
/// reachable are here too: they are anycast services, where nobody receives a delivery.
const SPECIAL_V4: [(Ipv4Addr, u32); 18] = [
    (v4(0, 0, 0, 0), 8),       // this network
    (v4(10, 0, 0, 0), 8),      // private use
    (v4(100, 64, 0, 0), 10),   // shared by the customers of a carrier's NAT
    (v4(127, 0, 0, 0), 8),     // loopback
    (v4(169, 254, 0, 0), 16),  // link-local, clouds' metadata services among them
    (v4(172, 16, 0, 0), 12),   // private use
    (v4(192, 0, 0, 0), 24),    // IETF protocol assignments
    (v4(192, 0, 2, 0), 24),    // documentation
    (v4(192, 31, 196, 0), 24), // AS112
    (v4(192, 52, 193, 0), 24), // AMT
    (v4(192, 88, 99, 0), 24),  // 6to4 relays
    (v4(192, 168, 0, 0), 16),  // private use
    (v4(192, 175, 48, 0), 24), // AS112
    (v4(198, 18, 0, 0), 15),   // benchmarking
    (v4(198, 51, 100, 0), 24), // documentation
    (v4(203, 0, 113, 0), 24),  // documentation
    (v4(224, 0, 0, 0), 4),     // multicast
    (v4(240, 0, 0, 0), 4),     // reserved, and broadcast
];

/// The only block that global unicast addresses are given out of: loopback, link-local, site-local,
/// unique local and multicast addresses all lie outside it.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (v6(0x2000, 0, 0), 3);
/// What IANA's registry of special-purpose addresses has inside it.
const SPECIAL_V6: [(Ipv6Addr, u32); 5] = [
    (v6(0x2001, 0, 0), 23), // IETF protocol assignments: Teredo, benchmarking, ORCHID and others
    (v6(0x2001, 0xdb8, 0), 32), // documentation
    (v6(0x2002, 0, 0), 16), // 6to4
    (v6(0x2620, 0x4f, 0x8000), 48), // AS112
    (v6(0x3fff, 0, 0), 20), // documentation
];
/// The prefix under which networks without IPv4 reach the IPv4 internet.
const NAT64: (Ipv6Addr, u32) = (v6(0x64, 0xff9b, 0), 96);

/// Whether an address is one of the public internet: neither private nor otherwise special. An IPv4
/// address inside an IPv6 address is judged by itself.
#[must_use]
pub fn is_global(ip: IpAddr) -> bool {
    // A socket to ::ffff:10.0.0.1 reaches 10.0.0.1.
    match ip.to_canonical() {
        IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|block| is_in_v4(ip, *block)),
        IpAddr::V6(ip) if is_in_v6(ip, NAT64) => {
            let [.., a, b, c, d] = ip.octets();
            is_global(IpAddr::V4(v4(a, b, c, d)))
        }
        IpAddr::V6(ip) => {
            is_in_v6(ip, GLOBAL_UNICAST) && !SPECIAL_V6.iter().any(|block| is_in_v6(ip, *block))
        }
    }
}

fn is_in_v4(ip: Ipv4Addr, (start, bits): (Ipv4Addr, u32)) -> bool {
    (ip.to_bits() ^ start.to_bits()).leading_zeros() >= bits
}

fn is_in_v6(ip: Ipv6Addr, (start, bits): (Ipv6Addr, u32)) -> bool {
    (ip.to_bits() ^ start.to_bits()).leading_zeros() >= bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rows of <https://www.iana.org/assignments/iana-ipv4-special-registry>, and of the registry of
    /// address blocks those for multicast.
    const REGISTRY_V4: [&str; 28] = [
        "0.0.0.0/8",
        "0.0.0.0/32",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.0.0/29",
        "192.0.0.8/32",
        "192.0.0.9/32",
        "192.0.0.10/32",
        "192.0.0.170/32",
        "192.0.0.171/32",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.88.99.2/32",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "239.0.0.0/8",
        "240.0.0.0/4",
        "255.255.255.255/32",
    ];

    /// The rows of <https://www.iana.org/assignments/iana-ipv6-special-registry> but those that hold IPv4
    /// addresses, and all of the address space that is not global unicast.
    const REGISTRY_V6: [&str; 42] = [
        "::1/128",
        "::/128",
        "64:ff9b:1::/48",
        "100::/64",
        "100:0:0:1::/64",
        "2001::/23",
        "2001::/32",
        "2001:1::1/128",
        "2001:1::2/128",
        "2001:1::3/128",
        "2001:2::/48",
        "2001:3::/32",
        "2001:4:112::/48",
        "2001:10::/28",
        "2001:20::/28",
        "2001:30::/28",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "::/96",
        "::ffff:0:0:0/96",
        "200::/7",
        "400::/6",
        "800::/5",
        "1000::/4",
        "4000::/3",
        "6000::/3",
        "8000::/3",
        "a000::/3",
        "c000::/3",
        "e000::/4",
        "f000::/5",
        "f800::/6",
        "fe00::/9",
        "fec0::/10",
        "ff00::/8",
        "100::/8",
        "64:ff9b:2::/47",
    ];

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap_or_else(|_| panic!("no address: {text}"))
    }

    fn block(text: &str) -> (IpAddr, u32) {
        let (start, bits) = text.split_once('/').expect("a prefix");
        (ip(start), bits.parse().expect("its length"))
    }

    #[test]
    fn every_block_of_the_ipv4_registry_is_refused_from_edge_to_edge_and_no_further() {
        let blocks = REGISTRY_V4.map(|row| match block(row) {
            (IpAddr::V4(start), bits) => (start.to_bits(), start.to_bits() | u32::MAX.unbounded_shr(bits)),
            _ => panic!("no IPv4: {row}"),
        });
        let listed = |bits: u32| blocks.iter().any(|(first, last)| (*first..=*last).contains(&bits));
        for (first, last) in blocks {
            for edge in [first, first.wrapping_sub(1), last, last.wrapping_add(1)] {
                let ip = Ipv4Addr::from_bits(edge);
                assert_eq!(is_global(ip.into()), !listed(edge), "{ip}");
            }
        }
    }

    #[test]
    fn every_block_of_the_ipv6_registry_is_refused_from_edge_to_edge_and_no_further() {
        let blocks = REGISTRY_V6.map(|row| match block(row) {
            (IpAddr::V6(start), bits) => (start.to_bits(), start.to_bits() | u128::MAX.unbounded_shr(bits)),
            _ => panic!("no IPv6: {row}"),
        });
        let listed = |bits: u128| blocks.iter().any(|(first, last)| (*first..=*last).contains(&bits));
        for (first, last) in blocks {
            for edge in [first, last] {
                assert!(!is_global(Ipv6Addr::from_bits(edge).into()), "{}", Ipv6Addr::from_bits(edge));
            }
            for beyond in [first.wrapping_sub(1), last.wrapping_add(1)].map(Ipv6Addr::from_bits) {
                let unicast = (0x2000..0x4000).contains(&beyond.segments()[0]);
                assert_eq!(is_global(beyond.into()), unicast && !listed(beyond.to_bits()), "{beyond}");
            }
        }
    }

    #[test]
    fn addresses_that_are_asked_for_by_name() {
        for text in [
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "127.1.2.3",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd20:ce::254",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::8.8.8.8",
            "2002:7f00:1::",
            "2002:808:808::",
            "2001:0:808:808::1",
        ] {
            assert!(!is_global(ip(text)), "{text}");
        }
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "93.184.215.14",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450:4001::1",
        ] {
            assert!(is_global(ip(text)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_ipv4_address_is_judged_alike_wherever_it_is_found(bits: u32) {
            let inside = Ipv4Addr::from_bits(bits);
            let mapped = inside.to_ipv6_mapped();
            let translated = Ipv6Addr::from_bits(ip_bits("64:ff9b::") | u128::from(bits));
            prop_assert_eq!(is_global(mapped.into()), is_global(inside.into()));
            prop_assert_eq!(is_global(translated.into()), is_global(inside.into()));
            prop_assert!(!is_global(inside.to_ipv6_compatible().into()));
            let six_to_four = Ipv6Addr::from_bits(ip_bits("2002::") | u128::from(bits) << 80);
            prop_assert!(!is_global(six_to_four.into()));
        }

        #[test]
        fn what_the_standard_library_calls_special_is_not_global(
            v4 in prop_oneof![any::<u32>(), near(&REGISTRY_V4).prop_map(|bits| bits as u32)],
            v6 in prop_oneof![any::<u128>(), near(&REGISTRY_V6)],
        ) {
            let ip = Ipv4Addr::from_bits(v4);
            let special = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_broadcast()
                || ip.is_documentation() || ip.is_multicast() || ip.is_unspecified();
            prop_assert!(!(special && is_global(ip.into())), "{}", ip);
            let ip = Ipv6Addr::from_bits(v6);
            let special = ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local()
                || ip.is_multicast() || ip.is_unspecified();
            prop_assert!(!(special && is_global(ip.into())), "{}", ip);
        }
    }

    fn ip_bits(text: &str) -> u128 {
        match ip(text) {
            IpAddr::V4(ip) => ip.to_bits().into(),
            IpAddr::V6(ip) => ip.to_bits(),
        }
    }

    /// Addresses that begin as one of the blocks does.
    fn near(rows: &'static [&str]) -> impl Strategy<Value = u128> + use<> {
        (proptest::sample::select(rows), any::<u128>()).prop_map(|(row, random)| {
            let (start, bits) = block(row);
            match start {
                IpAddr::V4(ip) => (ip.to_bits() | (random as u32).unbounded_shr(bits)).into(),
                IpAddr::V6(ip) => ip.to_bits() | random.unbounded_shr(bits),
            }
        })
    }
}
