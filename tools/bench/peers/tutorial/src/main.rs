//! `GET /v1/calls` as the SDK's tutorials would have it: default features, default configuration,
//! many threads.

mod access;
mod answer;
mod event;
mod page;

use std::{collections::HashMap, env, sync::Mutex, sync::PoisonError, time::Instant};

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use chrono::Utc;
use lambda_http::{
    Body, Error, Request, Response, service_fn,
    tracing::{
        self,
        subscriber::{EnvFilter, filter::LevelFilter},
    },
};

use crate::{access::Refusal, answer::Responder, page::Page};

struct Function {
    client: Client,
    table_prefix: String,
    /// The organizations of the keys that were good before, by their hashes.
    known: Mutex<HashMap<String, String>>,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    tracing::subscriber::fmt().json().with_target(false).without_time().with_env_filter(filter).init();
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let function = Function {
        client: Client::new(&config),
        table_prefix: env::var("TABLE_PREFIX")?,
        known: Mutex::default(),
    };
    lambda_http::run(service_fn(|request: Request| function.handle(request))).await
}

impl Function {
    async fn handle(&self, request: Request) -> Result<Response<Body>, Error> {
        let started = Instant::now();
        let request_id = event::request_id(&request);
        let response = self.list_calls(&request, &request_id).await?;
        tracing::info!(
            request_id,
            status = response.status().as_u16(),
            duration_ms = started.elapsed().as_secs_f64() * 1000.0,
            "request_finished"
        );
        Ok(response)
    }

    async fn list_calls(&self, request: &Request, request_id: &str) -> Result<Response<Body>, Error> {
        let now = Utc::now();
        let respond = Responder { request_id, now };
        let Some(hash) = event::key_hash(request) else {
            return respond.refusal(&Refusal::NoKey, None);
        };
        let Some(limit) = event::limit(request) else {
            return respond.refusal(&Refusal::BadLimit, None);
        };
        let count = access::count(&self.client, &self.table_prefix, &hash, now);
        let known = self.known().get(&hash).cloned();
        let (counted, page) = match known {
            Some(organization) => {
                let (counted, page) = tokio::try_join!(count, self.page(&organization, limit))?;
                (counted, Some(page))
            }
            None => (count.await?, None),
        };
        let access = match counted {
            Ok(access) => access,
            Err(refusal) => return respond.refusal(&refusal, None),
        };
        if let Some(refusal) = access.refusal() {
            return respond.refusal(&refusal, Some(access.rate));
        }
        let page = match page {
            Some(page) => page,
            None => {
                let page = self.page(&access.organization, limit).await?;
                self.known().insert(hash, access.organization.clone());
                page
            }
        };
        respond.page(page, access.rate)
    }

    async fn page(&self, organization: &str, limit: usize) -> Result<Page, Error> {
        page::query(&self.client, &self.table_prefix, organization, limit).await
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
