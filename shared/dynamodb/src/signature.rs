//! The signed requests of direct calls: `aws-sigv4` signs them, as it does the SDK's.

use std::time::SystemTime;

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{identity::Identity, orchestrator::HttpRequest},
};
use aws_smithy_types::body::SdkBody;

/// The user agent that AWS's logs show of direct calls.
const USER_AGENT: &str = concat!("inboundflow/", env!("CARGO_PKG_VERSION"));

/// The credentials that sign, and the region that they sign for.
pub(crate) struct Signer {
    identity: Identity,
    region: String,
}

impl Signer {
    pub(crate) fn new(credentials: Credentials, region: &str) -> Self {
        Self { identity: credentials.into(), region: region.to_owned() }
    }

    /// The request of an operation, signed.
    pub(crate) fn request(
        &self,
        endpoint_url: &str,
        operation: &str,
        body: &str,
        now: SystemTime,
    ) -> Result<HttpRequest, BoxError> {
        let target = format!("DynamoDB_20120810.{operation}");
        let signed = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", &target)];
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name("dynamodb")
            .time(now)
            .settings(SigningSettings::default())
            .build()?;
        let signable = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", endpoint_url, signed.into_iter(), signable)?;
        let signature = sign(signable, &parameters.into())?.into_parts().0;
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST")?;
        request.set_uri(endpoint_url)?;
        let headers = request.headers_mut();
        headers.insert("user-agent", USER_AGENT);
        for (name, value) in signed.into_iter().chain(signature.headers()) {
            headers.try_insert(name.to_owned(), value.to_owned())?;
        }
        Ok(request)
    }
}
