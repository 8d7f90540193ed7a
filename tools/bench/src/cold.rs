//! Cold starts: a process from its start to its first response.

use std::time::{Duration, Instant};

use crate::{runtime_api::RuntimeApi, stand_in::StandIn, subject::Subject};

/// The figures of one start of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// The time from the process's start to its asking for an event.
    pub(crate) polled: Duration,
    /// The time from the process's start to its response.
    pub(crate) answered: Duration,
    /// CPU time up to its asking for an event: Lambda gives it a whole core until then.
    pub(crate) cpu_of_init: Duration,
    /// CPU time from then to the response: Lambda gives it what its memory size is worth.
    pub(crate) cpu_of_first: Duration,
}

/// Starts a subject and asks it once.
pub(crate) async fn start(subject: &Subject, dynamodb: &StandIn, prefix: &str) -> Start {
    let mut api = RuntimeApi::listen().await;
    let variables = subject.variables(&api.address, dynamodb, prefix);
    let started = Instant::now();
    let process = subject.program.start(&variables);
    let polled = api.first_polled().await;
    let cpu_of_init = process.cpu();
    let answer = api.invoke(subject.event.clone()).await;
    let cpu = process.cpu();
    subject.check(&answer, &mut None);
    Start {
        polled: polled - started,
        answered: answer.at - started,
        cpu_of_init,
        cpu_of_first: cpu.saturating_sub(cpu_of_init),
    }
}
