//! The client of DynamoDB: the SDK's, and the direct calls beside it.

use std::{ops::Deref, sync::Arc};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_sdk_dynamodb::config::{
    Builder, Credentials, ProvideCredentials as _, Region, SharedHttpClient,
    retry::{RetryPartition, TokenBucket},
};

use crate::{
    aws::{defaults, environment},
    direct::Direct,
};

/// The environment variable that switches direct calls off: `on` or `off`.
pub const DIRECT_CALLS_VARIABLE: &str = "DIRECT_CALLS";
/// The region of an emulator.
const LOCAL_REGION: &str = "us-east-1";

/// A client of DynamoDB. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    sdk: aws_sdk_dynamodb::Client,
    pub(crate) direct: Option<Arc<Direct>>,
}

/// The calls of the SDK are the client's too.
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
    /// The client that a function's environment describes.
    ///
    /// # Errors
    /// As [`environment`]; where [`DIRECT_CALLS_VARIABLE`] is neither `on` nor `off`.
    pub async fn from_environment() -> Result<Self, String> {
        let environment = environment("DYNAMODB").await?;
        let http = environment.http_client().ok_or("there is no HTTP client")?;
        let credentials = match has_direct_calls(std::env::var(DIRECT_CALLS_VARIABLE).ok().as_deref())? {
            // Without credentials the SDK says at each call what is missing.
            true => EnvironmentVariableCredentialsProvider::new().provide_credentials().await.ok(),
            false => None,
        };
        let region = environment.region().map_or("", Region::as_ref);
        Ok(Self::connect(Builder::from(&environment), http, region, credentials))
    }

    /// The client of a DynamoDB that checks no credentials: the embedded one, or another emulator.
    #[must_use]
    pub fn local(endpoint_url: &str, http: SharedHttpClient) -> Self {
        Self::at(endpoint_url, http, Credentials::new("local", "local", None, None, "local"))
    }

    /// The client of a DynamoDB that listens at an address of its own, with these credentials.
    #[must_use]
    pub fn at(endpoint_url: &str, http: SharedHttpClient, credentials: Credentials) -> Self {
        let config = Builder::from(&defaults(Some(Region::new(LOCAL_REGION))))
            .endpoint_url(endpoint_url)
            .credentials_provider(credentials.clone());
        Self::connect(config, http, LOCAL_REGION, Some(credentials))
    }

    fn connect(
        config: Builder,
        http: SharedHttpClient,
        region: &str,
        credentials: Option<Credentials>,
    ) -> Self {
        let (direct, http) = Direct::beside(http, region, credentials);
        let config = config.http_client(http).retry_partition(retry_quota()).build();
        Self { sdk: aws_sdk_dynamodb::Client::from_conf(config), direct: direct.map(Arc::new) }
    }
}

fn has_direct_calls(variable: Option<&str>) -> Result<bool, String> {
    match variable {
        None | Some("" | "on") => Ok(true),
        Some("off") => Ok(false),
        Some(_) => Err(format!("{DIRECT_CALLS_VARIABLE} has to be on or off")),
    }
}

/// The quota of further attempts in a process, which comes back with time: the SDK would give it back for calls that
/// succeed, and never hears of direct ones.
fn retry_quota() -> RetryPartition {
    const PER_SECOND: f32 = 10.0;
    RetryPartition::custom("DynamoDB")
        .token_bucket(TokenBucket::builder().refill_rate(PER_SECOND).build())
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direct_calls_are_on_unless_the_environment_says_off() {
        let on = [None, Some(""), Some("on")].map(has_direct_calls);
        assert!(on.iter().all(|on| *on == Ok(true)));
        assert_eq!(has_direct_calls(Some("off")), Ok(false));
        for odd in ["no", "OFF ", "0"] {
            assert_eq!(has_direct_calls(Some(odd)), Err("DIRECT_CALLS has to be on or off".to_owned()));
        }
    }
}
