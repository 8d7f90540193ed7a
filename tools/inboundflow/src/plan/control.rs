//! API Gateway's control plane: the calls that the plan's keys need, each safe to make again.

use std::{collections::HashSet, time::Duration};

use aws_config::SdkConfig;
use aws_sdk_apigateway::{
    Client, Config,
    config::{
        retry::{ClassifyRetry, RetryAction, RetryConfig, RetryPartition, TokenBucket},
        timeout::TimeoutConfig,
    },
    types::{ApiKey, Op, PatchOperation, UsagePlan, UsagePlanKey},
};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;

use super::error::{CONFLICT, ControlError};

/// The most that API Gateway puts on a page.
pub(super) const PAGE: i32 = 500;
const NOT_FOUND: &str = "NotFoundException";

/// The client.
#[derive(Clone)]
pub(super) struct Control(Client);

/// A key of API Gateway. Not `Debug`: its value is the hash of an API key.
#[derive(Clone)]
pub(super) struct GatewayKey {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) value: Option<String>,
    pub(super) enabled: bool,
    pub(super) created_seconds: Option<i64>,
}

/// The SDK would wait and try again where the account is full.
#[derive(Debug)]
struct LimitIsFinal;

impl ClassifyRetry for LimitIsFinal {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let kind = context.response().and_then(|response| response.headers().get("x-amzn-errortype"));
        match kind {
            Some(kind) if kind.starts_with("LimitExceeded") => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "the account's limit is final"
    }
}

impl Control {
    pub(super) fn new(config: &SdkConfig) -> Self {
        // It admits few calls a second (5 CreateApiKey, 10 in all), so a long run is told to slow down all the
        // time: that must not use up a budget of retries. (The adaptive mode waits for 20 seconds and more
        // where a single command meets the limit.)
        let partition = RetryPartition::custom("API Gateway's control plane")
            .token_bucket(TokenBucket::unlimited())
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(10)
            .with_initial_backoff(Duration::from_millis(100))
            .with_max_backoff(Duration::from_secs(3));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(Duration::from_secs(10))
            .build();
        let config = Config::from(config)
            .to_builder()
            .retry_config(retries)
            .retry_partition(partition)
            .retry_classifier(LimitIsFinal)
            .timeout_config(timeouts);
        Self(Client::from_conf(config.build()))
    }

    /// Every usage plan of the account.
    pub(super) async fn plans(&self) -> Result<Vec<UsagePlan>, ControlError> {
        let pages = self.0.get_usage_plans().into_paginator().page_size(PAGE).items().send();
        pages.try_collect().await.map_err(|error| ControlError::new("GetUsagePlans", &error))
    }

    /// The keys whose names start with `prefix`.
    pub(super) async fn keys(&self, prefix: &str) -> Result<Vec<GatewayKey>, ControlError> {
        let pages = self.0.get_api_keys().name_query(prefix).include_values(true);
        let found = pages.into_paginator().page_size(PAGE).items().send().try_collect().await;
        let found: Vec<ApiKey> = found.map_err(|error| ControlError::new("GetApiKeys", &error))?;
        let keys = found.into_iter().filter_map(GatewayKey::read);
        Ok(keys.filter(|key| key.name.starts_with(prefix)).collect())
    }

    /// The keys of exactly this name. API Gateway does not keep names apart.
    pub(super) async fn named(&self, name: &str) -> Result<Vec<GatewayKey>, ControlError> {
        let keys = self.keys(name).await?;
        Ok(keys.into_iter().filter(|key| key.name == name).collect())
    }

    /// Whether there are more keys whose names start with `prefix` than a page holds.
    pub(super) async fn is_more_than_a_page(&self, prefix: &str) -> Result<bool, ControlError> {
        let page = self.0.get_api_keys().name_query(prefix).limit(PAGE).send().await;
        page.map(|page| page.position.is_some()).map_err(|error| ControlError::new("GetApiKeys", &error))
    }

    /// The ids of the keys that are in a plan.
    pub(super) async fn attached(&self, plan: &str) -> Result<HashSet<String>, ControlError> {
        let pages = self.0.get_usage_plan_keys().usage_plan_id(plan);
        let found = pages.into_paginator().page_size(PAGE).items().send().try_collect().await;
        let found: Vec<UsagePlanKey> =
            found.map_err(|error| ControlError::new("GetUsagePlanKeys", &error))?;
        Ok(found.into_iter().filter_map(|key| key.id).collect())
    }

    /// Makes an enabled key, or takes the one that was made before; returns its id.
    pub(super) async fn make(&self, name: &str, value: &str) -> Result<String, ControlError> {
        let made = self.0.create_api_key().name(name).value(value).enabled(true).send().await;
        let failure = match made {
            Ok(key) => return Ok(key.id.unwrap_or_default()),
            Err(error) => ControlError::new("CreateApiKey", &error).without(value),
        };
        if !failure.is(CONFLICT) {
            return Err(failure);
        }
        // Values are unique. An earlier attempt's answer may have been lost, or somebody else was here.
        let same = |key: &GatewayKey| key.value.as_deref() == Some(value);
        // Where the look-up fails, the conflict is what the caller has to know of.
        let named = self.named(name).await.unwrap_or_default();
        let Some(key) = named.into_iter().find(same) else { return Err(failure) };
        if !key.enabled {
            self.set_enabled(&key.id, true).await?;
        }
        Ok(key.id)
    }

    /// Puts a key into a plan, if it is not there already.
    pub(super) async fn attach(&self, plan: &str, id: &str) -> Result<(), ControlError> {
        let put = self.0.create_usage_plan_key().usage_plan_id(plan).key_id(id).key_type("API_KEY");
        let failure = match put.send().await {
            Ok(_) => return Ok(()),
            Err(error) => ControlError::new("CreateUsagePlanKey", &error),
        };
        if !failure.is(CONFLICT) {
            return Err(failure);
        }
        // It may be in another plan of the same stage, which is a conflict too.
        let found = self.0.get_usage_plan_key().usage_plan_id(plan).key_id(id).send().await;
        found.map(|_| ()).map_err(|_| failure)
    }

    /// Enables or disables a key; a missing one is as good as disabled.
    pub(super) async fn set_enabled(&self, id: &str, enabled: bool) -> Result<(), ControlError> {
        let operation =
            PatchOperation::builder().op(Op::Replace).path("/enabled").value(enabled.to_string()).build();
        let updated = self.0.update_api_key().api_key(id).patch_operations(operation).send().await;
        match updated.map_err(|error| ControlError::new("UpdateApiKey", &error)) {
            Err(failure) if enabled || !failure.is(NOT_FOUND) => Err(failure),
            _ => Ok(()),
        }
    }

    /// Deletes a key, and so takes it out of its plan, if it is there.
    pub(super) async fn delete(&self, id: &str) -> Result<(), ControlError> {
        let deleted = self.0.delete_api_key().api_key(id).send().await;
        match deleted.map_err(|error| ControlError::new("DeleteApiKey", &error)) {
            Err(failure) if !failure.is(NOT_FOUND) => Err(failure),
            _ => Ok(()),
        }
    }
}

impl GatewayKey {
    fn read(key: ApiKey) -> Option<Self> {
        Some(Self {
            id: key.id?,
            name: key.name?,
            value: key.value,
            enabled: key.enabled,
            created_seconds: key.created_date.map(|at| at.secs()),
        })
    }
}
