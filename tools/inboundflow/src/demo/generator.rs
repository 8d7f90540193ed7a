//! The generator: callers who call, some of them again, and what comes of it.

use domain::{OrganizationId, Timestamp};
use rand::{Rng as _, RngCore as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{
    phrases::{COMPANIES, FIRST_NAMES, LAST_NAMES, REASONS, SERVICES, SMALL_TALK, VEHICLES},
    story::{ASSISTANT, Call, Contact},
};

/// How far apart calls begin, on average, in milliseconds.
const PACE_MS: i64 = 25 * 60 * 1000;
/// How long those have taken that have not ended.
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
    let mut generator = Generator {
        random: ChaCha8Rng::seed_from_u64(seed),
        organization,
        until,
        left: calls,
        started: until.unix_ms() - i64::from(calls) * PACE_MS,
        contacts: Vec::new(),
        waiting: Vec::new(),
    };
    std::iter::from_fn(move || generator.next_line())
}

struct Generator {
    random: ChaCha8Rng,
    organization: Option<OrganizationId>,
    until: Timestamp,
    left: u32,
    started: i64,
    contacts: Vec<Contact>,
    waiting: Vec<String>,
}

impl Generator {
    fn next_line(&mut self) -> Option<String> {
        if self.waiting.is_empty() && self.left > 0 {
            self.left -= 1;
            self.call();
            self.waiting.reverse();
        } else if self.waiting.is_empty() {
            return self.contacts.pop().map(|contact| self.line("contacts", contact.record()));
        }
        self.waiting.pop()
    }

    fn call(&mut self) {
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
            let record = self.unanswered(status, started);
            self.push("calls", record);
            return;
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
        let record = call.record(status, &talk, books);
        let lead = leads.then(|| call.lead(&lead_id, draw, reason));
        let appointment = books.then(|| call.appointment(&appointment_id, draw));
        self.push("calls", record);
        lead.into_iter().for_each(|lead| self.push("leads", lead));
        appointment.into_iter().for_each(|appointment| self.push("appointments", appointment));
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
        let mail: String = format!("{first}.{last}")
            .to_lowercase()
            .chars()
            .filter(|c| c.is_ascii_lowercase() || *c == '.')
            .collect();
        // 555-0100 to 555-0199 are kept free for fiction; the area code keeps them apart.
        let nth = self.contacts.len();
        let contact = Contact {
            id: self.id(),
            phone: format!("+1{}55501{:02}", 201 + nth / 100, nth % 100),
            name: format!("{first} {last}"),
            email: self.random.random_bool(0.6).then(|| format!("{mail}@example.com")),
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
    fn unanswered(&mut self, status: &str, started: Timestamp) -> Value {
        let phone = self
            .random
            .random_bool(0.7)
            .then(|| format!("+190055501{:02}", self.random.random_range(0..100)));
        json!({
            "id": self.id(), "caller_phone": phone, "caller_name": null, "status": status, "duration_seconds": 0,
            "summary": null, "transcript": null, "recording_url": null, "transfer_status": null,
            "started_at": started, "ended_at": started, "assistant_id": ASSISTANT, "contact_id": null,
            "created_at": started, "messages": [],
        })
    }

    fn id(&mut self) -> String {
        let mut bytes = [0; 16];
        self.random.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    fn push(&mut self, resource: &str, record: Value) {
        let line = self.line(resource, record);
        self.waiting.push(line);
    }

    fn line(&self, resource: &str, record: Value) -> String {
        match self.organization {
            Some(id) => json!({"organization_id": id, "resource": resource, "record": record}).to_string(),
            None => json!({"resource": resource, "record": record}).to_string(),
        }
    }
}
