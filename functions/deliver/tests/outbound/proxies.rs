//! Proxies that the environment names.

use std::process::Command;

use crate::{LONG, Receiver, local, post};

const CHILD: &str = "OUTBOUND_TEST_URL";
const NAMES: [&str; 6] = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// Runs itself in a process of its own: a process's environment can only be set before it starts.
#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    if let Ok(url) = std::env::var(CHILD) {
        assert_eq!(post(&local(LONG), &url).await.status, Some(204));
        return;
    }
    let receiver = Receiver::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let proxy = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child.args(["--exact", "proxies::a_proxy_of_the_environment_is_not_used"]);
    child.env(CHILD, receiver.url()).env_remove("no_proxy").env_remove("NO_PROXY");
    child.envs(NAMES.map(|name| (name, format!("http://{}", proxy.address))));
    let output = tokio::task::spawn_blocking(move || child.output()).await.expect("no panic");
    let output = output.expect("a process");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((receiver.contacts(), proxy.contacts()), (1, 0));
}
