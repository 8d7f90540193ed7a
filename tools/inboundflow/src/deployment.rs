//! Which DynamoDB the command works on, and whether a gateway stands before it.

use std::{net::IpAddr, time::Duration};

use aws_config::{BehaviorVersion, SdkConfig, timeout::TimeoutConfig};
use axum::http::Uri;
use dynamodb::{Client, aws::http_client};
use reqwest::Url;
use store::Store;

use crate::plan::Gateway;

const DYNAMODB_VARIABLE: &str = "AWS_ENDPOINT_URL_DYNAMODB";
const GATEWAY_VARIABLE: &str = "AWS_ENDPOINT_URL_API_GATEWAY";
/// For one try of a call, connecting included: operators may be far from where the deployment runs.
const PATIENCE: Duration = Duration::from_secs(10);
const EVERYTHING_VARIABLE: &str = "AWS_ENDPOINT_URL";

/// The tables that the command works on.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// A DynamoDB other than the account's own.
    pub endpoint_url: Option<String>,
    /// What the tables' names start with.
    pub table_prefix: String,
}

/// Where DynamoDB is.
enum Tables {
    /// By itself: nothing else of the deployment can be reached.
    Alone(String),
    /// Where the environment says, and API Gateway as well.
    BesideGateway {
        /// Where the environment names DynamoDB's own endpoint.
        endpoint_url: Option<String>,
    },
}

impl Deployment {
    /// Opens the store. An endpoint of DynamoDB's own on this machine takes any credentials; elsewhere
    /// they come from the environment, the profile, or what else AWS's tools look at.
    pub async fn open(&self) -> Store {
        match self.tables(variable) {
            Tables::Alone(url) if is_loopback(&url) => self.local(url),
            Tables::Alone(url) => self.remote(&configuration().await, Some(url)),
            Tables::BesideGateway { endpoint_url } => self.beside_gateway(endpoint_url).await.0,
        }
    }

    /// Opens the store, and the gateway where there is one.
    pub(crate) async fn open_with_gateway(&self) -> (Store, Option<Gateway>) {
        match self.tables(variable) {
            Tables::Alone(_) => (self.open().await, None),
            Tables::BesideGateway { endpoint_url } => {
                let (store, gateway) = self.beside_gateway(endpoint_url).await;
                (store, Some(gateway))
            }
        }
    }

    /// Whether the tables are those of a DynamoDB alone on this machine, such as `dev`'s.
    pub(crate) fn is_here(&self) -> bool {
        matches!(self.tables(variable), Tables::Alone(url) if is_loopback(&url))
    }

    /// `--endpoint-url`, or DynamoDB's own variable where no variable names API Gateway too, mean a DynamoDB
    /// alone.
    fn tables(&self, variable: impl Fn(&str) -> Option<String>) -> Tables {
        if let Some(url) = &self.endpoint_url {
            return Tables::Alone(url.clone());
        }
        let has_gateway = [GATEWAY_VARIABLE, EVERYTHING_VARIABLE].iter().any(|name| variable(name).is_some());
        match variable(DYNAMODB_VARIABLE) {
            Some(url) if !has_gateway => Tables::Alone(url),
            endpoint_url => Tables::BesideGateway { endpoint_url },
        }
    }

    async fn beside_gateway(&self, dynamodb: Option<String>) -> (Store, Gateway) {
        let config = configuration().await;
        let store = match dynamodb {
            Some(url) if is_loopback(&url) => self.local(url),
            // The SDK reads its variable by itself.
            _ => self.remote(&config, None),
        };
        let endpoint_url = variable(GATEWAY_VARIABLE).or_else(|| config.endpoint_url().map(str::to_owned));
        let gateway = Gateway::new(&config, endpoint_url, &self.table_prefix);
        (store, gateway)
    }

    fn remote(&self, config: &SdkConfig, endpoint_url: Option<String>) -> Store {
        let mut config = dynamodb::sdk::config::Builder::from(config);
        if let Some(url) = endpoint_url {
            config = config.endpoint_url(url);
        }
        Store::new(dynamodb::sdk::Client::from_conf(config.build()).into(), &self.table_prefix)
    }

    /// Opens the store of an emulator.
    #[must_use]
    pub fn local(&self, endpoint_url: String) -> Store {
        Store::new(Client::local(&endpoint_url, http_client()), &self.table_prefix)
    }
}

/// What the environment, the profile and the like say, looked up once.
pub(crate) async fn configuration() -> SdkConfig {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(PATIENCE).build();
    let settings = aws_config::defaults(BehaviorVersion::latest());
    settings.http_client(http_client()).timeout_config(timeouts).load().await
}

/// What AWS's SDK needs and did not find, where that is what an error of it says.
pub(crate) fn missing(error: &str) -> Option<String> {
    let missing = if error.contains("Missing Region") {
        "No AWS region is set: set AWS_REGION to the deployment's.".to_owned()
    } else if error.contains("IMDS") || error.contains("loading credentials") {
        // Where it looks last is the metadata of an instance, which no machine has that is none of AWS's.
        let detail = Some(format!(" ({error})")).filter(|_| !error.contains("IMDS")).unwrap_or_default();
        "No AWS credentials could be loaded: set AWS_PROFILE to a profile that there is, or AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY."
            .to_owned()
            + &detail
    } else {
        return None;
    };
    let has_key = variable("INBOUNDFLOW_API_KEY").is_some();
    let key =
        if has_key { " INBOUNDFLOW_API_KEY is for the API, which this command does not ask." } else { "" };
    Some(missing + key)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether a URL is this machine's. It is read as the HTTP client reads it, to which `127.1` is an address, too.
pub(crate) fn is_loopback(url: &str) -> bool {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    // RFC 6761: no name under localhost leads elsewhere.
    let name = host.trim_end_matches('.');
    name == "localhost"
        || name.ends_with(".localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Reads an endpoint.
pub(crate) fn endpoint_url(text: &str) -> Result<String, String> {
    let uri = text.parse::<Uri>().ok();
    let whole =
        uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    whole.then(|| text.to_owned()).ok_or_else(|| "expected a URL such as http://127.0.0.1:8000".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dynamodb_alone_has_no_gateway() {
        let alone = |option: Option<&str>, variables: &[&str]| {
            let deployment =
                Deployment { endpoint_url: option.map(str::to_owned), table_prefix: "x-".to_owned() };
            let variable = |name: &str| variables.contains(&name).then(|| "http://127.0.0.1:1".to_owned());
            matches!(deployment.tables(variable), Tables::Alone(_))
        };
        let option = Some("http://127.0.0.1:2");
        assert!(alone(option, &[]) && alone(option, &[EVERYTHING_VARIABLE, GATEWAY_VARIABLE]));
        assert!(alone(None, &[DYNAMODB_VARIABLE]));
        for with_gateway in [
            &[][..],
            &[EVERYTHING_VARIABLE],
            &[GATEWAY_VARIABLE],
            &[DYNAMODB_VARIABLE, GATEWAY_VARIABLE],
            &[DYNAMODB_VARIABLE, EVERYTHING_VARIABLE],
        ] {
            assert!(!alone(None, with_gateway), "{with_gateway:?}");
        }
    }

    #[test]
    fn only_this_machine_is_taken_for_an_emulator() {
        for url in [
            "http://127.0.0.1:8000",
            "http://127.8.9.1",
            "http://127.1:80",
            "http://localhost",
            "http://LocalHost.:3000/live",
            "http://api.localhost:3000",
            "http://[::1]:8000/",
            "http://[::ffff:127.0.0.1]:8000",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://dynamodb.eu-central-1.amazonaws.com",
            "https://localhost.example.com",
            "http://127.example.com",
            "http://notlocalhost",
            "http://[::ffff:10.0.0.1]",
            "http://10.0.0.1:8000",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
