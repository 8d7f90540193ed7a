//! A receiver of webhooks on this machine, which does with each request what a test says.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use domain::{
    RecordId,
    webhooks::{DELIVERY_ID, SIGNATURE, STANDARD_ID, STANDARD_SIGNATURE, STANDARD_TIMESTAMP, Secret},
    webhooks::{verify_documented, verify_standard},
};
use futures_util::future::BoxFuture;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
    time::sleep,
};

use crate::connections::{Connections, read_request};

/// How long a dripping receiver waits for the next byte.
const DRIP: Duration = Duration::from_millis(50);
const GIGABYTE: usize = 1024 * 1024 * 1024;

/// The response of a receiver to a request.
pub enum Reply {
    /// The receiver answers with this status, these header lines and this body.
    Answer(u16, String, String),
    /// The receiver answers 200 once this future is done.
    After(BoxFuture<'static, ()>),
    /// The receiver never answers.
    Hang,
    /// The receiver answers 200, and then sends a byte now and then.
    Drip,
    /// The receiver answers 200 and a gigabyte.
    Flood,
    /// The receiver ends the connection.
    Close,
}

/// A request as the receiver got it.
#[derive(Clone, Debug)]
pub struct Got {
    /// The request line and the headers.
    pub head: String,
    /// The request's body.
    pub body: String,
}

/// A receiver on a port of its own.
pub struct Receiver {
    /// The address that the receiver listens on.
    pub address: SocketAddr,
    got: watch::Sender<Vec<Got>>,
    _connections: Connections,
}

impl Reply {
    /// An answer of this status, without anything else.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Answer(status, String::new(), String::new())
    }
}

impl Got {
    /// The value of a header of the request.
    ///
    /// # Panics
    /// When there is no such header.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let named = |line: &&str| line.split(':').next().is_some_and(|head| head.eq_ignore_ascii_case(name));
        let line = self.head.lines().skip(1).find(named);
        line.unwrap_or_else(|| panic!("no {name} in {}", self.head))[name.len() + 1..].trim()
    }

    /// The id of the request's delivery.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.header(DELIVERY_ID).parse().expect("a delivery's id")
    }

    /// Whether the documented signature is this secret's.
    #[must_use]
    pub fn is_signed_with(&self, secret: &Secret) -> bool {
        verify_documented(secret, self.header(SIGNATURE), self.body.as_bytes())
    }

    /// Whether one of Standard Webhooks' signatures is this secret's.
    #[must_use]
    pub fn is_signed_as_standard_with(&self, secret: &Secret) -> bool {
        let [id, time, signature] =
            [STANDARD_ID, STANDARD_TIMESTAMP, STANDARD_SIGNATURE].map(|name| self.header(name));
        verify_standard(secret, id, time, signature, self.body.as_bytes())
    }
}

impl Receiver {
    /// Starts a receiver that does with each request what `reply` says; `nth` counts from 0.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn new(reply: impl Fn(&Got, usize) -> Reply + Send + Sync + 'static) -> Self {
        let got = watch::Sender::new(Vec::new());
        let (kept, reply) = (got.clone(), Arc::new(reply));
        let serve = move |connection| serve(connection, kept.clone(), reply.clone());
        let connections = Connections::start(serve).await;
        Self { address: connections.address, got, _connections: connections }
    }

    /// Starts a receiver that always answers with this status.
    pub async fn answering(status: u16) -> Self {
        Self::new(move |_, _| Reply::status(status)).await
    }

    /// The URL of the receiver's endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook?from=inboundflow", self.address)
    }

    /// The requests that the receiver got until now.
    #[must_use]
    pub fn got(&self) -> Vec<Got> {
        self.got.borrow().clone()
    }

    /// How many requests the receiver got until now.
    #[must_use]
    pub fn count(&self) -> usize {
        self.got.borrow().len()
    }

    /// Waits until the receiver has got this many requests.
    ///
    /// # Panics
    /// Never.
    pub async fn reached(&self, count: usize) {
        self.got.subscribe().wait_for(|got| got.len() >= count).await.expect("the sender is here");
    }
}

async fn serve(
    mut connection: TcpStream,
    kept: watch::Sender<Vec<Got>>,
    reply: Arc<impl Fn(&Got, usize) -> Reply>,
) {
    let request = read_request(&mut connection).await;
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return };
    let got = Got { head: head.to_owned(), body: body.to_owned() };
    let mut nth = 0;
    kept.send_modify(|all| {
        nth = all.len();
        all.push(got.clone());
    });
    // Whoever asked may be gone.
    let _ = answer(&mut connection, reply(&got, nth)).await;
}

async fn answer(connection: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    match reply {
        Reply::Answer(status, headers, body) => {
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
            connection.write_all(format!("{head}{body}").as_bytes()).await?;
        }
        Reply::After(ready) => {
            ready.await;
            connection.write_all(b"HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n").await?;
        }
        Reply::Hang => {
            // Until the other end has enough of it.
            while connection.read(&mut [0; 64]).await? > 0 {}
        }
        Reply::Drip => {
            connection.write_all(b"HTTP/1.1 200 X\r\n\r\n").await?;
            loop {
                connection.write_all(b"x").await?;
                sleep(DRIP).await;
            }
        }
        Reply::Flood => {
            let head = format!("HTTP/1.1 200 X\r\nContent-Length: {GIGABYTE}\r\n\r\n");
            connection.write_all(head.as_bytes()).await?;
            let chunk = vec![b'x'; 64 * 1024];
            for _ in 0..GIGABYTE / chunk.len() {
                connection.write_all(&chunk).await?;
            }
        }
        Reply::Close => {}
    }
    connection.shutdown().await
}
