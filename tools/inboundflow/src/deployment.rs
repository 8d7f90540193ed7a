//! Which DynamoDB the command works on.

use aws_config::BehaviorVersion;
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

fn is_loopback(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_taken_for_an_emulator() {
        for url in ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000/", "localhost:8000"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://dynamodb.eu-central-1.amazonaws.com",
            "https://localhost.example.com",
            "http://10.0.0.1:8000",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
