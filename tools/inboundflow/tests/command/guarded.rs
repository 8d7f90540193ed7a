//! Requests of a page in a browser to the ports that the command opens: all are refused.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use crate::{Dev, listen::Listen};

const OF_A_PAGE: [(&str, &str); 5] = [
    ("Origin", "https://evil.example"),
    ("Origin", "null"),
    ("Origin", "http://localhost.evil.example"),
    ("Host", "evil.example"),
    ("Host", "evil.example:3000"),
];

/// The first line of a response, and the rest; nothing where nobody answers.
fn asked(address: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        request.push_str(&format!("Host: {address}\r\n"));
    }
    headers.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
    write!(stream, "{request}\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (status, rest) = answer.split_once("\r\n").unwrap_or_default();
    (status.to_owned(), rest.to_owned())
}

fn address(url: &str) -> &str {
    url.trim_start_matches("http://").trim_end_matches('/')
}

#[test]
fn no_port_of_dev_answers_a_page_of_elsewhere_or_another_name() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let (api, dynamodb) = (dev.text("url"), dev.text("dynamodb_endpoint"));
    let paths = [
        "/v1/me",
        "/v1/openapi.json",
        "/docs",
        "/nowhere",
        "/_local/ingest",
        "/_local/aws",
        "/_local/aws/a/b",
    ];
    let doors = paths.map(|path| (address(&api), path)).into_iter().chain([(address(&dynamodb), "/")]);
    for (door, path) in doors {
        let (status, _) = asked(door, "GET", path, &[]);
        assert!(!status.contains(" 403 "), "{path}: {status}");
        let (status, _) =
            asked(door, "GET", path, &[("Host", "localhost:1"), ("Origin", "http://127.0.0.1:5173")]);
        assert!(!status.contains(" 403 "), "{path}: {status}");
        for header in OF_A_PAGE {
            for method in ["GET", "POST", "OPTIONS", "HEAD", "PUT"] {
                let preflight = ("Access-Control-Request-Method", "POST");
                let (status, rest) = asked(door, method, path, &[header, preflight]);
                assert!(status.contains(" 403 "), "{method} {path} {header:?}: {status}");
                assert!(!rest.to_ascii_lowercase().contains("access-control-"), "{rest}");
                assert!(method == "HEAD" || rest.contains(header.1), "{path}: {rest}");
            }
        }
    }
}

#[test]
fn a_container_reaches_the_api_and_dynamodb_and_what_needs_no_key_it_does_not() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let (api, dynamodb) = (dev.text("url"), dev.text("dynamodb_endpoint"));
    let from = [("Host", "host.docker.internal:8000")];
    for (door, path, status) in
        [(&dynamodb, "/", " 200 "), (&api, "/v1/me", " 401 "), (&api, "/_local/ingest", " 403 ")]
    {
        let (came, _) = asked(address(door), "GET", path, &from);
        assert!(came.contains(status), "{path}: {came}");
    }
}

/// Those that are not told to anybody, too.
#[cfg(target_os = "linux")]
#[test]
fn no_other_port_of_dev_answers_anybody() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let told = ["url", "dynamodb_endpoint"].map(|name| address(&dev.text(name)).to_owned());
    let ports = listening(dev.child.id());
    assert!(ports.len() >= told.len(), "{ports:?}");
    for port in ports {
        let door = format!("127.0.0.1:{port}");
        if !told.contains(&door) {
            assert_eq!(asked(&door, "GET", "/", &[]), (String::new(), String::new()), "{door}");
        }
    }
}

/// The ports that a process listens on, as the kernel tells.
#[cfg(target_os = "linux")]
fn listening(process: u32) -> Vec<u16> {
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let open: Vec<String> = open
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .map(|target| target.display().to_string())
        .collect();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    let ours = rows.filter(|row| row[3] == "0A" && open.contains(&format!("socket:[{}]", row[9])));
    ours.map(|row| u16::from_str_radix(row[1].split(':').nth(1).unwrap(), 16).unwrap()).collect()
}

#[test]
fn a_page_sends_no_delivery_and_a_tunnel_does() {
    let listen = Listen::start(&["--json"], None);
    let door = address(&listen.url);
    for origin in ["https://evil.example", "null"] {
        let (status, _) = asked(door, "POST", "/", &[("Origin", origin)]);
        assert!(status.contains(" 403 "), "{status}");
    }
    let (status, _) = asked(door, "POST", "/", &[("Host", "name-of.a-tunnel.example")]);
    assert!(status.contains(" 200 "), "{status}");
}
