//! TLS to receivers: rustls on ring, every handshake a full one.

use std::sync::Arc;

use domain::webhooks::WebhookUrl;
use rustls::{ClientConfig, RootCertStore, client::Resumption, crypto::ring, pki_types::ServerName};
use tokio_rustls::TlsConnector;

use super::PostFailure;

/// The certificate authorities that the system trusts.
pub(super) fn system_roots() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let loaded = rustls_native_certs::load_native_certs();
    match roots.add_parsable_certificates(loaded.certs) {
        (0, _) => Err(format!("the system trusts no certificate authority: {:?}", loaded.errors)),
        _ => Ok(roots),
    }
}

#[expect(clippy::expect_used, reason = "ring has suites for each of the default versions")]
pub(super) fn connector(roots: RootCertStore) -> TlsConnector {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("suites for TLS 1.2 and 1.3");
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed session would not show its certificate again.
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

/// The name that the certificate must have, and that the handshake sends.
pub(super) fn server_name(url: &WebhookUrl) -> Result<ServerName<'static>, PostFailure> {
    let name = match url.literal() {
        Some(address) => Ok(ServerName::IpAddress(address.into())),
        None => ServerName::try_from(url.host().to_owned()),
    };
    name.map_err(|_| PostFailure::url("The URL's host is no name that a certificate can have.".to_owned()))
}
