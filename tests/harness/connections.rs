//! A TCP port on this machine that does with each connection what a test says, HTTP or not.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};

/// A TCP port that is listened on for as long as this value is kept.
pub struct Connections {
    /// The address that the port is at.
    pub address: SocketAddr,
    contacts: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Connections {
    /// Starts a port that hands each connection to `serve`.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let contacts = Arc::new(AtomicUsize::new(0));
        let count = contacts.clone();
        let task = tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.expect("a connection");
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(connection));
            }
        });
        Self { address, contacts, task }
    }

    /// Starts a port that takes the request and sends back `answer`.
    pub async fn answering(answer: impl Into<String>) -> Self {
        Self::recording(answer).await.0
    }

    /// Starts a port that sends back `answer`, and reports what it is sent.
    pub async fn recording(answer: impl Into<String>) -> (Self, mpsc::UnboundedReceiver<String>) {
        let answer: Arc<str> = answer.into().into();
        let (record, recorded) = mpsc::unbounded_channel();
        let serve = move |mut connection: TcpStream| {
            let (answer, record) = (answer.clone(), record.clone());
            async move {
                let request = read_request(&mut connection).await;
                // The test may be over, and with it the other end.
                let _ = record.send(request);
                let _ = connection.write_all(answer.as_bytes()).await;
                let _ = connection.shutdown().await;
            }
        };
        (Self::start(serve).await, recorded)
    }

    /// Starts a port that takes the request, sends `head` and then `filler` for ever, and counts the bytes.
    pub async fn endless(head: &'static str, filler: Vec<u8>) -> (Self, Arc<AtomicU64>) {
        let sent = Arc::new(AtomicU64::new(0));
        let (count, filler) = (sent.clone(), Arc::new(filler));
        let serve = move |mut connection: TcpStream| {
            let (count, filler) = (count.clone(), filler.clone());
            async move {
                read_request(&mut connection).await;
                let mut next = head.as_bytes();
                while let Ok(bytes @ 1..) = connection.write(next).await {
                    count.fetch_add(bytes as u64, Ordering::SeqCst);
                    next = &next[bytes..];
                    if next.is_empty() {
                        next = &filler;
                    }
                }
            }
        };
        (Self::start(serve).await, sent)
    }

    /// The URL of a path on this port.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// How often the port was connected to.
    #[must_use]
    pub fn contacts(&self) -> usize {
        self.contacts.load(Ordering::SeqCst)
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a request as long as its headers say, or the part that came before the other end went away.
pub async fn read_request(connection: &mut (impl AsyncRead + Unpin)) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                return text;
            }
        }
        let mut bytes = [0; 4096];
        match connection.read(&mut bytes).await {
            Ok(count @ 1..) => request.extend_from_slice(&bytes[..count]),
            _ => return text,
        }
    }
}
