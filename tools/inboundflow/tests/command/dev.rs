//! `dev`: the API on this machine.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
};

use crate::{Dev, err, run};

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
        assert_eq!(seen, ["dynamodb.sqlite", "dynamodb.sqlite-shm", "dynamodb.sqlite-wal", "lock"]);
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
    assert_eq!(second.text("organization_id"), organization);
    let (status, after) = second.get("/v1/calls", &key).await;
    assert_eq!((status, &after["data"]), (200, &before["data"]), "the earlier key still works");
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
    stalled.write_all(b"POST /v1/contacts HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{").unwrap();
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
        .write_all(b"POST /v1/contacts HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains(r#""code":"bad_request""#), "{answer}");
    assert!(answer.contains(r#""request_id":"req_"#) && !answer.contains("req_e3b0c44298fc"), "{answer}");
}
