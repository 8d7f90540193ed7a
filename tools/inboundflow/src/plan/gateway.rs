//! API Gateway, and the usage plan of a deployed API in it: where it is, and what it wants of the keys.

use anyhow::{Context as _, Result, bail};
use aws_config::SdkConfig;
use aws_sdk_apigateway::types::{ApiStage, ThrottleSettings};
use axum::http::Uri;
use domain::{RecordId, plan::PlanKeys};

use super::control::Control;

/// The tag by which the stack says how API keys map onto the plan's.
const PLAN_KEYS_TAG: &str = "PlanKeys";
/// The tag that says what the stack is for: `prod` is to be protected.
const STAGE_TAG: &str = "Stage";
/// The tag with the domain's address, where the gateway's own is closed.
const URL_TAG: &str = "Url";

/// API Gateway, as far as it belongs to one deployment.
#[derive(Clone)]
pub(crate) struct Gateway {
    pub(super) control: Control,
    pub(super) prefix: String,
    region: Option<String>,
    emulator: Option<String>,
}

/// The plan that API keys are in.
pub(crate) struct Plan {
    pub(super) gateway: Gateway,
    pub(super) id: String,
    pub(super) plan_keys: PlanKeys,
    pub(super) url: String,
    pub(super) is_prod: bool,
    /// The bucket that each key has in it; none where it has no bounds.
    pub(super) throttle: Option<ThrottleSettings>,
}

impl Gateway {
    /// What `config` reaches; `endpoint_url` is API Gateway's own, where it is not AWS's.
    pub(crate) fn new(config: &SdkConfig, endpoint_url: Option<String>, prefix: &str) -> Self {
        Self {
            control: Control::new(config),
            prefix: prefix.to_owned(),
            region: config.region().map(ToString::to_string),
            emulator: endpoint_url.filter(|url| !is_amazons(url)),
        }
    }

    /// Finds the plan.
    ///
    /// # Errors
    /// Where there is none, or it is not as the stack makes it: with the way out.
    pub(crate) async fn plan(&self) -> Result<Plan> {
        let name = format!("{}keys", self.prefix);
        let region = self.region.as_deref().context(
            "No AWS region is set: set AWS_REGION to the deployment's, or name a DynamoDB alone with --endpoint-url.",
        )?;
        let plans = self.control.plans().await?;
        let Some(plan) = plans.into_iter().find(|plan| plan.name() == Some(&name)) else {
            bail!(
                "There is no usage plan {name} in {region}: deploy the stack, name another one with --table-prefix, \
                 or choose its region with AWS_REGION."
            );
        };
        let odd = |what: &str| format!("The usage plan {name} {what}: deploy the stack again.");
        let tag = |name: &str| plan.tags().and_then(|tags| tags.get(name)).map(String::as_str);
        let plan_keys = tag(PLAN_KEYS_TAG).and_then(|value| value.parse().ok());
        let stage = plan.api_stages().first();
        Ok(Plan {
            plan_keys: plan_keys
                .with_context(|| odd("has no tag PlanKeys that says individual or pooled"))?,
            url: stage
                .and_then(|stage| self.url(region, stage, tag(URL_TAG)))
                .with_context(|| odd("belongs to no stage"))?,
            is_prod: tag(STAGE_TAG) == Some("prod"),
            throttle: plan.throttle().cloned(),
            id: plan.id.with_context(|| odd("has no id"))?,
            gateway: self.clone(),
        })
    }

    /// Where consumers find the API: at the gateway's own address, which needs no record in the DNS, unless it is closed.
    fn url(&self, region: &str, stage: &ApiStage, domain: Option<&str>) -> Option<String> {
        let (api, stage) = (stage.api_id()?, stage.stage()?);
        let domain = domain.filter(|url| url.starts_with("https://"));
        Some(match (&self.emulator, domain) {
            (Some(url), _) => format!("{}/_aws/execute-api/{api}/{stage}", url.trim_end_matches('/')),
            (None, Some(url)) => url.to_owned(),
            (None, None) => {
                let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
                format!("https://{api}.execute-api.{region}.{domain}/{stage}")
            }
        })
    }

    /// What the names of all API keys' own keys start with.
    pub(super) fn individual_prefix(&self) -> String {
        format!("{}key-", self.prefix)
    }

    pub(super) fn individual_name(&self, key_id: RecordId) -> String {
        format!("{}{key_id}", self.individual_prefix())
    }
}

/// Whether a URL is one of AWS's own, such as a VPC endpoint: the API is then where it always is.
fn is_amazons(url: &str) -> bool {
    let uri = url.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")
}

#[cfg(test)]
mod tests {
    use aws_config::{BehaviorVersion, Region};

    use super::*;

    fn url(region: &str, endpoint_url: Option<&str>, domain: Option<&str>) -> String {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .build();
        let gateway = Gateway::new(&config, endpoint_url.map(str::to_owned), "InboundFlow-");
        let stage = ApiStage::builder().api_id("a1b2c3").stage("live").build();
        gateway.url(region, &stage, domain).expect("a URL")
    }

    #[test]
    fn the_api_is_found_where_its_stage_is() {
        let found = |region, endpoint_url| url(region, endpoint_url, None);
        assert_eq!(found("eu-central-1", None), "https://a1b2c3.execute-api.eu-central-1.amazonaws.com/live");
        assert_eq!(found("cn-north-1", None), "https://a1b2c3.execute-api.cn-north-1.amazonaws.com.cn/live");
        let own = "https://vpce-1.apigateway.us-east-1.vpce.amazonaws.com";
        assert_eq!(found("us-east-1", Some(own)), "https://a1b2c3.execute-api.us-east-1.amazonaws.com/live");
        let emulated = "http://127.0.0.1:4566/_aws/execute-api/a1b2c3/live";
        assert_eq!(found("us-east-1", Some("http://127.0.0.1:4566/")), emulated);
    }

    #[test]
    fn the_api_is_found_at_its_domain_where_the_gateways_address_is_closed() {
        let domain = Some("https://api.example.com");
        assert_eq!(url("us-east-1", None, domain), "https://api.example.com");
        let open = url("us-east-1", None, Some("gateway"));
        assert_eq!(open, "https://a1b2c3.execute-api.us-east-1.amazonaws.com/live");
        assert!(
            url("us-east-1", Some("http://127.0.0.1:4566"), domain).starts_with("http://127.0.0.1:4566/")
        );
    }
}
