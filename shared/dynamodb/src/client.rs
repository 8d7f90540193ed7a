//! The client of DynamoDB: the SDK's, and the calls that are made past its orchestrator.

use std::{ops::Deref, sync::Arc};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_sdk_dynamodb::{
    Config,
    config::{
        BehaviorVersion, Credentials, ProvideCredentials as _, Region, SharedHttpClient,
        StalledStreamProtectionConfig,
        retry::{RetryPartition, TokenBucket},
    },
};

use crate::{
    aws::{environment, http_client, retries, timeouts},
    direct::Direct,
};

/// What an emulator is asked in.
const LOCAL_REGION: &str = "us-east-1";

/// A DynamoDB. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    sdk: aws_sdk_dynamodb::Client,
    pub(crate) direct: Option<Arc<Direct>>,
}

/// All calls of the SDK.
impl Deref for Client {
    type Target = aws_sdk_dynamodb::Client;

    fn deref(&self) -> &Self::Target {
        &self.sdk
    }
}

/// A client without direct calls.
impl From<aws_sdk_dynamodb::Client> for Client {
    fn from(sdk: aws_sdk_dynamodb::Client) -> Self {
        Self { sdk, direct: None }
    }
}

impl Client {
    /// The DynamoDB that a function's environment describes.
    ///
    /// # Errors
    /// As [`environment`].
    pub async fn from_environment() -> Result<Self, String> {
        let environment = environment("DYNAMODB").await?;
        let region = environment.region().map_or("", Region::as_ref);
        // Without credentials the SDK says at each call what is missing.
        let credentials = EnvironmentVariableCredentialsProvider::new().provide_credentials().await.ok();
        let http = environment.http_client().unwrap_or_else(http_client);
        let (direct, http) = Direct::beside(http, region, credentials);
        let config = aws_sdk_dynamodb::config::Builder::from(&environment).http_client(http);
        let config = config.retry_partition(retry_quota());
        Ok(Self { sdk: aws_sdk_dynamodb::Client::from_conf(config.build()), direct: direct.map(Arc::new) })
    }

    /// A DynamoDB that checks no credentials: the embedded one, or another emulator.
    #[must_use]
    pub fn local(endpoint_url: &str, http: SharedHttpClient) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "local");
        let (direct, http) = Direct::beside(http, LOCAL_REGION, Some(credentials.clone()));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .timeout_config(timeouts())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(retries())
            .retry_partition(retry_quota())
            .http_client(http)
            .region(Region::new(LOCAL_REGION))
            .credentials_provider(credentials)
            .endpoint_url(endpoint_url);
        Self { sdk: aws_sdk_dynamodb::Client::from_conf(config.build()), direct: direct.map(Arc::new) }
    }
}

/// What a process may spend on further tries comes back with time: the SDK would give it back for calls that
/// succeed, and never hears of those that are made past it.
fn retry_quota() -> RetryPartition {
    const PER_SECOND: f32 = 10.0;
    RetryPartition::custom("DynamoDB")
        .token_bucket(TokenBucket::builder().refill_rate(PER_SECOND).build())
        .build()
}
