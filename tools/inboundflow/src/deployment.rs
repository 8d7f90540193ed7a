//! The deployment that the command works on: its DynamoDB, and API Gateway where there is one.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, timeout::TimeoutConfig};
use conformance::is_loopback;
use dynamodb::{Client, aws::http_client};
use store::Store;

use crate::plan::Gateway;

const DYNAMODB_VARIABLE: &str = "AWS_ENDPOINT_URL_DYNAMODB";
const GATEWAY_VARIABLE: &str = "AWS_ENDPOINT_URL_API_GATEWAY";
/// The time-out of one attempt of a call, connecting included: operators may be far from where the deployment
/// runs.
const PATIENCE: Duration = Duration::from_secs(10);
const EVERYTHING_VARIABLE: &str = "AWS_ENDPOINT_URL";

/// The tables that the command works on.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// A DynamoDB other than the account's own.
    pub endpoint_url: Option<String>,
    /// The prefix of the tables' names.
    pub table_prefix: String,
}

/// The address of DynamoDB, and what else of the deployment can be reached.
enum Tables {
    /// A DynamoDB at this URL, with nothing else of the deployment.
    Alone(String),
    /// The DynamoDB that the environment describes, and API Gateway as well.
    BesideGateway {
        /// The endpoint of DynamoDB's own, where the environment names one.
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

    /// The tables that the command works on: `--endpoint-url`, or DynamoDB's own variable where no variable
    /// names API Gateway too, mean a DynamoDB alone.
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

/// The configuration of AWS's SDKs, as the environment, the profile and the like have it, looked up once.
pub(crate) async fn configuration() -> SdkConfig {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(PATIENCE).build();
    let settings = aws_config::defaults(BehaviorVersion::latest());
    settings.http_client(http_client()).timeout_config(timeouts).load().await
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
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
}
