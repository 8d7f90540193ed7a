//! An `export` that is interrupted, and the one that goes on.

use std::{
    fs,
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::Value;

use super::{Gated, Target, numbers, pages_of};
use crate::{
    consumer::{Reply, StandIn, lists::assert_csv, record},
    err, out,
};

#[test]
fn whenever_it_is_killed_it_goes_on_without_a_record_missing_or_twice() {
    for name in ["calls.jsonl", "calls.csv"] {
        let (target, api) = (Target::new(name), Gated::start(3950));
        for pages in 0..4 {
            target.killed(&api, pages);
            assert!(!target.path().exists(), "what is not whole has another name");
        }
        assert_eq!(target.state()["records"], 600);
        for delay_ms in [5, 15, 20, 25, 30, 35, 40, 60] {
            // Wherever it is by then, it can have written three pages at the most.
            api.admitted.store(pages_of(&api) + 3, Ordering::SeqCst);
            let mut child = target.export(&api, &[]).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(delay_ms));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let written = usize::try_from(target.state()["records"].as_u64().unwrap()).unwrap();
        // As though it had been killed while it wrote: half a page that nobody counted.
        let mut torn = fs::OpenOptions::new().append(true).open(target.beside(".part")).unwrap();
        std::io::Write::write_all(&mut torn, b"{\"id\": 7, \"summary\": \"not fini").unwrap();

        api.open();
        let asked = pages_of(&api);
        let done = target.run(&api, &[]);
        assert_eq!(out(&done), format!("3950 calls written to {}\n", target.path().display()));
        assert_eq!(
            pages_of(&api) - asked,
            (3950 - written).div_ceil(100),
            "what is there is not asked for again"
        );
        let whole = Target::new(name);
        out(&whole.run(&api, &[]));
        assert!(whole.text() == target.text(), "as without interruption");
        assert_eq!(target.files(), [name]);
        if name.ends_with("jsonl") {
            assert_eq!(numbers(&target.text()), (0..3950).collect::<Vec<u64>>());
        }
    }
}

#[test]
fn ctrl_c_says_how_to_go_on() {
    let (target, api) = (Target::new("calls.csv"), Gated::start(1000));
    let output = target.ended(&api, 3, |child| {
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    });
    assert_eq!(output.status.code(), Some(130), "as shells tell an interruption from a failure");
    let part = target.beside(".part");
    let said = format!("300 records are in {}: the same command goes on from there.\n", part.display());
    assert_eq!(err(&output), format!("error: Interrupted.\n{said}"));
    api.open();
    let (begun_at, resumed) =
        (target.state()["begun_at"].as_str().unwrap().to_owned(), target.run(&api, &[]));
    assert_eq!(out(&resumed), format!("1000 calls written to {}\n", target.path().display()));
    let said = format!("Going on with the export that began at {begun_at}: 300 records are there.\n");
    assert_eq!(err(&resumed), said, "it has the records of then");
    let records: Vec<Value> = (0..1000).map(record).collect();
    assert_csv(&target.text(), &records);
}

#[test]
fn a_failure_leaves_what_is_there_to_go_on_with() {
    let (target, is_well) = (Target::new("calls.jsonl"), Arc::new(AtomicBool::new(false)));
    let well = is_well.clone();
    let api = StandIn::start(move |_, asked| {
        let fails = asked.query.contains_key("cursor") && !well.load(Ordering::SeqCst);
        if fails { Reply::error(403, "forbidden", "no more") } else { asked.answer_list(250) }
    });
    let output = target.run(&api, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        err(&output).contains("no more (403") && err(&output).contains("\n100 records are in "),
        "{output:?}"
    );
    is_well.store(true, Ordering::SeqCst);
    out(&target.run(&api, &[]));
    assert_eq!(numbers(&target.text()), (0..250).collect::<Vec<u64>>());

    let (target, api) =
        (Target::new("calls.jsonl"), StandIn::start(|_, _| Reply::error(401, "unauthorized", "no")));
    assert_eq!(target.run(&api, &[]).status.code(), Some(1));
    assert!(target.files().is_empty(), "where nothing was written nothing is left");
}

#[test]
fn what_was_begun_otherwise_is_not_gone_on_with() {
    let (target, api) = (Target::new("calls.jsonl"), Gated::start(1000));
    target.killed(&api, 3);
    api.open();
    let before = fs::read(target.beside(".part")).unwrap();
    let refused = |output: Output, says: &str| {
        assert_eq!(output.status.code(), Some(1));
        let said = err(&output);
        assert!(said.contains(says) && said.contains("begin anew with --restart."), "{output:?}");
        assert_eq!(fs::read(target.beside(".part")).unwrap(), before, "it is left alone");
    };
    refused(target.run(&api, &["--status", "completed"]), "status none (now completed)");
    refused(
        target.run(&api, &["--since", "2h", "--format", "csv"]),
        "format jsonl (now csv), since none (now 2h)",
    );
    let elsewhere = Gated::start(1000);
    refused(target.run(&elsewhere, &[]), &format!("base URL {} (now {})", api.url, elsewhere.url));
    let path = target.path();
    let leads = ["export", "leads", "--to", path.to_str().unwrap()];
    refused(api.run(&leads), "list calls (now leads)");

    let mut state = target.state();
    state["begun"]["organization_id"] = "00000000-0000-4000-8000-000000000000".into();
    fs::write(target.beside(".part.json"), state.to_string()).unwrap();
    refused(target.run(&api, &[]), "organization 00000000-0000-4000-8000-000000000000 (now 8f3d0324");
    fs::write(target.beside(".part.json"), "{").unwrap();
    refused(target.run(&api, &[]), "is there, but not how far it is");
    fs::remove_file(target.beside(".part.json")).unwrap();
    refused(target.run(&api, &[]), "is there, but not how far it is");

    out(&target.run(&api, &["--restart", "--status", "completed"]));
    assert!(api.asked().iter().rev().take(10).all(|asked| asked.query["status"] == "completed"));
    assert_eq!(numbers(&target.text()), (0..1000).collect::<Vec<u64>>());
    assert_eq!(target.files(), ["calls.jsonl"]);
}

#[test]
fn data_that_were_shortened_are_not_gone_on_with() {
    let (target, api) = (Target::new("calls.jsonl"), Gated::start(1000));
    target.killed(&api, 3);
    api.open();
    fs::OpenOptions::new().write(true).open(target.beside(".part")).unwrap().set_len(10).unwrap();
    let output = target.run(&api, &[]);
    assert!(err(&output).contains("is shorter than it was: begin anew with --restart."), "{output:?}");
}

#[test]
fn a_time_ago_means_the_moment_that_it_meant_at_first() {
    let (target, api) = (Target::new("calls.jsonl"), Gated::start(1000));
    api.admitted.store(2, Ordering::SeqCst);
    let mut child = target.export(&api, &["--since", "2h"]).spawn().unwrap();
    while pages_of(&api) < 3 {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    api.open();
    out(&target.run(&api, &["--since", "2h"]));
    let sinces = api.asked().into_iter().filter_map(|asked| asked.query.get("since").cloned());
    let mut sinces: Vec<String> = sinces.collect();
    assert_eq!(sinces.len(), 11, "ten pages, one of them twice");
    sinces.dedup();
    assert_eq!(sinces.len(), 1, "the cursor would not fit another one");
}

#[test]
fn an_export_that_ended_between_its_last_steps_is_whole() {
    let (target, api) = (Target::new("calls.jsonl"), Gated::start(150));
    target.ended(&api, 1, |_| {
        fs::write(target.path(), "mine").unwrap();
        api.open();
    });
    assert_eq!(target.state()["is_whole"], true);
    // The data have been renamed, and the state is still there.
    fs::rename(target.beside(".part"), target.path()).unwrap();
    let output = target.run(&api, &[]);
    assert!(err(&output).contains("is there already"), "{output:?}");
    let asked = pages_of(&api);
    out(&target.run(&api, &["--force"]));
    assert_eq!(pages_of(&api) - asked, 2, "another export, from the beginning");
    assert_eq!(numbers(&target.text()), (0..150).collect::<Vec<u64>>());
    assert_eq!(target.files(), ["calls.jsonl"]);
}

#[test]
fn where_no_more_can_be_written_it_says_so_and_what_was_half_written_is_cut_off() {
    let (target, api) = (Target::new("calls.jsonl"), Gated::start(1000));
    let inboundflow = target.export(&api, &[]);
    let mut limited = Command::new("sh");
    // Some shells count blocks of 512 bytes, others of 1024: a page is 8 KB, ten are not.
    limited.args(["-c", r#"trap "" XFSZ; ulimit -f 24; exec "$0" "$@""#]);
    limited.arg(inboundflow.get_program()).args(inboundflow.get_args());
    let variables = inboundflow.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let output = limited.envs(variables).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let records = target.state()["records"].as_u64().unwrap();
    assert!((100..300).contains(&records), "{records}");
    let said = format!("\n{records} records are in");
    assert!(err(&output).contains("Cannot write") && err(&output).contains(&said), "{output:?}");
    let length = fs::metadata(target.beside(".part")).unwrap().len();
    assert!(length > target.state()["bytes"].as_u64().unwrap(), "a page is half there");
    out(&target.run(&api, &[]));
    assert_eq!(numbers(&target.text()), (0..1000).collect::<Vec<u64>>());
}
