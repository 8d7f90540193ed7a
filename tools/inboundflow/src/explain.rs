//! The errors of AWS's services and the store in the command's words: one sentence, with the way out where
//! one is known.

use std::error::Error as StdError;

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use domain::{Error, OrganizationId, chain};

/// An error in one sentence, with the way out where one is known.
pub(crate) fn explain(error: Error) -> anyhow::Error {
    let Some(cause) = error.cause() else { return anyhow::Error::msg(error.to_string()) };
    let text = chain(&**cause);
    if let Some(missing) = missing(&text) {
        return anyhow::anyhow!(
            "{missing} For a DynamoDB alone, such as `dev`'s, name it with --endpoint-url."
        );
    }
    let way_out = if text.contains("ResourceNotFoundException") {
        "There are no such tables here: deploy the stack, or name others with --table-prefix or --endpoint-url."
    } else if text.contains("dispatch failure") {
        "DynamoDB cannot be reached: check --endpoint-url (is `inboundflow dev` running?) or your network and region."
    } else if text.contains("unhandled error") {
        "What answers there is no DynamoDB: check --endpoint-url."
    } else {
        return anyhow::Error::msg(text);
    };
    anyhow::anyhow!("{way_out} ({text})")
}

/// The error of a call that needs this organization.
pub(crate) fn no_organization(error: Error, organization: OrganizationId) -> anyhow::Error {
    match error {
        Error::NotFound => {
            anyhow::anyhow!("There is no organization {organization}: `orgs list` shows those that are.")
        }
        error => explain(error),
    }
}

/// The message of a service, or the reason why there is none. Requests hold secrets and what callers said, so
/// only the service's own sentence is kept.
pub(crate) fn detail<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    match error.code() {
        Some(code) => format!("{code}: {}", error.message().unwrap_or("no message")),
        // The SDK lists where it looked for credentials on lines of their own.
        None => chain(error).lines().map(str::trim).collect::<Vec<_>>().join(" "),
    }
}

/// The sentence for an error of AWS's SDK that needs something and did not find it.
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
    let has_key = std::env::var("INBOUNDFLOW_API_KEY").is_ok_and(|key| !key.is_empty());
    let key =
        if has_key { " INBOUNDFLOW_API_KEY is for the API, which this command does not ask." } else { "" };
    Some(missing + key)
}
