//! `export`: whole files, and what they are not written over.

use std::{
    fs,
    ops::Deref,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use super::{KEY, StandIn, command, json_lines, printed};
use crate::{Dev, err, out};

mod interrupted;
#[cfg(unix)]
mod places;

/// A directory with a file that an export goes to.
struct Target {
    directory: TempDir,
    name: &'static str,
}

impl Target {
    fn new(name: &'static str) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), name }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join(self.name)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        self.directory.path().join(format!("{}{ending}", self.name))
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn export(&self, api: &StandIn, further: &[&str]) -> Command {
        let path = self.path();
        let arguments = ["export", "calls", "--to", path.to_str().unwrap()];
        let mut command = command(&api.url, KEY, &[&arguments, further].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, api: &StandIn, further: &[&str]) -> Output {
        let output = self.export(api, further).output().unwrap();
        assert!(!err(&output).contains(KEY), "{output:?}");
        output
    }

    /// What is in the directory.
    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<String> =
            names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    fn state(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.beside(".part.json")).unwrap()).unwrap()
    }

    /// Starts an export, and ends it by `end` when it has written so many pages and waits for the next one.
    fn ended(&self, api: &Gated, pages: usize, end: impl FnOnce(&mut Child)) -> Output {
        let asked = pages_of(api);
        api.admitted.store(asked + pages, Ordering::SeqCst);
        let mut child = self.export(api, &[]).spawn().unwrap();
        while pages_of(api) <= asked + pages {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::sleep(Duration::from_millis(2));
        }
        end(&mut child);
        child.wait_with_output().unwrap()
    }

    fn killed(&self, api: &Gated, pages: usize) {
        self.ended(api, pages, |child| child.kill().unwrap());
    }
}

/// A list that answers as many of its pages as it is told to, and holds the others back.
struct Gated {
    api: StandIn,
    admitted: Arc<AtomicUsize>,
}

impl Gated {
    fn start(records: usize) -> Self {
        let admitted = Arc::new(AtomicUsize::new(usize::MAX));
        let (of_api, pages) = (admitted.clone(), AtomicUsize::new(0));
        let api = StandIn::start(move |_, asked| match asked.path.as_str() {
            "/v1/calls" => {
                asked.answer_list(records).held(pages.fetch_add(1, Ordering::SeqCst), of_api.clone())
            }
            _ => asked.answer_list(records),
        });
        Self { api, admitted }
    }

    fn open(&self) {
        self.admitted.store(usize::MAX, Ordering::SeqCst);
    }
}

impl Deref for Gated {
    type Target = StandIn;

    fn deref(&self) -> &StandIn {
        &self.api
    }
}

fn pages_of(api: &StandIn) -> usize {
    api.asked().iter().filter(|asked| asked.path == "/v1/calls").count()
}

fn numbers(text: &str) -> Vec<u64> {
    json_lines(text).iter().map(|line| line["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_file_is_the_whole_list_as_the_api_lists_it() {
    let dev = Dev::start(&["--dynamodb-port", "0"]);
    let key = dev
        .another_key(&dev.text("organization_id"), "calls:read,contacts:read,leads:read,appointments:read");
    let directory = tempfile::tempdir().unwrap();
    for list in ["calls", "contacts", "leads", "appointments"] {
        let (mut expected, mut cursor) = (Vec::new(), String::new());
        loop {
            let (_, page) = dev.get(&format!("/v1/{list}?limit=100{cursor}"), &key).await;
            expected.extend(page["data"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let file =
            |ending: &str| directory.path().join(format!("{list}.{ending}")).to_str().unwrap().to_owned();
        for ending in ["jsonl", "csv"] {
            let done = dev.ask(&["export", list, "--to", &file(ending)]);
            assert_eq!(out(&done), format!("{} {list} written to {}\n", expected.len(), file(ending)));
            assert_eq!(err(&done), "", "no progress where nobody looks");
        }
        assert_eq!(json_lines(&fs::read_to_string(file("jsonl")).unwrap()), expected);
        super::lists::assert_csv(&fs::read_to_string(file("csv")).unwrap(), &expected);
        let piped = dev.ask(&["export", list, "--to", "-", "--format", "csv"]);
        assert_eq!(out(&piped), fs::read_to_string(file("csv")).unwrap());
        assert_eq!(json_lines(&out(&dev.ask(&["export", list, "--to", "-"]))), expected);
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 8, "nothing is left beside them");
    let file = directory.path().join("x.ndjson").to_str().unwrap().to_owned();
    out(&dev.ask(&["export", "calls", "--to", &file, "--status", "failed", "--since", "2020-01-01"]));
    let failed = printed(&dev.ask(&["calls", "list", "--all", "--status", "failed"]));
    assert_eq!(Value::from(json_lines(&fs::read_to_string(&file).unwrap())), failed);
}

#[test]
fn a_file_that_is_there_is_replaced_only_by_force() {
    let (target, api) = (Target::new("calls.jsonl"), Gated::start(150));
    fs::write(target.path(), "mine").unwrap();
    let output = target.run(&api, &[]);
    assert!(output.status.code() == Some(1) && err(&output).contains("is there already"), "{output:?}");
    assert_eq!((target.text().as_str(), api.asked().len()), ("mine", 0));
    // It came there while the export ran.
    fs::remove_file(target.path()).unwrap();
    let come = |_: &mut Child| {
        fs::write(target.path(), "mine").unwrap();
        api.open();
    };
    let late = target.ended(&api, 1, come);
    assert!(late.status.code() == Some(1) && err(&late).contains("is there already"), "{late:?}");
    assert_eq!(target.text(), "mine");
    // What is left is whole: it need only be given its name.
    let asked = pages_of(&api);
    out(&target.run(&api, &["--force"]));
    assert_eq!((numbers(&target.text()).len(), pages_of(&api)), (150, asked));
    assert_eq!(target.files(), ["calls.jsonl"]);

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let output = api.run(&["export", "calls", "--force", "--format", "csv", "--to", path]);
    assert!(err(&output).contains("is a directory"), "{output:?}");
    let asked = api.asked().len();
    let output = api.run(&["export", "calls", "--to", &format!("{path}/none/calls.csv")]);
    assert!(err(&output).contains(&format!("there is no folder {path}/none.")), "{output:?}");
    assert_eq!(api.asked().len(), asked);
    let output = api.run(&["export", "calls", "--to", "calls.json"]);
    assert!(output.status.code() == Some(2) && err(&output).contains("--format"), "{output:?}");
}

#[test]
fn two_do_not_write_one_file() {
    let (target, api) = (Target::new("calls.jsonl"), Gated::start(1500));
    let first = target.ended(&api, 2, |_| {
        let second = target.run(&api, &[]);
        assert!(err(&second).contains("Another export is writing"), "{second:?}");
        api.open();
    });
    assert!(first.status.success(), "{first:?}");
    assert_eq!(numbers(&target.text()), (0..1500).collect::<Vec<u64>>());
}

#[test]
fn a_list_without_records_is_a_file_without_records() {
    for (name, expected) in [("x.jsonl", ""), ("x.csv", "id,caller_phone,caller_name,")] {
        let (target, api) = (Target::new(name), Gated::start(0));
        assert!(out(&target.run(&api, &[])).starts_with("0 calls written"));
        let text = target.text();
        assert!(
            text.starts_with(expected) && text.lines().count() == usize::from(!expected.is_empty()),
            "{text}"
        );
        assert_eq!(target.files(), [name]);
    }
}
