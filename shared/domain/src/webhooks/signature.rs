//! The signatures of deliveries, the documented one and that of Standard Webhooks, and their headers.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Secret, Secrets};
use crate::{RecordId, Timestamp, key::from_hex};

/// The header with the event's type.
pub const EVENT: &str = "X-InboundFlow-Event";
/// The header that is `true` on test deliveries, and missing on others.
pub const TEST: &str = "X-InboundFlow-Test";
/// The header with the delivery's id, the same at every attempt.
pub const DELIVERY_ID: &str = "X-InboundFlow-Delivery-Id";
/// The header with the time of the attempt, in seconds since 1970.
pub const TIMESTAMP: &str = "X-InboundFlow-Timestamp";
/// The documented signature's header: `sha256=` and the hex HMAC of the body.
pub const SIGNATURE: &str = "X-InboundFlow-Signature";
/// Standard Webhooks' name for [`DELIVERY_ID`].
pub const STANDARD_ID: &str = "webhook-id";
/// Standard Webhooks' name for [`TIMESTAMP`].
pub const STANDARD_TIMESTAMP: &str = "webhook-timestamp";
/// Standard Webhooks' signature header: `v1,` and the base64 HMAC of id, timestamp and body, once for each secret.
pub const STANDARD_SIGNATURE: &str = "webhook-signature";
/// The `User-Agent` of every delivery.
pub const USER_AGENT: &str = "InboundFlow-Webhook/1.0";
/// The `Content-Type` of every delivery.
pub const CONTENT_TYPE: &str = "application/json";
/// The most that a receiver's clock and a delivery's timestamp may differ.
pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

const DOCUMENTED_VERSION: &str = "sha256=";
const STANDARD_VERSION: &str = "v1,";

/// A delivery signed for one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The id of the delivery.
    pub delivery_id: RecordId,
    /// The time of the attempt, in seconds since 1970.
    pub timestamp: i64,
    /// The value of [`SIGNATURE`].
    pub documented: String,
    /// The value of [`STANDARD_SIGNATURE`].
    pub standard: String,
}

impl Signed {
    /// Signs `body` for an attempt at `at`. While a rotation overlaps, Standard Webhooks' header has a signature of each secret, the
    /// new one's first. The documented header has room for one: the old secret's, so that a receiver that knows only the old one
    /// works until the overlap ends.
    #[must_use]
    pub fn new(secrets: &Secrets, delivery_id: RecordId, at: Timestamp, body: &str) -> Self {
        let (current, previous) = (&secrets.current, secrets.previous_at(at));
        let timestamp = at.unix_seconds();
        let (id, seconds) = (delivery_id.to_string(), timestamp.to_string());
        let standard = |secret: &Secret| {
            let mac = standard_mac(secret, &id, &seconds, body.as_bytes());
            format!("{STANDARD_VERSION}{}", STANDARD.encode(mac.finalize().into_bytes()))
        };
        let mac = documented_mac(previous.unwrap_or(current), body.as_bytes());
        Self {
            delivery_id,
            timestamp,
            documented: format!("{DOCUMENTED_VERSION}{}", hex::encode(mac.finalize().into_bytes())),
            standard: [Some(current), previous]
                .into_iter()
                .flatten()
                .map(standard)
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    /// The headers of the attempt without those of HTTP itself, in the order in which they are sent.
    #[must_use]
    pub fn headers(&self, event: &str) -> [(&'static str, String); 9] {
        let (id, timestamp) = (self.delivery_id.to_string(), self.timestamp.to_string());
        [
            ("Content-Type", CONTENT_TYPE.to_owned()),
            ("User-Agent", USER_AGENT.to_owned()),
            (EVENT, event.to_owned()),
            (DELIVERY_ID, id.clone()),
            (TIMESTAMP, timestamp.clone()),
            (SIGNATURE, self.documented.clone()),
            (STANDARD_ID, id),
            (STANDARD_TIMESTAMP, timestamp),
            (STANDARD_SIGNATURE, self.standard.clone()),
        ]
    }
}

/// Whether `header`, a value of [`SIGNATURE`], is the signature of `body`. The comparison takes constant time.
#[must_use]
pub fn verify_documented(secret: &Secret, header: &str, body: &[u8]) -> bool {
    let Some(signature) = header.strip_prefix(DOCUMENTED_VERSION).and_then(from_hex) else { return false };
    documented_mac(secret, body).verify_slice(&signature).is_ok()
}

/// Whether `header`, a value of [`STANDARD_SIGNATURE`], has a signature of `body` with this id and timestamp.
/// The comparison takes constant time. The timestamp's age is checked by [`is_recent`].
#[must_use]
pub fn verify_standard(secret: &Secret, id: &str, timestamp: &str, header: &str, body: &[u8]) -> bool {
    let signatures = header.split(' ').filter_map(|one| one.strip_prefix(STANDARD_VERSION));
    let mac = standard_mac(secret, id, timestamp, body);
    signatures
        .filter_map(|one| STANDARD.decode(one).ok())
        .any(|signature| mac.clone().verify_slice(&signature).is_ok())
}

/// Whether a timestamp header's value is within [`TOLERANCE`] of now, on either side.
#[must_use]
pub fn is_recent(timestamp: &str, now: Timestamp) -> bool {
    let seconds = timestamp.parse::<i64>().ok();
    seconds.is_some_and(|seconds| seconds.abs_diff(now.unix_seconds()) <= TOLERANCE.as_secs())
}

/// The HMAC of the documented signature, whose key is the secret's whole text.
fn documented_mac(secret: &Secret, body: &[u8]) -> Hmac<Sha256> {
    mac(secret.reveal().as_bytes()).chain_update(body)
}

fn standard_mac(secret: &Secret, id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body]
        .into_iter()
        .fold(mac(secret.decoded()), |mac, part| mac.chain_update(part))
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length")
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn secret(byte: u8) -> Secret {
        Secret::parse(&format!("whsec_{}", BASE64_STANDARD.encode([byte; 32]))).expect("a secret")
    }

    fn now() -> Timestamp {
        Timestamp::parse("2026-02-24T21:00:00Z").expect("a time")
    }

    fn signed(secrets: &Secrets) -> (Signed, String) {
        let signed = Signed::new(secrets, RecordId::from_u128(7), now(), "{}");
        let id = signed.delivery_id.to_string();
        (signed, id)
    }

    #[test]
    fn a_signature_holds_for_its_secret_id_time_and_body_alone() {
        let (signed, id) = signed(&Secrets::new(secret(1)));
        assert!(verify_documented(&secret(1), &signed.documented, b"{}"));
        assert!(!verify_documented(&secret(2), &signed.documented, b"{}"));
        assert!(!verify_documented(&secret(1), &signed.documented, b"{ }"));

        let time = signed.timestamp.to_string();
        assert!(verify_standard(&secret(1), &id, &time, &signed.standard, b"{}"));
        assert!(!verify_standard(&secret(2), &id, &time, &signed.standard, b"{}"));
        assert!(!verify_standard(&secret(1), "another", &time, &signed.standard, b"{}"));
        assert!(!verify_standard(&secret(1), &id, "1771966801", &signed.standard, b"{}"));
        assert!(!verify_standard(&secret(1), &id, &time, &signed.standard, b"{ }"));
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let (signed, id) = signed(&Secrets::new(secret(1)));
        let hex = &signed.documented["sha256=".len()..];
        for header in [
            "",
            "sha256=",
            hex,
            &signed.documented[..70],
            &format!("{} ", signed.documented),
            &signed.standard,
        ] {
            assert!(!verify_documented(&secret(1), header, b"{}"), "{header}");
        }
        let base64 = &signed.standard["v1,".len()..];
        for header in ["", "v1,", base64, &format!("v2,{base64}"), &signed.standard[..46], &signed.documented]
        {
            assert!(!verify_standard(&secret(1), &id, "1771966800", header, b"{}"), "{header}");
        }
    }

    #[test]
    fn while_a_rotation_overlaps_both_secrets_verify_and_the_documented_header_is_the_old_ones() {
        let rotated = Secrets::new(secret(1)).rotated(secret(2), now(), DAY);
        let (overlapping, id) = signed(&rotated);
        let time = overlapping.timestamp.to_string();
        assert!(verify_documented(&secret(1), &overlapping.documented, b"{}"));
        for known in [secret(1), secret(2)] {
            assert!(verify_standard(&known, &id, &time, &overlapping.standard, b"{}"));
        }
        let (first, second) = overlapping.standard.split_once(' ').expect("two signatures");
        assert!(verify_standard(&secret(2), &id, &time, first, b"{}"));
        assert!(verify_standard(&secret(1), &id, &time, second, b"{}"));

        let after = Signed::new(&rotated, RecordId::from_u128(7), now().plus(DAY), "{}");
        assert!(verify_documented(&secret(2), &after.documented, b"{}"));
        assert!(!after.standard.contains(' '));
    }

    #[test]
    fn the_headers_are_the_documented_ones_and_those_of_standard_webhooks() {
        let (signed, id) = signed(&Secrets::new(secret(1)));
        let headers = signed.headers("call.completed");
        let expected = [
            ("Content-Type", "application/json"),
            ("User-Agent", "InboundFlow-Webhook/1.0"),
            ("X-InboundFlow-Event", "call.completed"),
            ("X-InboundFlow-Delivery-Id", &id),
            ("X-InboundFlow-Timestamp", "1771966800"),
            ("X-InboundFlow-Signature", &signed.documented),
            ("webhook-id", &id),
            ("webhook-timestamp", "1771966800"),
            ("webhook-signature", &signed.standard),
        ];
        assert_eq!(headers.each_ref().map(|(name, value)| (*name, value.as_str())), expected);
    }

    #[test]
    fn a_timestamp_is_recent_for_five_minutes_on_either_side() {
        for (timestamp, recent) in [
            ("1771966800", true),
            ("1771966500", true),
            ("1771966499", false),
            ("1771967100", true),
            ("1771967101", false),
            ("", false),
            ("2026-02-24T21:00:00Z", false),
            ("-9223372036854775808", false),
        ] {
            assert_eq!(is_recent(timestamp, now()), recent, "{timestamp}");
        }
    }
}
