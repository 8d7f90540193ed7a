//! Names and addresses of receivers: no POST connects to an address that is not on the public internet.

use std::{sync::Arc, time::Duration};

use deliver::{Internet, Outbound};
use rustls::RootCertStore;

use crate::{
    LONG, Receiver, SHORT, kind, message,
    network::{Fake, Found},
    on_a_laptop, post, strict,
    tls::Authority,
};

const URL: &str = "https://hooks.example.com/hook";

fn over(network: &Arc<Fake>, time: Duration) -> Outbound {
    Outbound::over(network.clone(), RootCertStore::empty(), strict(), time)
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_looked_up_once_and_connected_to_where_it_was_checked() {
    let authority = Authority::new();
    let (receiver, _told) = authority.receiver("hooks.example.com").await;
    let inside = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let found = [Found::Addresses(&["8.8.8.8"]), Found::Addresses(&["127.0.0.1"])];
    let network = Fake::finding(found).with("8.8.8.8", receiver.address).with("127.0.0.1", inside.address);
    let network = Arc::new(network);
    let outbound = Outbound::over(network.clone(), authority.roots(), strict(), LONG);
    let answer = post(&outbound, URL).await;
    assert_eq!((answer.status, kind(&answer)), (Some(200), None));
    assert_eq!(network.asked(), ["hooks.example.com"]);
    assert_eq!(network.connected(), ["8.8.8.8:443"]);

    let answer = post(&outbound, URL).await;
    assert_eq!((answer.status, kind(&answer)), (None, Some("forbidden_address")));
    assert_eq!(network.asked().len(), 2, "each POST asks anew");
    assert_eq!(network.connected().len(), 1);
    assert_eq!((receiver.contacts(), inside.contacts()), (1, 0));
}

#[tokio::test]
async fn one_address_that_is_not_public_speaks_against_all() {
    for addresses in [
        &["8.8.8.8", "127.0.0.1"][..],
        &["127.0.0.1", "8.8.8.8"],
        &["8.8.8.8", "1.1.1.1", "8.8.4.4", "9.9.9.9", "149.112.112.112", "10.0.0.1"],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["::1"],
        &["::ffff:10.0.0.1"],
        &["64:ff9b::a00:1"],
        &["fd00:ec2::254"],
        &["2606:4700::1111", "fe80::1"],
    ] {
        let network = Arc::new(Fake::finding([Found::Addresses(addresses)]));
        let answer = post(&over(&network, LONG), URL).await;
        assert_eq!(kind(&answer), Some("forbidden_address"), "{addresses:?}");
        assert!(network.connected().is_empty(), "{addresses:?}");
        assert!(!addresses.iter().any(|ip| message(&answer).contains(ip)), "{answer:?}");
    }
}

#[tokio::test]
async fn a_loopback_name_must_stay_on_the_machine() {
    for addresses in [&["8.8.8.8"][..], &["127.0.0.1", "10.0.0.1"]] {
        let network = Arc::new(Fake::finding([Found::Addresses(addresses)]));
        let outbound = Outbound::over(network.clone(), RootCertStore::empty(), on_a_laptop(), LONG);
        let answer = post(&outbound, "http://localhost:4000/").await;
        assert_eq!(kind(&answer), Some("forbidden_address"), "{addresses:?}");
        assert!(network.connected().is_empty());
    }
}

#[tokio::test]
async fn a_url_that_was_allowed_once_is_checked_at_each_post() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let network = Arc::new(Fake::default().with("127.0.0.1", receiver.address));
    for url in [receiver.url(), "http://localhost:4000/".to_owned(), "https://127.0.0.1/".to_owned()] {
        let answer = post(&over(&network, LONG), &url).await;
        assert_eq!(kind(&answer), Some("url"), "{url}");
    }
    assert!(network.asked().is_empty() && network.connected().is_empty());
    assert_eq!(receiver.contacts(), 0);
}

#[tokio::test]
async fn localhost_is_found_by_the_system() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let outbound = Outbound::over(Arc::new(Internet), RootCertStore::empty(), on_a_laptop(), LONG);
    let answer = post(&outbound, &format!("http://localhost:{}/", receiver.address.port())).await;
    assert_eq!((answer.status, kind(&answer)), (Some(200), None));
}

#[tokio::test]
async fn addresses_are_tried_in_turn_but_not_many() {
    let addresses = &["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"];
    let authority = Authority::new();
    let (receiver, _told) = authority.receiver("hooks.example.com").await;
    for (ip, status, tried) in [("1.1.1.1", Some(200), 3), ("9.9.9.9", None, 4)] {
        let network = Fake::finding([Found::Addresses(addresses)]).with(ip, receiver.address);
        let network = Arc::new(network);
        let outbound = Outbound::over(network.clone(), authority.roots(), strict(), LONG);
        let answer = post(&outbound, URL).await;
        assert_eq!(answer.status, status);
        assert_eq!(
            network.connected(),
            addresses[..tried].iter().map(|ip| format!("{ip}:443")).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn an_address_that_says_nothing_leaves_time_for_the_next() {
    let authority = Authority::new();
    let (receiver, _told) = authority.receiver("hooks.example.com").await;
    let found = [Found::Addresses(&["2606:4700::1111", "8.8.8.8"])];
    let network = Fake::finding(found).with_silent("2606:4700::1111").with("8.8.8.8", receiver.address);
    let outbound = Outbound::over(Arc::new(network), authority.roots(), strict(), Duration::from_secs(2));
    let answer = post(&outbound, URL).await;
    assert_eq!((answer.status, kind(&answer)), (Some(200), None), "{answer:?}");
}

#[tokio::test]
async fn what_does_not_lead_to_a_connection_says_why() {
    for (found, expected, said) in [
        (Found::Nothing, "dns", "hooks.example.com could not be found"),
        (Found::Addresses(&[]), "dns", "hooks.example.com could not be found"),
        (Found::Silence, "timeout", "name servers"),
        (Found::Addresses(&["8.8.8.8"]), "connection", "refused"),
        (Found::Addresses(&["9.9.9.9"]), "timeout", "firewall"),
    ] {
        let network = Arc::new(Fake::finding([found]).with_silent("9.9.9.9"));
        let answer = post(&over(&network, SHORT), URL).await;
        assert_eq!(kind(&answer), Some(expected), "{answer:?}");
        assert!(message(&answer).contains(said), "{answer:?}");
    }
}
