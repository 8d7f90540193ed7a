//! How endpoints and deliveries are printed: as every record is, or in lines for operators.

use anyhow::Result;
use domain::webhooks::{Attempt, Delivery, Webhook};
use serde::de::DeserializeOwned;

use crate::{
    cli::{Access, Output},
    consumer::{ListPrinter, Listed, Record, show},
    output::{harmless, harmless_line, line, note},
};

/// Lines for people, about one record.
type Lines = fn(&Record) -> Result<String>;

/// How what was answered is printed.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// In lines for people: what operators get unless they ask for something else.
    Lines,
    /// In a form that every record has.
    Encoded(Output),
}

/// Prints a list as its pages come.
pub(super) enum Printer {
    Lines(Lines),
    Encoded(ListPrinter),
}

impl Form {
    pub(super) fn of(access: &Access) -> Self {
        match access {
            Access { json: true, .. } => Self::Encoded(Output::Jsonl),
            Access { organization: Some(_), output, .. } if !output.is_given() => Self::Lines,
            Access { output, .. } => Self::Encoded(output.chosen()),
        }
    }

    /// Prints one record.
    pub(super) fn one(self, record: &Record, lines: Lines) -> Result<()> {
        match self {
            Self::Lines => line(&lines(record)?),
            Self::Encoded(output) => show(record, output),
        }
    }

    /// Prints an endpoint whose secret is shown this once.
    pub(super) fn secret(self, record: &Record) -> Result<()> {
        self.one(record, secret)?;
        if matches!(self, Self::Encoded(Output::Table)) {
            note("Store the secret now: it is not shown again.");
        }
        Ok(())
    }
}

impl Printer {
    pub(super) fn new<T: Listed>(form: Form, lines: Lines) -> Self {
        match form {
            Form::Lines => Self::Lines(lines),
            Form::Encoded(output) => Self::Encoded(ListPrinter::new::<T>(output)),
        }
    }

    pub(super) fn page(&mut self, records: &[Record]) -> Result<()> {
        match self {
            Self::Lines(lines) => records.iter().try_for_each(|record| line(&lines(record)?)),
            Self::Encoded(printer) => printer.page(records),
        }
    }

    pub(super) fn end(self) -> Result<()> {
        match self {
            Self::Lines(_) => Ok(()),
            Self::Encoded(printer) => printer.end(),
        }
    }
}

fn read<T: DeserializeOwned>(record: &Record) -> Result<T> {
    Ok(serde_json::from_value(record.clone().into())?)
}

fn text<'a>(record: &'a Record, name: &str) -> &'a str {
    record.get(name).and_then(|value| value.as_str()).unwrap_or_default()
}

pub(super) fn webhook(record: &Record) -> Result<String> {
    let webhook: Webhook = read(record)?;
    let events = webhook.events.iter().map(|event| event.as_str()).collect::<Vec<_>>().join(", ");
    let why = webhook.disabled_reason.map(|reason| format!(" ({})", reason.as_str())).unwrap_or_default();
    let failing = webhook.failing_since.map(|at| format!("  failing since {at}")).unwrap_or_default();
    let description =
        webhook.description.iter().map(|text| format!("  {}", harmless_line(text))).collect::<String>();
    Ok(format!(
        "{}  {}  [{events}]  {}{why}{failing}  created {}{description}",
        webhook.id,
        harmless_line(&webhook.url),
        webhook.status.as_str(),
        webhook.created_at,
    ))
}

fn secret(record: &Record) -> Result<String> {
    let (secret, id) = (text(record, "secret"), text(record, "id"));
    let stored = format!("{secret}\nStore it now: it is not shown again. It is the endpoint's {id}.");
    Ok(match text(record, "previous_secret_expires_at") {
        "" => stored,
        end => format!("{stored}\nThe old secret signs beside it until {end}."),
    })
}

pub(super) fn deleted(record: &Record) -> Result<String> {
    Ok(format!("Deleted {}: what is on its way to it is cancelled.", text(record, "id")))
}

pub(super) fn replayed(record: &Record) -> Result<String> {
    let replayed = record.get("replayed").and_then(serde_json::Value::as_u64).unwrap_or_default();
    Ok(format!("{replayed} deliveries are on their way again."))
}

pub(super) fn delivery(record: &Record) -> Result<String> {
    let delivery: Delivery = read(record)?;
    let made_up = if delivery.test { "  made up" } else { "" };
    let next = delivery.next_attempt_at.map(|at| format!("  next try {at}")).unwrap_or_default();
    let last = delivery.attempts.last().map(|last| {
        let outcome = last
            .error
            .as_deref()
            .map(harmless_line)
            .or_else(|| last.status_code.map(|code| code.to_string()));
        format!("  try {} at {}: {}", last.number, last.attempted_at, outcome.unwrap_or_default())
    });
    Ok(format!(
        "{}  {}  {}  created {}{made_up}{}{next}",
        delivery.id,
        delivery.event.as_str(),
        delivery.status.as_str(),
        delivery.created_at,
        last.unwrap_or_default(),
    ))
}

/// A delivery, and under it what the receiver answered to each attempt.
pub(super) fn delivery_with_answers(record: &Record) -> Result<String> {
    let mut lines = vec![delivery(record)?];
    for shown in record.get("attempts").and_then(|attempts| attempts.as_array()).into_iter().flatten() {
        let Attempt { number, attempted_at, status_code, duration_ms, error } =
            serde_json::from_value(shown.clone())?;
        let status = status_code.map_or_else(|| "no answer".to_owned(), |code| code.to_string());
        let error = error.iter().map(|error| format!("  {}", harmless_line(error))).collect::<String>();
        lines.push(format!("try {number} at {attempted_at}: {status} after {duration_ms} ms{error}"));
        let answer = harmless(shown["response_body"].as_str().unwrap_or_default());
        lines.extend(answer.lines().map(|part| format!("    {part}")));
    }
    Ok(lines.join("\n"))
}
