//! The HTTP endpoint for the SDKs of SQS and S3. It checks no credentials.
#![expect(clippy::disallowed_types, reason = "it stands in for AWS, whose requests are taken as they are")]

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, RawPathParams},
    http::{HeaderMap, Response},
    routing::{get, post},
};

use crate::{bucket::Buckets, queue::Queues, sqs};

/// The largest body of a request, in bytes: more than any object or batch that is of use here.
pub const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
/// The path of the endpoint.
pub(super) const PATH: &str = "/_local/aws";

/// The endpoint's routes. The queues' URLs begin with `account_url`.
pub(super) fn router(queues: &Arc<Queues>, buckets: &Arc<Buckets>, account_url: &str) -> Router {
    let operation = |queues: Arc<Queues>| {
        let account_url = account_url.to_owned();
        async move |headers: HeaderMap, input: Bytes| {
            let target =
                headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
            sqs::answer(&queues, &account_url, target.trim_start_matches("AmazonSQS."), &input)
        }
    };
    let (got, put) = (buckets.clone(), buckets.clone());
    let object = get(async move |at: RawPathParams| {
        let (bucket, key) = bucket_and_key(&at);
        got.get(bucket, key)
    })
    .put(async move |at: RawPathParams, headers: HeaderMap, object: Bytes| -> Response<Body> {
        let (bucket, key) = bucket_and_key(&at);
        put.put(bucket, key, &headers, object)
    })
    // Some SDKs send what a queue is to do to its own URL, which has the form of an object's.
    .post(operation(queues.clone()));
    Router::new()
        .route(PATH, post(operation(queues.clone())))
        .route(&format!("{PATH}/"), post(operation(queues.clone())))
        .route(&format!("{PATH}/{{bucket}}/{{*key}}"), object)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

fn bucket_and_key(at: &RawPathParams) -> (&str, &str) {
    let mut values = at.iter().map(|(_, value)| value);
    (values.next().unwrap_or_default(), values.next().unwrap_or_default())
}
