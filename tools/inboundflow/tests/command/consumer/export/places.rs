//! The place that an `export` writes to, and what it finds there.

use std::{
    fs,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
    process::{Command, Output, Stdio},
};

use super::{Gated, Target, numbers, pages_of};
use crate::{consumer::command, err, out};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// What an export said that went to a pipe, and what came out of it. The reader is a process, which ends where nobody
/// writes.
fn piped(export: &mut Command, pipe: &Path, reader: &[&str]) -> (Output, String) {
    let mut reading =
        Command::new(reader[0]).args(&reader[1..]).arg(pipe).stdout(Stdio::piped()).spawn().unwrap();
    let said = export.output().unwrap();
    // Whoever waits at a pipe that was replaced, or never opened, waits for ever.
    let is_pipe = fs::symlink_metadata(pipe).unwrap().file_type().is_fifo();
    if !is_pipe || !said.status.success() {
        let _ = reading.kill();
    }
    let read = reading.wait_with_output().unwrap();
    (said, String::from_utf8(read.stdout).unwrap())
}

#[test]
fn a_named_pipe_is_written_through_and_stays_one() {
    let api = Gated::start(350);
    for further in [&[][..], &["--force"], &["--restart"], &["--force", "--restart", "--format", "jsonl"]] {
        let target = Target::new("calls.jsonl");
        make_pipe(&target.path());
        let (said, text) = piped(&mut target.export(&api, further), &target.path(), &["cat"]);
        assert_eq!(out(&said), format!("350 calls written to {}\n", target.path().display()));
        assert_eq!(numbers(&text), (0..350).collect::<Vec<u64>>());
        assert!(fs::symlink_metadata(target.path()).unwrap().file_type().is_fifo());
        assert_eq!(target.files(), ["calls.jsonl"], "nothing is beside it");
    }
    // By a link, and as CSV.
    let target = Target::new("link.csv");
    let pipe = target.directory.path().join("pipe");
    make_pipe(&pipe);
    symlink("pipe", target.path()).unwrap();
    let (said, text) = piped(&mut target.export(&api, &[]), &pipe, &["cat"]);
    out(&said);
    assert!(text.starts_with("id,caller_phone,") && target.path().is_symlink(), "{text}");
    // Whoever read it has gone away.
    let target = Target::new("calls.jsonl");
    make_pipe(&target.path());
    let far = Gated::start(100_000);
    let (output, _) = piped(&mut target.export(&far, &[]), &target.path(), &["head", "-c", "10"]);
    assert!(output.status.code() == Some(1) && err(&output).contains("Cannot write"), "{output:?}");
}

#[test]
fn devices_are_written_to_and_never_replaced() {
    let (api, links) = (Gated::start(150), tempfile::tempdir().unwrap());
    let link = links.path().join("null").to_str().unwrap().to_owned();
    symlink("/dev/null", &link).unwrap();
    let full = api.run(&["export", "calls", "--to", "/dev/full"]);
    assert!(full.status.code() == Some(1) && err(&full).contains("Cannot write /dev/full"), "{full:?}");
    // Where it went wrong, force would replace a device of this machine.
    for (further, null) in [(&[][..], "/dev/null"), (&["--force"], &link)] {
        let export =
            |to| command(&api.url, super::KEY, &[&["export", "calls", "--to", to], further].concat());
        let output = export(null).stdout(Stdio::piped()).output().unwrap();
        assert_eq!(out(&output), format!("150 calls written to {null}\n"));
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        // Standard output by another name: a pipe, and a file that the shell made.
        assert_eq!(numbers(&out(&export("/dev/stdout").output().unwrap())).len(), 150);
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("calls.jsonl");
        let stdout = fs::File::create(&file).unwrap();
        let inode = stdout.metadata().unwrap().ino();
        assert!(export("/dev/stdout").stdout(stdout).status().unwrap().success());
        assert_eq!(numbers(&fs::read_to_string(&file).unwrap()).len(), 150);
        assert_eq!(fs::metadata(&file).unwrap().ino(), inode);
    }
}

#[test]
fn new_files_are_the_owners_alone_and_one_that_is_replaced_keeps_its_mode() {
    let (target, api) = (Target::new("calls.jsonl"), Gated::start(350));
    target.ended(&api, 1, |child| {
        assert_eq!((mode(&target.beside(".part")), mode(&target.beside(".part.json"))), (0o600, 0o600));
        child.kill().unwrap();
    });
    // As an earlier version made it.
    set_mode(&target.beside(".part"), 0o644);
    target.ended(&api, 1, |_| {
        assert_eq!(mode(&target.beside(".part")), 0o600);
        api.open();
    });
    assert_eq!(mode(&target.path()), 0o600);
    for kept in [0o644, 0o640, 0o600, 0o400] {
        set_mode(&target.path(), kept);
        out(&target.run(&api, &["--force"]));
        assert_eq!(mode(&target.path()), kept);
    }
}

#[test]
fn a_link_stays_a_link_and_its_target_is_written() {
    let api = Gated::start(250);
    let elsewhere = tempfile::tempdir().unwrap();
    for is_there in [true, false] {
        let target = Target::new("calls.jsonl");
        let (middle, end) = (target.beside(".link"), elsewhere.path().join(format!("{is_there}.jsonl")));
        if is_there {
            fs::write(&end, "mine").unwrap();
            set_mode(&end, 0o640);
        }
        symlink(&end, &middle).unwrap();
        symlink("calls.jsonl.link", target.path()).unwrap();
        let refused = target.run(&api, &[]);
        assert!(err(&refused).contains("is there already"), "also where the link leads nowhere: {refused:?}");
        // Its part lies beside the target, and so on its file system; the same command goes on from it.
        let asked = pages_of(&api);
        api.admitted.store(asked + 1, std::sync::atomic::Ordering::SeqCst);
        let mut child = target.export(&api, &["--force"]).spawn().unwrap();
        while pages_of(&api) <= asked + 1 {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        api.open();
        assert!(elsewhere.path().join(format!("{is_there}.jsonl.part")).exists());
        let done = target.run(&api, &["--force"]);
        assert!(err(&done).contains("100 records are there") && done.status.success(), "{done:?}");
        assert_eq!(numbers(&fs::read_to_string(&end).unwrap()).len(), 250);
        assert!(target.path().is_symlink() && middle.is_symlink());
        assert_eq!(mode(&end), if is_there { 0o640 } else { 0o600 });
        assert_eq!(target.files(), ["calls.jsonl", "calls.jsonl.link"]);
    }
    let target = Target::new("calls.jsonl");
    symlink("calls.jsonl", target.path()).unwrap();
    let endless = target.run(&api, &["--force"]);
    assert!(endless.status.code() == Some(1) && err(&endless).contains("Cannot write"), "{endless:?}");
}

#[test]
fn what_lies_in_the_way_of_its_own_files_is_never_followed() {
    let api = Gated::start(150);
    for beside in [".part", ".part.json", ".part.json.new"] {
        for further in [&[][..], &["--restart"], &["--restart", "--force"]] {
            // A link to somebody's file.
            let target = Target::new("calls.jsonl");
            let victim = target.directory.path().join("victim");
            fs::write(&victim, "mine").unwrap();
            symlink(&victim, target.beside(beside)).unwrap();
            let linked = target.run(&api, further);
            assert_eq!(fs::read_to_string(&victim).unwrap(), "mine", "{beside} {linked:?}");
            // A second name of somebody's file.
            let _ = fs::remove_file(target.beside(beside));
            let _ = fs::remove_file(target.path());
            fs::hard_link(&victim, target.beside(beside)).unwrap();
            let named = target.run(&api, further);
            assert_eq!(fs::read_to_string(&victim).unwrap(), "mine", "{beside} {named:?}");
            // A pipe, which is not waited for.
            let _ = fs::remove_file(target.beside(beside));
            let _ = fs::remove_file(target.path());
            make_pipe(&target.beside(beside));
            let piped = target.run(&api, further);
            for output in [linked, named, piped] {
                // The last of them is replaced whole, and so nothing is written to what was there.
                let is_replaced = beside == ".part.json.new" && output.status.success();
                assert!(
                    is_replaced || output.status.code() == Some(1) && err(&output).contains("remove it"),
                    "{output:?}"
                );
            }
        }
    }
    let target = Target::new("calls.jsonl");
    let dangling = target.directory.path().join("nothing");
    symlink(&dangling, target.beside(".part")).unwrap();
    target.run(&api, &["--restart"]);
    assert!(!dangling.exists(), "nothing is made where a link leads");
}

#[test]
fn what_is_no_place_for_a_file_is_said_before_anything_is_asked() {
    let api = Gated::start(1);
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    symlink(directory.path(), directory.path().join("to-a-directory")).unwrap();
    symlink("none/calls.jsonl", directory.path().join("to-no-folder.jsonl")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(directory.path().join("socket")).unwrap();
    for (to, said) in [
        (path("."), "is a directory: name a file in it."),
        (path("to-a-directory"), "is a directory: name a file in it."),
        (path("to-no-folder.jsonl"), "there is no folder"),
        (path("socket"), "is neither a file nor a pipe"),
    ] {
        let output = api.run(&["export", "calls", "--force", "--format", "jsonl", "--to", &to]);
        assert!(output.status.code() == Some(1) && err(&output).contains(said), "{to}: {output:?}");
    }
    drop(socket);
    assert!(api.asked().is_empty());
}
