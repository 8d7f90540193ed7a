//! Promises about every response, which are checked on all that the server has sent during the run.

use domain::catalogue;

use crate::{
    exchange::{Exchange, code},
    list,
    promise::{CheckResult, Promise, addition, choice, differs, documented, expect, not_seen},
    server::Server,
};

pub(super) fn promises(server: &Server) -> Vec<Promise<'_>> {
    vec![
        documented("the body is a JSON object", each(server, has_body, is_object)),
        documented("Content-Type is application/json", each(server, every, is_declared_json)),
        documented(
            "a success is data and meta, in this order",
            each(server, is_one_record, success_envelope),
        ),
        documented(
            "a list is data, has_more, next_cursor and meta, in this order",
            each(server, is_list, list_envelope),
        ),
        documented("an error is error and meta, in this order", each(server, is_error, error_envelope)),
        documented("error has code, message and status, in this order", each(server, is_error, error_fields)),
        documented(
            "error.code and error.status are those of the HTTP status",
            each(server, is_error, error_code),
        ),
        choice("422 is not used", each(server, every, is_no_422)),
        documented("meta has request_id and timestamp", each(server, has_body, meta_fields)),
        choice(
            "meta.request_id is req_ and 12 lower-case hex digits",
            each(server, has_own_meta, request_id_form),
        ),
        choice("X-Request-Id is meta.request_id", each(server, has_body, request_id_header)),
        documented("meta.timestamp is ISO 8601 in UTC", each(server, has_own_meta, timestamp_utc)),
        choice("meta.timestamp has milliseconds", each(server, has_own_meta, timestamp_ms)),
        choice("Cache-Control is no-store", each(server, every, is_not_stored)),
    ]
}

/// The promises about the rate limit's headers, which every response has as well.
pub(super) fn limits(server: &Server) -> Vec<Promise<'_>> {
    vec![
        documented("X-RateLimit-Limit is 60, on errors too", each(server, every, limit)),
        documented("X-RateLimit-Remaining is there, on errors too", each(server, every, remaining)),
        addition("X-RateLimit-Reset is at most 60 s after the answer", each(server, has_own_meta, reset)),
        choice("X-RateLimit-Reset is the end of a calendar minute", each(server, is_no_503, reset_is_minute)),
        addition("RateLimit-Policy is \"default\";q=60;w=60", each(server, every, ietf_policy)),
        addition("RateLimit has the same remaining and reset", each(server, has_own_meta, ietf_rate)),
        documented("a request with a key takes one off what remains", counts_down(server, is_success)),
        choice("a request that is refused takes one off too", counts_down(server, is_error)),
        choice("without a recognised key they read 60 and 0", each(server, is_unrecognised, sixty_and_none)),
        addition(
            "Retry-After is in whole seconds, and on every 429 and 503",
            each(server, is_error, retry_after),
        ),
    ]
}

/// Holds where `check` does for every answer to which it applies.
async fn each(
    server: &Server,
    applies: fn(&Exchange) -> bool,
    check: fn(&Exchange) -> Result<(), String>,
) -> CheckResult {
    let answers = server.answers();
    let mut applicable = answers.iter().filter(|answer| applies(answer)).peekable();
    applicable.peek().ok_or_else(|| not_seen("there was no such answer"))?;
    applicable.try_for_each(|answer| {
        check(answer).map_err(|came| differs("", format!("{came} for {} ({})", answer.asked, answer.status)))
    })
}

/// Holds where, of two requests in a row and one minute, the later one finds fewer left, if it is what
/// `later` says.
async fn counts_down(server: &Server, later: fn(&Exchange) -> bool) -> CheckResult {
    let answers = server.answers();
    let counted: Vec<_> = answers.iter().filter(|answer| answer.is_counted()).collect();
    let mut seen = false;
    for (nth, answer) in counted.iter().enumerate().filter(|(_, answer)| later(answer)) {
        let Some(before) = counted[..nth].iter().rfind(|before| before.who == answer.who) else { continue };
        if before.number("x-ratelimit-reset") != answer.number("x-ratelimit-reset") {
            continue;
        }
        let number = |answer: &Exchange| answer.number("x-ratelimit-remaining");
        let fewer = number(before).zip(number(answer)).is_some_and(|(before, after)| after < before);
        seen = true;
        expect(fewer, "fewer than before", format!("no fewer after {} ({})", answer.asked, answer.status))?;
    }
    if seen { Ok(()) } else { Err(not_seen("there were no two such answers in one minute")) }
}

fn every(_: &Exchange) -> bool {
    true
}

fn has_body(answer: &Exchange) -> bool {
    !answer.is_head()
}

/// Whether a response is no 503: a gateway that had not come as far as the key has ids and times in forms of
/// its own.
fn is_no_503(answer: &Exchange) -> bool {
    answer.status != 503
}

fn has_own_meta(answer: &Exchange) -> bool {
    has_body(answer) && is_no_503(answer)
}

fn is_success(answer: &Exchange) -> bool {
    matches!(answer.status, 200..=299)
}

/// Whether a response has to have an error's shape: each does that is no success, a redirect too.
fn is_error(answer: &Exchange) -> bool {
    has_body(answer) && !is_success(answer)
}

fn is_list(answer: &Exchange) -> bool {
    let path = answer.asked.split('?').next().unwrap_or_default();
    let mut lists = catalogue::ALL.iter().filter(|resource| list::is_list(resource));
    answer.status == 200 && lists.any(|list| path == format!("GET {}", list::path(list)))
}

fn is_one_record(answer: &Exchange) -> bool {
    has_body(answer) && is_success(answer) && !is_list(answer)
}

fn is_unrecognised(answer: &Exchange) -> bool {
    matches!(answer.status, 401 | 503) || (!answer.routed && matches!(answer.status, 404 | 405))
}

/// Holds where the object has these fields in this order, whatever else it has.
fn in_order(value: &serde_json::Value, expected: &[&str]) -> Result<(), String> {
    let names: Vec<&str> = value.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let known: Vec<&str> = names.iter().copied().filter(|name| expected.contains(name)).collect();
    ok_or(known == expected, || if names.is_empty() { "no such object".to_owned() } else { names.join(", ") })
}

fn ok_or(holds: bool, came: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(came()) }
}

fn is_object(answer: &Exchange) -> Result<(), String> {
    ok_or(answer.body.is_object(), || "something else".to_owned())
}

fn is_declared_json(answer: &Exchange) -> Result<(), String> {
    let declared = answer.header("content-type").unwrap_or("none");
    let essence = declared.split(';').next().unwrap_or_default().trim();
    ok_or(essence.eq_ignore_ascii_case("application/json"), || declared.to_owned())
}

fn success_envelope(answer: &Exchange) -> Result<(), String> {
    in_order(&answer.body, &["data", "meta"])
}

fn list_envelope(answer: &Exchange) -> Result<(), String> {
    in_order(&answer.body, &["data", "has_more", "next_cursor", "meta"])
}

fn error_envelope(answer: &Exchange) -> Result<(), String> {
    in_order(&answer.body, &["error", "meta"])
}

fn error_fields(answer: &Exchange) -> Result<(), String> {
    in_order(&answer.body["error"], &["code", "message", "status"])?;
    ok_or(!answer.message().is_empty(), || "no message".to_owned())
}

fn error_code(answer: &Exchange) -> Result<(), String> {
    let error = &answer.body["error"];
    let same = error["status"] == answer.status && error["code"].as_str() == code(answer.status);
    ok_or(same, || format!("{} and {}", error["code"], error["status"]))
}

fn is_no_422(answer: &Exchange) -> Result<(), String> {
    ok_or(answer.status != 422, || "422".to_owned())
}

fn meta_fields(answer: &Exchange) -> Result<(), String> {
    in_order(&answer.body["meta"], &["request_id", "timestamp"])
}

fn request_id_form(answer: &Exchange) -> Result<(), String> {
    let id = answer.body["meta"]["request_id"].as_str().unwrap_or("none");
    let hex = |text: &str| text.len() == 12 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    ok_or(id.strip_prefix("req_").is_some_and(hex), || id.to_owned())
}

fn request_id_header(answer: &Exchange) -> Result<(), String> {
    let header = answer.header("x-request-id");
    let same = header.is_some() && header == answer.body["meta"]["request_id"].as_str();
    ok_or(same, || header.map_or("none", |_| "another").to_owned())
}

fn timestamp(answer: &Exchange) -> &str {
    answer.body["meta"]["timestamp"].as_str().unwrap_or("none")
}

fn timestamp_utc(answer: &Exchange) -> Result<(), String> {
    ok_or(answer.made_at().is_some() && timestamp(answer).ends_with('Z'), || timestamp(answer).to_owned())
}

fn timestamp_ms(answer: &Exchange) -> Result<(), String> {
    // 2026-02-24T00:10:48.025Z
    let text = timestamp(answer);
    ok_or(text.len() == 24 && text.as_bytes()[19] == b'.', || text.to_owned())
}

fn is_not_stored(answer: &Exchange) -> Result<(), String> {
    let told = answer.header("cache-control").unwrap_or("none");
    ok_or(told.split(',').any(|word| word.trim() == "no-store"), || told.to_owned())
}

/// Checks a header that is a number.
fn number(answer: &Exchange, name: &str, fits: impl FnOnce(i64) -> bool) -> Result<(), String> {
    ok_or(answer.number(name).is_some_and(fits), || answer.header(name).unwrap_or("none").to_owned())
}

fn limit(answer: &Exchange) -> Result<(), String> {
    number(answer, "x-ratelimit-limit", |limit| limit == i64::from(domain::DEFAULT_REQUESTS_PER_MINUTE))
}

fn remaining(answer: &Exchange) -> Result<(), String> {
    number(answer, "x-ratelimit-remaining", |left| left < i64::from(domain::DEFAULT_REQUESTS_PER_MINUTE))
}

fn seconds_left(answer: &Exchange) -> Option<i64> {
    let reset_ms = answer.number("x-ratelimit-reset")?.checked_mul(1000)?;
    Some((reset_ms - answer.made_at()?.unix_ms() + 999).div_euclid(1000))
}

fn reset(answer: &Exchange) -> Result<(), String> {
    let soon = seconds_left(answer).is_some_and(|left| (1..=domain::WINDOW_SECONDS).contains(&left));
    ok_or(soon, || answer.header("x-ratelimit-reset").map_or("none", |_| "another time").to_owned())
}

fn reset_is_minute(answer: &Exchange) -> Result<(), String> {
    number(answer, "x-ratelimit-reset", |reset| reset % domain::WINDOW_SECONDS == 0)
}

fn ietf_policy(answer: &Exchange) -> Result<(), String> {
    let (limit, window) = (domain::DEFAULT_REQUESTS_PER_MINUTE, domain::WINDOW_SECONDS);
    let told = answer.header("ratelimit-policy").unwrap_or("none");
    ok_or(told == format!("\"default\";q={limit};w={window}"), || told.to_owned())
}

fn ietf_rate(answer: &Exchange) -> Result<(), String> {
    let told = answer.header("ratelimit").unwrap_or("none");
    let left = answer.number("x-ratelimit-remaining").unwrap_or(-1);
    let time =
        told.strip_prefix(&format!("\"default\";r={left};t=")).and_then(|time| time.parse::<i64>().ok());
    // A gateway that composes its headers apart from the body may read the clock once more.
    let same = time.zip(seconds_left(answer)).is_some_and(|(told, left)| (told - left).abs() <= 1);
    ok_or(same, || told.to_owned())
}

fn retry_after(answer: &Exchange) -> Result<(), String> {
    let told = answer.header("retry-after");
    let needs_none = told.is_none() && ![429, 503].contains(&answer.status);
    ok_or(needs_none || answer.number("retry-after").is_some_and(|seconds| seconds > 0), || {
        told.unwrap_or("none").to_owned()
    })
}

fn sixty_and_none(answer: &Exchange) -> Result<(), String> {
    limit(answer)?;
    number(answer, "x-ratelimit-remaining", |left| left == 0)
}
