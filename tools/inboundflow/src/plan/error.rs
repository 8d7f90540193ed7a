//! What API Gateway's control plane refused, in one sentence.

use std::{error::Error as StdError, fmt};

use aws_sdk_apigateway::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::explain::{detail, missing};

pub(super) const CONFLICT: &str = "ConflictException";
const LIMIT: &str = "LimitExceededException";

/// A call of API Gateway's control plane that failed.
#[derive(Debug)]
pub(crate) struct ControlError {
    operation: &'static str,
    status: Option<u16>,
    code: Option<String>,
    detail: String,
}

impl ControlError {
    pub(super) fn new<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        Self { operation, status, code: error.code().map(str::to_owned), detail: detail(error) }
    }

    /// API Gateway may quote what it was sent.
    pub(super) fn without(mut self, value: &str) -> Self {
        self.detail = self.detail.replace(value, "…");
        self
    }

    pub(super) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether the account holds as many keys as it may, so that no other one can be made either.
    pub(super) fn is_limit(&self) -> bool {
        self.is(LIMIT)
    }

    /// Whether the call may have been carried out all the same: no answer came, or none that says. A
    /// conflict over what nobody else can have made means that an earlier call was.
    pub(super) fn is_uncertain(&self) -> bool {
        self.is(CONFLICT) || !self.status.is_some_and(|status| (400..500).contains(&status))
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, detail, .. } = self;
        if self.is_limit() {
            write!(
                f,
                "The account holds as many API Gateway keys as it may in this region: run `keys doctor`, which \
                 deletes those that ended long ago, or `keys doctor --pool` and then deploy the stack with \
                 PlanKeys=pooled. "
            )?;
        } else if let Some(missing) = missing(detail).filter(|_| self.code.is_none()) {
            return f.write_str(&missing);
        } else if self.code.is_none() && detail.contains("dispatch failure") {
            write!(f, "API Gateway cannot be reached: check your network, region and credentials. ")?;
        } else if self.code.is_none() && detail.contains("unhandled error") {
            write!(
                f,
                "What answers there is no API Gateway: name a DynamoDB alone with --endpoint-url or \
                 AWS_ENDPOINT_URL_DYNAMODB. "
            )?;
        }
        write!(f, "(API Gateway {operation}: {detail})")
    }
}

impl StdError for ControlError {}
