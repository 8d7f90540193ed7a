//! `GET /v1/calls` without an SDK: the least that does the same work.
//!
//! It takes `lambda_runtime` rather than `lambda_http`, which would make an HTTP request of every
//! event and an event of every response.

mod access;
mod answer;
mod dynamodb;
mod event;
mod page;

use std::{collections::HashMap, sync::Mutex, sync::PoisonError, time::Instant};

use chrono::Utc;
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{
    access::{Access, Refusal},
    answer::GatewayResponse,
    dynamodb::{DynamoDb, required},
    event::Event,
};

struct Function {
    dynamodb: DynamoDb,
    table_prefix: String,
    /// The organizations of the keys that were good before, by their hashes.
    known: Mutex<HashMap<String, String>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = Function {
        dynamodb: DynamoDb::from_environment()?,
        table_prefix: required("TABLE_PREFIX")?,
        known: Mutex::default(),
    };
    lambda_runtime::run(service_fn(|event: LambdaEvent<Event>| function.handle(event.payload))).await
}

impl Function {
    async fn handle(&self, event: Event) -> Result<GatewayResponse, Error> {
        let started = Instant::now();
        let request_id = event.request_id();
        let answer = self.list_calls(&event, &request_id).await?;
        println!(
            r#"{{"level":"INFO","message":"request_finished","request_id":"{request_id}","status":{},"duration_ms":{}}}"#,
            answer.status(),
            started.elapsed().as_secs_f64() * 1000.0
        );
        Ok(answer)
    }

    async fn list_calls(&self, event: &Event, request_id: &str) -> Result<GatewayResponse, Error> {
        let now = Utc::now();
        let Some(hash) = event.key_hash() else {
            return Ok(GatewayResponse::refusal(&Refusal::NoKey, None, request_id, now));
        };
        let Some(limit) = event.limit() else {
            return Ok(GatewayResponse::refusal(&Refusal::BadLimit, None, request_id, now));
        };
        let count = access::request(&self.table_prefix, &hash, now);
        let count = self.dynamodb.call("UpdateItem", count);
        let known = self.known().get(&hash).cloned();
        let (counted, page) = match known {
            Some(organization) => {
                let page = page::request(&self.table_prefix, &organization, limit);
                let (counted, page) = tokio::try_join!(count, self.dynamodb.call("Query", page))?;
                (counted, Some(page))
            }
            None => (count.await?, None),
        };
        let access = match access::read(&counted, now)? {
            Ok(access) => access,
            Err(refusal) => return Ok(GatewayResponse::refusal(&refusal, None, request_id, now)),
        };
        if let Some(refusal) = access.refusal() {
            return Ok(GatewayResponse::refusal(&refusal, Some(access.rate), request_id, now));
        }
        let page = match page {
            Some(page) => page,
            None => self.first_page(hash, &access, limit).await?,
        };
        GatewayResponse::page(&page, limit, access.rate, request_id, now)
    }

    /// The page of a key that was not seen before, which is remembered from now on.
    async fn first_page(
        &self,
        hash: String,
        access: &Access,
        limit: usize,
    ) -> Result<dynamodb::Reply, Error> {
        let page = page::request(&self.table_prefix, &access.organization, limit);
        let page = self.dynamodb.call("Query", page).await?;
        self.known().insert(hash, access.organization.clone());
        Ok(page)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
