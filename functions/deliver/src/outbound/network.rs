//! The network that POSTs go through: names to addresses, addresses to connections.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use futures_util::future::BoxFuture;
use tokio::net::{TcpStream, lookup_host};

/// A resolver of names and opener of connections. What it is asked to connect to has been checked.
pub trait Network: Send + Sync {
    /// The addresses that a name has at this moment.
    fn addresses<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;

    /// A connection to exactly this address and port.
    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>>;
}

/// The internet, by the system's resolver.
pub struct Internet;

impl Network for Internet {
    fn addresses<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move { Ok(lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) })
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        Box::pin(TcpStream::connect(address))
    }
}
