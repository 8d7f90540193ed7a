//! What arrived, whether it is ours, and how it is shown.
#![expect(clippy::disallowed_types, reason = "whatever arrives is looked at")]

use axum::{body::Bytes, http::HeaderMap};
use domain::{
    Timestamp,
    webhooks::{
        DELIVERY_ID, EVENT, SIGNATURE, STANDARD_ID, STANDARD_SIGNATURE, STANDARD_TIMESTAMP, Secret,
        is_recent, verify_documented, verify_standard,
    },
};
use serde_json::{Value, json};

/// A delivery as it arrived.
pub(super) struct Received {
    at: Timestamp,
    event: Option<String>,
    delivery_id: Option<String>,
    /// What speaks against it; nothing is known without a secret.
    problems: Option<Vec<String>>,
    body: Bytes,
}

impl Received {
    pub(super) fn new(headers: &HeaderMap, body: Bytes, secret: Option<&Secret>, at: Timestamp) -> Self {
        let read = |name| header(headers, name).map(str::to_owned);
        Self {
            at,
            event: read(EVENT),
            delivery_id: read(DELIVERY_ID).or_else(|| read(STANDARD_ID)),
            problems: secret.map(|secret| problems(headers, &body, secret, at)),
            body,
        }
    }

    pub(super) fn delivery_id(&self) -> Option<&str> {
        self.delivery_id.as_deref()
    }

    pub(super) fn json(&self, is_duplicate: bool) -> String {
        json!({
            "received_at": self.at,
            "event": self.event,
            "delivery_id": self.delivery_id,
            "verified": self.problems.as_ref().map(Vec::is_empty),
            "problems": self.problems.as_deref().unwrap_or_default(),
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
        let verdict = match self.problems.as_deref() {
            None => "not checked".to_owned(),
            Some([]) => "verified".to_owned(),
            Some(problems) => format!("NOT VERIFIED: {}", problems.join("; ")),
        };
        let again = if is_duplicate { ", came before" } else { "" };
        // What is no JSON could steer the terminal that it is shown on.
        let body = match self.read_body() {
            Some(body) => format!("{body:#}"),
            None => format!("{:?}", String::from_utf8_lossy(&self.body)),
        };
        format!("{}  {event}  {delivery}  {verdict}{again}\n{body}\n", self.at)
    }

    fn read_body(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// A header's value; those that are no visible ASCII count as missing.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn problems(headers: &HeaderMap, body: &[u8], secret: &Secret, now: Timestamp) -> Vec<String> {
    let mut problems = Vec::new();
    let read = |name: &str| header(headers, name).ok_or_else(|| format!("{name} is missing"));
    let standard = || {
        let (id, time) = (read(STANDARD_ID)?, read(STANDARD_TIMESTAMP)?);
        let signature = read(STANDARD_SIGNATURE)?;
        let verified = verify_standard(secret, id, time, signature, body);
        verified.then_some(time).ok_or_else(|| {
            format!(
                "{STANDARD_SIGNATURE} does not match: another secret, or something was changed on the way"
            )
        })
    };
    let standard = standard();
    match &standard {
        Err(problem) => problems.push(problem.clone()),
        Ok(time) if !is_recent(time, now) => problems.push(format!(
            "{STANDARD_TIMESTAMP} is more than 5 minutes from this machine's clock, which says {}",
            now.unix_seconds()
        )),
        Ok(_) => {}
    }
    match read(SIGNATURE) {
        Err(problem) => problems.push(problem),
        Ok(signature) if verify_documented(secret, signature, body) => {}
        Ok(_) if standard.is_ok() => problems.push(format!(
            "{SIGNATURE} does not match: while a rotation overlaps, it is made with the old secret"
        )),
        Ok(_) => problems.push(format!("{SIGNATURE} does not match")),
    }
    problems
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
        problems(headers, body.as_bytes(), secret, at)
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
        let problems = found(&headers, BODY, &rotated.current, now());
        assert!(problems.len() == 1 && problems[0].contains("a rotation overlaps"), "{problems:?}");
    }

    #[test]
    fn it_is_shown_on_a_line_and_a_body_that_is_no_json_cannot_steer_the_terminal() {
        let secrets = Secrets::new(secret());
        let headers = headers(&secrets);
        let received = |headers: &HeaderMap, body: &'static str, secret| {
            Received::new(headers, Bytes::from(body), secret, now())
        };
        let shown = received(&headers, BODY, Some(&secrets.current)).text(true);
        let id = RecordId::from_u128(7);
        let line = format!("2026-02-24T21:00:00Z  call.completed  {id}  verified, came before\n");
        assert_eq!(shown, format!("{line}{{\n  \"event\": \"call.completed\"\n}}\n"));
        let shown = received(&HeaderMap::new(), "\u{1b}[2J", None).text(false);
        let nameless = "(no X-InboundFlow-Event)  (no X-InboundFlow-Delivery-Id)  not checked";
        assert_eq!(shown, format!("2026-02-24T21:00:00Z  {nameless}\n\"\\u{{1b}}[2J\"\n"));
        assert!(
            received(&headers, "{}", Some(&secrets.current)).text(false).contains("NOT VERIFIED: webhook-")
        );
    }
}
