//! Calls whose requests and replies are JSON that we write and read ourselves: direct ones, where that is possible.

use aws_sdk_dynamodb::{
    config::Config,
    error::SdkError,
    operation::{
        batch_get_item::BatchGetItemError, get_item::GetItemError, query::QueryError, scan::ScanError,
        update_item::UpdateItemError,
    },
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use serde::Serialize;

use crate::{Client, raw_body::RawBody};

/// Defines a call. Where it is the SDK's, the SDK's own request names no more than its rules for endpoints want to see,
/// and gets the body in place of its own.
macro_rules! in_json {
    ($($name:ident, $operation:literal, $call:ident $(.$table:ident($any:literal))?, $error:ty;)*) => {
        impl Client {
            $(
            #[doc = concat!("Calls `", $operation, "` with a request as JSON, and returns the reply's JSON.")]
            ///
            /// # Errors
            /// The SDK's, where DynamoDB refuses or cannot be reached.
            pub async fn $name(&self, request: &impl Serialize) -> Result<Bytes, SdkError<$error>> {
                let body = serde_json::to_string(request).map_err(SdkError::construction_failure)?;
                let mut config = Config::builder();
                if let Some(direct) = &self.direct {
                    match direct.send($operation, &body).await {
                        Ok(reply) => return Ok(reply),
                        Err(Some(resuming)) => config = config.http_client(resuming),
                        Err(None) => {}
                    }
                }
                let reply = RawBody::default();
                let call = self.$call()$(.$table($any))?.customize().mutate_request(move |request| {
                    request.headers_mut().insert("content-length", body.len().to_string());
                    *request.body_mut() = SdkBody::from(body.as_str());
                });
                call.config_override(config).interceptor(reply.clone()).send().await?;
                Ok(reply.take())
            })*
        }
    };
}

in_json! {
    batch_get_item_json, "BatchGetItem", batch_get_item, BatchGetItemError;
    get_item_json, "GetItem", get_item.table_name("any"), GetItemError;
    query_json, "Query", query.table_name("any"), QueryError;
    scan_json, "Scan", scan.table_name("any"), ScanError;
    update_item_json, "UpdateItem", update_item.table_name("any"), UpdateItemError;
}
