//! Demo data as voice events: the steps of each call, and later changes of status by people.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    OrganizationId, RecordId, Timestamp, fields,
    ingest::{LeadSnapshot, VERSION},
};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::generator::{CallDetails, DemoCall, Generator};

/// How long people take until they change a lead or an appointment, in seconds. An appointment is confirmed
/// before it begins: none begins sooner than this after its call.
const TAKEN_SECONDS: std::ops::Range<u64> = 10 * 60..8 * 60 * 60;

/// The events of `calls` calls, by `occurred_at`. All of them happen before `until`, so that what came
/// of the last calls may have no last event.
pub fn events(
    calls: u32,
    seed: u64,
    until: Timestamp,
    organization: Option<OrganizationId>,
) -> impl Iterator<Item = String> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // Not the numbers that the generator draws: the records must stay as they are.
    random.set_stream(1);
    let mut teller = Teller {
        generator: Generator::new(calls, seed, until),
        random,
        organization,
        until,
        begun: until,
        told: 0,
        waiting: BTreeMap::new(),
    };
    std::iter::from_fn(move || teller.next_line())
}

struct Teller {
    generator: Generator,
    random: ChaCha8Rng,
    organization: Option<OrganizationId>,
    until: Timestamp,
    /// The time at which the last call began whose events are made.
    begun: Timestamp,
    told: u64,
    /// The events that wait to be told, by their time; of the same time in the order in which they were made.
    waiting: BTreeMap<(Timestamp, u64), String>,
}

impl Teller {
    fn next_line(&mut self) -> Option<String> {
        // No later call begins sooner than the last one, so what happened until then has its place.
        while self.waiting.first_key_value().is_none_or(|((at, _), _)| *at > self.begun) {
            let Some(outcome) = self.generator.next_call() else { break };
            self.begun = outcome.started;
            self.tell(outcome);
        }
        self.waiting.pop_first().map(|(_, line)| line)
    }

    fn tell(&mut self, DemoCall { id, started, mut call, lead, appointment, told }: DemoCall) {
        let Some(CallDetails { email, intent }) = told else {
            return self.event(started, format!("{id}-ended"), [("call", snapshot(call))]);
        };
        let first = json!({
            "id": id, "caller_phone": call["caller_phone"], "status": "in-progress",
            "assistant_id": call["assistant_id"], "started_at": started,
        });
        self.event(started, format!("{id}-started"), [("call", first.clone())]);
        self.middle(id, first, &call, &intent);
        // One that is going on has not taken any time yet.
        let Some(seconds) = call["duration_seconds"].as_u64() else { return };
        let ended = started.plus(Duration::from_secs(seconds));
        call["caller_email"] = json!(email);
        call["intent"] = json!(intent);
        call["urgency"] = lead.as_ref().map_or(Value::Null, |lead| lead["urgency"].clone());
        let parts = [
            ("call", snapshot(call)),
            ("lead", lead.as_ref().map_or(Value::Null, lead_snapshot)),
            ("appointment", appointment.as_ref().map_or(Value::Null, appointment_snapshot)),
        ];
        self.event(ended, format!("{id}-ended"), parts);
        if let Some(lead) = lead {
            self.lead_changes(id.derived("lead"), &lead, ended);
        }
        if let Some(appointment) = appointment {
            self.appointment_changes(id.derived("appointment"), &appointment, ended);
        }
    }

    /// The conversation so far: always in a call that is going on, now and then in the others.
    fn middle(&mut self, id: RecordId, mut snapshot: Value, call: &Value, intent: &str) {
        let Some(messages) = call["messages"].as_array() else { return };
        let last = self.random.random_range(2..messages.len());
        if self.random.random_bool(0.6) && call["status"] != "in-progress" {
            return;
        }
        snapshot["caller_name"] = call["caller_name"].clone();
        snapshot["intent"] = json!(intent);
        snapshot["messages"] = json!(messages[..=last]);
        let at = self.time(&messages[last]["timestamp"]);
        self.event(at, format!("{id}-talking"), [("call", snapshot)]);
    }

    fn lead_changes(&mut self, id: RecordId, lead: &Value, mut at: Timestamp) {
        let way: &[&str] = match lead["status"].as_str() {
            Some("contacted") => &["contacted"],
            Some("qualified") => &["contacted", "qualified"],
            Some("converted") => &["contacted", "qualified", "converted"],
            Some("lost") => &["contacted", "lost"],
            _ => &[],
        };
        for status in way {
            at = self.later(at);
            self.change(at, "lead", id, status);
        }
    }

    fn appointment_changes(&mut self, id: RecordId, appointment: &Value, booked: Timestamp) {
        let soon = self.later(booked);
        let over = self.time(&appointment["appointment_time_end"]);
        match appointment["status"].as_str() {
            Some("confirmed") => self.change(soon, "appointment", id, "confirmed"),
            Some("cancelled") => self.change(soon, "appointment", id, "cancelled"),
            Some(outcome @ ("completed" | "no_show")) => {
                self.change(soon, "appointment", id, "confirmed");
                self.change(over, "appointment", id, outcome);
            }
            _ => {}
        }
    }

    fn time(&self, field: &Value) -> Timestamp {
        field.as_str().and_then(Timestamp::parse).unwrap_or(self.until)
    }

    fn later(&mut self, than: Timestamp) -> Timestamp {
        than.plus(Duration::from_secs(self.random.random_range(TAKEN_SECONDS)))
    }

    fn change(&mut self, at: Timestamp, what: &'static str, id: RecordId, status: &str) {
        self.event(at, format!("{id}-{status}"), [(what, json!({"id": id, "status": status}))]);
    }

    /// Tells an event; what is null is left out.
    fn event<const N: usize>(&mut self, at: Timestamp, event_id: String, parts: [(&str, Value); N]) {
        if at >= self.until {
            return;
        }
        let mut event = Map::new();
        event.insert("version".to_owned(), json!(VERSION));
        event.insert("event_id".to_owned(), json!(event_id));
        event.insert("organization_id".to_owned(), json!(self.organization));
        event.insert("occurred_at".to_owned(), json!(at));
        event.extend(parts.map(|(name, part)| (name.to_owned(), part)));
        event.retain(|_, value| !value.is_null());
        event
            .values_mut()
            .filter_map(Value::as_object_mut)
            .for_each(|part| part.retain(|_, field| !field.is_null()));
        self.told += 1;
        self.waiting.insert((at, self.told), Value::Object(event).to_string());
    }
}

/// The record as the pipeline knows it: without what the service adds.
fn snapshot(mut call: Value) -> Value {
    if let Some(fields) = call.as_object_mut() {
        fields.retain(|name, _| name != "contact_id" && name != "created_at");
    }
    call
}

/// What the call's events tell of the lead: every field but the status, which people change.
fn lead_snapshot(lead: &Value) -> Value {
    let told = fields::of::<LeadSnapshot>().iter().filter(|field| **field != "status");
    told.map(|field| ((*field).to_owned(), lead[*field].clone())).collect::<Map<_, _>>().into()
}

fn appointment_snapshot(appointment: &Value) -> Value {
    json!({
        "service_type": appointment["service_type"], "date": appointment["appointment_date"],
        "start": appointment["appointment_time_start"], "end": appointment["appointment_time_end"],
        "calendar_event_link": appointment["calendar_event_link"],
    })
}
