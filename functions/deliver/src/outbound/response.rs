//! The result of a POST: the receiver's response as far as it is kept, or why there is none.

use std::time::{Duration, SystemTime};

use domain::Timestamp;
use http_body_util::BodyExt as _;
use hyper::{Response, body::Incoming, header::RETRY_AFTER};
use tokio::time::{Instant, timeout_at};

use super::PostFailure;

/// How much of a response's body is kept.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// The result of a POST.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostResult {
    /// The receiver's status, where it answered.
    pub status: Option<u16>,
    /// How long the receiver wants to be left alone.
    pub retry_after: Option<Duration>,
    /// The start of the response's body, as text.
    pub body: String,
    /// Whether the response's body was longer.
    pub body_is_cut: bool,
    /// How long the POST took.
    pub duration: Duration,
    /// Why the event does not count as delivered; none where it does.
    pub failure: Option<PostFailure>,
}

impl PostResult {
    /// Reads a response's body as far as it is kept and comes in time. The status has been given by then: a body
    /// that breaks off does not take it back.
    pub(super) async fn read(response: Response<Incoming>, now: Timestamp, end: Instant) -> Self {
        let (head, mut incoming) = response.into_parts();
        let mut bytes = Vec::new();
        let is_cut = loop {
            match timeout_at(end, incoming.frame()).await {
                Ok(None) => break false,
                Ok(Some(Ok(frame))) => bytes.extend(frame.into_data().unwrap_or_default()),
                Ok(Some(Err(_))) | Err(_) => break true,
            }
            if bytes.len() > MAX_BODY_BYTES {
                break true;
            }
        };
        let (body, body_is_cut) = text(&bytes, is_cut);
        let (status, retry_after) = (Some(head.status.as_u16()), head.headers.get(RETRY_AFTER));
        let retry_after = retry_after.and_then(|value| parse_retry_after(value.to_str().ok()?, now));
        let failure = PostFailure::of_status(head.status);
        Self { status, retry_after, body, body_is_cut, failure, ..Self::default() }
    }
}

/// The start of a body as text of [`MAX_BODY_BYTES`] at most, and whether the body is longer.
fn text(body: &[u8], is_cut: bool) -> (String, bool) {
    let kept = &body[..body.len().min(MAX_BODY_BYTES)];
    // A character that was cut in two is not the receiver's fault.
    let kept = match str::from_utf8(kept) {
        Err(error) if is_cut && error.error_len().is_none() => &kept[..error.valid_up_to()],
        _ => kept,
    };
    let mut text = String::from_utf8_lossy(kept).into_owned();
    // What stands for a byte that is no text has three.
    let is_cut = is_cut || text.len() > MAX_BODY_BYTES;
    text.truncate(text.floor_char_boundary(MAX_BODY_BYTES));
    (text, is_cut)
}

/// The wait that `Retry-After` asks for: a number of seconds, or the time until a date.
fn parse_retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than a century is as good as any number, and a calendar still has it.
        return Some(Duration::from_secs(value.parse::<u32>().unwrap_or(u32::MAX).into()));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now.unix_ms()).ok()?);
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_a_number_of_seconds_or_a_date() {
        let now = Timestamp::parse("2026-02-24T21:00:00.500Z").expect("a time");
        for (value, milliseconds) in [
            ("0", Some(0)),
            ("120", Some(120_000)),
            (" 7 ", Some(7_000)),
            ("99999999999999999999999", Some(u64::from(u32::MAX) * 1_000)),
            ("Tue, 24 Feb 2026 21:01:00 GMT", Some(59_500)),
            ("Tuesday, 24-Feb-26 21:01:00 GMT", Some(59_500)),
            ("Tue, 24 Feb 2026 20:00:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
            ("2026-02-24T21:01:00Z", None),
        ] {
            let expected = milliseconds.map(Duration::from_millis);
            assert_eq!(parse_retry_after(value, now), expected, "{value:?}");
        }
    }

    #[test]
    fn text_is_cut_between_characters() {
        let body = "ä".repeat(MAX_BODY_BYTES / 2);
        assert_eq!(text(body.as_bytes(), false), (body.clone(), false));
        let odd = format!("a{body}");
        let (kept, is_cut) = text(odd.as_bytes(), true);
        assert_eq!((kept.as_str(), is_cut), (&odd[..MAX_BODY_BYTES - 1], true));
    }

    #[test]
    fn what_is_no_text_does_not_grow_beyond_the_limit() {
        let (kept, is_cut) = text(&[0xff; MAX_BODY_BYTES], false);
        assert_eq!((kept.len(), is_cut), (MAX_BODY_BYTES - MAX_BODY_BYTES % 3, true));
        assert!(kept.chars().all(|c| c == '\u{fffd}'));
        assert_eq!(text(b"a\xffb\xc3", false), ("a\u{fffd}b\u{fffd}".to_owned(), false));
    }
}
