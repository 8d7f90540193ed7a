//! Which DynamoDB the command works on.

use std::net::IpAddr;

use aws_config::BehaviorVersion;
use axum::http::Uri;
use store::{Endpoint, Store, http_client};

/// The tables that the command works on.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// A DynamoDB other than the account's own.
    pub endpoint_url: Option<String>,
    /// What the tables' names start with.
    pub table_prefix: String,
}

impl Deployment {
    /// Opens the store. An endpoint on this machine is an emulator and takes any credentials;
    /// elsewhere they come from the environment, the profile, or what else AWS's tools look at.
    pub async fn open(&self) -> Store {
        let named = self.endpoint_url.clone().or_else(|| {
            let variables = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"];
            variables.iter().find_map(|name| std::env::var(name).ok())
        });
        match named {
            Some(url) if is_loopback(&url) => self.local(url),
            named => {
                let mut config = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client());
                if let Some(url) = named {
                    config = config.endpoint_url(url);
                }
                let client = aws_sdk_dynamodb::Client::new(&config.load().await);
                Store::new(client, &self.table_prefix)
            }
        }
    }

    /// Opens the store of an emulator.
    #[must_use]
    pub fn local(&self, endpoint_url: String) -> Store {
        Store::local(&Endpoint { endpoint_url, table_prefix: self.table_prefix.clone() }, http_client())
    }
}

/// Whether a URL is this machine's.
pub(crate) fn is_loopback(url: &str) -> bool {
    let host = url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
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
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_taken_for_an_emulator() {
        for url in ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000/"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://dynamodb.eu-central-1.amazonaws.com",
            "https://localhost.example.com",
            "http://127.example.com",
            "http://10.0.0.1:8000",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
