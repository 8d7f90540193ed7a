//! Responses of receivers, and connections that end without one.

use std::time::Duration;

use futures_util::future::join_all;
use harness::{Connections as Receiver, read_request};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

use crate::{BODY, LONG, SHORT, answered, kind, local, message, post};

#[tokio::test]
async fn the_request_is_what_was_asked_for_and_what_http_needs() {
    let (receiver, mut recorded) = Receiver::recording("HTTP/1.1 204 No Content\r\n\r\n").await;
    let to = format!("http://{}/a%20b/ü?c=[d]&e", receiver.address);
    let answer = post(&local(LONG), &to).await;
    assert_eq!((answer.status, kind(&answer), answer.body.as_str()), (Some(204), None, ""));
    let request = recorded.recv().await.expect("a request");
    let expected = [
        "POST /a%20b/%C3%BC?c=[d]&e HTTP/1.1",
        &format!("host: {}", receiver.address),
        "connection: close",
        "content-type: application/json",
        "webhook-id: 1",
        &format!("content-length: {}", BODY.len()),
        "",
        BODY,
    ];
    assert_eq!(request.split("\r\n").collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn any_2xx_is_a_success_and_its_body_is_kept() {
    for status in ["200 OK", "201 Created", "202 Accepted", "299 Fine"] {
        let answer = answered(format!("HTTP/1.1 {status}\r\n\r\nthank you, {status}")).await;
        assert_eq!((kind(&answer), answer.body), (None, format!("thank you, {status}")));
        assert!(!answer.body_is_cut);
    }
}

#[tokio::test]
async fn any_other_status_is_a_failure_that_says_so() {
    for (status, said) in [
        (400, "answered 400"),
        (404, "answered 404"),
        (410, "no further deliveries"),
        (429, "too many requests"),
        (500, "answered 500"),
        (503, "answered 503"),
        (999, "answered 999"),
    ] {
        let text = format!("HTTP/1.1 {status} X\r\nRetry-After: 120\r\nContent-Length: 4\r\n\r\nwhy?");
        let answer = answered(text).await;
        assert_eq!((answer.status, kind(&answer)), (Some(status), Some("status")));
        assert_eq!((answer.body.as_str(), answer.retry_after), ("why?", Some(Duration::from_secs(120))));
        assert!(message(&answer).contains(said), "{answer:?}");
    }
}

#[tokio::test]
async fn a_date_in_retry_after_is_counted_from_the_given_now() {
    let answer = answered("HTTP/1.1 503 X\r\nRetry-After: Tue, 24 Feb 2026 21:10:00 GMT\r\n\r\n").await;
    assert_eq!(answer.retry_after, Some(Duration::from_secs(600)));
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let elsewhere = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    for status in [300, 301, 302, 303, 304, 307, 308] {
        let text = format!("HTTP/1.1 {status} X\r\nLocation: {}\r\n\r\n", elsewhere.url());
        let answer = answered(text).await;
        assert_eq!((answer.status, kind(&answer)), (Some(status), Some("redirect")));
    }
    assert_eq!(elsewhere.contacts(), 0);
}

#[tokio::test]
async fn each_post_has_a_connection_of_its_own_and_no_memory() {
    let text = "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n";
    let (receiver, mut recorded) = Receiver::recording(text).await;
    let outbound = local(LONG);
    for contacts in 1..=3 {
        post(&outbound, &receiver.url()).await;
        assert_eq!(receiver.contacts(), contacts);
        assert!(!recorded.recv().await.expect("a request").contains("cookie"));
    }
}

#[tokio::test]
async fn a_compressed_body_is_not_unpacked() {
    let answer = answered("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f as it is").await;
    assert_eq!(answer.body, "\x1f as it is");
}

#[tokio::test]
async fn silence_is_a_timeout_until_there_is_a_status() {
    let timeout = Some("timeout");
    let cases = [
        ("", None, timeout),
        ("HTTP/1.1 20", None, timeout),
        ("HTTP/1.1 200 OK\r\nContent-Le", None, timeout),
        ("HTTP/1.1 100 Continue\r\n\r\n", None, timeout),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Some(200), None),
        ("HTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\nhalf", Some(500), Some("status")),
    ];
    join_all(cases.map(async |(said, status, expected)| {
        let receiver = Receiver::start(move |mut connection: TcpStream| async move {
            read_request(&mut connection).await;
            let _ = connection.write_all(said.as_bytes()).await;
            // Nothing more until the other end goes away.
            let _ = connection.read_u8().await;
        })
        .await;
        let answer = post(&local(SHORT), &receiver.url()).await;
        assert_eq!((answer.status, kind(&answer)), (status, expected), "{said:?}");
        assert_eq!(answer.body_is_cut, status.is_some());
        assert_eq!(answer.body, if status.is_some() { "half" } else { "" });
        assert!(answer.duration >= SHORT, "{said:?}: {:?}", answer.duration);
    }))
    .await;
}

#[tokio::test]
async fn a_byte_now_and_then_does_not_buy_more_time() {
    let cases = [("", "HTTP/1.1 200 OK\r\n", None), ("HTTP/1.1 200 OK\r\n\r\n", "body", Some(200))];
    join_all(cases.map(async |(at_once, dripped, status)| {
        let receiver = Receiver::start(move |mut connection: TcpStream| async move {
            read_request(&mut connection).await;
            let _ = connection.write_all(at_once.as_bytes()).await;
            for byte in dripped.bytes().chain(std::iter::repeat(b'.')) {
                sleep(SHORT / 10).await;
                if connection.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        })
        .await;
        let answer = post(&local(SHORT), &receiver.url()).await;
        assert_eq!(answer.status, status, "{answer:?}");
        match status {
            Some(_) => assert!(kind(&answer).is_none() && answer.body_is_cut, "{answer:?}"),
            None => assert!(message(&answer).contains("did not answer within 1 s"), "{answer:?}"),
        }
    }))
    .await;
}

#[tokio::test]
async fn a_receiver_that_reads_nothing_is_a_timeout() {
    let receiver = Receiver::start(|connection: TcpStream| async move {
        sleep(LONG).await;
        drop(connection);
    })
    .await;
    let body = "x".repeat(64 * 1024 * 1024);
    let request = deliver::Post { url: &receiver.url(), headers: Vec::new(), body };
    let answer = local(SHORT).post(request, domain::Timestamp::now()).await;
    assert_eq!(kind(&answer), Some("timeout"));
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer_is_a_failed_one() {
    let closing = Receiver::answering("").await;
    let halfway = Receiver::answering("HTTP/1.1 200 OK\r\nContent-").await;
    let resetting = Receiver::start(|mut connection: TcpStream| async move {
        // What is unread when a socket is closed makes the system send a reset.
        let _ = connection.read_u8().await;
    })
    .await;
    for receiver in [closing, halfway, resetting] {
        let answer = post(&local(LONG), &receiver.url()).await;
        assert_eq!((answer.status, kind(&answer)), (None, Some("connection")), "{answer:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_a_failed_connection() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let to = format!("http://{}/", listener.local_addr().expect("its address"));
    drop(listener);
    let answer = post(&local(LONG), &to).await;
    assert_eq!(kind(&answer), Some("connection"));
    assert!(message(&answer).contains("refused"), "{answer:?}");
}

#[tokio::test]
async fn what_is_not_http_is_said_to_be_so() {
    for garbage in [
        "SSH-2.0-OpenSSH_9.6\r\n",
        "<html>hello</html>\r\n\r\n",
        "\0\0\u{12}\u{4}\0\0\0\0\0\0\u{3}\0\0\0\u{80}\0\u{4}\0\u{1}\0\0\0\u{5}\0",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    ] {
        let answer = answered(garbage).await;
        assert_eq!((answer.status, kind(&answer)), (None, Some("protocol")), "{garbage:?}");
    }
}

#[tokio::test]
async fn every_url_that_may_be_registered_can_be_sent_to() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let outbound = local(LONG);
    for c in (' '..='~').chain(['ü', '€', '😀', '\u{ad}', '\u{feff}']) {
        for place in ["/", "/a/", "?", "/?a="] {
            let to = format!("http://{}{place}{c}", receiver.address);
            if crate::on_a_laptop().check(&to).is_ok() {
                assert_eq!(kind(&post(&outbound, &to).await), None, "{to}");
            }
        }
    }
    assert!(receiver.contacts() > 350, "{}", receiver.contacts());
}
