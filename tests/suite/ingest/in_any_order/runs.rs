//! Random runs: steps of a few calls that compete for the same records, as voice events.

use domain::{OrganizationId, RecordId};
use harness::{call_event, status_event};
use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

pub(super) const PHONES: [&str; 3] = ["+14155550101", "+14155550102", "+14155550103"];
pub(super) const STATUSES: [&str; 5] = ["in-progress", "forwarding", "completed", "failed", "blocked"];
pub(super) const LEADS: [&str; 3] = ["contacted", "qualified", "lost"];

/// The hours at which an appointment begins and ends.
pub(super) type Hours = (Option<u32>, Option<u32>);

/// A step of one of a few calls.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) call: u128,
    pub(super) second: u32,
    pub(super) phone: Option<usize>,
    pub(super) status: usize,
    /// The fields that the step knows, a bit for each.
    pub(super) knows: u8,
    pub(super) lead: Option<Option<usize>>,
    /// The hours at which an appointment begins and ends, as far as this step knows them.
    pub(super) books: Option<Hours>,
    /// The length of the conversation, in kilobytes.
    pub(super) said: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) steps: Vec<Step>,
    /// Changes of a lead's status by people, after all steps: of whose step, when, to what.
    pub(super) changes: Vec<(usize, u32, usize)>,
    pub(super) seed: u64,
}

pub(super) fn runs() -> impl Strategy<Value = Run> {
    let step = (
        1..4_u128,
        0..8_u32,
        prop_oneof![3 => Just(Some(0)), 2 => prop::option::of(0..PHONES.len())],
        0..STATUSES.len(),
        any::<u8>(),
        prop::option::of(prop::option::of(0..LEADS.len())),
        prop::option::of((prop::option::of(0..24_u32), prop::option::of(0..24_u32))),
        prop_oneof![3 => Just(0_usize), 2 => Just(1), 1 => Just(100), 1 => Just(700)],
    );
    let step = step.prop_map(|(call, second, phone, status, knows, lead, books, said)| Step {
        call,
        second,
        phone,
        status,
        knows,
        lead,
        books,
        said,
    });
    let change = (0..12_usize, 10..14_u32, 0..LEADS.len());
    (prop::collection::vec(step, 1..12), prop::collection::vec(change, 0..4), any::<u64>())
        .prop_map(|(steps, changes, seed)| Run { steps, changes, seed })
}

impl Step {
    pub(super) fn at(&self) -> String {
        format!("2026-02-24T20:59:{:02}Z", self.second)
    }

    pub(super) fn started_at(&self, nth: usize) -> String {
        format!("2026-02-24T20:58:{:02}.5Z", (7 * nth) % 60)
    }

    /// The hours that the step books: one event says nothing that does not fit; two may.
    pub(super) fn books(&self) -> Option<Hours> {
        let (start, end) = self.books?;
        Some((start.map(|start| start.min(end.unwrap_or(start))), end))
    }

    pub(super) fn event(&self, nth: usize, organization: OrganizationId) -> Value {
        let at = self.at();
        let mut event = call_event(organization, RecordId::from_u128(self.call), &at);
        event["event_id"] = format!("e{nth}").into();
        let call = &mut event["call"];
        call["caller_phone"] = self.phone.map_or(Value::Null, |phone| PHONES[phone].into());
        call["status"] = STATUSES[self.status].into();
        let known = [
            ("caller_name", json!(format!("Caller {nth}"))),
            ("caller_email", json!(format!("caller{nth}@example.com"))),
            ("summary", json!(format!("Summary {nth}"))),
            ("duration_seconds", json!(nth)),
            ("transfer_status", json!(format!("Transfer {nth}"))),
            ("intent", json!(format!("Intent {nth}"))),
            ("started_at", json!(self.started_at(nth))),
            ("ended_at", json!(at)),
        ];
        for (bit, (field, value)) in known.into_iter().enumerate() {
            if self.knows & (1 << bit) != 0 {
                call[field] = value;
            }
        }
        if self.said > 0 {
            let said = random_text(nth as u64, self.said * 1024);
            call["messages"] = json!([{"role": "user", "content": said, "timestamp": null}]);
        }
        if let Some(status) = self.lead {
            let status = status.map_or(Value::Null, |status| LEADS[status].into());
            event["lead"] = json!({"interest": format!("Interest {nth}"), "status": status});
        }
        if let Some((start, end)) = self.books() {
            let at = |hour: Option<u32>| hour.map(|hour| format!("2026-03-01T{hour:02}:00:00Z"));
            let date = format!("2026-03-{:02}", nth + 1);
            event["appointment"] = json!({"date": date, "start": at(start), "end": at(end)});
        }
        event
    }
}

impl Run {
    pub(super) fn events(&self, organization: OrganizationId) -> Vec<Value> {
        let steps = self.steps.iter().enumerate().map(|(nth, step)| step.event(nth, organization));
        let changes = self.changes.iter().enumerate().filter_map(|(nth, (of, second, status))| {
            let step = &self.steps[of % self.steps.len()];
            step.lead?;
            let lead = RecordId::from_u128(step.call).derived("lead");
            let at = format!("2026-02-24T20:59:{second:02}Z");
            let mut change = status_event(organization, "lead", lead, LEADS[*status], &at);
            change["event_id"] = format!("c{nth}").into();
            Some(change)
        });
        steps.chain(changes).collect()
    }
}

/// Text that compresses to its half.
pub(crate) fn random_text(seed: u64, bytes: usize) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..bytes / 32).map(|_| format!("{:032x}", random.random::<u128>())).collect()
}
