//! The errors of SQS and S3, in one sentence.

use std::error::Error as StdError;

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::explain::{detail, missing};

/// An error in one sentence, with the way out where one is known.
pub(super) fn explain<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let detail = detail(error);
    if let Some(missing) = missing(&detail) {
        return missing;
    }
    let has = |text: &str| detail.contains(text);
    let way_out = if has("NonExistentQueue") {
        "There is no such queue: check --queue. "
    } else if has("NoSuchBucket") {
        "There is no such bucket: check --bucket. "
    } else if has("dispatch failure") {
        "The queue cannot be reached: check --queue (is `inboundflow dev` running?) or your network. "
    } else if has("unhandled error") {
        "What answers there is no SQS: check --queue. "
    } else {
        ""
    };
    format!("{way_out}({operation}: {detail})")
}
