//! The stack that `template.yaml` describes, as far as requests and events notice.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use domain::webhooks::ALLOW_LOOPBACK_VARIABLE;
use serde_json::Value;

use crate::{
    sources::{self, QueueSettings, QueueSource, Schedule, StreamSource},
    template::{entries, of_type, resolved, text},
};

/// The template that was there when the command was built.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The functions that judge which URLs an endpoint may have.
const WEBHOOK_FUNCTIONS: [&str; 2] = ["webhooks", "deliver"];

/// What a template deploys, as far as requests and events notice.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The functions, by the names of their binaries.
    pub functions: BTreeMap<String, Environment>,
    /// The time-out of each function, by the same names.
    pub timeouts: BTreeMap<String, Duration>,
    /// The routes: the path of each, and the function that answers it.
    pub routes: Vec<Route>,
    /// The binary of the authorizer.
    pub authorizer: String,
    /// The responses that the gateway gives by itself, by type.
    pub responses: HashMap<String, GatewayResponse>,
    /// The usage plan of the keys that have no other.
    pub keys: Throttle,
    /// The usage plans of the keys that the template itself makes, by the keys' values.
    pub own_keys: HashMap<String, Throttle>,
    /// The queues, by their names in the template.
    pub queues: BTreeMap<String, QueueSettings>,
    /// The queues that feed functions.
    pub sources: Vec<QueueSource>,
    /// The tables whose changes feed functions.
    pub streams: Vec<StreamSource>,
    /// The schedules that call functions.
    pub schedules: Vec<Schedule>,
    /// The buckets' own names, by those in the template.
    pub buckets: BTreeMap<String, String>,
}

/// A function's environment.
pub(super) type Environment = BTreeMap<String, String>;

/// A path, and the binary that answers every method of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The path as API Gateway writes it: `/v1/calls/{id}`, `/{proxy+}`.
    pub path: String,
    /// The function's binary.
    pub function: String,
}

/// A usage plan's token bucket, of which each key has its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Throttle {
    /// Requests per second that come back.
    pub rate: f64,
    /// The most requests that the bucket holds.
    pub burst: f64,
}

/// A response that the gateway gives by itself.
#[derive(Clone, Debug)]
pub struct GatewayResponse {
    /// The response's status.
    pub status: u16,
    /// The response's headers: a literal in quotes, or a variable.
    pub headers: BTreeMap<String, String>,
    /// The response's body, with variables.
    pub body: String,
}

impl Stack {
    /// Reads a template as a stack of this name would be deployed from it.
    ///
    /// # Errors
    /// When the template is broken, or asks for something that the local gateway does not do.
    pub fn read(text: &str, stack_name: &str) -> Result<Self> {
        let template = resolved(text, stack_name)?;
        let resources = &template["Resources"];
        let api =
            of_type(resources, "AWS::Serverless::Api").next().context("there is no AWS::Serverless::Api")?.1;
        let globals = &template["Globals"]["Function"];
        let mut stack = Self {
            functions: BTreeMap::new(),
            timeouts: BTreeMap::new(),
            routes: Vec::new(),
            authorizer: String::new(),
            responses: responses(&api["GatewayResponses"])?,
            keys: named_plan(resources, &format!("{stack_name}-keys"))?,
            own_keys: own_keys(resources)?,
            queues: sources::queues(resources)?,
            sources: Vec::new(),
            streams: Vec::new(),
            schedules: Vec::new(),
            buckets: sources::buckets(resources, stack_name),
        };
        let mut binaries = HashMap::new();
        for (name, resource) in of_type(resources, "AWS::Serverless::Function") {
            let binary = entries(resources)
                .find(|(known, _)| *known == name)
                .and_then(|(_, whole)| whole["Metadata"]["BuildProperties"]["Binary"].as_str())
                .with_context(|| format!("{name} names no Binary"))?;
            binaries.insert(name.clone(), binary.to_owned());
            stack.functions.insert(binary.to_owned(), environment(globals, resource));
            stack.timeouts.insert(binary.to_owned(), timeout(globals, resource)?);
            stack.routes.extend(routes(binary, resource)?);
            stack.sources.extend(sources::sources(resources, binary, resource)?);
            stack.streams.extend(sources::streams(resources, binary, resource)?);
            stack.schedules.extend(sources::schedules(binary, resource)?);
        }
        stack.authorizer = authorizer(&api["Auth"], &binaries)?;
        Ok(stack)
    }

    /// This stack with endpoints allowed on this machine, at any port.
    #[must_use]
    pub fn with_loopback_webhooks(mut self) -> Self {
        for function in WEBHOOK_FUNCTIONS {
            if let Some(variables) = self.functions.get_mut(function) {
                variables.insert(ALLOW_LOOPBACK_VARIABLE.to_owned(), "true".to_owned());
            }
        }
        self
    }

    /// This stack with usage plans that let everything through.
    #[must_use]
    pub fn unthrottled(mut self) -> Self {
        let wide = Throttle { rate: 1e9, burst: 1e9 };
        self.keys = wide;
        self.own_keys.values_mut().for_each(|throttle| *throttle = wide);
        self
    }
}

fn environment(globals: &Value, function: &Value) -> Environment {
    let variables = [globals, function].map(|settings| &settings["Environment"]["Variables"]);
    variables.into_iter().flat_map(entries).map(|(name, value)| (name.clone(), text(value))).collect()
}

fn timeout(globals: &Value, function: &Value) -> Result<Duration> {
    let seconds = function["Timeout"].as_u64().or(globals["Timeout"].as_u64());
    seconds.map(Duration::from_secs).context("a function has no Timeout")
}

fn routes(binary: &str, function: &Value) -> Result<Vec<Route>> {
    let apis = entries(&function["Events"]).filter(|(_, event)| event["Type"] == "Api");
    apis.map(|(name, event)| {
        let (path, method) = (text(&event["Properties"]["Path"]), text(&event["Properties"]["Method"]));
        // Another method on a path that exists is refused by API Gateway in words of its own.
        ensure!(
            method.eq_ignore_ascii_case("any"),
            "{binary}'s event {name} has to take ANY, not {method}: API Gateway would refuse other methods in its own words"
        );
        Ok(Route { path, function: binary.to_owned() })
    })
    .collect()
}

fn authorizer(auth: &Value, binaries: &HashMap<String, String>) -> Result<String> {
    let name = auth["DefaultAuthorizer"].as_str().context("the API has no DefaultAuthorizer")?;
    let arn = text(&auth["Authorizers"][name]["FunctionArn"]);
    // A reference to an alias: `IdentifyFunction.Alias`.
    let function = arn.split('.').next().unwrap_or_default();
    binaries.get(function).cloned().with_context(|| format!("the authorizer {arn} is no function"))
}

fn responses(all: &Value) -> Result<HashMap<String, GatewayResponse>> {
    entries(all)
        .map(|(kind, response)| {
            let status = response["StatusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
            let headers = entries(&response["ResponseParameters"]["Headers"]);
            let response = GatewayResponse {
                status: status.with_context(|| format!("{kind} has no status"))?,
                headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
                body: text(&response["ResponseTemplates"]["application/json"]),
            };
            Ok((kind.clone(), response))
        })
        .collect()
}

fn named_plan(resources: &Value, name: &str) -> Result<Throttle> {
    let mut plans = of_type(resources, "AWS::ApiGateway::UsagePlan");
    let plan = plans.find(|(_, plan)| plan["UsagePlanName"] == name);
    throttle(plan.with_context(|| format!("there is no usage plan {name}, which API keys are in"))?.1)
}

fn own_keys(resources: &Value) -> Result<HashMap<String, Throttle>> {
    of_type(resources, "AWS::ApiGateway::UsagePlanKey")
        .map(|(name, link)| {
            let key = &resources[text(&link["KeyId"])]["Properties"];
            let plan = &resources[text(&link["UsagePlanId"])]["Properties"];
            Ok((text(&key["Value"]), throttle(plan).with_context(|| format!("the usage plan of {name}"))?))
        })
        .collect()
}

fn throttle(plan: &Value) -> Result<Throttle> {
    let number =
        |name: &str| plan["Throttle"][name].as_f64().with_context(|| format!("Throttle has no {name}"));
    Ok(Throttle { rate: number("RateLimit")?, burst: number("BurstLimit")? })
}
