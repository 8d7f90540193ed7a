//! The demo records of one caller: contact, calls, lead and appointment.

use std::time::Duration;

use domain::{RecordId, Timestamp};
use serde_json::{Value, json};

use super::phrases::Service;

pub(super) const ASSISTANT: &str = "5f0c6a52-6f0e-4c57-9f4e-1d1c0f2b7a10";

pub(super) struct Contact {
    pub(super) id: RecordId,
    pub(super) phone: String,
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) company: Option<&'static str>,
    pub(super) vehicle: &'static str,
    pub(super) first_call: Timestamp,
    pub(super) last_call: Timestamp,
    pub(super) calls: u64,
}

/// The course of a call, besides what was said.
pub(super) struct Call<'a> {
    pub(super) id: RecordId,
    pub(super) contact: &'a Contact,
    pub(super) service: &'static Service,
    pub(super) started: Timestamp,
    pub(super) seconds: u64,
    pub(super) until: Timestamp,
}

impl Contact {
    pub(super) fn record(&self) -> Value {
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
    pub(super) fn record(&self, status: &str, talk: &[&(&str, &str)], books: bool) -> Value {
        let going_on = status == "in-progress";
        let mut messages = self.messages(talk, books);
        if going_on {
            // The assistant has just asked back.
            messages.truncate(3);
        }
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

    pub(super) fn lead(&self, id: RecordId, draw: u32, reason: &str) -> Value {
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

    pub(super) fn appointment(&self, id: RecordId, draw: u32) -> Value {
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
