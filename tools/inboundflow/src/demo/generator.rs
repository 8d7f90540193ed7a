//! The generator: callers who call, some of them again, and what comes of it.

use std::time::Duration;

use domain::{OrganizationId, Timestamp};
use rand::{Rng as _, RngCore as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::phrases::{COMPANIES, FIRST_NAMES, LAST_NAMES, REASONS, SERVICES, SMALL_TALK, Service, VEHICLES};

/// How far apart calls begin, on average, in milliseconds.
const PACE_MS: i64 = 25 * 60 * 1000;
/// How many of the calls have not ended.
const STILL_GOING_ON: u32 = 2;
const ASSISTANT: &str = "5f0c6a52-6f0e-4c57-9f4e-1d1c0f2b7a10";

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

struct Contact {
    id: String,
    phone: String,
    name: String,
    email: Option<String>,
    company: Option<&'static str>,
    vehicle: &'static str,
    first_call: Timestamp,
    last_call: Timestamp,
    calls: u64,
}

/// What a call was, besides what was said.
struct Call<'a> {
    id: String,
    contact: &'a Contact,
    service: &'static Service,
    started: Timestamp,
    seconds: u64,
    until: Timestamp,
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
        let seconds = self.random.random_range(35..420);
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

impl Contact {
    fn record(&self) -> Value {
        json!({
            "id": self.id, "phone": self.phone, "name": self.name, "email": self.email, "company": self.company,
            "source": "inbound_call", "total_calls": self.calls, "last_call_at": self.last_call,
            "notes": (self.calls > 2).then(|| format!("Regular customer, {}", self.vehicle)),
            "created_at": self.first_call, "updated_at": self.last_call,
        })
    }

    fn first_name(&self) -> &str {
        self.name.split(' ').next().unwrap_or(&self.name)
    }
}

impl Call<'_> {
    fn record(&self, status: &str, talk: &[&(&str, &str)], books: bool) -> Value {
        let going_on = status == "in-progress";
        let messages = self.messages(talk, books);
        let said = |message: &(bool, String)| {
            let who = if message.0 { "Assistant" } else { self.contact.first_name() };
            format!("{who}: {}", message.1)
        };
        let transcript = messages.iter().map(said).collect::<Vec<_>>().join("\n");
        let count = messages.len() as u64;
        let timed = messages.iter().enumerate().map(|(at, (assistant, content))| {
            json!({
                "role": if *assistant { "assistant" } else { "user" },
                "content": content,
                "timestamp": self.after(self.seconds * at as u64 / count),
            })
        });
        json!({
            "id": self.id,
            "caller_phone": self.contact.phone,
            "caller_name": self.contact.name,
            "status": status,
            "duration_seconds": (!going_on).then_some(self.seconds),
            "summary": (!going_on).then(|| self.summary()),
            "transcript": (!going_on).then_some(transcript),
            "recording_url": (status == "completed").then(|| format!("https://recordings.example.com/{}.mp3", self.id)),
            "transfer_status": (status == "forwarding").then_some("ringing"),
            "started_at": self.started,
            "ended_at": (!going_on && status != "forwarding").then(|| self.after(self.seconds)),
            "assistant_id": ASSISTANT,
            "contact_id": self.contact.id,
            "created_at": self.started,
            "messages": timed.collect::<Vec<_>>(),
        })
    }

    fn lead(&self, id: &str, draw: u32, reason: &str) -> Value {
        let pick = |from: &[&'static str], shift: u32| from[(draw >> shift) as usize % from.len()];
        let ended = self.after(self.seconds);
        json!({
            "id": id, "caller_phone": self.contact.phone, "caller_name": self.contact.name,
            "caller_email": self.contact.email,
            "status": pick(&["new", "new", "contacted", "qualified", "converted", "lost"], 0),
            "urgency": pick(&["low", "medium", "medium", "high"], 8),
            "interest": self.service.name.to_lowercase(), "qualification_reason": reason,
            "call_summary": self.summary(), "call_log_id": self.id, "contact_id": self.contact.id,
            "created_at": ended, "updated_at": ended,
        })
    }

    fn appointment(&self, id: &str, draw: u32) -> Value {
        let day = 24 * 60 * 60;
        let midnight = self.started.unix_seconds().div_euclid(day) * day;
        let starts =
            midnight + day * (1 + i64::from(draw >> 16) % 9) + 3600 * (14 + i64::from(draw >> 4) % 8);
        let time = |seconds: i64| Timestamp::from_unix_ms(seconds * 1000).unwrap_or(self.started);
        let date: String = time(starts).to_string().chars().take(10).collect();
        let status = match (time(starts) < self.until, draw % 6) {
            (true, 0..=3) => "completed",
            (true, 4) => "no_show",
            (false, 0..=2) => "booked",
            (false, 3 | 4) => "confirmed",
            _ => "cancelled",
        };
        let ended = self.after(self.seconds);
        json!({
            "id": id, "caller_phone": self.contact.phone, "caller_name": self.contact.name,
            "appointment_date": date, "appointment_time_start": time(starts), "appointment_time_end": time(starts + 3600),
            "service_type": format!("{} Appointment", self.service.name), "status": status,
            "calendar_event_link": format!("https://calendar.example.com/{id}"),
            "call_log_id": self.id, "contact_id": self.contact.id, "created_at": ended, "updated_at": ended,
        })
    }

    fn summary(&self) -> String {
        format!(
            "{} called about {} for a {}: {}.",
            self.contact.first_name(),
            self.service.name.to_lowercase(),
            self.contact.vehicle,
            self.service.complaint
        )
    }

    /// Who said what: true is the assistant.
    fn messages(&self, talk: &[&(&str, &str)], books: bool) -> Vec<(bool, String)> {
        let Service { name, complaint, question, detail } = self.service;
        let mut said = vec![
            (true, "Thank you for calling Demo Auto Shop. How can I help you today?".to_owned()),
            (
                false,
                format!(
                    "Hi, this is {}. I drive a {} and {complaint}.",
                    self.contact.name, self.contact.vehicle
                ),
            ),
            (true, format!("I am sorry to hear that. {question}")),
            (false, (*detail).to_owned()),
        ];
        for (asked, answered) in talk {
            said.push((false, (*asked).to_owned()));
            said.push((true, (*answered).to_owned()));
        }
        if books {
            said.push((
                true,
                format!(
                    "I can book you in for {}. Would tomorrow or later this week suit you?",
                    name.to_lowercase()
                ),
            ));
            said.push((false, "Later this week, please, before noon if you can.".to_owned()));
            said.push((true, "Done. You will get a confirmation by text message.".to_owned()));
        } else {
            said.push((true, "I will pass this on, and somebody will call you back today.".to_owned()));
        }
        said.push((false, "Great, thank you. Bye!".to_owned()));
        said
    }

    fn after(&self, seconds: u64) -> Timestamp {
        self.started.plus(Duration::from_secs(seconds))
    }
}
