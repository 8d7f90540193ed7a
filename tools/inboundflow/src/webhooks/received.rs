//! A delivery that `webhooks listen` has received: its signature is verified, and it is printed.
#![expect(clippy::disallowed_types, reason = "whatever arrives is looked at")]

use axum::{body::Bytes, http::HeaderMap};
use domain::{
    Timestamp,
    webhooks::{
        DELIVERY_ID, EVENT, SIGNATURE, STANDARD_ID, STANDARD_SIGNATURE, STANDARD_TIMESTAMP, Secret, TEST,
        is_recent, verify_documented, verify_standard,
    },
};
use serde_json::{Value, json};

use crate::output::harmless;

/// A delivery as it arrived.
pub(super) struct Received {
    at: Timestamp,
    event: Option<String>,
    delivery_id: Option<String>,
    /// Whether it is made up, by its own account.
    is_test: bool,
    /// The result of the verification; none without a secret.
    judgement: Option<Judgement>,
    body: Bytes,
}

/// Whether a delivery is ours, and what is not as it should be.
struct Judgement {
    /// By [`STANDARD_SIGNATURE`], which has one of either secret while a rotation overlaps: [`SIGNATURE`], which has
    /// room for the old one's alone, need not be this secret's then.
    is_verified: bool,
    problems: Vec<String>,
}

impl Received {
    pub(super) fn new(headers: &HeaderMap, body: Bytes, secret: Option<&Secret>, at: Timestamp) -> Self {
        let read = |name| header(headers, name).map(str::to_owned);
        Self {
            at,
            event: read(EVENT),
            delivery_id: read(DELIVERY_ID).or_else(|| read(STANDARD_ID)),
            is_test: header(headers, TEST) == Some("true"),
            judgement: secret.map(|secret| judge(headers, &body, secret, at)),
            body,
        }
    }

    pub(super) fn delivery_id(&self) -> Option<&str> {
        self.delivery_id.as_deref()
    }

    /// Whether a receiver would answer that it is not ours.
    pub(super) fn is_refused(&self) -> bool {
        self.judgement.as_ref().is_some_and(|judgement| !judgement.is_verified)
    }

    pub(super) fn json(&self, is_duplicate: bool) -> String {
        json!({
            "received_at": self.at,
            "event": self.event,
            "delivery_id": self.delivery_id,
            "test": self.is_test,
            "verified": self.judgement.as_ref().map(|judgement| judgement.is_verified),
            "problems": self.judgement.as_ref().map(|judgement| &judgement.problems[..]).unwrap_or_default(),
            "duplicate": is_duplicate,
            "body": self.read_body().unwrap_or_else(|| String::from_utf8_lossy(&self.body).into()),
        })
        .to_string()
    }

    /// One line, and the body under it.
    pub(super) fn text(&self, is_duplicate: bool) -> String {
        let missing = |name: &str| format!("(no {name})");
        let event = self.event.clone().unwrap_or_else(|| missing(EVENT));
        let delivery = self.delivery_id.clone().unwrap_or_else(|| missing(DELIVERY_ID));
        let made_up = if self.is_test { "  made up" } else { "" };
        let verdict = match &self.judgement {
            None => "not checked".to_owned(),
            Some(Judgement { is_verified: true, problems }) if problems.is_empty() => "verified".to_owned(),
            Some(Judgement { is_verified: true, problems }) => {
                format!("verified, but {}", problems.join("; "))
            }
            Some(Judgement { problems, .. }) => format!("NOT VERIFIED: {}", problems.join("; ")),
        };
        let again = if is_duplicate { ", came before" } else { "" };
        // It could steer the terminal that it is shown on.
        let body = match self.read_body() {
            Some(body) => harmless(&format!("{body:#}")),
            None => format!("{:?}", String::from_utf8_lossy(&self.body)),
        };
        format!("{}  {event}  {delivery}{made_up}  {verdict}{again}\n{body}\n", self.at)
    }

    fn read_body(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// A header's value; those that are no visible ASCII count as missing.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn judge(headers: &HeaderMap, body: &[u8], secret: &Secret, now: Timestamp) -> Judgement {
    let read = |name: &str| header(headers, name).ok_or_else(|| format!("{name} is missing"));
    let standard = || {
        let (id, time) = (read(STANDARD_ID)?, read(STANDARD_TIMESTAMP)?);
        if !verify_standard(secret, id, time, read(STANDARD_SIGNATURE)?, body) {
            return Err(format!(
                "{STANDARD_SIGNATURE} does not match: another secret, or something was changed on the way"
            ));
        }
        is_recent(time, now).then_some(()).ok_or_else(|| {
            let now = now.unix_seconds();
            format!("{STANDARD_TIMESTAMP} is more than 5 minutes from this machine's clock, which says {now}")
        })
    };
    let standard = standard();
    let documented = read(SIGNATURE).and_then(|signature| match verify_documented(secret, signature, body) {
        true => Ok(()),
        false if standard.is_ok() => Err(format!(
            "{SIGNATURE} does not match: while a rotation overlaps, it is made with the old secret"
        )),
        false => Err(format!("{SIGNATURE} does not match")),
    });
    let is_verified = standard.is_ok();
    Judgement { is_verified, problems: [standard, documented].into_iter().filter_map(Result::err).collect() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{
        RecordId,
        webhooks::{Secrets, Signed},
    };

    use super::*;

    const BODY: &str = r#"{"event":"call.completed"}"#;

    fn now() -> Timestamp {
        Timestamp::parse("2026-02-24T21:00:00Z").expect("a time")
    }

    fn secret() -> Secret {
        Secret::generate().expect("random numbers")
    }

    fn headers(secrets: &Secrets) -> HeaderMap {
        let signed = Signed::new(secrets, RecordId::from_u128(7), now(), BODY);
        let headers = signed.headers("call.completed").into_iter();
        headers
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect()
    }

    fn found(headers: &HeaderMap, body: &str, secret: &Secret, at: Timestamp) -> Vec<String> {
        judge(headers, body.as_bytes(), secret, at).problems
    }

    #[test]
    fn a_delivery_is_verified_by_its_secret_body_and_time_alone() {
        let secrets = Secrets::new(secret());
        let (headers, ours) = (headers(&secrets), &secrets.current);
        assert!(found(&headers, BODY, ours, now()).is_empty());
        let expected = [STANDARD_SIGNATURE, SIGNATURE];
        for problems in [found(&headers, BODY, &secret(), now()), found(&headers, "{}", ours, now())] {
            let named = problems.iter().zip(expected).all(|(problem, name)| problem.starts_with(name));
            assert!(problems.len() == 2 && named, "{problems:?}");
        }
        for (seconds, count) in [(300, 0), (301, 1)] {
            let problems = found(&headers, BODY, ours, now().plus(Duration::from_secs(seconds)));
            assert_eq!(problems.len(), count, "{problems:?}");
            assert!(problems.iter().all(|problem| problem.contains("clock, which says 1771967101")));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let secrets = Secrets::new(secret());
        for name in [STANDARD_ID, STANDARD_TIMESTAMP, STANDARD_SIGNATURE, SIGNATURE] {
            let mut headers = headers(&secrets);
            headers.remove(name);
            assert_eq!(found(&headers, BODY, &secrets.current, now()), [format!("{name} is missing")]);
        }
    }

    #[test]
    fn while_a_rotation_overlaps_the_new_secret_is_told_why_one_header_differs() {
        let old = secret();
        let rotated = Secrets::new(old.clone()).rotated(secret(), now(), Duration::from_secs(60));
        let headers = headers(&rotated);
        assert!(found(&headers, BODY, &old, now()).is_empty());
        let Judgement { is_verified, problems } = judge(&headers, BODY.as_bytes(), &rotated.current, now());
        assert!(is_verified, "one signature is enough");
        assert!(problems.len() == 1 && problems[0].contains("a rotation overlaps"), "{problems:?}");
        let received = Received::new(&headers, Bytes::from(BODY), Some(&rotated.current), now());
        assert!(!received.is_refused());
        assert!(received.text(false).contains("  verified, but X-InboundFlow-Signature does not match"));
    }

    #[test]
    fn it_is_shown_on_a_line_and_a_body_that_is_no_json_cannot_steer_the_terminal() {
        let secrets = Secrets::new(secret());
        let mut headers = headers(&secrets);
        headers.insert(TEST, "true".parse().expect("a value"));
        let received = |headers: &HeaderMap, body: &'static str, secret| {
            Received::new(headers, Bytes::from(body), secret, now())
        };
        let shown = received(&headers, BODY, Some(&secrets.current)).text(true);
        let id = RecordId::from_u128(7);
        let line = format!("2026-02-24T21:00:00Z  call.completed  {id}  made up  verified, came before\n");
        assert_eq!(shown, format!("{line}{{\n  \"event\": \"call.completed\"\n}}\n"));
        let shown = received(&HeaderMap::new(), "\u{1b}[2J", None).text(false);
        let nameless = "(no X-InboundFlow-Event)  (no X-InboundFlow-Delivery-Id)  not checked";
        assert_eq!(shown, format!("2026-02-24T21:00:00Z  {nameless}\n\"\\u{{1b}}[2J\"\n"));
        assert!(
            received(&headers, "{}", Some(&secrets.current)).text(false).contains("NOT VERIFIED: webhook-")
        );
    }
}
