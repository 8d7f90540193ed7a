//! Receivers that send without end: what is not kept is not taken.

use std::sync::atomic::Ordering;

use deliver::MAX_BODY_BYTES;

use crate::{LONG, Receiver, SHORT, answered, kind, local, post};

/// What the system's buffers between two sockets may hold, generously.
const IN_FLIGHT_BYTES: u64 = 32 * 1024 * 1024;

#[tokio::test]
async fn a_body_of_a_gigabyte_is_cut_off() {
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for (head, filler) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", "x".repeat(0x10000)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk),
        ("HTTP/1.1 200 OK\r\n\r\n", "x".repeat(0x10000)),
    ] {
        let (receiver, sent) = Receiver::endless(head, filler.into_bytes()).await;
        let answer = post(&local(LONG), &receiver.url()).await;
        assert_eq!((answer.status, kind(&answer)), (Some(200), None), "{head}");
        assert_eq!(answer.body, "x".repeat(MAX_BODY_BYTES), "{head}");
        assert!(answer.body_is_cut);
        assert!(sent.load(Ordering::SeqCst) < IN_FLIGHT_BYTES, "{head}: {sent:?}");
    }
}

#[tokio::test]
async fn a_body_just_as_long_as_what_is_kept_is_not_cut() {
    for (bytes, is_cut) in [(MAX_BODY_BYTES, false), (MAX_BODY_BYTES + 1, true)] {
        let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n{}", "x".repeat(bytes));
        let answer = answered(text).await;
        assert_eq!((answer.body.len(), answer.body_is_cut), (MAX_BODY_BYTES, is_cut));
    }
}

#[tokio::test]
async fn headers_without_end_are_cut_off() {
    for filler in [format!("a: {}\r\n", "x".repeat(1000)), "a: b\r\n".to_owned(), "x".repeat(1000)] {
        let (receiver, sent) = Receiver::endless("HTTP/1.1 200 OK\r\nb: ", filler.into_bytes()).await;
        let answer = post(&local(LONG), &receiver.url()).await;
        assert_eq!((answer.status, kind(&answer)), (None, Some("protocol")));
        assert!(sent.load(Ordering::SeqCst) < IN_FLIGHT_BYTES, "{sent:?}");
    }
}

#[tokio::test]
async fn interim_answers_without_end_are_a_timeout() {
    let (receiver, _) = Receiver::endless("HTTP/1.1 102 X\r\n\r\n", b"HTTP/1.1 102 X\r\n\r\n".to_vec()).await;
    let answer = post(&local(SHORT), &receiver.url()).await;
    assert_eq!((answer.status, kind(&answer)), (None, Some("timeout")));
}
