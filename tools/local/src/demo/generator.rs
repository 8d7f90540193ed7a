//! The generator of demo data: callers, some of whom call again, with leads and appointments.

use domain::{OrganizationId, RecordId, Timestamp};
use rand::{Rng as _, RngCore as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{
    address::address,
    phrases::{COMPANIES, FIRST_NAMES, LAST_NAMES, REASONS, SERVICES, SMALL_TALK, VEHICLES},
    story::{ASSISTANT, Call, Contact},
};

/// The average time between the beginnings of two calls, in milliseconds.
const PACE_MS: i64 = 25 * 60 * 1000;
/// How long a call has taken that has not ended, in seconds.
const SO_FAR_SECONDS: u64 = 60;
/// How many of the calls have not ended.
const STILL_GOING_ON: u32 = 2;

/// The lines of `calls` calls, the last of which begins before `until`: each call, with its lead and
/// appointment right after it, oldest first; then the contacts that they add up to.
pub fn lines(
    calls: u32,
    seed: u64,
    until: Timestamp,
    organization: Option<OrganizationId>,
) -> impl Iterator<Item = String> {
    let mut generator = Generator::new(calls, seed, until);
    let mut waiting = Vec::new();
    std::iter::from_fn(move || {
        if waiting.is_empty() {
            match generator.next_call() {
                Some(DemoCall { call, lead, appointment, .. }) => {
                    waiting.extend(appointment.map(|record| ("appointments", record)));
                    waiting.extend(lead.map(|record| ("leads", record)));
                    waiting.push(("calls", call));
                }
                None => {
                    waiting.extend(generator.contacts.pop().map(|contact| ("contacts", contact.record())))
                }
            }
        }
        let (resource, record) = waiting.pop()?;
        Some(match organization {
            Some(id) => json!({"organization_id": id, "resource": resource, "record": record}).to_string(),
            None => json!({"resource": resource, "record": record}).to_string(),
        })
    })
}

/// A call's record, and those of what came out of it.
pub(super) struct DemoCall {
    pub(super) id: RecordId,
    pub(super) started: Timestamp,
    pub(super) call: Value,
    pub(super) lead: Option<Value>,
    pub(super) appointment: Option<Value>,
    /// Further details of the caller; none where nobody spoke.
    pub(super) told: Option<CallDetails>,
}

pub(super) struct CallDetails {
    pub(super) email: Option<String>,
    pub(super) intent: String,
}

pub(super) struct Generator {
    random: ChaCha8Rng,
    until: Timestamp,
    left: u32,
    started: i64,
    contacts: Vec<Contact>,
}

impl Generator {
    pub(super) fn new(calls: u32, seed: u64, until: Timestamp) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            until,
            left: calls,
            started: until.unix_ms() - i64::from(calls) * PACE_MS,
            contacts: Vec::new(),
        }
    }

    /// The next call, which begins no sooner than the one before.
    pub(super) fn next_call(&mut self) -> Option<DemoCall> {
        self.left = self.left.checked_sub(1)?;
        // One in twelve begins in the same millisecond as the one before.
        if !self.random.random_bool(1.0 / 12.0) {
            // Around the middle of what is left, so that the last ones end up near the end.
            let pace = (self.until.unix_ms() - self.started) / (i64::from(self.left) + 1);
            self.started += self.random.random_range(0..=2 * pace.min(2 * PACE_MS));
            self.started = self.started.min(self.until.unix_ms() - 1000);
        }
        if self.left < STILL_GOING_ON {
            self.started = self.started.max(self.until.unix_ms() - 90_000 * i64::from(self.left + 1));
        }
        let started = Timestamp::from_unix_ms(self.started).unwrap_or(self.until);
        let status = match self.random.random_range(0..100) {
            _ if self.left < STILL_GOING_ON => "in-progress",
            0..80 => "completed",
            80..88 => "failed",
            88..94 => "blocked",
            _ => "forwarding",
        };
        if status == "blocked" || status == "failed" && self.random.random_bool(0.5) {
            let (id, call) = self.unanswered(status, started);
            return Some(DemoCall { id, started, call, lead: None, appointment: None, told: None });
        }
        let at = self.contact(started);
        let id = self.id();
        let service = SERVICES.choose(&mut self.random).unwrap_or(&SERVICES[0]);
        let lasted = self.random.random_range(35..420);
        let seconds = if status == "in-progress" { SO_FAR_SECONDS } else { lasted };
        let talk: Vec<_> = SMALL_TALK.iter().filter(|_| self.random.random_bool(0.35)).collect();
        let (books, leads) = match status {
            "completed" => (self.random.random_bool(0.35), self.random.random_bool(0.4)),
            _ => (false, false),
        };
        let (lead_id, appointment_id) = (self.id(), self.id());
        let (draw, reason) =
            (self.random.next_u32(), REASONS.choose(&mut self.random).unwrap_or(&REASONS[0]));
        let call = Call { id, contact: &self.contacts[at], service, started, seconds, until: self.until };
        Some(DemoCall {
            id,
            started,
            call: call.record(status, &talk, books),
            lead: leads.then(|| call.lead(lead_id, draw, reason)),
            appointment: books.then(|| call.appointment(appointment_id, draw)),
            told: Some(CallDetails {
                email: call.contact.email.clone(),
                intent: service.name.to_lowercase(),
            }),
        })
    }

    /// The contact that calls: every other time one that has called before.
    fn contact(&mut self, started: Timestamp) -> usize {
        let again = !self.contacts.is_empty() && self.random.random_bool(0.5);
        if again {
            let at = self.random.random_range(0..self.contacts.len());
            self.contacts[at].calls += 1;
            self.contacts[at].last_call = started;
            return at;
        }
        let first = FIRST_NAMES.choose(&mut self.random).unwrap_or(&FIRST_NAMES[0]);
        let last = LAST_NAMES.choose(&mut self.random).unwrap_or(&LAST_NAMES[0]);
        // 555-0100 to 555-0199 are kept free for fiction; the area code keeps them apart.
        let nth = self.contacts.len();
        let contact = Contact {
            id: self.id(),
            phone: format!("+1{}55501{:02}", 201 + nth / 100, nth % 100),
            name: format!("{first} {last}"),
            email: self.random.random_bool(0.6).then(|| address(first, last)),
            company: self
                .random
                .random_bool(0.2)
                .then(|| COMPANIES.choose(&mut self.random).copied())
                .flatten(),
            vehicle: VEHICLES.choose(&mut self.random).unwrap_or(&VEHICLES[0]),
            first_call: started,
            last_call: started,
            calls: 1,
        };
        self.contacts.push(contact);
        nth
    }

    /// A call in which nobody spoke: no contact comes of it, and the number may be withheld.
    fn unanswered(&mut self, status: &str, started: Timestamp) -> (RecordId, Value) {
        let phone = self
            .random
            .random_bool(0.7)
            .then(|| format!("+190055501{:02}", self.random.random_range(0..100)));
        let id = self.id();
        let record = json!({
            "id": id, "caller_phone": phone, "caller_name": null, "status": status, "duration_seconds": 0,
            "summary": null, "transcript": null, "recording_url": null, "transfer_status": null,
            "started_at": started, "ended_at": started, "assistant_id": ASSISTANT, "contact_id": null,
            "created_at": started, "messages": [],
        });
        (id, record)
    }

    fn id(&mut self) -> RecordId {
        let mut bytes = [0; 16];
        self.random.fill_bytes(&mut bytes);
        RecordId::from_u128(uuid::Builder::from_random_bytes(bytes).into_uuid().as_u128())
    }
}
