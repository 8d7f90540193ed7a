//! A port that a page takes for granted: its connections go on to the receiver that the page starts.

use std::{
    io::copy,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, OnceLock},
    thread,
};

/// A free port, held from before anything listens behind it: another test cannot take it meanwhile.
pub(super) struct Door {
    pub(super) url: String,
    behind: Arc<OnceLock<SocketAddr>>,
}

impl Door {
    pub(super) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let behind = Arc::new(OnceLock::new());
        let leads_to = Arc::clone(&behind);
        // It ends with the process, as what is behind it has by then.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if let Some(server) = leads_to.get().and_then(|address| TcpStream::connect(address).ok()) {
                    join(client, server);
                }
            }
        });
        Self { url, behind }
    }

    /// Leads connections to this URL from now on.
    pub(super) fn lead_to(&self, url: &str) {
        let address = url.trim_start_matches("http://").parse().unwrap();
        self.behind.set(address).unwrap();
    }
}

fn join(client: TcpStream, server: TcpStream) {
    for (from, to) in [(client.try_clone(), server.try_clone()), (Ok(server), Ok(client))] {
        let (mut from, mut to) = (from.unwrap(), to.unwrap());
        thread::spawn(move || {
            let _ = copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
}
