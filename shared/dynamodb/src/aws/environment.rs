//! The configuration of a client of AWS, from what the environment says of region, credentials and endpoints.

use aws_config::{
    BehaviorVersion, Region, SdkConfig,
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
    meta::region::ProvideRegion as _,
    retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig,
    timeout::TimeoutConfig,
};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use std::time::Duration;

use super::http::http_client;

/// The time-out of an attempt. A caller waits for three at the most, a direct one among them.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// The configuration of a client of one of AWS's services: the region and credentials that Lambda sets, and what the
/// environment says of endpoints. Nothing else is looked up: the default chain costs a cold start a millisecond and 3 MB.
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
    let mut config = defaults(region).into_builder();
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

/// The configuration that every client starts from. Its credentials are the environment's; each further time-out would be a timer more for every
/// call.
pub(crate) fn defaults(region: Option<Region>) -> SdkConfig {
    let retries = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_millis(500));
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(retries)
        .http_client(http_client())
        .region(region)
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
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

    use aws_sdk_dynamodb::{Client, config::Credentials};

    use super::*;

    /// A connector that notes the address of a request, and sends nothing.
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
