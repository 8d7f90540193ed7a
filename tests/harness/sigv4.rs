//! DynamoDB's check of a request's signature (Signature Version 4), computed from the bytes that were received alone.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method, Uri, request::Parts};
use domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far the time of a request may be from the server's.
const MAX_SKEW_MS: i64 = 5 * 60 * 1_000;
/// Headers that have to be signed wherever they are sent.
const SIGNED: [&str; 4] = ["host", "x-amz-date", "x-amz-security-token", "x-amz-target"];

/// The only credentials that are good.
#[derive(Clone, Copy, Debug)]
pub struct Credentials {
    /// The access key's id.
    pub access_key: &'static str,
    /// The secret access key.
    pub secret_key: &'static str,
    /// The session's token.
    pub session_token: &'static str,
}

/// What a function's environment has of credentials: those of a role, with a session token.
pub const SESSION: Credentials = Credentials {
    access_key: "AKIDLOCAL",
    secret_key: "local/secret",
    session_token: "local+session/token==",
};

impl Credentials {
    /// Whether a request is signed with these credentials.
    ///
    /// # Errors
    /// The code that DynamoDB answers with where it is not.
    pub fn check(&self, request: &Parts, body: &[u8]) -> Result<(), &'static str> {
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        let authorization = header("authorization").ok_or("MissingAuthenticationTokenException")?;
        let parts = authorization.strip_prefix(ALGORITHM).ok_or("IncompleteSignatureException")?;
        let parts: BTreeMap<_, _> = parts.split(',').filter_map(|part| part.trim().split_once('=')).collect();
        let part = |name: &str| parts.get(name).copied().ok_or("IncompleteSignatureException");
        let (credential, names, signature) =
            (part("Credential")?, part("SignedHeaders")?, part("Signature")?);
        let (access_key, scope) = credential.split_once('/').ok_or("IncompleteSignatureException")?;
        if access_key != self.access_key || header("x-amz-security-token") != Some(self.session_token) {
            return Err("UnrecognizedClientException");
        }
        let date = header("x-amz-date").ok_or("IncompleteSignatureException")?;
        let names: Vec<&str> = names.split(';').collect();
        let is_signed = |name: &&str| names.contains(name) || !request.headers.contains_key(*name);
        let day = date.split('T').next().unwrap_or_default();
        if !is_current(date) || scope.split('/').next() != Some(day) || !SIGNED.iter().all(is_signed) {
            return Err("InvalidSignatureException");
        }
        let canonical = canonical(&request.method, &request.uri, &request.headers, &names, body);
        let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
        let secret = format!("AWS4{}", self.secret_key).into_bytes();
        let key = scope.split('/').fold(secret, |key, text| mac(&key, text));
        match hex::encode(mac(&key, &to_sign)) == signature {
            true => Ok(()),
            false => Err("InvalidSignatureException"),
        }
    }
}

/// A refusal as DynamoDB words it: the body of a 400.
#[must_use]
pub fn refusal(code: &str) -> String {
    format!(r#"{{"__type":"com.amazon.coral.service#{code}","message":"refused"}}"#)
}

fn canonical(method: &Method, uri: &Uri, headers: &HeaderMap, names: &[&str], body: &[u8]) -> String {
    let line = |name: &&str| {
        let values = headers.get_all(*name).iter().filter_map(|value| value.to_str().ok());
        let values = values.map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "));
        format!("{name}:{}\n", values.collect::<Vec<_>>().join(","))
    };
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    let (lines, body): (String, _) = (names.iter().map(line).collect(), hex::encode(Sha256::digest(body)));
    format!("{method}\n{path}\n{query}\n{lines}\n{}\n{body}", names.join(";"))
}

/// Whether a time such as `20260224T001048Z` is about now.
fn is_current(date: &str) -> bool {
    let part = |range| date.get(range).unwrap_or_default();
    let [year, month, day] = [0..4, 4..6, 6..8].map(part);
    let [hour, minute, second] = [9..11, 11..13, 13..15].map(part);
    let at = Timestamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"));
    at.is_some_and(|at| (at.unix_ms() - Timestamp::now().unix_ms()).abs() <= MAX_SKEW_MS)
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}
