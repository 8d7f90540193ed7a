//! The key of `dev --data`, which is kept beside the data.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::Stdio,
};

use serde_json::Value;

use crate::{inboundflow, out, run};

/// Starts a `dev` over a directory: its key, and what it says on stderr. Meanwhile `with` is done, with the arguments that name
/// its tables.
fn started(data: &Path, options: &[&str], with: impl FnOnce(&Value)) -> (String, String) {
    let mut command = inboundflow(&["dev", "--json", "--port", "0", "--dynamodb-port", "0", "--data"]);
    let command = command.arg(data).args(options).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut dev = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(dev.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    with(&ready);
    dev.kill().unwrap();
    dev.wait().unwrap();
    let mut said = String::new();
    dev.stderr.unwrap().read_to_string(&mut said).unwrap();
    (ready["api_key"].as_str().unwrap().to_owned(), said)
}

/// The keys of the organization that a `dev` works with.
fn keys(ready: &Value) -> Vec<Value> {
    let [organization, endpoint] =
        ["organization_id", "dynamodb_endpoint"].map(|name| ready[name].as_str().unwrap());
    let list = ["keys", "list", "--json", "--organization", organization, "--endpoint-url", endpoint];
    out(&run(&list)).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn revoke(ready: &Value) {
    let key = keys(ready).into_iter().find(|key| key["revoked_at"].is_null()).unwrap();
    let endpoint = ready["dynamodb_endpoint"].as_str().unwrap();
    out(&run(&["keys", "revoke", key["key_id"].as_str().unwrap(), "--endpoint-url", endpoint]));
}

#[test]
fn each_start_over_the_same_directory_has_the_same_key_and_makes_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let (key, said) = started(directory.path(), &["--no-demo"], |_| {});
    assert_eq!(said, "", "nothing is to be said of the first one");
    assert_eq!(fs::read_to_string(directory.path().join("api-key")).unwrap().trim(), key);
    for _ in 0..2 {
        let again = started(directory.path(), &["--no-demo"], |ready| assert_eq!(keys(ready).len(), 1));
        assert_eq!(again, (key.clone(), String::new()));
    }
}

#[test]
fn a_key_that_does_not_work_any_more_is_replaced_and_that_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("api-key");
    let start = |options: &[&str], with: fn(&Value)| {
        started(directory.path(), &[&["--no-demo"], options].concat(), with)
    };
    let (mut key, _) = start(&[], revoke);
    let unfit = "no longer works: this is a new one";
    for (case, options, sentence) in [
        ("revoked", &[][..], unfit),
        (
            "of another limit",
            &["--requests-per-minute", "90"],
            "was made with other options: this is a new one, and",
        ),
        ("gone", &["--requests-per-minute", "90"], "The earlier API key was not kept in"),
        ("damaged", &["--requests-per-minute", "90"], unfit),
    ] {
        match case {
            "gone" => fs::remove_file(&file).unwrap(),
            "damaged" => fs::write(&file, b"sk_live_\xff\n").unwrap(),
            _ => {}
        }
        let (new, said) = start(options, |_| {});
        assert!(new != key && said.contains(sentence) && said.lines().count() == 1, "{case}: {said}");
        assert!(said.contains(&file.display().to_string()) && !said.contains(&new), "{case}: {said}");
        assert_eq!(fs::read_to_string(&file).unwrap().trim(), new, "{case}");
        key = new;
    }
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_to_where_the_key_would_be_kept() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    let elsewhere = directory.path().join("elsewhere");
    fs::write(&elsewhere, "kept").unwrap();
    std::os::unix::fs::symlink(&elsewhere, data.join("api-key")).unwrap();
    let dev = ["dev", "--port", "0", "--dynamodb-port", "0", "--no-demo", "--data", data.to_str().unwrap()];
    let output = run(&dev);
    let said = crate::err(&output);
    assert!(
        output.status.code() == Some(1) && said.contains("api-key") && said.contains("symbolic link"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "kept");
}
