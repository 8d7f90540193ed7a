//! DynamoDB's requests as they are made past the SDK, with their Signature Version 4: each is a POST to an endpoint's
//! root, of which the same few headers are signed. The SDK's signer is for any request
//! (docs/decisions/0054).

use aws_sdk_dynamodb::config::Credentials;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
/// What AWS's logs show; the SDK's calls have its own.
const USER_AGENT: &str = concat!("inboundflow/", env!("CARGO_PKG_VERSION"));

/// Who signs, and for which region.
pub(crate) struct Signer {
    credentials: Credentials,
    region: String,
}

/// An endpoint that is a host's root, which is all that is signed here.
#[derive(Debug)]
pub(crate) struct Root {
    host: String,
    /// What all requests to it have in common.
    request: HttpRequest,
}

impl Root {
    pub(crate) fn of(uri: &str) -> Option<Self> {
        let (_, rest) = uri.split_once("://")?;
        let host = rest.strip_suffix('/').unwrap_or(rest);
        if host.contains(['/', '?']) {
            return None;
        }
        let mut request = HttpRequest::empty();
        request.set_method("POST").ok()?;
        request.set_uri(uri).ok()?;
        let headers = request.headers_mut();
        headers.insert("host", host.to_owned());
        headers.insert("content-type", CONTENT_TYPE);
        headers.insert("user-agent", USER_AGENT);
        Some(Self { host: host.to_owned(), request })
    }
}

impl Signer {
    pub(crate) fn new(credentials: Credentials, region: &str) -> Self {
        Self { credentials, region: region.to_owned() }
    }

    /// The request, signed; none where the endpoint's does not copy.
    pub(crate) fn request(
        &self,
        endpoint: &Root,
        operation: &str,
        body: &str,
        now: Timestamp,
    ) -> Option<HttpRequest> {
        let mut request = endpoint.request.try_clone()?;
        *request.body_mut() = SdkBody::from(body);
        let (date, target) = (basic_format(now), format!("DynamoDB_20120810.{operation}"));
        let headers = request.headers_mut();
        headers.insert("authorization", self.authorization(&endpoint.host, &date, &target, body));
        headers.insert("x-amz-date", date);
        headers.insert("x-amz-target", target);
        if let Some(token) = self.credentials.session_token() {
            headers.insert("x-amz-security-token", token.to_owned());
        }
        Some(request)
    }

    fn authorization(&self, host: &str, date: &str, target: &str, body: &str) -> String {
        let (token_header, token_name) = match self.credentials.session_token() {
            Some(token) => (format!("x-amz-security-token:{token}\n"), "x-amz-security-token;"),
            None => (String::new(), ""),
        };
        let names = format!("content-type;host;x-amz-date;{token_name}x-amz-target");
        let canonical = format!(
            "POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{host}\nx-amz-date:{date}\n{token_header}\
             x-amz-target:{target}\n\n{names}\n{}",
            hex::encode(Sha256::digest(body))
        );
        let day = date.split('T').next().unwrap_or_default();
        let access_key = self.credentials.access_key_id();
        let scope = format!("{day}/{}/dynamodb/aws4_request", self.region);
        let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
        let signature = hex::encode(mac(&self.key(day), &to_sign));
        format!("{ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}")
    }

    /// The day's key for DynamoDB in this region.
    fn key(&self, day: &str) -> Vec<u8> {
        let secret = format!("AWS4{}", self.credentials.secret_access_key()).into_bytes();
        let narrower = [day, &self.region, "dynamodb", "aws4_request"];
        narrower.iter().fold(secret, |key, text| mac(&key, text).to_vec())
    }
}

/// `20260224T001048Z`
fn basic_format(time: Timestamp) -> String {
    let extended = time.fixed_width();
    let [year, month, day_and_hour, minute, second] =
        [0..4, 5..7, 8..13, 14..16, 17..19].map(|part| extended.get(part).unwrap_or_default());
    [year, month, day_and_hour, minute, second, "Z"].concat()
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key").chain_update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use aws_sigv4::{
        http_request::{SignableBody, SignableRequest, SigningSettings, sign},
        sign::v4,
    };
    use proptest::prelude::*;

    use super::*;

    /// What the SDK's signer says of the same request.
    fn of_the_sdk(signer: &Signer, request: &HttpRequest, now: Timestamp) -> Vec<(String, String)> {
        let identity = signer.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&signer.region)
            .name("dynamodb")
            .time(UNIX_EPOCH + Duration::from_millis(now.unix_ms().try_into().expect("after 1970")))
            .settings(SigningSettings::default())
            .build()
            .expect("all parameters");
        let signed = ["content-type", "x-amz-target"];
        let headers = signed.map(|name| (name, request.headers().get(name).expect("a header")));
        let body = SignableBody::Bytes(request.body().bytes().expect("a body"));
        let signable = SignableRequest::new("POST", request.uri(), headers.into_iter(), body);
        let signature = sign(signable.expect("a request"), &parameters.into()).expect("a signature");
        let headers = signature.into_parts().0;
        headers.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    proptest! {
        #[test]
        fn a_signature_is_the_sdks(
            (access_key, secret) in ("[A-Z0-9]{16,20}", "[A-Za-z0-9/+]{0,80}"),
            token in proptest::option::of("[A-Za-z0-9/+=]{1,400}"),
            region in "[a-z]{2}-[a-z]{4,9}-[1-9]",
            host in "[a-z0-9]{1,20}(\\.[a-z0-9]{1,20}){0,3}(:[1-9][0-9]{3})?",
            operation in "[A-Z][A-Za-z]{2,20}",
            body in ".{0,2000}",
            ms in 0..4_102_444_800_000_i64,
        ) {
            let credentials = Credentials::new(access_key, secret, token, None, "test");
            let signer = Signer::new(credentials, &region);
            let endpoint = Root::of(&format!("https://{host}/")).expect("a host's root");
            let now = Timestamp::from_unix_ms(ms).expect("a time");
            let request = signer.request(&endpoint, &operation, &body, now).expect("a request");
            let theirs = of_the_sdk(&signer, &request, now);
            prop_assert!(theirs.iter().any(|(name, _)| name == "authorization"));
            for (name, value) in theirs {
                prop_assert_eq!(request.headers().get(&name), Some(value.as_str()), "{}", name);
            }
        }
    }

    #[test]
    fn an_endpoint_below_a_path_is_not_signed_for() {
        let host = |uri: &str| Root::of(uri).map(|root| root.host);
        let dynamodb = "dynamodb.eu-central-1.amazonaws.com";
        assert_eq!(host(&format!("https://{dynamodb}/")).as_deref(), Some(dynamodb));
        assert_eq!(host("http://127.0.0.1:8000").as_deref(), Some("127.0.0.1:8000"));
        assert_eq!(host("http://127.0.0.1:8000/dynamodb/"), None);
    }
}
