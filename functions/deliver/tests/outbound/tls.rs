//! Receivers with valid certificates and with invalid ones.

use std::sync::Arc;

use deliver::Outbound;
use harness::{Connections as Receiver, read_request};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::mpsc,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    LONG, SHORT, kind, message,
    network::{Fake, Found},
    on_a_laptop, post, strict,
};

/// A certificate authority that these tests alone trust.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        Self::called("An authority for tests")
    }

    fn called(name: &str) -> Self {
        let mut params = CertificateParams::new([]).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("a certificate");
        roots
    }

    fn certificate(&self, params: &CertificateParams) -> TlsAcceptor {
        let key = KeyPair::generate().expect("a key");
        let certificate: CertificateDer = params.signed_by(&key, &self.0).expect("a certificate").into();
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key);
        TlsAcceptor::from(Arc::new(config.expect("a configuration")))
    }

    /// A receiver with a certificate for `name`, and the names that it is asked for.
    pub(crate) async fn receiver(&self, name: &str) -> (Receiver, mpsc::UnboundedReceiver<Option<String>>) {
        start(self.certificate(&named(name))).await
    }
}

fn named(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).expect("parameters")
}

async fn start(acceptor: TlsAcceptor) -> (Receiver, mpsc::UnboundedReceiver<Option<String>>) {
    let (tell, told) = mpsc::unbounded_channel();
    let receiver = Receiver::start(move |connection| {
        let (acceptor, tell) = (acceptor.clone(), tell.clone());
        async move {
            let Ok(mut connection) = acceptor.accept(connection).await else { return };
            let _ = tell.send(connection.get_ref().1.server_name().map(str::to_owned));
            read_request(&mut connection).await;
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\n\r\nsafe").await;
            let _ = connection.shutdown().await;
        }
    });
    (receiver.await, told)
}

/// The way out to `receiver`, which has a public address and the name `hooks.example.com`.
fn to(receiver: &Receiver, roots: RootCertStore) -> Outbound {
    let network = Fake::finding([Found::Addresses(&["8.8.8.8"])]).with("8.8.8.8", receiver.address);
    Outbound::over(Arc::new(network), roots, strict(), LONG)
}

#[tokio::test]
async fn the_name_is_told_to_the_receiver_and_looked_for_in_its_certificate() {
    let authority = Authority::new();
    let (receiver, mut told) = authority.receiver("hooks.example.com").await;
    let answer = post(&to(&receiver, authority.roots()), "https://hooks.example.com/hook").await;
    assert_eq!((answer.status, kind(&answer), answer.body.as_str()), (Some(200), None, "safe"));
    assert_eq!(told.recv().await, Some(Some("hooks.example.com".to_owned())));
}

#[tokio::test]
async fn an_address_is_looked_for_in_the_certificate_too() {
    let authority = Authority::new();
    let (receiver, mut told) = authority.receiver("8.8.8.8").await;
    let answer = post(&to(&receiver, authority.roots()), "https://8.8.8.8/hook").await;
    assert_eq!((answer.status, kind(&answer)), (Some(200), None));
    assert_eq!(told.recv().await, Some(None), "an address is no server name");
    let answer = post(&to(&receiver, authority.roots()), "https://1.1.1.1/hook").await;
    assert_eq!(kind(&answer), Some("connection"), "{answer:?}");
}

#[tokio::test]
async fn a_certificate_that_is_not_to_be_trusted_fails_before_anything_is_sent() {
    let authority = Authority::new();
    let mut expired = named("hooks.example.com");
    expired.not_after = date_time_ymd(2020, 1, 1);
    let mut early = named("hooks.example.com");
    early.not_before = date_time_ymd(2999, 1, 1);
    let mut authoritys_own = named("hooks.example.com");
    authoritys_own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for (issuer, params, said) in [
        (&authority, named("other.example.com"), "not for hooks.example.com"),
        (&Authority::called("Another one"), named("hooks.example.com"), "not from a public authority"),
        (&authority, expired, "expired"),
        (&authority, early, "not valid yet"),
        (&authority, authoritys_own, "an authority's own, as a self-signed one is"),
    ] {
        let (receiver, mut told) = start(issuer.certificate(&params)).await;
        let answer = post(&to(&receiver, authority.roots()), "https://hooks.example.com/hook").await;
        assert_eq!((answer.status, kind(&answer)), (None, Some("tls")), "{answer:?}");
        assert!(message(&answer).contains(said), "{answer:?}");
        assert!(told.try_recv().is_err());
    }
}

#[tokio::test]
async fn the_system_does_not_trust_an_authority_of_ours() {
    let (receiver, _told) = Authority::new().receiver("localhost").await;
    let outbound = Outbound::new(on_a_laptop()).expect("the system's authorities");
    let answer = post(&outbound, &format!("https://localhost:{}/", receiver.address.port())).await;
    assert_eq!(kind(&answer), Some("tls"), "{answer:?}");
}

#[tokio::test]
async fn what_does_not_speak_tls_fails() {
    let plain = Receiver::start(|mut connection: TcpStream| async move {
        let _ = connection.read_u8().await;
        let _ = connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    let closing = Receiver::start(|connection: TcpStream| async move { drop(connection) }).await;
    for (receiver, said) in [(plain, "answered without TLS"), (closing, "closed the connection")] {
        let answer = post(&to(&receiver, Authority::new().roots()), "https://hooks.example.com/").await;
        assert_eq!(kind(&answer), Some("tls"), "{answer:?}");
        assert!(message(&answer).contains(said), "{answer:?}");
    }
}

#[tokio::test]
async fn a_handshake_without_end_is_a_timeout() {
    let receiver = Receiver::start(|mut connection: TcpStream| async move {
        let mut all = Vec::new();
        let _ = connection.read_to_end(&mut all).await;
    })
    .await;
    let network = Fake::finding([Found::Addresses(&["8.8.8.8"])]).with("8.8.8.8", receiver.address);
    let outbound = Outbound::over(Arc::new(network), Authority::new().roots(), strict(), SHORT);
    let answer = post(&outbound, "https://hooks.example.com/").await;
    assert_eq!(kind(&answer), Some("timeout"));
    assert!(message(&answer).contains("handshake"), "{answer:?}");
}
