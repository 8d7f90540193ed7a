//! The SDK client, and the deployment that it reaches.

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::{SdkConfig, meta::region::ProvideRegion as _};
use aws_sdk_dynamodb::{
    Client, Config,
    config::{
        BehaviorVersion, Credentials, ProvideCredentials as _, Region, SharedCredentialsProvider,
        SharedHttpClient, StalledStreamProtectionConfig,
        retry::{RetryConfig, RetryPartition, TokenBucket},
        timeout::TimeoutConfig,
    },
};
use std::time::Duration;

use crate::{Store, direct::Direct, http_client};

/// What the tables' names start with unless the deployment says otherwise.
pub const DEFAULT_TABLE_PREFIX: &str = "InboundFlow-";
/// The environment variable that says otherwise.
pub const TABLE_PREFIX_VARIABLE: &str = "TABLE_PREFIX";
/// What an emulator is asked in.
const LOCAL_REGION: &str = "us-east-1";
/// A caller waits for the answer: three tries of this at the most, a direct one among them.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// How to reach a DynamoDB other than the account's own.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where it listens.
    pub endpoint_url: String,
    /// What the tables' names start with.
    pub table_prefix: String,
}

impl Store {
    /// The deployment that a function's environment describes.
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
        let prefix = std::env::var(TABLE_PREFIX_VARIABLE);
        let store =
            Self::new(Client::from_conf(config.build()), prefix.as_deref().unwrap_or(DEFAULT_TABLE_PREFIX));
        Ok(store.with_direct(direct))
    }

    /// A DynamoDB that checks no credentials: the embedded one, or another emulator.
    #[must_use]
    pub fn local(endpoint: &Endpoint, http: SharedHttpClient) -> Self {
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
            .endpoint_url(&endpoint.endpoint_url);
        Self::new(Client::from_conf(config.build()), &endpoint.table_prefix).with_direct(direct)
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

/// How a function reaches one of AWS's services: the region and credentials that Lambda sets, and what the environment
/// says of endpoints. Nothing else is looked up: the default chain costs a cold start a millisecond and 3 MB.
///
/// # Errors
/// Where `AWS_USE_FIPS_ENDPOINT` or `AWS_USE_DUALSTACK_ENDPOINT` is neither `true` nor `false`.
pub async fn environment(service: &str) -> Result<SdkConfig, String> {
    let region = EnvironmentVariableRegionProvider::new().region().await;
    settings(service, region, |name| std::env::var(name).ok())
}

fn settings(
    service: &str,
    region: Option<Region>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<SdkConfig, String> {
    let endpoints = [&format!("AWS_ENDPOINT_URL_{service}"), "AWS_ENDPOINT_URL"];
    let credentials = SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new());
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .timeout_config(timeouts())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(retries())
        .http_client(http_client())
        .region(region)
        .credentials_provider(credentials);
    let is_on = |name: &str| match variable(name).as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("") => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        // Whoever needs FIPS is not to go without it for a slip of the pen.
        Some(_) => Err(format!("{name} has to be true or false")),
    };
    config.set_use_fips(is_on("AWS_USE_FIPS_ENDPOINT")?);
    config.set_use_dual_stack(is_on("AWS_USE_DUALSTACK_ENDPOINT")?);
    config.set_endpoint_url(endpoints.iter().find_map(|name| variable(name)));
    Ok(config.build())
}

/// Each further time-out would be a timer more for every call.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_millis(500))
}

/// What a process may spend on further tries comes back with time: the SDK would give it back for calls that
/// succeed, and never hears of those that are made past it.
fn retry_quota() -> RetryPartition {
    const PER_SECOND: f32 = 10.0;
    RetryPartition::custom("DynamoDB")
        .token_bucket(TokenBucket::builder().refill_rate(PER_SECOND).build())
        .build()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_smithy_runtime_api::client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::HttpRequest,
        result::ConnectorError,
    };

    use super::*;

    /// Notes whom it was to ask, and asks nobody.
    #[derive(Clone, Debug, Default)]
    struct Asked(Arc<Mutex<Option<String>>>);

    impl HttpConnector for Asked {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            *self.0.lock().expect("no panic while locked") = Some(request.uri().to_owned());
            HttpConnectorFuture::ready(Err(ConnectorError::user("nobody is asked".into())))
        }
    }

    async fn asked(variables: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let config = settings("DYNAMODB", Some(Region::new("us-west-2")), variable)?;
        let asked = Asked::default();
        let connector = SharedHttpConnector::new(asked.clone());
        let credentials = Credentials::new("AKID", "secret", None, None, "test");
        let config = aws_sdk_dynamodb::config::Builder::from(&config)
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .credentials_provider(credentials);
        let client = Client::from_conf(config.retry_config(RetryConfig::disabled()).build());
        client.list_tables().send().await.expect_err("nobody is asked");
        let uri = asked.0.lock().expect("no panic while locked").take();
        Ok(uri.expect("a request"))
    }

    #[tokio::test]
    async fn fips_and_dual_stack_are_asked_where_the_environment_says_so() {
        let (fips, dual) = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT");
        for (variables, host) in [
            (&[][..], "dynamodb.us-west-2.amazonaws.com"),
            (&[(fips, "false"), (dual, "")], "dynamodb.us-west-2.amazonaws.com"),
            (&[(fips, "True")], "dynamodb-fips.us-west-2.amazonaws.com"),
            (&[(dual, "true")], "dynamodb.us-west-2.api.aws"),
            (&[(fips, "true"), (dual, "true")], "dynamodb-fips.us-west-2.api.aws"),
        ] {
            assert_eq!(asked(variables).await, Ok(format!("https://{host}/")), "{variables:?}");
        }
        for name in [fips, dual] {
            assert_eq!(asked(&[(name, "1")]).await, Err(format!("{name} has to be true or false")));
        }
    }
}
