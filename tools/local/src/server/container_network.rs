//! Whether an address of this machine is one that only containers on it reach.
//!
//! Linux tells by the interface that has the address. It is a container's own, one end of a pair whose other end is in
//! another network namespace; or it is the bridge that such pairs lead to, and no hardware does. Elsewhere containers are in
//! a virtual machine, and this machine has no address in their networks.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

/// Where Linux lists the network interfaces of the namespace that the process is in.
const INTERFACES: &str = "/sys/class/net";
const ROUTES: &str = "/proc/net/route";
/// `ARPHRD_ETHER` of Linux: neither a tunnel nor the loopback interface.
const ETHERNET: u32 = 1;

pub(super) fn has(address: IpAddr) -> bool {
    let IpAddr::V4(address) = address else { return false };
    let routes = fs::read_to_string(ROUTES).unwrap_or_default();
    interface(&routes, address).is_some_and(|name| leads_to_namespaces(&Path::new(INTERFACES).join(name)))
}

/// The interface on whose own network an address is: of the routes without a gateway, the closest.
fn interface(routes: &str, address: Ipv4Addr) -> Option<&str> {
    // The kernel prints an address in the network's order as a number of the machine's.
    let address = u32::from_ne_bytes(address.octets());
    let number = |text: &str| u32::from_str_radix(text, 16).ok();
    let matching = routes.lines().skip(1).filter_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let &[name, network, gateway, _, _, _, _, mask, ..] = columns.as_slice() else { return None };
        let (network, gateway, mask) = (number(network)?, number(gateway)?, number(mask)?);
        (gateway == 0 && mask != 0 && address & mask == network).then_some((mask.count_ones(), name))
    });
    matching.max_by_key(|(closeness, _)| *closeness).map(|(_, name)| name)
}

fn leads_to_namespaces(interface: &Path) -> bool {
    match fs::read_dir(interface.join("brif")) {
        Ok(ports) => ports.flatten().all(|port| is_end_of_pair(&interface.with_file_name(port.file_name()))),
        Err(_) => is_end_of_pair(interface),
    }
}

/// Whether an interface has its other end in another network namespace: it is linked to another one, and neither hardware
/// nor on top of an interface that is here.
fn is_end_of_pair(interface: &Path) -> bool {
    let number = |name: &str| fs::read_to_string(interface.join(name)).ok()?.trim().parse::<u32>().ok();
    let Ok(mut entries) = fs::read_dir(interface) else { return false };
    let is_on_another = entries
        .any(|entry| entry.is_ok_and(|entry| entry.file_name().as_encoded_bytes().starts_with(b"lower_")));
    let is_linked = matches!((number("ifindex"), number("iflink")), (Some(own), Some(other)) if other != own && other != 0);
    number("type") == Some(ETHERNET) && is_linked && !is_on_another && !interface.join("device").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_endian = "little")]
    #[test]
    fn an_address_is_of_the_closest_network() {
        let routes = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
                      eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
                      tun0\t000010AC\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\t0\t0\n\
                      docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
                      eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
        for (address, expected) in [
            ([172, 17, 0, 1], Some("docker0")),
            ([172, 18, 0, 1], Some("tun0")),
            ([192, 0, 2, 2], Some("eth0")),
            ([10, 0, 0, 1], None),
        ] {
            assert_eq!(interface(routes, address.into()), expected);
        }
        assert_eq!(interface("", Ipv4Addr::LOCALHOST), None);
    }

    /// Interfaces as /sys shows them, by name: number, linked number, type, and what else there is.
    fn interfaces(of: &[(&str, u32, u32, u32, &[&str])]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        for (name, own, linked, kind, others) in of {
            let interface = directory.path().join(name);
            for other in *others {
                fs::create_dir_all(interface.join(other)).expect("a directory");
            }
            fs::create_dir_all(&interface).expect("a directory");
            for (file, number) in [("ifindex", own), ("iflink", linked), ("type", kind)] {
                fs::write(interface.join(file), format!("{number}\n")).expect("a file");
            }
        }
        directory
    }

    #[test]
    fn pairs_and_their_bridges_lead_to_namespaces_and_what_has_hardware_does_not() {
        let directory = interfaces(&[
            ("container", 11, 12, 1, &[]),
            ("bridge", 5, 5, 1, &["brif/host-end"]),
            ("empty-bridge", 6, 6, 1, &["brif"]),
            ("host-end", 12, 11, 1, &["brport"]),
            ("card", 4, 4, 1, &["device"]),
            ("moved-card", 4, 9, 1, &["device"]),
            ("bridge-to-card", 7, 7, 1, &["brif/host-end", "brif/card"]),
            ("bridge-to-machine", 8, 8, 1, &["brif/tap"]),
            ("tap", 14, 14, 1, &[]),
            ("vlan", 13, 4, 1, &["lower_card"]),
            ("tunnel", 15, 0, 768, &[]),
            ("tunnel-over-card", 16, 4, 778, &[]),
            ("ethernet-tunnel", 17, 0, 1, &[]),
            ("lo", 1, 1, 772, &[]),
        ]);
        let lead = |name: &str| leads_to_namespaces(&directory.path().join(name));
        for name in ["container", "bridge", "empty-bridge"] {
            assert!(lead(name), "{name}");
        }
        for name in [
            "card",
            "moved-card",
            "bridge-to-card",
            "bridge-to-machine",
            "tap",
            "vlan",
            "tunnel",
            "tunnel-over-card",
            "ethernet-tunnel",
            "lo",
            "not-there",
        ] {
            assert!(!lead(name), "{name}");
        }
    }
}
