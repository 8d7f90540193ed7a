//! Verifies InboundFlow's webhooks, with the crates base64 0.22, hex 0.4, hmac 0.13 and sha2 0.11.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

const TOLERANCE_SECONDS: u64 = 300;

/// Whether `webhook-signature` is that of `webhook-id`, `webhook-timestamp` and the body, as it came.
/// `now` is in seconds since 1970.
pub fn verify_standard(
    secret: &str,
    id: &str,
    timestamp: &str,
    signature: &str,
    body: &[u8],
    now: u64,
) -> bool {
    let recent = timestamp.parse::<u64>().is_ok_and(|time| time.abs_diff(now) <= TOLERANCE_SECONDS);
    let key = secret.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok());
    let (true, Some(key)) = (recent, key) else { return false };
    let signed = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    signature
        .split(' ')
        .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok())
        .any(|one| is_hmac(&one, &key, &signed))
}

/// Whether `X-InboundFlow-Signature` is that of the body, as it came. It says nothing of the time.
pub fn verify_documented(secret: &str, signature: &str, body: &[u8]) -> bool {
    let signature = signature.strip_prefix("sha256=").and_then(|hex| hex::decode(hex).ok());
    signature.is_some_and(|signature| is_hmac(&signature, secret.as_bytes(), body))
}

fn is_hmac(signature: &[u8], key: &[u8], signed: &[u8]) -> bool {
    // `verify_slice` takes as long wherever the first difference is.
    Hmac::<Sha256>::new_from_slice(key)
        .is_ok_and(|mac| mac.chain_update(signed).verify_slice(signature).is_ok())
}
