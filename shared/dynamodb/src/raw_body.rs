//! A reply's body as it came, taken out before the SDK makes its maps of it. Signing, retries, time-outs and errors
//! stay the SDK's.

use std::{
    mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeDeserializationInterceptorContextMut, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::ConfigBag};
use bytes::Bytes;
use http_body::{Body, Frame};

/// The body of one call's reply: an interceptor of that call takes it out.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawBody(Arc<Mutex<Vec<u8>>>);

impl RawBody {
    /// The body, once the call has succeeded.
    pub(crate) fn take(&self) -> Vec<u8> {
        mem::take(&mut self.bytes())
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[dyn_dispatch_hint]
impl Intercept for RawBody {
    fn name(&self) -> &'static str {
        "RawBody"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // What another attempt left is of no use.
        self.bytes().clear();
        let response = context.response_mut();
        if response.status().is_success() {
            let body = mem::replace(response.body_mut(), SdkBody::taken());
            *response.body_mut() =
                SdkBody::from_body_1_x(DivertedBody { body, into: self.clone(), ended: false });
        }
        Ok(())
    }
}

/// A body whose data goes to a [`RawBody`]; the SDK finds an empty object in its place.
struct DivertedBody {
    body: SdkBody,
    into: RawBody,
    ended: bool,
}

impl Body for DivertedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        while !self.ended {
            match ready!(Pin::new(&mut self.body).poll_frame(context)?) {
                Some(frame) => {
                    if let Ok(data) = frame.into_data() {
                        self.into.bytes().extend_from_slice(&data);
                    }
                }
                None => {
                    self.ended = true;
                    return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"{}")))));
                }
            }
        }
        Poll::Ready(None)
    }
}
