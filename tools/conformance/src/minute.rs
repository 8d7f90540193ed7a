//! Promises about the rate limit, for which a key's requests of a minute are used up.

use std::{rc::Rc, time::Duration};

use domain::{DEFAULT_REQUESTS_PER_MINUTE, WINDOW_SECONDS};
use tokio::sync::OnceCell;

use crate::{
    exchange::Exchange,
    promise::{CheckResult, NotKept, Promise, choice, differs, documented, expect, not_seen},
    request::Request,
    server::{FOR_THE_NEXT_MINUTE, Server},
};

/// How many requests use up a minute at the most: the minute may end meanwhile.
const MAX_REQUESTS: u32 = 2 * DEFAULT_REQUESTS_PER_MINUTE + 5;

/// The response past the limit, once it was asked for.
pub(super) struct UsedUp {
    allowed: bool,
    answer: OnceCell<Result<Rc<Exchange>, NotKept>>,
}

impl UsedUp {
    pub(super) fn new(allowed: bool) -> Self {
        Self { allowed, answer: OnceCell::new() }
    }

    async fn answer(&self, server: &Server) -> Result<&Exchange, NotKept> {
        if !self.allowed {
            return Err(not_seen("needs --use-up-minute"));
        }
        let answer = self.answer.get_or_init(|| use_up(server)).await;
        answer.as_ref().map(|answer| &**answer).map_err(Clone::clone)
    }
}

pub(super) fn promises<'a>(server: &'a Server, minute: &'a UsedUp) -> Vec<Promise<'a>> {
    vec![
        documented("a request past the limit is a 429 rate_limited", async {
            minute.answer(server).await?.refused(429)
        }),
        documented("Retry-After of a 429 is in whole seconds, at most 60", retry_after(server, minute)),
        choice("X-RateLimit-Remaining of a 429 is 0", nothing_left(server, minute)),
        choice("the key works again after Retry-After", next_minute(server, minute)),
    ]
}

async fn use_up(server: &Server) -> Result<Rc<Exchange>, NotKept> {
    for _ in 0..MAX_REQUESTS {
        let answer = server.send(Request::get("/v1/me").taking_429()).await?;
        if answer.status == 429 {
            return Ok(answer);
        }
        answer.data(200)?;
    }
    Err(differs("a 429", format!("none in {MAX_REQUESTS} requests")))
}

async fn retry_after(server: &Server, minute: &UsedUp) -> CheckResult {
    let answer = minute.answer(server).await?;
    let whole = answer.number("retry-after").is_some_and(|time| (1..=WINDOW_SECONDS).contains(&time));
    expect(whole, "1 to 60", answer.header("retry-after").unwrap_or("none"))
}

async fn nothing_left(server: &Server, minute: &UsedUp) -> CheckResult {
    let left = minute.answer(server).await?.header("x-ratelimit-remaining").unwrap_or("none");
    expect(left == "0", "X-RateLimit-Remaining 0", left)
}

async fn next_minute(server: &Server, minute: &UsedUp) -> CheckResult {
    let time = minute.answer(server).await?.number("retry-after").unwrap_or(WINDOW_SECONDS);
    let time = Duration::from_secs(time.clamp(1, WINDOW_SECONDS).unsigned_abs());
    server.wait(time, FOR_THE_NEXT_MINUTE).await;
    server.send(Request::get("/v1/me").taking_429()).await?.data(200).map(drop)
}
