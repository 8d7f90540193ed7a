//! The HTTPS client for receivers: one POST looks up the host's name, checks each of its addresses, and connects to one.
//!
//! What could lead a request elsewhere is not here to be switched off: no redirect is followed, no proxy
//! looked for, no connection kept, and the addresses are looked up and checked anew for each POST.

mod failure;
mod network;
mod response;
mod tls;

pub use failure::PostFailure;
pub use network::{Internet, Network};
pub use response::{MAX_BODY_BYTES, PostResult};

use std::{
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use domain::{
    Timestamp,
    webhooks::{UrlPolicy, WebhookUrl},
};
use futures_util::future::{Either, select};
use http_body_util::Full;
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsConnector;

use failure::Phase;

/// How long a POST may take, from the name's look-up to the response's last byte.
pub const TIME_FOR_A_POST: Duration = Duration::from_secs(15);
/// How many of a host's addresses are connected to at most: the owner of a name decides how many it has.
const MAX_ADDRESSES_TRIED: usize = 4;
/// The size of a connection's read buffer; the headers of a response have to fit into it.
const MAX_BUFFER_BYTES: usize = 32 * 1024;

/// The client that posts to receivers.
#[derive(Clone)]
pub struct Outbound {
    policy: UrlPolicy,
    network: Arc<dyn Network>,
    tls: TlsConnector,
    time: Duration,
}

/// A POST to send.
#[derive(Clone)]
pub struct Post<'a> {
    /// The endpoint's URL.
    pub url: &'a str,
    /// Every header but those that HTTP itself needs.
    pub headers: Vec<(&'static str, String)>,
    /// The body, byte for byte.
    pub body: String,
}

impl Outbound {
    /// The client that posts where `policy` allows, and trusts the certificates that the system trusts.
    ///
    /// # Errors
    /// When the system trusts no certificate.
    pub fn new(policy: UrlPolicy) -> Result<Self, String> {
        Ok(Self::over(Arc::new(Internet), tls::system_roots()?, policy, TIME_FOR_A_POST))
    }

    /// The client over another network, with other authorities to trust and another time limit.
    #[must_use]
    pub fn over(network: Arc<dyn Network>, roots: RootCertStore, policy: UrlPolicy, time: Duration) -> Self {
        Self { policy, network, tls: tls::connector(roots), time }
    }

    /// How long a POST may take.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.time
    }

    /// Sends a POST once. A date in `Retry-After` is counted from `now`.
    pub async fn post(&self, post: Post<'_>, now: Timestamp) -> PostResult {
        let started = Instant::now();
        let deadline = Deadline { end: started + self.time, time: self.time };
        let result = self.send(post, now, deadline).await;
        let result =
            result.unwrap_or_else(|failure| PostResult { failure: Some(failure), ..PostResult::default() });
        PostResult { duration: started.elapsed(), ..result }
    }

    async fn send(
        &self,
        post: Post<'_>,
        now: Timestamp,
        deadline: Deadline,
    ) -> Result<PostResult, PostFailure> {
        // What was allowed when the endpoint was made need not be allowed now.
        let url = self.policy.check(post.url).map_err(|problem| PostFailure::url(problem.to_string()))?;
        let request = request(&url, post.headers, post.body)?;
        let addresses = self.addresses(&url, deadline).await?;
        let connection = self.connect(&url, &addresses, deadline).await?;
        if url.url().scheme() == "http" {
            return exchange(connection, request, now, deadline).await;
        }
        let handshake = self.tls.connect(tls::server_name(&url)?, connection);
        let connection = deadline.within(Phase::Handshake, handshake).await?;
        let connection = connection.map_err(|error| PostFailure::tls(&error, url.host()))?;
        exchange(connection, request, now, deadline).await
    }

    /// The host's addresses, all of which may be connected to.
    async fn addresses(&self, url: &WebhookUrl, deadline: Deadline) -> Result<Vec<IpAddr>, PostFailure> {
        let addresses = match url.literal() {
            Some(address) => vec![address],
            None => deadline
                .within(Phase::LookUp, self.network.addresses(url.host()))
                .await?
                .map_err(|_| PostFailure::dns(url.host()))?,
        };
        if addresses.is_empty() {
            return Err(PostFailure::dns(url.host()));
        }
        // One that is not allowed speaks against the name, whatever else it is called.
        match addresses.iter().all(|address| self.policy.admits(url, *address)) {
            true => Ok(addresses),
            false => Err(PostFailure::forbidden_address(url.host())),
        }
    }

    /// A connection to the first of the addresses that accepts one. The time left is shared among them.
    async fn connect(
        &self,
        url: &WebhookUrl,
        addresses: &[IpAddr],
        deadline: Deadline,
    ) -> Result<TcpStream, PostFailure> {
        let tried = &addresses[..addresses.len().min(MAX_ADDRESSES_TRIED)];
        let mut failure = None;
        for (left, address) in (1..=tried.len() as u32).rev().zip(tried) {
            let connection = self.network.connect(SocketAddr::new(*address, url.port()));
            let share = deadline.end.duration_since(Instant::now()) / left;
            match timeout_at(Instant::now() + share, connection).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) => failure = Some(PostFailure::connect(&error)),
                Err(_) => {
                    failure = failure.or_else(|| Some(PostFailure::timeout(Phase::Connect, deadline.time)))
                }
            }
        }
        Err(failure.unwrap_or_else(|| PostFailure::dns(url.host())))
    }
}

/// The time limit of a POST: when it ends, and how long it was.
#[derive(Clone, Copy)]
struct Deadline {
    end: Instant,
    time: Duration,
}

impl Deadline {
    async fn within<T>(self, phase: Phase, future: impl Future<Output = T>) -> Result<T, PostFailure> {
        timeout_at(self.end, future).await.map_err(|_| PostFailure::timeout(phase, self.time))
    }
}

fn request(
    url: &WebhookUrl,
    headers: Vec<(&'static str, String)>,
    body: String,
) -> Result<Request<Full<Bytes>>, PostFailure> {
    let understood = url.url();
    let host = match understood.port() {
        Some(port) => format!("{}:{port}", url.host()),
        None => url.host().to_owned(),
    };
    let target = match understood.query() {
        Some(query) => format!("{}?{query}", understood.path()),
        None => understood.path().to_owned(),
    };
    let request = Request::post(target).header("Host", host).header("Connection", "close");
    let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    request.body(Full::from(body)).map_err(|error| PostFailure::unsendable(&error))
}

/// Sends the request and reads the response off the connection, which ends with that.
async fn exchange<C>(
    connection: C,
    request: Request<Full<Bytes>>,
    now: Timestamp,
    deadline: Deadline,
) -> Result<PostResult, PostFailure>
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let handshake = http1::Builder::new().max_buf_size(MAX_BUFFER_BYTES).handshake(TokioIo::new(connection));
    let (mut sender, connection) = handshake.await.map_err(|error| PostFailure::http(&error))?;
    let exchange = pin!(async move {
        let response = deadline.within(Phase::Response, sender.send_request(request)).await?;
        let response = response.map_err(|error| PostFailure::http(&error))?;
        Ok(PostResult::read(response, now, deadline.end).await)
    });
    // The connection does the reading and writing for both, and may be through with it first.
    match select(exchange, pin!(connection)).await {
        Either::Left((result, _)) => result,
        Either::Right((_, exchange)) => exchange.await,
    }
}
