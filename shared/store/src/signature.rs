//! Signature Version 4 as the calls take it that are made past the SDK: a POST to an endpoint's root, of which the
//! same few headers are signed each time. The SDK's signer is for any request, and takes a tenth of a warm
//! request's time for it.

use aws_sdk_dynamodb::config::Credentials;
use domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who signs, and for which region.
pub(crate) struct Signer {
    credentials: Credentials,
    region: String,
}

/// What is signed beside the time.
pub(crate) struct Signable<'a> {
    pub(crate) host: &'a str,
    pub(crate) content_type: &'a str,
    pub(crate) target: &'a str,
    pub(crate) body: &'a str,
}

/// The headers that carry a signature.
pub(crate) struct Signed {
    pub(crate) authorization: String,
    pub(crate) date: String,
}

impl Signer {
    pub(crate) fn new(credentials: Credentials, region: &str) -> Self {
        Self { credentials, region: region.to_owned() }
    }

    /// What temporary credentials take beside the signature, which covers it.
    pub(crate) fn session_token(&self) -> Option<&str> {
        self.credentials.session_token()
    }

    pub(crate) fn sign(&self, request: &Signable<'_>, now: Timestamp) -> Signed {
        let date = basic_format(now);
        let day = &date[..8];
        let (token_header, token_name) = match self.session_token() {
            Some(token) => (format!("x-amz-security-token:{token}\n"), "x-amz-security-token;"),
            None => (String::new(), ""),
        };
        let Signable { host, content_type, target, body } = request;
        let names = format!("content-type;host;x-amz-date;{token_name}x-amz-target");
        let canonical = format!(
            "POST\n/\n\ncontent-type:{content_type}\nhost:{host}\nx-amz-date:{date}\n{token_header}\
             x-amz-target:{target}\n\n{names}\n{}",
            hex::encode(Sha256::digest(body))
        );
        let scope = format!("{day}/{}/dynamodb/aws4_request", self.region);
        let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
        let signature = hex::encode(mac(&self.key(day), &to_sign));
        let access_key = self.credentials.access_key_id();
        let authorization = format!(
            "{ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        );
        Signed { authorization, date }
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

    /// What the SDK's signer makes of the same.
    fn of_the_sdk(signer: &Signer, request: &Signable<'_>, now: Timestamp) -> Signed {
        let identity = signer.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&signer.region)
            .name("dynamodb")
            .time(UNIX_EPOCH + Duration::from_millis(now.unix_ms().try_into().expect("after 1970")))
            .settings(SigningSettings::default())
            .build()
            .expect("all parameters");
        let uri = format!("https://{}/", request.host);
        let headers = [("content-type", request.content_type), ("x-amz-target", request.target)];
        let body = SignableBody::Bytes(request.body.as_bytes());
        let signable = SignableRequest::new("POST", uri, headers.into_iter(), body).expect("a request");
        let signed = sign(signable, &parameters.into()).expect("a signature").into_parts().0;
        let header = |wanted| {
            let found = signed.headers().find(|(name, _)| *name == wanted);
            found.expect("the signer sets it").1.to_owned()
        };
        Signed { authorization: header("authorization"), date: header("x-amz-date") }
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
            let target = format!("DynamoDB_20120810.{operation}");
            let content_type = "application/x-amz-json-1.0";
            let request = Signable { host: &host, content_type, target: &target, body: &body };
            let now = Timestamp::from_unix_ms(ms).expect("a time");
            let (ours, theirs) = (signer.sign(&request, now), of_the_sdk(&signer, &request, now));
            prop_assert_eq!(ours.authorization, theirs.authorization);
            prop_assert_eq!(ours.date, theirs.date);
        }
    }
}
