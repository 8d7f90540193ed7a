//! A network in which names have the addresses that a test says, and the internet is on this machine.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{IpAddr, SocketAddr},
    sync::Mutex,
};

use deliver::Network;
use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::net::TcpStream;

/// The result of looking up a name.
pub(crate) enum Found {
    Addresses(&'static [&'static str]),
    Nothing,
    Silence,
}

#[derive(Default)]
pub(crate) struct Fake {
    found: Mutex<VecDeque<Found>>,
    routes: HashMap<IpAddr, SocketAddr>,
    silent: Vec<IpAddr>,
    /// The names that were asked for.
    pub(crate) asked: Mutex<Vec<String>>,
    /// The addresses that were connected to.
    pub(crate) connected: Mutex<Vec<SocketAddr>>,
}

impl Fake {
    /// What is found at the first look-up, at the second, and so on.
    pub(crate) fn finding(found: impl IntoIterator<Item = Found>) -> Self {
        Self { found: Mutex::new(found.into_iter().collect()), ..Self::default() }
    }

    /// Puts a receiver at an address of the internet.
    pub(crate) fn with(mut self, ip: &str, receiver: SocketAddr) -> Self {
        self.routes.insert(ip.parse().expect("an address"), receiver);
        self
    }

    /// Lets every connection to an address wait for ever.
    pub(crate) fn with_silent(mut self, ip: &str) -> Self {
        self.silent.push(ip.parse().expect("an address"));
        self
    }

    pub(crate) fn connected(&self) -> Vec<String> {
        let connected = self.connected.lock().expect("no panic");
        connected.iter().map(SocketAddr::to_string).collect()
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

impl Network for Fake {
    fn addresses<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.asked.lock().expect("no panic").push(name.to_owned());
        let found = self.found.lock().expect("no panic").pop_front();
        async move {
            match found.expect("no further look-up") {
                Found::Addresses(addresses) => {
                    Ok(addresses.iter().map(|ip| ip.parse().expect("an address")).collect())
                }
                Found::Nothing => Err(io::Error::other("no such name")),
                Found::Silence => std::future::pending().await,
            }
        }
        .boxed()
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        self.connected.lock().expect("no panic").push(address);
        async move {
            if self.silent.contains(&address.ip()) {
                return std::future::pending().await;
            }
            match self.routes.get(&address.ip()) {
                Some(receiver) => TcpStream::connect(receiver).await,
                None => Err(io::ErrorKind::ConnectionRefused.into()),
            }
        }
        .boxed()
    }
}
