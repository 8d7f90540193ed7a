//! The failures of a POST, in the words of the delivery log: what happened, and what the endpoint's owner can do. No
//! message has an address, which would tell what a private network has.

use std::{io, time::Duration};

use hyper::StatusCode;
use rustls::{AlertDescription, CertificateError};

/// The reason for which an event does not count as delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostFailure {
    /// The kind of reason, in a word for the log.
    pub kind: &'static str,
    /// A sentence or two for the endpoint's owner.
    pub message: String,
}

/// The part of a POST that took too long.
#[derive(Clone, Copy)]
pub(super) enum Phase {
    LookUp,
    Connect,
    Handshake,
    Response,
}

impl PostFailure {
    fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(super) fn url(message: String) -> Self {
        Self::new("url", message)
    }

    pub(super) fn unsendable(error: &hyper::http::Error) -> Self {
        Self::url(format!("The URL cannot be put into a request: {error}."))
    }

    pub(super) fn dns(name: &str) -> Self {
        let message = format!("The name {name} could not be found. Check its DNS records.");
        Self::new("dns", message)
    }

    pub(super) fn forbidden_address(name: &str) -> Self {
        let message = format!(
            "The name {name} has an address that is not on the public internet. Remove it from the DNS \
             records: deliveries go to public addresses only."
        );
        Self::new("forbidden_address", message)
    }

    pub(super) fn connect(error: &io::Error) -> Self {
        let message = match error.kind() {
            io::ErrorKind::ConnectionRefused => "The receiver refused the connection. Check that it runs.",
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
                "There is no way to the receiver's address. Check its DNS records."
            }
            _ => "The connection to the receiver failed. Check that it runs, and its firewall.",
        };
        Self::new("connection", message)
    }

    pub(super) fn tls(error: &io::Error, name: &str) -> Self {
        let message = match error.get_ref().and_then(|cause| cause.downcast_ref()) {
            Some(rustls::Error::InvalidCertificate(error)) => certificate(error, name),
            Some(error) => handshake(error).to_owned(),
            None => "The receiver closed the connection during the TLS handshake. Check that it speaks TLS \
                     1.2 or 1.3 on this port."
                .to_owned(),
        };
        Self::new("tls", message)
    }

    pub(super) fn http(error: &hyper::Error) -> Self {
        if error.is_parse() {
            let message = "The receiver's answer is not HTTP/1.1, or its headers are too large. Check that the \
                           URL leads to a web server.";
            return Self::new("protocol", message);
        }
        let message = "The receiver closed the connection without an answer. Check its log.";
        Self::new("connection", message)
    }

    pub(super) fn timeout(phase: Phase, time: Duration) -> Self {
        let time = time.as_secs_f32();
        let message = match phase {
            Phase::LookUp => {
                format!("The look-up of the host's name took over {time} s. Check its name servers.")
            }
            Phase::Connect => {
                format!("The receiver did not take the connection within {time} s. Check its firewall.")
            }
            Phase::Handshake => {
                format!("The receiver did not end the TLS handshake within {time} s.")
            }
            Phase::Response => format!(
                "The receiver did not answer within {time} s. Answer first, and do the work after that."
            ),
        };
        Self::new("timeout", message)
    }

    /// The failure that an HTTP status stands for; none for 2xx.
    pub(super) fn of_status(status: StatusCode) -> Option<Self> {
        let code = status.as_u16();
        if status.is_success() {
            return None;
        }
        if status.is_redirection() {
            let message = format!(
                "The receiver answered {code}, a redirect, and none is followed. Change the URL to where it \
                 leads."
            );
            return Some(Self::new("redirect", message));
        }
        let message = match code {
            410 => "The receiver answered 410: it wants no further deliveries.".to_owned(),
            429 => "The receiver answered 429: it is getting too many requests.".to_owned(),
            _ => format!(
                "The receiver answered {code}. Any status from 200 to 299 says that it has the event."
            ),
        };
        Some(Self::new("status", message))
    }
}

fn handshake(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidMessage(_) => {
            "The receiver answered without TLS. Check that the URL has the port of its HTTPS."
        }
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity,
        ) => {
            "The receiver takes no TLS that the service speaks. Check that it takes TLS 1.2 or 1.3 with current \
             ciphers."
        }
        rustls::Error::AlertReceived(_) => {
            "The receiver refused the TLS handshake. Check its log, and that it knows the URL's host name."
        }
        _ => "The TLS handshake with the receiver failed. Check that it speaks TLS 1.2 or 1.3 on this port.",
    }
}

fn certificate(error: &CertificateError, name: &str) -> String {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "The receiver's certificate has expired. Renew it.".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("The receiver's certificate is not for {name}. Install one that has this name.")
        }
        CertificateError::UnknownIssuer => {
            "The receiver's certificate is not from a public authority, or comes without the intermediate \
             certificates. Install the whole chain of a public one."
                .to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "The receiver's certificate is not valid yet. Install one that is.".to_owned()
        }
        // The verifier has words for programmers alone.
        CertificateError::Other(error) if error.to_string() == "CaUsedAsEndEntity" => {
            "The receiver's certificate is an authority's own, as a self-signed one is. Install one that a \
             public authority has issued."
                .to_owned()
        }
        _ => "The receiver's certificate is not valid. Install another one of a public authority.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    const SOURCE: &str = include_str!("failure.rs");
    const PAGE: &str = include_str!("../../../../docs/site/en/webhooks.md");

    #[test]
    fn the_page_for_receivers_quotes_the_words_of_the_log() {
        let code = SOURCE.split("#[cfg(test)]").next().unwrap_or_default();
        let said: String = code.split("\\\n").map(str::trim_start).collect();
        let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| The log says `")?.split(" | ").next());
        let quoted = rows.flat_map(|row| row.split('`').step_by(2));
        let mut count = 0;
        // A second status in a row is only its number.
        for phrase in quoted.filter(|phrase| phrase.parse::<u16>().is_err()) {
            let words = match phrase.strip_prefix("answered ") {
                Some(_) => "answered {code}".to_owned(),
                None => phrase.trim_end_matches(" …").replace("15 s", "{time} s"),
            };
            assert!(said.contains(&words), "nothing says: {phrase}");
            count += 1;
        }
        assert_eq!(count, 4);
    }
}
