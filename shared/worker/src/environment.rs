//! A function's environment: its variables, and the clients of AWS's services that it describes.

pub use dynamodb::aws::environment as sdk_config;

use aws_sdk_sqs::Client;

/// The client of SQS as the environment describes it.
///
/// # Errors
/// As [`sdk_config`].
pub async fn sqs() -> Result<Client, String> {
    Ok(Client::new(&sdk_config("SQS").await?))
}

/// The value of an environment variable.
///
/// # Errors
/// A sentence that names the variable, where it is not set.
pub fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("{name} is not set"))
}
