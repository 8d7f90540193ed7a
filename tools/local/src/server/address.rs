//! The address that a server listens on. Nothing here asks for credentials, so only what runs on this machine may reach
//! it: programs over the loopback interface, and containers over a network of theirs. Anything else has to be asked for.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, ToSocketAddrs as _, UdpSocket},
};

use anyhow::{Context as _, Result, anyhow, ensure};
use axum::http::Uri;

use super::container_network;

/// An address of this machine, and the host that it is called by in URLs.
#[derive(Clone, Debug)]
pub struct ListenAddress {
    address: IpAddr,
    host: String,
}

impl Default for ListenAddress {
    fn default() -> Self {
        Self::new(Ipv4Addr::LOCALHOST.into(), "")
    }
}

impl ListenAddress {
    /// Looks up what `--listen` says: an address, or a name that leads to one.
    ///
    /// # Errors
    /// Where there is no such address, and where other machines may reach it, unless it `is_exposed` on purpose.
    pub fn find(told: &str, is_exposed: bool) -> Result<Self> {
        let plain = told.trim_start_matches('[').trim_end_matches(']');
        let found = (plain, 0).to_socket_addrs().with_context(|| {
            format!(
                "--listen takes an address or a name of this machine, without a port, and {told:?} is neither"
            )
        })?;
        let found: Vec<IpAddr> = found.map(|found| found.ip()).collect();
        let address = found.iter().find(|found| found.is_ipv4()).or(found.first()).copied();
        let address = address.with_context(|| format!("--listen {told} leads to no address"))?;
        ensure!(
            is_exposed || address.to_canonical().is_loopback() || container_network::has(address),
            "--listen {told}: {address} is neither a loopback address nor one of a network of containers on this \
             machine. Others may reach it, and nobody is asked for a key at the DynamoDB and under /_local: pass \
             --expose as well if they may."
        );
        UdpSocket::bind((address, 0))
            .map_err(|_| anyhow!("--listen {told}: this machine has no address {address}."))?;
        Ok(Self::new(address, plain))
    }

    pub(super) fn new(address: IpAddr, told: &str) -> Self {
        let host = match (told.parse::<IpAddr>(), address) {
            (Err(_), _) if !told.is_empty() => told.to_owned(),
            // All addresses: who stands before the machine, or before a container's published port, asks by this one.
            (_, IpAddr::V4(all)) if all.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
            (_, IpAddr::V6(all)) if all.is_unspecified() => format!("[{}]", Ipv6Addr::LOCALHOST),
            (_, IpAddr::V4(address)) => address.to_string(),
            (_, IpAddr::V6(address)) => format!("[{address}]"),
        };
        Self { address, host }
    }

    /// Binds a port.
    ///
    /// # Errors
    /// A sentence that says which option to change.
    pub fn bind(&self, port: u16, option: &str) -> Result<TcpListener> {
        TcpListener::bind((self.address, port)).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => {
                anyhow!("Port {port} is taken: end what uses it, or pass another one with {option} (0 is any free one).")
            }
            _ => anyhow!("Port {port} cannot be used ({error}): pass another one with {option}."),
        })
    }

    /// The URL of a listener that was bound here.
    ///
    /// # Errors
    /// Where the system does not say which port it has.
    pub fn url(&self, listener: &TcpListener) -> io::Result<String> {
        Ok(format!("http://{}:{}", self.host, listener.local_addr()?.port()))
    }

    /// Whether only programs of this machine reach the address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.address.to_canonical().is_loopback()
    }

    /// Whether the `Host` of a request names this address.
    pub(super) fn is_host(&self, host: &str) -> bool {
        let host = format!("http://{host}").parse::<Uri>().ok();
        host.is_some_and(|uri| uri.host().is_some_and(|host| host.eq_ignore_ascii_case(&self.host)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_called_as_it_was_told() {
        for (told, url) in [
            ("127.0.0.1", "http://127.0.0.1:"),
            ("127.8.9.1", "http://127.8.9.1:"),
            ("localhost", "http://localhost:"),
            ("::1", "http://[::1]:"),
            ("[::1]", "http://[::1]:"),
        ] {
            let found = ListenAddress::find(told, false).expect(told);
            let listener = found.bind(0, "--port").expect("a port");
            assert!(found.url(&listener).expect("a URL").starts_with(url), "{told}");
            assert!(found.is_host(&url.replace("http://", "")), "{told}");
        }
    }

    #[test]
    fn all_addresses_are_listened_on_where_others_may_ask_and_called_by_the_loopback_one() {
        for (told, url) in [("0.0.0.0", "http://127.0.0.1:"), ("::", "http://[::1]:")] {
            assert!(ListenAddress::find(told, false).expect_err(told).to_string().contains("--expose"));
            let found = ListenAddress::find(told, true).expect(told);
            let listener = found.bind(0, "--port").expect("a port");
            assert!(found.url(&listener).expect("a URL").starts_with(url), "{told}");
        }
    }

    #[test]
    fn what_is_no_address_of_this_machine_is_refused_though_it_may_be_exposed() {
        for told in ["203.0.113.77", "no-such-name.invalid", "127.0.0.1:3000", ""] {
            let refusal = ListenAddress::find(told, true).expect_err(told).to_string();
            assert!(refusal.starts_with("--listen ") && refusal.contains(told), "{refusal}");
        }
    }
}
