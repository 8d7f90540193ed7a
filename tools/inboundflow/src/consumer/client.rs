//! A client of the API for commands: it sends one request after the other, and sends one again where that helps.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use conformance::{Http, NOT_ONE_WORD, Secret};
use indicatif::ProgressBar;
use openapi::HOSTED_URL;
use reqwest::{
    Method,
    header::{CONTENT_TYPE, USER_AGENT},
};
use serde_json::Value;

use super::{origin::Origin, pace::Pace, response::ApiResponse};
use crate::{
    cli::{ApiOptions, Cli},
    output,
    print::Record,
};

const NO_KEY: &str = "an API key is needed: set INBOUNDFLOW_API_KEY or give --api-key. Keys are made in the dashboard at \
                      secure.inboundflow.app, under Settings → API; `inboundflow dev` prints one for itself";
/// What is said where the hosted API, which is asked when nothing else is named, does not answer: the key may be another one's.
const NOT_HOSTED: &str = " For an API on this machine, `inboundflow dev` runs one, and prints the line that sets \
                          INBOUNDFLOW_BASE_URL.";
/// How long is waited after each failure of the server or the connection before the request is tried again.
const PAUSES_MS: [u64; 5] = [250, 500, 1000, 2000, 4000];
/// How often in a row a request is sent again whose answer asks to wait.
const MAX_WAITS: u8 = 5;
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The header that says that an idempotency key was used before.
const REPLAYED: &str = "idempotent-replayed";
const AGENT: &str = concat!("inboundflow/", env!("CARGO_PKG_VERSION"));

/// The API, and a key to it.
pub(crate) struct Client {
    http: Http,
    pub(crate) origin: Origin,
    pace: Cell<Option<Pace>>,
    /// Whether a request may have arrived.
    has_reached: Cell<bool>,
    display: WaitDisplay,
}

/// Where a wait is shown.
pub(crate) enum WaitDisplay {
    /// In a line on stderr.
    Lines,
    /// Beside the progress.
    Bar(ProgressBar),
}

/// A request to the API.
pub(crate) struct Request {
    pub(super) method: Method,
    /// With its query.
    pub(super) path: String,
    /// JSON.
    pub(super) body: Option<String>,
    pub(super) idempotency_key: Option<String>,
}

impl Request {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, idempotency_key: None }
    }

    pub(crate) fn body(self, body: &Value) -> Self {
        Self { body: Some(body.to_string()), ..self }
    }

    /// Whether the request can arrive twice without doing more than once.
    fn can_arrive_again(&self) -> bool {
        self.method != Method::POST || self.idempotency_key.is_some()
    }
}

impl Client {
    /// A client with the key that the command line or the environment gives; without one the process ends.
    pub(crate) fn new(options: ApiOptions, display: WaitDisplay) -> Result<Self> {
        let key = options.api_key.and_then(Secret::given).unwrap_or_else(|| Cli::refuse(NO_KEY));
        if !key.fits_a_header() {
            Cli::refuse(NOT_ONE_WORD);
        }
        let http = output::http(&options.base_url)?;
        let origin = Origin::new(options.base_url, key, &http);
        Ok(Self { http, origin, pace: Cell::new(None), has_reached: Cell::new(false), display })
    }

    /// The record at this path.
    pub(crate) async fn get(&self, path: &str) -> Result<Record> {
        self.record(&Request::new(Method::GET, path)).await
    }

    /// The record that a request is answered with.
    pub(crate) async fn record(&self, request: &Request) -> Result<Record> {
        self.send(request).await?.into_record(&self.origin)
    }

    /// Sends a request, as often as it takes, until there is an answer that another try would not change.
    pub(crate) async fn send(&self, request: &Request) -> Result<ApiResponse> {
        let mut pauses = PAUSES_MS.into_iter().map(Duration::from_millis);
        let (mut waits, mut may_be_second) = (0, false);
        loop {
            self.keep_pace().await;
            let outcome = self.exchange(request).await;
            let (why, pause) = match &outcome {
                Ok(answer) if answer.asks_to_wait() && waits < MAX_WAITS => {
                    waits += 1;
                    (why_to_wait(answer).to_owned(), answer.retry_after())
                }
                Ok(answer) if answer.status >= 500 && request.can_arrive_again() => {
                    let pause = pauses.next().and_then(|pause| answer.pause(pause));
                    (format!("the server answered {}", answer.status), pause)
                }
                // Without any response so far, a wrong address is more likely than a restart.
                Err(error) if error.is_connect() && self.has_reached.get() => {
                    (format!("there was {}", self.http.why_none(error)), pauses.next())
                }
                Err(error) if !error.is_connect() && request.can_arrive_again() => {
                    (format!("there was {}", self.http.why_none(error)), pauses.next())
                }
                _ => (String::new(), None),
            };
            let Some(pause) = pause else {
                let answer = outcome.map_err(|error| self.unanswered(&error))?;
                return Ok(ApiResponse { may_be_second, ..answer });
            };
            may_be_second |= match &outcome {
                Ok(answer) => !answer.asks_to_wait(),
                Err(error) => !error.is_connect(),
            };
            self.display.wait(&why, pause).await;
        }
    }

    /// Sends what makes something once; what it made, and whether an earlier request had. Where it may have been made
    /// though nobody said so, `unclear` says how to find out.
    pub(crate) async fn make(&self, request: &Request, unclear: &str) -> Result<(Record, bool)> {
        let unclear = |error: anyhow::Error| anyhow!("{error:#}\n{unclear}");
        let answer = match self.send(request).await {
            Err(error) if self.has_reached.get() => return Err(unclear(error)),
            answer => answer?,
        };
        let (is_refused, is_replayed) = ((300..500).contains(&answer.status), answer.says(REPLAYED));
        let made = answer.into_record(&self.origin);
        Ok((if is_refused { made? } else { made.map_err(unclear)? }, is_replayed))
    }

    async fn exchange(&self, request: &Request) -> Result<ApiResponse, reqwest::Error> {
        let url = format!("{}{}", self.origin.base_url, request.path);
        let mut builder =
            self.http.request(request.method.clone(), url).bearer_auth(self.origin.key.reveal());
        builder = builder.header(USER_AGENT, AGENT);
        if let Some(key) = &request.idempotency_key {
            builder = builder.header(IDEMPOTENCY_KEY, key);
        }
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let outcome = self.http.send(builder).await;
        self.has_reached
            .set(self.has_reached.get() || !outcome.as_ref().is_err_and(reqwest::Error::is_connect));
        let asked = format!("{} {}", request.method, request.path.split('?').next().unwrap_or_default());
        let answer = ApiResponse { asked, response: outcome?, may_be_second: false };
        self.pace.set(Pace::of(&answer, Instant::now()));
        Ok(answer)
    }

    async fn keep_pace(&self) {
        let Some(wait) = self.pace.take().and_then(|pace| pace.wait(Instant::now())) else { return };
        self.display.wait("the key's minute is nearly used up", wait).await;
    }

    fn unanswered(&self, error: &reqwest::Error) -> anyhow::Error {
        let (url, why) = (&self.origin.base_url, self.http.why_none(error));
        let advice = if url == HOSTED_URL { NOT_HOSTED } else { "" };
        anyhow!(
            "{url} does not answer: {why}. Check --base-url or INBOUNDFLOW_BASE_URL, and the network.{advice}"
        )
    }
}

fn why_to_wait(answer: &ApiResponse) -> &'static str {
    match answer.status {
        429 if answer.number("x-ratelimit-remaining") == Some(0) => "the key has used up its minute",
        429 => "the server is busy",
        _ => "others were changing the same record",
    }
}

impl WaitDisplay {
    async fn wait(&self, why: &str, time: Duration) {
        let text = |left: Duration| format!("{why}: going on in {} s", left.as_secs_f64().ceil());
        let bar = match self {
            Self::Bar(bar) if !bar.is_hidden() => bar,
            // Nobody sees a bar where stderr is no terminal.
            Self::Bar(_) | Self::Lines => {
                output::note(&text(time));
                return tokio::time::sleep(time).await;
            }
        };
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            bar.set_message(text(left));
            tokio::time::sleep(left.min(Duration::from_secs(1))).await;
        }
        bar.set_message("");
    }
}
