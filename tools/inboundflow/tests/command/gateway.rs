//! A stand-in for API Gateway that fails on demand: the few calls of its control plane that the command
//! makes, and the deployed API's answers. What AWS really does is tried against an emulator of it.

use std::{
    collections::HashSet,
    net::TcpListener,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::to_bytes,
    http::{Request, Response, StatusCode},
};
use serde_json::{Value, json};

pub(crate) const PLAN: &str = "plan01";

/// A fault of the gateway in the place of a call's response.
pub(crate) struct Fault {
    /// The method and the path's beginning of the calls that fail.
    pub(crate) call: &'static str,
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    /// How many calls fail.
    pub(crate) times: usize,
    /// Whether a call that fails is carried out all the same.
    pub(crate) lost: bool,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) plans: Vec<Value>,
    pub(crate) keys: Vec<Value>,
    pub(crate) attached: HashSet<String>,
    pub(crate) faults: Vec<Fault>,
    /// The statuses that the deployed API answers with, one a request; then 200.
    pub(crate) api: Vec<u16>,
    pub(crate) calls: Vec<String>,
    made: usize,
}

#[derive(Clone)]
pub(crate) struct Gateway {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl Gateway {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let gateway = Self { url, state: Arc::default() };
        gateway.state().plans =
            vec![plan("Other-keys", "individual"), plan("InboundFlow-keys", "individual")];
        let served = gateway.clone();
        let router = Router::new().fallback(async move |request| served.answer(request).await);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        gateway
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Calls that begin like this, as often as they came.
    pub(crate) fn count(&self, call: &str) -> usize {
        self.state().calls.iter().filter(|made| made.starts_with(call)).count()
    }

    #[expect(clippy::disallowed_types, reason = "a whole gateway takes the request as it is")]
    async fn answer(&self, request: axum::extract::Request) -> Response<String> {
        let (parts, body) = Request::into_parts(request);
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let call = format!("{} {}", parts.method, parts.uri.path());
        let query: Vec<(String, String)> =
            form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let mut state = self.state();
        state.calls.push(format!("{call} {body}"));
        if call.starts_with("GET /_aws/execute-api/api001/live/v1/me") {
            assert!(parts.headers["authorization"].to_str().unwrap().starts_with("Bearer sk_live_"));
            let status = if state.api.is_empty() { 200 } else { state.api.remove(0) };
            return response(status, "", &json!({}));
        }
        let fault = state.faults.iter_mut().find(|fault| fault.times > 0 && call.starts_with(fault.call));
        let Some(fault) = fault else { return state.carry_out(&call, &query, &body) };
        fault.times -= 1;
        let (status, code, lost) = (fault.status, fault.code, fault.lost);
        if lost {
            drop(state.carry_out(&call, &query, &body));
        }
        response(status, code, &json!({"message": "on purpose"}))
    }
}

impl State {
    pub(crate) fn add(&mut self, name: &str, value: &str, created_seconds: i64) -> String {
        self.made += 1;
        let id = format!("key{:05}", self.made);
        self.keys.push(json!({
            "id": id, "name": name, "value": value, "enabled": true, "createdDate": created_seconds,
        }));
        id
    }

    pub(crate) fn key(&mut self, name: &str) -> Option<&mut Value> {
        self.keys.iter_mut().find(|key| key["name"] == name)
    }

    fn carry_out(&mut self, call: &str, query: &[(String, String)], body: &Value) -> Response<String> {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let asked = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let (method, path) = call.split_once(' ').unwrap();
        let path: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, &path[..]) {
            ("GET", ["usageplans"]) => page(&self.plans, asked),
            ("GET", ["apikeys"]) => {
                let name = asked("name").unwrap_or_default();
                let found = self.keys.iter().filter(|key| key["name"].as_str().unwrap().starts_with(&name));
                page(&found.cloned().collect::<Vec<_>>(), asked)
            }
            ("POST", ["apikeys"]) => {
                if self.keys.iter().any(|key| key["value"] == body["value"]) {
                    return conflict();
                }
                let id = self.add(&text("name"), &text("value"), domain::Timestamp::now().unix_seconds());
                response(201, "", self.keys.iter().find(|key| key["id"] == id).unwrap())
            }
            ("PATCH", ["apikeys", id]) => {
                let Some(key) = self.keys.iter_mut().find(|key| key["id"] == *id) else { return missing() };
                let change = &body["patchOperations"][0];
                assert_eq!((&change["op"], &change["path"]), (&json!("replace"), &json!("/enabled")));
                key["enabled"] = json!(change["value"] == "true");
                response(200, "", key)
            }
            ("DELETE", ["apikeys", id]) => {
                let before = self.keys.len();
                self.keys.retain(|key| key["id"] != *id);
                self.attached.remove(*id);
                if self.keys.len() == before { missing() } else { response(202, "", &json!({})) }
            }
            ("GET", ["usageplans", PLAN, "keys"]) => {
                page(&self.attached.iter().map(|id| json!({"id": id})).collect::<Vec<_>>(), asked)
            }
            ("POST", ["usageplans", PLAN, "keys"]) => {
                assert_eq!(text("keyType"), "API_KEY");
                if self.attached.insert(text("keyId")) { response(201, "", body) } else { conflict() }
            }
            ("GET", ["usageplans", PLAN, "keys", id]) => {
                if self.attached.contains(*id) {
                    response(200, "", &json!({"id": id}))
                } else {
                    missing()
                }
            }
            _ => panic!("API Gateway has no {call}"),
        }
    }
}

pub(crate) fn plan(name: &str, plan_keys: &str) -> Value {
    let id = if name == "InboundFlow-keys" { PLAN } else { "other1" };
    json!({
        "id": id, "name": name, "apiStages": [{"apiId": "api001", "stage": "live"}],
        "tags": {"PlanKeys": plan_keys, "Stage": "dev", "Url": "gateway"},
    })
}

fn page(items: &[Value], asked: impl Fn(&str) -> Option<String>) -> Response<String> {
    let number = |name: &str, default: usize| asked(name).map_or(default, |text| text.parse().unwrap());
    let (start, limit) = (number("position", 0), number("limit", 25));
    assert!(limit <= 500);
    let end = (start + limit).min(items.len());
    let mut answer = json!({"item": items[start..end]});
    if end < items.len() {
        answer["position"] = json!(end.to_string());
    }
    response(200, "", &answer)
}

fn conflict() -> Response<String> {
    response(409, "ConflictException", &json!({"message": "it exists already"}))
}

fn missing() -> Response<String> {
    response(404, "NotFoundException", &json!({"message": "there is none"}))
}

fn response(status: u16, code: &str, body: &Value) -> Response<String> {
    let builder = Response::builder().status(StatusCode::from_u16(status).unwrap());
    let builder = builder.header("content-type", "application/json").header("x-amzn-errortype", code);
    builder.body(body.to_string()).unwrap()
}
