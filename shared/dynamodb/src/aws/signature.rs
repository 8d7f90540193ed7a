//! The signing of requests that go past the SDK: `aws-sigv4` signs them, as it does the SDK's.

use std::time::SystemTime;

use aws_config::{Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, ProvideCredentials as _};
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{identity::Identity, orchestrator::HttpRequest},
};
use aws_smithy_types::body::SdkBody;

/// The user agent that AWS's logs show of requests past the SDK.
const USER_AGENT: &str = concat!("inboundflow/", env!("CARGO_PKG_VERSION"));

/// The credentials that sign, and the region and service that they sign for.
#[derive(Clone, Debug)]
pub struct Signer {
    identity: Identity,
    region: String,
    service: &'static str,
    settings: SigningSettings,
}

impl Signer {
    /// A signer of a service's requests.
    pub(crate) fn new(credentials: Credentials, region: &str, service: &'static str) -> Self {
        let settings = SigningSettings::default();
        Self { identity: credentials.into(), region: region.to_owned(), service, settings }
    }

    /// A signer of S3's requests with what the configuration has now: an object's key is signed as the path has it, and
    /// the body's hash is a header.
    ///
    /// # Errors
    /// Where there are no credentials.
    pub async fn s3(config: &SdkConfig) -> Result<Self, BoxError> {
        let provider = config.credentials_provider().ok_or("there are no credentials")?;
        let region = config.region().map_or("", Region::as_ref);
        let mut signer = Self::new(provider.provide_credentials().await?, region, "s3");
        signer.settings.percent_encoding_mode = PercentEncodingMode::Single;
        signer.settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        signer.settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        Ok(signer)
    }

    /// A request with these headers and this body, signed.
    ///
    /// # Errors
    /// Where the URL or a header is none.
    pub fn request(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
        now: SystemTime,
    ) -> Result<HttpRequest, BoxError> {
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(self.service)
            .time(now)
            .settings(self.settings.clone())
            .build()?;
        let signable = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new(method, url, headers.iter().copied(), signable)?;
        let signature = sign(signable, &parameters.into())?.into_parts().0;
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method)?;
        request.set_uri(url)?;
        let signed = request.headers_mut();
        signed.insert("user-agent", USER_AGENT);
        for (name, value) in headers.iter().copied().chain(signature.headers()) {
            signed.try_insert(name.to_owned(), value.to_owned())?;
        }
        Ok(request)
    }
}
