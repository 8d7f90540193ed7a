//! `dev`: the API on this machine.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Stdio,
};

use crate::{Dev, err, inboundflow, run};

#[tokio::test]
async fn dev_prints_one_json_line_serves_demo_data_and_ends_on_ctrl_c() {
    let dev = Dev::start(&["--dynamodb-port", "0"]);
    let fields: Vec<&String> = dev.ready.as_object().unwrap().keys().collect();
    let queue = ["queue_url", "dead_letter_queue_url", "events_bucket"];
    assert_eq!(fields, [&["url", "dynamodb_endpoint", "organization_id", "api_key"][..], &queue].concat());
    for path in ["calls", "contacts", "leads", "appointments"] {
        let (status, page) = dev.get(&format!("/v1/{path}"), &dev.text("api_key")).await;
        assert_eq!(status, 200);
        assert!(page["data"].as_array().unwrap().len() > 20, "{path}");
    }
    let (_, me) = dev.get("/v1/me", &dev.text("api_key")).await;
    assert_eq!(me["data"]["organization_id"], dev.ready["organization_id"]);
    assert_eq!(dev.interrupt(), (true, String::new()), "nothing else on stdout");
}

#[test]
fn dev_says_what_to_do_where_a_port_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for option in ["--port", "--dynamodb-port"] {
        let mut arguments = vec!["dev", option, &port];
        if option != "--port" {
            arguments.extend(["--port", "0"]);
        }
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(1));
        let said = err(&output);
        assert!(said.contains(&format!("Port {port} is taken")) && said.contains(option), "{said}");
        assert_eq!(said.lines().count(), 1);
    }
}

#[cfg(unix)]
#[test]
fn what_is_kept_nobody_else_may_read() {
    use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("of/dev");
    let arguments = ["--dynamodb-port", "0", "--no-demo", "--data", directory.to_str().unwrap()];
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set_mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for made in [0o700, 0o755] {
        let dev = Dev::start(&arguments);
        assert_eq!(
            (mode(&directory), mode(&parent.path().join("of"))),
            (made, 0o700),
            "one that is there stays as it is"
        );
        let mut seen: Vec<String> = Vec::new();
        for file in fs::read_dir(&directory).unwrap().map(Result::unwrap) {
            assert_eq!(mode(&file.path()), 0o600, "{file:?}");
            seen.push(file.file_name().into_string().unwrap());
        }
        seen.sort_unstable();
        assert_eq!(
            seen,
            ["api-key", "dynamodb.sqlite", "dynamodb.sqlite-shm", "dynamodb.sqlite-wal", "lock"]
        );
        // As an earlier version left them, killed.
        drop(dev);
        seen.iter().for_each(|file| set_mode(&directory.join(file), 0o644));
        set_mode(&directory, 0o755);
    }
}

#[tokio::test]
async fn data_is_kept_where_it_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("new").to_str().unwrap().to_owned();
    let arguments = ["--dynamodb-port", "0", "--data", &data];
    let first = Dev::start(&arguments);
    let (key, organization) = (first.text("api_key"), first.text("organization_id"));
    let (_, before) = first.get("/v1/calls", &key).await;
    let third = run(&[&["dev", "--port", "0"], &arguments[..]].concat());
    assert!(err(&third).contains("is in use"), "one at a time: {third:?}");
    assert!(first.interrupt().0);
    let second = Dev::start(&arguments);
    assert_eq!((second.text("organization_id"), second.text("api_key")), (organization, key.clone()));
    let (status, after) = second.get("/v1/calls", &key).await;
    assert_eq!((status, &after["data"]), (200, &before["data"]), "and the key works");
}

#[tokio::test]
async fn dev_runs_over_an_existing_dynamodb() {
    let first = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let endpoint = first.text("dynamodb_endpoint");
    let second = Dev::start(&["--endpoint-url", &endpoint, "--no-demo"]);
    assert_eq!(second.text("dynamodb_endpoint"), endpoint);
    assert_eq!(second.get("/v1/calls", &second.text("api_key")).await.1["data"], serde_json::json!([]));
    assert_eq!(second.get("/v1/me", &first.text("api_key")).await.0, 200, "one database");
}

#[test]
fn a_request_that_never_ends_does_not_keep_dev_from_ending() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let address = dev.text("url").replace("http://", "");
    let mut stalled = TcpStream::connect(address).unwrap();
    stalled
        .write_all(b"POST /v1/contacts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{")
        .unwrap();
    assert!(dev.interrupt().0);
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("dynamodb.sqlite"), "not a database at all, but long enough")
        .unwrap();
    let output = run(&["dev", "--port", "0", "--data", directory.path().to_str().unwrap()]);
    assert!(output.status.code() == Some(1) && err(&output).contains("is damaged"), "{output:?}");
}

#[test]
fn a_body_that_is_cut_off_is_refused_in_the_envelope() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let mut stream = TcpStream::connect(dev.text("url").replace("http://", "")).unwrap();
    stream
        .write_all(
            b"POST /v1/contacts HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        )
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains(r#""code":"bad_request""#), "{answer}");
    assert!(answer.contains(r#""request_id":"req_"#) && !answer.contains("req_e3b0c44298fc"), "{answer}");
}

/// SQLite's own words for it differ from one file system to the next.
#[cfg(unix)]
#[test]
fn a_first_start_that_cannot_write_says_why_and_where() {
    let directory = tempfile::tempdir().unwrap();
    // In blocks: no table, some tables, and some of the demo data.
    for (at, blocks) in ["20", "400", "2000"].iter().enumerate() {
        let data = directory.path().join(at.to_string()).to_str().unwrap().to_owned();
        let mut limited = std::process::Command::new("sh");
        limited.args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "sh", blocks]);
        let dev = inboundflow(&["dev", "--port", "0", "--dynamodb-port", "0", "--data", &data]);
        let output = limited.arg(dev.get_program()).args(dev.get_args()).output().unwrap();
        let said = err(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("Nothing can be written in {data} (")), "{blocks}: {said}");
        assert!(said.contains("): make room there") && said.contains("disk I/O error"), "{blocks}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_recording_that_is_none_is_named_with_the_line_and_nothing_else_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("recording");
    let path = file.to_str().unwrap();
    for content in [&b"garbage"[..], b"\xff\xfe\x00", b"{}", b"[1]", b"\x1b[31m"] {
        std::fs::write(&file, content).unwrap();
        let output = run(&["dev", "--port", "0", "--dynamodb-port", "0", "--no-demo", "--replay", path]);
        let said = err(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        let lines = format!("error: {path} cannot be replayed: line 1: ");
        let is_named = said.starts_with(&lines) || said.starts_with(&format!("error: {path} seems to be "));
        assert!(is_named, "{said}");
        assert!(said.lines().count() == 1 && !said.contains('\u{1b}'), "{said:?}");
    }
}

#[test]
fn no_path_that_was_asked_for_steers_the_terminal_that_dev_runs_in() {
    let mut command = inboundflow(&["dev", "--json", "--port", "0", "--dynamodb-port", "0", "--no-demo"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    let address = ready["url"].as_str().unwrap().replace("http://", "");
    let mut log = BufReader::new(child.stderr.take().unwrap());
    for (path, shown) in
        [("/v1/\u{9b}31m", "/v1/\\u009b31m"), ("/v1/\u{202e}x", "/v1/\\u202ex"), ("/v1/%1b", "/v1/%1b")]
    {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        assert!(line.starts_with(&format!("GET {shown}  4")), "{line:?}");
        assert!(line.trim_end().chars().all(|character| !character.is_control()), "{line:?}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// All of 127.0.0.0/8 is loopback; other systems than Linux have an address of it configured or not.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn dev_listens_where_it_is_told_and_says_so() {
    let dev = Dev::start(&["--listen", "127.8.9.1", "--dynamodb-port", "0", "--no-demo"]);
    for name in ["url", "dynamodb_endpoint", "queue_url"] {
        assert!(dev.text(name).starts_with("http://127.8.9.1:"), "{}", dev.text(name));
    }
    assert_eq!(dev.get("/v1/me", &dev.text("api_key")).await.0, 200);
    let elsewhere = dev.text("url").replace("http://127.8.9.1:", "127.0.0.1:");
    assert!(TcpStream::connect(&elsewhere).is_err(), "{elsewhere} answers as well");
}

#[test]
fn dev_refuses_to_listen_where_others_may_reach_it_unless_told() {
    // Nobody has this address: RFC 5737 keeps it for documents.
    let elsewhere = "203.0.113.77";
    for (arguments, part) in [
        (&["--listen", elsewhere][..], "pass --expose as well"),
        (&["--listen", elsewhere, "--expose"], "this machine has no address 203.0.113.77"),
        (&["--listen", "0.0.0.0"], "pass --expose as well"),
        (&["--listen", "127.0.0.1:3000"], "without a port"),
    ] {
        let output = run(&[&["dev", "--port", "0", "--no-demo"], arguments].concat());
        let said = err(&output);
        assert!(output.status.code() == Some(1) && said.contains(part), "{arguments:?}: {output:?}");
        assert!(said.contains(arguments[1]) && said.lines().count() == 1, "{said}");
    }
    let output = run(&["dev", "--expose"]);
    assert!(output.status.code() == Some(2) && err(&output).contains("--listen"), "{output:?}");
}
