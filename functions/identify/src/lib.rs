//! The gateway's authorizer. It refuses nobody and does no I/O: it names the caller's key of the usage plan, and gives the gateway
//! what the responses that it makes by itself show.

use std::collections::HashMap;

use domain::{
    Rate, Timestamp, catalogue,
    key::ApiKey,
    plan::{self, PlanKeys},
    request_id,
};
use serde::{Deserialize, Serialize};

/// The authorizer, as the function's environment configures it.
#[derive(Clone, Debug)]
pub struct Identify {
    /// How API keys map onto plan keys.
    pub plan_keys: PlanKeys,
    /// The prefix of shared plan keys.
    pub prefix: String,
}

/// The parts of a REQUEST authorizer's event that are read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The path as the template has it, such as `/docs/{proxy+}`.
    resource: Option<String>,
    headers: Option<HashMap<String, String>>,
    multi_value_headers: Option<HashMap<String, Vec<String>>>,
    request_context: Option<RequestContext>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    request_id: Option<String>,
}

/// The authorizer's response to the gateway.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identified {
    principal_id: &'static str,
    policy_document: Policy,
    usage_identifier_key: String,
    context: Context,
}

/// An IAM policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: &'static str,
    action: &'static str,
    resource: &'static str,
}

/// `$context.authorizer` in the template's gateway responses, which can substitute but not compute.
#[derive(Debug, Serialize)]
struct Context {
    request_id: String,
    now: String,
    reset: i64,
    ratelimit: String,
}

impl Identify {
    /// Reads `PLAN_KEYS` and `PLAN_KEY_PREFIX`.
    ///
    /// # Errors
    /// A sentence that names the variable that is missing or wrong.
    pub fn new(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let read = |name: &str| variable(name).ok_or_else(|| format!("{name} is not set"));
        let plan_keys = read("PLAN_KEYS")?.parse().map_err(|error| format!("PLAN_KEYS: {error}"))?;
        Ok(Self { plan_keys, prefix: read("PLAN_KEY_PREFIX")? })
    }

    /// Names the caller's plan key. Requests without a well-formed key share one; whether a key exists is for the functions to
    /// find out. Requests for the documentation share another.
    #[must_use]
    pub fn answer(&self, request: &Request, now: Timestamp) -> Identified {
        let rate = Rate::unrecognised(now);
        let (principal_id, usage_identifier_key) = if request.is_for_the_documentation() {
            ("reader", plan::documentation(&self.prefix))
        } else {
            match ApiKey::from_authorization(request.authorization()) {
                Ok(key) => ("key", self.plan_keys.value(&self.prefix, &key.hash())),
                Err(_) => ("anonymous", plan::anonymous(&self.prefix)),
            }
        };
        let gateway_id = request.request_context.as_ref().and_then(|context| context.request_id.as_deref());
        Identified {
            principal_id,
            policy_document: Policy {
                version: "2012-10-17",
                statement: [Statement { effect: "Allow", action: "execute-api:Invoke", resource: "*" }],
            },
            usage_identifier_key,
            context: Context {
                request_id: request_id(gateway_id.unwrap_or_default()),
                now: now.fixed_width(),
                reset: rate.reset,
                ratelimit: rate.ietf(),
            },
        }
    }
}

impl Request {
    fn is_for_the_documentation(&self) -> bool {
        self.resource.as_deref().is_some_and(|resource| catalogue::DOCUMENTATION.contains(&resource))
    }

    /// The values of every `Authorization` header. The multi-valued headers hold the others.
    fn authorization(&self) -> Vec<&str> {
        let named = |name: &str| name.eq_ignore_ascii_case("authorization");
        match &self.multi_value_headers {
            Some(headers) => headers
                .iter()
                .filter(|(name, _)| named(name))
                .flat_map(|(_, values)| values.iter().map(String::as_str))
                .collect(),
            None => self
                .headers
                .iter()
                .flatten()
                .filter(|(name, _)| named(name))
                .map(|(_, value)| value.as_str())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn identified(plan_keys: PlanKeys, event: &Value) -> Value {
        let identify = Identify { plan_keys, prefix: "InboundFlow-".to_owned() };
        let request: Request = serde_json::from_value(event.clone()).expect("an authorizer's event");
        let now = Timestamp::parse("2026-02-24T20:59:17.400Z").expect("a time");
        serde_json::to_value(identify.answer(&request, now)).expect("JSON")
    }

    fn with_headers(values: &[&str]) -> Value {
        let single: HashMap<&str, &&str> =
            values.last().map(|value| ("authorization", value)).into_iter().collect();
        let multi: HashMap<&str, &[&str]> = single.keys().map(|name| (*name, values)).collect();
        json!({
            "type": "REQUEST", "headers": single, "multiValueHeaders": multi,
            "requestContext": {"requestId": "c6af9ac6-7b61-41e6-9a41-93e8deadbeef"},
        })
    }

    #[test]
    fn a_well_formed_key_is_named_by_its_hash() {
        let key = ApiKey::generate().expect("random bytes");
        let bearer = format!("bearer {}", key.reveal());
        let answer = identified(PlanKeys::Individual, &with_headers(&[&bearer]));
        assert_eq!(answer["usageIdentifierKey"], key.hash().to_hex());
        assert_eq!(answer["principalId"], "key");
        assert_eq!(
            answer["policyDocument"],
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]})
        );
        assert_eq!(
            answer["context"],
            json!({
                "request_id": "req_c6af9ac67b61", "now": "2026-02-24T20:59:17.400Z", "reset": 1_771_966_800,
                "ratelimit": "\"default\";r=0;t=43",
            })
        );
        assert!(!answer.to_string().contains(key.reveal()));
        let pooled = identified(PlanKeys::Pooled, &with_headers(&[&bearer]));
        let value = PlanKeys::Pooled.value("InboundFlow-", &key.hash());
        assert_eq!(pooled["usageIdentifierKey"], value);
    }

    #[test]
    fn whatever_brings_no_good_key_is_anonymous_and_let_through() {
        let key = ApiKey::generate().expect("random bytes");
        let bearer = format!("Bearer {}", key.reveal());
        let events = [
            with_headers(&[]),
            with_headers(&["Bearer sk_live_your_key_here"]),
            with_headers(&["Basic dXNlcjpwYXNz"]),
            with_headers(&[&bearer, &bearer]),
            with_headers(&[key.reveal()]),
            with_headers(&["Bearer é"]),
            json!({"headers": null, "multiValueHeaders": null, "requestContext": {}}),
            json!({}),
        ];
        for event in &events {
            let answer = identified(PlanKeys::Individual, event);
            assert_eq!(answer["usageIdentifierKey"], "InboundFlow-anonymous-plan-key", "{event}");
            assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Allow");
            assert_eq!(answer["principalId"], "anonymous");
        }
    }

    #[test]
    fn whoever_asks_for_the_documentation_is_a_reader() {
        let key = ApiKey::generate().expect("random bytes");
        let bearer = format!("Bearer {}", key.reveal());
        for (resource, principal, named) in [
            ("/docs", "reader", "InboundFlow-documentation-plan-key"),
            ("/docs/{proxy+}", "reader", "InboundFlow-documentation-plan-key"),
            ("/v1/openapi.json", "reader", "InboundFlow-documentation-plan-key"),
            ("/{proxy+}", "key", &key.hash().to_hex()),
            ("/v1/me", "key", &key.hash().to_hex()),
        ] {
            let mut event = with_headers(&[&bearer]);
            event["resource"] = json!(resource);
            // What the path says besides is the client's choice.
            event["path"] = json!("/docs/en/index.html");
            let answer = identified(PlanKeys::Individual, &event);
            assert_eq!(
                (&answer["principalId"], &answer["usageIdentifierKey"]),
                (&json!(principal), &json!(named))
            );
            event["headers"] = Value::Null;
            event["multiValueHeaders"] = Value::Null;
            let without_key = identified(PlanKeys::Pooled, &event);
            assert_eq!(
                without_key["principalId"],
                if principal == "reader" { "reader" } else { "anonymous" }
            );
        }
    }

    #[test]
    fn headers_are_found_where_only_single_values_came() {
        let key = ApiKey::generate().expect("random bytes");
        let event = json!({"headers": {"AUTHORIZATION": format!("Bearer {}", key.reveal())}});
        assert_eq!(identified(PlanKeys::Individual, &event)["usageIdentifierKey"], key.hash().to_hex());
    }

    #[test]
    fn an_environment_that_lacks_something_is_named() {
        let new = |variables: &[(&str, &str)]| {
            Identify::new(|name| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(new(&[("PLAN_KEYS", "pooled"), ("PLAN_KEY_PREFIX", "a-")]).is_ok());
        assert_eq!(new(&[]).expect_err("nothing set"), "PLAN_KEYS is not set");
        assert_eq!(new(&[("PLAN_KEYS", "pooled")]).expect_err("half set"), "PLAN_KEY_PREFIX is not set");
        let wrong = new(&[("PLAN_KEYS", "one"), ("PLAN_KEY_PREFIX", "a-")]).expect_err("wrong");
        assert_eq!(wrong, "PLAN_KEYS: expected individual or pooled");
    }
}
