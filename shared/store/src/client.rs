//! The SDK client, and the deployment that it reaches.

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion as _;
use aws_sdk_dynamodb::{
    Client, Config,
    config::{
        BehaviorVersion, Credentials, Region, SharedHttpClient, retry::RetryConfig, timeout::TimeoutConfig,
    },
};
use aws_smithy_http_client::{Builder, tls};
use std::time::Duration;

use crate::Store;

/// What the tables' names start with unless the deployment says otherwise.
pub const DEFAULT_TABLE_PREFIX: &str = "InboundFlow-";
/// The environment variable that says otherwise.
pub const TABLE_PREFIX_VARIABLE: &str = "TABLE_PREFIX";

/// How to reach a DynamoDB other than the account's own.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where it listens.
    pub endpoint_url: String,
    /// What the tables' names start with.
    pub table_prefix: String,
}

impl Store {
    /// The deployment that a function's environment describes: the region and credentials that
    /// Lambda sets, `TABLE_PREFIX`, and an endpoint only where one is named. Nothing else is looked
    /// up: the default chain costs a cold start a millisecond and 3 MB.
    pub async fn from_environment() -> Self {
        let mut config = base_config(http_client())
            .region(EnvironmentVariableRegionProvider::new().region().await)
            .credentials_provider(EnvironmentVariableCredentialsProvider::new());
        for variable in ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"] {
            if let Ok(url) = std::env::var(variable) {
                config = config.endpoint_url(url);
                break;
            }
        }
        let prefix = std::env::var(TABLE_PREFIX_VARIABLE);
        Self::new(Client::from_conf(config.build()), prefix.as_deref().unwrap_or(DEFAULT_TABLE_PREFIX))
    }

    /// A DynamoDB that checks no credentials: the embedded one, or another emulator.
    #[must_use]
    pub fn local(endpoint: &Endpoint, http: SharedHttpClient) -> Self {
        let config = base_config(http)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .endpoint_url(&endpoint.endpoint_url);
        Self::new(Client::from_conf(config.build()), &endpoint.table_prefix)
    }

    /// One signed call, awaited before the first request: it opens the connection and runs every
    /// lazy initialiser while Lambda gives a function its full CPU.
    ///
    /// # Errors
    /// When DynamoDB cannot be reached.
    pub async fn warm_up(&self, table: &'static str) -> Result<(), domain::Error> {
        let mut get = self.client.get_item().table_name(self.table(table));
        for attribute in crate::tables::key_of(table) {
            get = get.key(*attribute, crate::item::s("warm-up"));
        }
        get.send().await.map(|_| ()).map_err(|error| crate::error::internal("GetItem", error))
    }
}

/// The HTTP client of every function: rustls on ring, since aws-lc spends 24 ms of CPU on gathering
/// entropy when it is first used.
#[must_use]
pub fn http_client() -> SharedHttpClient {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    Builder::new().tls_provider(provider).build_https()
}

fn base_config(http: SharedHttpClient) -> aws_sdk_dynamodb::config::Builder {
    // A caller waits for the answer: three tries, none of them long.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
        .build();
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(
            RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50)),
        )
}
