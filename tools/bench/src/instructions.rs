//! The instructions of a warm request, counted by valgrind's callgrind: for differences too small for a noisy clock.

use std::{fs, path::Path};

use crate::{process::Program, runtime_api::RuntimeApi, stand_in::StandIn, subject::Subject};

/// The numbers of requests of the two runs; the first request of each is cold.
const REQUESTS: [usize; 2] = [50, 150];

/// The instructions of one warm request.
pub(crate) async fn count(subject: &Subject, dynamodb: &StandIn, prefix: &str) -> u64 {
    let directory = tempfile::tempdir().expect("a directory");
    let mut totals = [0; 2];
    for (requests, total) in REQUESTS.into_iter().zip(&mut totals) {
        let counted = directory.path().join(requests.to_string());
        let mut api = RuntimeApi::listen().await;
        let mut process = under_callgrind(&subject.program, &counted).start(&subject.variables(
            &api.address,
            dynamodb,
            prefix,
        ));
        let mut known = None;
        for _ in 0..requests {
            subject.check(&api.invoke(subject.event.clone()).await, &mut known);
        }
        process.terminate();
        *total = total_of(&counted);
    }
    (totals[1] - totals[0]) / (REQUESTS[1] - REQUESTS[0]) as u64
}

fn under_callgrind(program: &Program, counted: &Path) -> Program {
    let valgrind = ["/usr/bin/valgrind", "--quiet", "--tool=callgrind"].map(str::to_owned);
    let mut argv: Vec<String> = valgrind.into();
    argv.push(format!("--callgrind-out-file={}", counted.display()));
    argv.extend(program.argv.iter().cloned());
    Program { argv, directory: program.directory.clone() }
}

fn total_of(counted: &Path) -> u64 {
    let text = fs::read_to_string(counted).expect("what callgrind counted");
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ")).expect("a total");
    total.trim().parse().expect("a number")
}
