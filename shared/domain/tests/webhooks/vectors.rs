//! The test vectors, held against the service's own code, the page's Rust, and the crate `standardwebhooks`.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    RecordId, Timestamp,
    webhooks::{self, Secret, Secrets, Signed},
};
use http::{HeaderMap, HeaderValue};
use standardwebhooks::Webhook;

use crate::{Case, VECTORS, Valid, verify};

fn secret(text: &str) -> Secret {
    text.parse().expect("a secret")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_ms(seconds * 1000).expect("a time")
}

fn id(case: &Case) -> RecordId {
    case.header(webhooks::DELIVERY_ID).parse().expect("a delivery's id")
}

#[test]
fn each_vector_has_its_name_and_both_outcomes_are_there_for_both_signatures() {
    let names: BTreeSet<&str> = VECTORS.cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), VECTORS.cases.len());
    assert!(VECTORS.cases.iter().all(|case| !case.why.is_empty()));
    for valid in [Valid { documented: true, standard: false }, Valid { documented: false, standard: true }] {
        assert!(VECTORS.cases.iter().any(|case| case.valid == valid), "{valid:?}");
    }
    assert_eq!(VECTORS.tolerance_seconds, webhooks::TOLERANCE.as_secs());
}

#[test]
fn the_service_sends_exactly_the_published_headers() {
    let mut compared = 0;
    for case in &VECTORS.cases {
        let Some(with) = &case.signed_with else { continue };
        let sent_at = at(case.header(webhooks::TIMESTAMP).parse().expect("seconds"));
        let secrets = match &with.previous_secret {
            None => Secrets::new(secret(&with.secret)),
            Some(previous) => {
                let day = Duration::from_secs(86_400);
                Secrets::new(secret(previous)).rotated(secret(&with.secret), sent_at, day)
            }
        };
        let signed = Signed::new(&secrets, id(case), sent_at, &case.body);
        let sent = signed.headers(case.header(webhooks::EVENT));
        let expected = case.headers.iter().map(|(name, value)| (name.as_str(), value.clone()));
        assert_eq!(BTreeSet::from(sent), expected.collect(), "{}", case.name);
        compared += 1;
    }
    assert!(compared >= 15, "only {compared} vectors say what they were signed with");
}

#[test]
fn the_service_judges_each_vector_as_published() {
    for case in &VECTORS.cases {
        let (secret, body) = (secret(&case.secret), case.body.as_bytes());
        let (id, timestamp) = (case.header(webhooks::STANDARD_ID), case.header(webhooks::STANDARD_TIMESTAMP));
        let signatures = case.header(webhooks::STANDARD_SIGNATURE);
        let valid = Valid {
            documented: webhooks::verify_documented(&secret, case.header(webhooks::SIGNATURE), body),
            standard: webhooks::is_recent(timestamp, at(case.now))
                && webhooks::verify_standard(&secret, id, timestamp, signatures, body),
        };
        assert_eq!(valid, case.valid, "{}", case.name);
    }
}

#[test]
fn the_pages_rust_judges_each_vector_as_published() {
    for case in &VECTORS.cases {
        let (secret, body, now) = (&case.secret, case.body.as_bytes(), case.now.unsigned_abs());
        let (id, timestamp) = (case.header(webhooks::STANDARD_ID), case.header(webhooks::STANDARD_TIMESTAMP));
        let signatures = case.header(webhooks::STANDARD_SIGNATURE);
        let valid = Valid {
            documented: verify::verify_documented(secret, case.header(webhooks::SIGNATURE), body),
            standard: verify::verify_standard(secret, id, timestamp, signatures, body, now),
        };
        assert_eq!(valid, case.valid, "{}", case.name);
    }
}

/// The crate takes the time from the clock, so the vectors' deliveries are made to have been sent now, and
/// signed anew by the crate itself or by the service.
#[test]
fn another_implementation_judges_each_vector_as_published() {
    for case in &VECTORS.cases {
        let verifier = Webhook::new(&case.secret).expect("a secret");
        let standard = webhooks::STANDARD_TIMESTAMP;
        let recent = case.header(standard).parse::<i64>().is_ok_and(|sent| (case.now - sent).abs() <= 300);
        let signature = case.header(standard).parse().ok().and_then(|sent| {
            verifier.sign(case.header(webhooks::STANDARD_ID), sent, case.body.as_bytes()).ok()
        });
        let signatures = case.header(webhooks::STANDARD_SIGNATURE);
        let signed = signature.is_some_and(|signature| signatures.split(' ').any(|one| one == signature));
        assert_eq!(recent && signed, case.valid.standard, "{}", case.name);
    }
}

#[test]
fn another_implementation_accepts_what_is_sent_now_and_nothing_else() {
    for case in VECTORS.cases.iter().filter(|case| case.valid.standard) {
        let with = Secrets::new(secret(&Case::named("rotation, foreign secret").secret));
        let secrets = with.rotated(secret(&case.secret), Timestamp::now(), Duration::from_secs(60));
        let sent = |at: Timestamp| Signed::new(&secrets, id(case), at, &case.body);
        let (now, seconds) = (Timestamp::now(), |n| Duration::from_secs(n));
        let verifiers = [&secrets.current, secrets.previous_at(now).expect("an overlap")];
        for verifier in verifiers.map(|secret| Webhook::new(secret.reveal()).expect("a secret")) {
            let verify =
                |signed: &Signed, body: &str| verifier.verify(body.as_bytes(), &headers(signed)).is_ok();
            assert!(verify(&sent(now), &case.body), "{}", case.name);
            assert!(!verify(&sent(now), &format!("{} ", case.body)), "{}", case.name);
            assert!(!verify(&Signed { delivery_id: RecordId::from_u128(1), ..sent(now) }, &case.body));
            assert!(!verify(&Signed { timestamp: now.unix_seconds() - 1, ..sent(now) }, &case.body));
            assert!(!verify(&sent(now.plus(seconds(400))), &case.body));
            assert!(!verify(&sent(at(now.unix_seconds() - 400)), &case.body));
        }
        let stranger = Webhook::from_bytes(vec![7; 32]).expect("a secret");
        assert!(stranger.verify(case.body.as_bytes(), &headers(&sent(now))).is_err(), "{}", case.name);
    }
}

fn headers(signed: &Signed) -> HeaderMap {
    let headers = signed.headers("call.completed").map(|(name, value)| {
        (name.parse().expect("a header's name"), HeaderValue::from_str(&value).expect("a header's value"))
    });
    headers.into_iter().collect()
}
