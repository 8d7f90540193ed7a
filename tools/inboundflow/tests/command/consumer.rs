//! The commands that ask the API, against `dev` and, for what `dev` cannot be made to answer, a stand-in.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::TcpListener,
    process::{Command, Output},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response},
};
use serde_json::{Value, json};

use crate::{Dev, inboundflow, out};

mod export;
mod failures;
mod lists;
mod proxies;
mod records;
mod spreadsheets;
mod webhooks;

/// An API key: one word, as the API's keys are; the stand-in takes any.
const KEY: &str = "sk_live_your_key_here";
const ORGANIZATION: &str = "8f3d0324-ac89-48ba-bffd-aac009b8c000";

/// The command, asking this API with this key.
fn command(url: &str, key: &str, arguments: &[&str]) -> Command {
    let mut command = inboundflow(arguments);
    command.env("INBOUNDFLOW_BASE_URL", url).env("INBOUNDFLOW_API_KEY", key);
    command
}

/// Runs the command, and checks that nothing shows the key.
fn run(url: &str, key: &str, arguments: &[&str]) -> Output {
    let output = command(url, key, arguments).output().unwrap();
    for text in [&output.stdout, &output.stderr] {
        assert!(!String::from_utf8_lossy(text).contains(key), "{arguments:?} shows the key: {output:?}");
    }
    output
}

fn printed(output: &Output) -> Value {
    serde_json::from_str(&out(output)).unwrap()
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

impl Dev {
    pub(crate) fn ask(&self, arguments: &[&str]) -> Output {
        run(&self.text("url"), &self.text("api_key"), arguments)
    }

    /// Another key of the same organization, whose minute is before it.
    pub(crate) fn another_key(&self, organization: &str, scopes: &str) -> String {
        let endpoint = self.text("dynamodb_endpoint");
        let create = ["keys", "create", "--organization", organization, "--name", "x", "--scopes", scopes];
        let made = crate::run(&[&create[..], &["--json", "--endpoint-url", &endpoint]].concat());
        printed(&made)["api_key"].as_str().unwrap().to_owned()
    }
}

/// A request that the stand-in got.
#[derive(Clone, Debug)]
struct Asked {
    method: String,
    path: String,
    query: HashMap<String, String>,
    headers: HashMap<String, String>,
    body: String,
}

/// The stand-in's response to a request.
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    delay: Duration,
    /// The number of the response that is held back, and how many are let out so far.
    held: Option<(usize, Arc<AtomicUsize>)>,
    /// Whether the connection ends before the body does.
    is_cut: bool,
}

/// A stand-in for the API, which answers as it is told.
struct StandIn {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl StandIn {
    /// Starts a stand-in that is told what to answer to each request, by its number from 0 on.
    fn start(answer: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (seen, answer) = (asked.clone(), Arc::new(answer));
        let router = Router::new().fallback(move |request: Request<Body>| {
            let (seen, answer) = (seen.clone(), answer.clone());
            async move {
                let asked = Asked::read(request).await;
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(asked.clone());
                    seen.len() - 1
                };
                answer(number, &asked).send().await
            }
        });
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        run(&self.url, KEY, arguments)
    }
}

impl Asked {
    async fn read(request: Request<Body>) -> Self {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let query = parts.uri.query().unwrap_or_default();
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: (parts.headers.iter())
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// A page of a list of so many calls, the newest first, and whose they are.
    fn answer_list(&self, records: usize) -> Reply {
        if self.path == "/v1/me" {
            return Reply::data(&json!({"organization_id": ORGANIZATION, "plan": "x"}));
        }
        assert_eq!(self.path, "/v1/calls");
        let number = |name: &str| self.query.get(name).map(|text| text.parse::<usize>().unwrap());
        let (start, limit) = (number("cursor").unwrap_or(0), number("limit").unwrap());
        let end = (start + limit).min(records);
        let data: Vec<Value> = (start..end).map(record).collect();
        let next = (end < records).then(|| end.to_string());
        Reply::json(200, &json!({"data": data, "has_more": next.is_some(), "next_cursor": next}))
    }
}

/// A record with what needs care in CSV.
fn record(number: usize) -> Value {
    json!({"id": number, "caller_phone": "+12015550142", "summary": format!("=\"{number}\", and\r\nso on…"), "x": null})
}

impl Reply {
    fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Self { status, headers, body: body.into(), delay: Duration::ZERO, held: None, is_cut: false }
    }

    fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    fn data(data: &Value) -> Self {
        Self::json(200, &json!({"data": data, "meta": {"request_id": "req_0123456789ab"}}))
    }

    fn error(status: u16, code: &str, message: &str) -> Self {
        let meta = json!({"request_id": "req_0123456789ab", "timestamp": "2026-02-24T20:59:00.000Z"});
        let error = json!({"code": code, "message": message, "status": status});
        Self::json(status, &json!({"error": error, "meta": meta}))
    }

    fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    fn late(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    fn held(self, number: usize, let_out: Arc<AtomicUsize>) -> Self {
        Self { held: Some((number, let_out)), ..self }
    }

    fn cut(self) -> Self {
        Self { is_cut: true, ..self }
    }

    async fn send(self) -> Result<Response<Body>, Infallible> {
        tokio::time::sleep(self.delay).await;
        while self.held.as_ref().is_some_and(|(number, let_out)| *number >= let_out.load(Ordering::SeqCst)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let builder =
            self.headers.iter().fold(Response::builder().status(self.status), |builder, (name, value)| {
                builder.header(*name, value)
            });
        let body = if self.is_cut {
            let half = self.body[..self.body.len() / 2].to_vec();
            let pieces = [Ok(half), Err(std::io::Error::other("on purpose"))];
            Body::from_stream(futures_util::stream::iter(pieces))
        } else {
            Body::from(self.body)
        };
        Ok(builder.body(body).unwrap())
    }
}
