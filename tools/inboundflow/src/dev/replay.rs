//! `dev --replay`: sends recorded events to the queue, at another speed than they were recorded.

use std::{
    io::{Write as _, stderr},
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, Result};
use domain::{OrganizationId, Timestamp, ingest::Body};
use local::LocalQueue;
use tokio::time::{Instant, sleep_until};

use crate::{
    ingest::{Event, Queue, event},
    lines::Source,
    output::warn,
};

/// Plays a recording, and says on stderr how it went.
pub(super) async fn run(recording: Recording, queue: LocalQueue, speed: f64) {
    // A closed stderr is no reason to stop.
    let _ = writeln!(stderr(), "{}", recording.announcement(speed));
    let before = queue.dead_letters().len();
    match recording.play(&queue, speed).await {
        Ok(played) => {
            let dead_letters = queue.dead_letters().len().saturating_sub(before);
            let _ = writeln!(stderr(), "{played} events played, {dead_letters} of them became dead letters");
        }
        Err(error) => warn(&format!("the events were not played to their end: {error:#}")),
    }
}

/// The longest pause between two events, however slowly they are sent.
const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Events in the order in which they were recorded.
pub(super) struct Recording(Vec<(Event, Option<Timestamp>)>);

impl Recording {
    /// Reads a file; events that name no organization are `organization`'s.
    pub(super) fn read(file: &Path, organization: OrganizationId) -> Result<Self> {
        let lines = Source::open(file)?.lines("one event a line, as `ingest --schema` shows it")?.map(
            |(at, line)| {
                let event = line.and_then(|line| event(&line, Some(organization)));
                let event = event.and_then(|event| event.body().map(|body| (event, occurred_at(&body))));
                let broken = || format!("{} cannot be replayed: line {at}", file.display());
                event.map_err(anyhow::Error::msg).with_context(broken)
            },
        );
        lines.collect::<Result<_>>().map(Self)
    }

    fn announcement(&self, speed: f64) -> String {
        let times: Vec<i64> = self.0.iter().filter_map(|(_, at)| at.map(Timestamp::unix_ms)).collect();
        let takes: Duration = times.windows(2).map(|pair| pause(pair[1] - pair[0], speed)).sum();
        let takes = humantime::format_duration(Duration::from_secs(takes.as_secs()));
        format!("playing {} events, which takes {takes}", self.0.len())
    }

    /// Sends each event when its time has come; returns how many events that were, once all of them are
    /// carried out or dead letters.
    async fn play(self, queue: &LocalQueue, speed: f64) -> Result<usize> {
        let (count, producer) = (self.0.len(), Queue::of(queue));
        let (mut due, mut last) = (Instant::now(), None::<Timestamp>);
        let mut ready = Vec::new();
        for (event, occurred_at) in self.0 {
            let gap = last.zip(occurred_at).map_or(0, |(last, now)| now.unix_ms() - last.unix_ms());
            due += pause(gap, speed);
            last = occurred_at.or(last);
            if due > Instant::now() {
                producer.send_all(std::mem::take(&mut ready).into_iter()).await?;
                sleep_until(due).await;
            }
            ready.push(event);
        }
        producer.send_all(ready.into_iter()).await?;
        queue.drained().await;
        Ok(count)
    }
}

fn occurred_at(body: &Body) -> Option<Timestamp> {
    match body {
        Body::Call(event) => Some(event.occurred_at),
        Body::Lead(event) => Some(event.occurred_at),
        Body::Appointment(event) => Some(event.occurred_at),
        Body::Pointer(_) => None,
    }
}

/// How long to wait for what happened `gap_ms` later.
fn pause(gap_ms: i64, speed: f64) -> Duration {
    let gap = Duration::from_millis(u64::try_from(gap_ms).unwrap_or(0));
    Duration::try_from_secs_f64(gap.as_secs_f64() / speed)
        .map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_as_short_as_the_speed_says_and_never_negative() {
        assert_eq!(pause(60_000, 60.0), Duration::from_secs(1));
        assert_eq!(pause(-5, 60.0), Duration::ZERO);
        assert_eq!(pause(1, f64::MAX), Duration::ZERO);
        assert_eq!(pause(1, f64::MIN_POSITIVE), LONGEST_PAUSE);
    }
}
