//! The server under check: sends requests as fast as the rate limits allow, and keeps the responses.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io::{self, Write as _},
    rc::Rc,
    time::{Duration, Instant},
};

use domain::{Scope, WINDOW_SECONDS};

use crate::{
    client::Http,
    exchange::Exchange,
    keys::Keys,
    promise::{NotKept, differs, not_seen},
    request::{Request, Who},
};

/// The requests left with which the next minute is waited for, so that another user of the key finds some.
const FEW_LEFT: i64 = 3;
/// The reason for waiting where a key's minute is used up.
pub(super) const FOR_THE_NEXT_MINUTE: &str = "for the next minute";
/// How often a request that was put off is sent again, in all.
const MAX_PUT_OFF: u8 = 4;
/// How many requests in a row go without a response before no more are sent.
const MAX_LOST: u8 = 3;
/// The time between requests without a key: the gateway admits twenty a second, from everybody together;
/// where the operator's account is small five, and fifty at once.
const BETWEEN_KEYLESS: Duration = Duration::from_millis(120);
/// The time that is waited into a new minute: the clocks of two machines, and the gateway's count, differ by
/// milliseconds.
const MARGIN: Duration = Duration::from_millis(700);

/// A server, and all that it has answered so far.
pub(super) struct Server {
    http: Http,
    base_url: String,
    pub(super) keys: Keys,
    answers: RefCell<Vec<Rc<Exchange>>>,
    remembered: RefCell<HashMap<(Who, String), Rc<Exchange>>>,
    paces: RefCell<HashMap<Who, Pace>>,
    scopes: RefCell<Option<Vec<String>>>,
    put_off: Cell<u8>,
    lost: Cell<u8>,
}

/// The state of a key's minute, as the last response said.
struct Pace {
    left: i64,
    ends: Instant,
    /// Whether the state has proved useless: the next minute had come, and still few were left.
    stuck: bool,
}

impl Server {
    pub(super) fn new(http: Http, base_url: &str, keys: Keys) -> Self {
        Self {
            http,
            base_url: base_url.to_owned(),
            keys,
            answers: RefCell::default(),
            remembered: RefCell::default(),
            paces: RefCell::default(),
            scopes: RefCell::default(),
            put_off: Cell::new(0),
            lost: Cell::new(0),
        }
    }

    /// All responses so far, in the order in which they came.
    pub(super) fn answers(&self) -> Vec<Rc<Exchange>> {
        self.answers.borrow().clone()
    }

    /// Holds the caller's key to these scopes: routes that take others are not tried with it.
    pub(super) fn set_scopes(&self, scopes: Vec<String>) {
        *self.scopes.borrow_mut() = Some(scopes);
    }

    /// Sends a GET with the caller's key.
    pub(super) async fn get(&self, path: &str) -> Result<Rc<Exchange>, NotKept> {
        self.get_by(Who::Caller, path).await
    }

    /// Sends a GET with another key, or none. What was asked before is remembered, not asked again.
    pub(super) async fn get_by(&self, who: Who, path: &str) -> Result<Rc<Exchange>, NotKept> {
        let asked = (who, path.to_owned());
        let known = self.remembered.borrow().get(&asked).cloned();
        if let Some(answer) = known {
            return Ok(answer);
        }
        let answer = self.send(Request::get(path).by(who)).await?;
        self.remembered.borrow_mut().insert(asked, answer.clone());
        Ok(answer)
    }

    /// Sends a request, now or when the key's next minute has begun.
    pub(super) async fn send(&self, request: Request) -> Result<Rc<Exchange>, NotKept> {
        self.may_be_tried(&request)?;
        loop {
            let waited = self.keep_pace(&request).await;
            let answer = Rc::new(self.exchange(&request).await?);
            self.answers.borrow_mut().push(answer.clone());
            self.set_pace(&answer, waited);
            // A 409 that says when was not carried out, since others changed the same record. What got a 503 may have been:
            // only what changes nothing is asked again.
            let is_put_off = match answer.status {
                409 => answer.number("retry-after").is_some(),
                429 => !request.takes_429,
                503 => request.method.is_safe() && answer.number("retry-after").is_some(),
                _ => false,
            };
            if !is_put_off || self.put_off.get() >= MAX_PUT_OFF {
                return Ok(answer);
            }
            self.put_off.set(self.put_off.get() + 1);
            self.wait(retry_after(&answer), &format!("after a {}", answer.status)).await;
        }
    }

    /// Waits, and says so, since nothing is to be seen meanwhile.
    pub(super) async fn wait(&self, time: Duration, why: &str) {
        // A closed stderr is no reason to stop.
        let _ = writeln!(io::stderr(), "waiting {} s {why}", time.as_secs() + 1);
        tokio::time::sleep(time + MARGIN).await;
    }

    fn may_be_tried(&self, request: &Request) -> Result<(), NotKept> {
        self.keys.reveal(request.who)?;
        let scope = request.route().flatten().map(Scope::as_str);
        match (scope, &*self.scopes.borrow()) {
            (Some(scope), Some(held))
                if request.who == Who::Caller && !held.iter().any(|has| has == scope) =>
            {
                Err(not_seen(format!("the key lacks the scope {scope}")))
            }
            _ => Ok(()),
        }
    }

    async fn keep_pace(&self, request: &Request) -> bool {
        if request.who == Who::Nobody {
            tokio::time::sleep(BETWEEN_KEYLESS).await;
        }
        let wait = self.paces.borrow().get(&request.who).and_then(|pace| {
            let few = pace.left < FEW_LEFT && !pace.stuck && !request.takes_429;
            few.then(|| pace.ends.saturating_duration_since(Instant::now()))
        });
        match wait {
            Some(time) if !time.is_zero() => {
                self.wait(time, FOR_THE_NEXT_MINUTE).await;
                true
            }
            _ => false,
        }
    }

    fn set_pace(&self, answer: &Exchange, waited: bool) {
        let left = answer.number("x-ratelimit-remaining");
        let (Some(left), true) = (left, answer.is_counted()) else { return };
        let mut paces = self.paces.borrow_mut();
        let stuck = paces.get(&answer.who).is_some_and(|pace| pace.stuck) || (waited && left < FEW_LEFT);
        paces.insert(answer.who, Pace { left, ends: Instant::now() + left_of_minute(answer), stuck });
    }

    async fn exchange(&self, request: &Request) -> Result<Exchange, NotKept> {
        let asked = format!("{} {}", request.method, request.path);
        let no_answer = |why: &str| differs(format!("an answer to {asked}"), why.to_owned());
        if self.lost.get() >= MAX_LOST {
            return Err(no_answer("nothing: the server has stopped answering"));
        }
        let key = self.keys.reveal(request.who)?;
        let mut builder =
            self.http.request(request.method.clone(), format!("{}{}", self.base_url, request.path));
        if let Some(key) = key.filter(|_| request.headers.iter().all(|(name, _)| *name != "authorization")) {
            builder = builder.bearer_auth(key);
        }
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = self.http.send(builder).await.map_err(|error| {
            self.lost.set(self.lost.get() + 1);
            no_answer(&self.http.why_none(&error))
        })?;
        self.lost.set(0);
        Ok(Exchange { who: request.who, asked, routed: request.route().is_some(), response })
    }
}

fn left_of_minute(answer: &Exchange) -> Duration {
    let window_ms = WINDOW_SECONDS * 1000;
    let made_at = answer.made_at().unwrap_or_else(domain::Timestamp::now);
    let left_ms =
        answer.number("x-ratelimit-reset").map(|reset| reset.saturating_mul(1000) - made_at.unix_ms());
    Duration::from_millis(left_ms.unwrap_or(window_ms).clamp(0, window_ms).unsigned_abs())
}

fn retry_after(answer: &Exchange) -> Duration {
    let seconds = answer.number("retry-after").unwrap_or(WINDOW_SECONDS).clamp(1, WINDOW_SECONDS);
    Duration::from_secs(seconds.unsigned_abs())
}
