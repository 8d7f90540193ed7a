//! The buckets of a stack, in memory, as the AWS SDKs put and get objects by path.
#![expect(clippy::disallowed_types, reason = "an object is whatever was put")]

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Response, StatusCode, header},
    response::IntoResponse as _,
};

/// All buckets of a stack.
pub(super) struct Buckets {
    names: BTreeSet<String>,
    objects: Mutex<HashMap<(String, String), Bytes>>,
}

impl Buckets {
    pub(super) fn new(names: impl Iterator<Item = String>) -> Self {
        Self { names: names.collect(), objects: Mutex::default() }
    }

    pub(super) fn put(&self, bucket: &str, key: &str, headers: &HeaderMap, object: Bytes) -> Response<Body> {
        if !self.names.contains(bucket) {
            return no_such_bucket();
        }
        let encoding = headers.get(header::CONTENT_ENCODING).and_then(|encoding| encoding.to_str().ok());
        // It would have to be taken out of its pieces first; no SDK sends such for what it has in memory.
        if encoding.is_some_and(|encoding| encoding.contains("aws-chunked")) {
            let message = "The local bucket takes no streams.";
            return refusal(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message);
        }
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        objects.insert((bucket.to_owned(), key.to_owned()), object);
        Response::new(Body::empty())
    }

    pub(super) fn get(&self, bucket: &str, key: &str) -> Response<Body> {
        if !self.names.contains(bucket) {
            return no_such_bucket();
        }
        let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        match objects.get(&(bucket.to_owned(), key.to_owned())) {
            Some(object) => Response::new(Body::from(object.clone())),
            None => refusal(StatusCode::NOT_FOUND, "NoSuchKey", "The bucket has no such object."),
        }
    }
}

fn no_such_bucket() -> Response<Body> {
    refusal(StatusCode::NOT_FOUND, "NoSuchBucket", "The stack has no such bucket.")
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}
