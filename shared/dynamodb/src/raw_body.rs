//! A reply's body as it came, for what reads it itself, from a call of the SDK's.

use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::AfterDeserializationInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;

/// An interceptor that keeps the body of the reply with which a call succeeds.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawBody(Arc<OnceLock<Bytes>>);

impl RawBody {
    /// The body, once the call has succeeded.
    pub(crate) fn take(self) -> Bytes {
        self.0.get().cloned().unwrap_or_default()
    }
}

#[dyn_dispatch_hint]
impl Intercept for RawBody {
    fn name(&self) -> &'static str {
        "RawBody"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if let (true, Some(body)) = (response.status().is_success(), response.body().bytes()) {
            let _ = self.0.set(Bytes::copy_from_slice(body));
        }
        Ok(())
    }
}
