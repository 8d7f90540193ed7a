//! A file of values, each under the name of the place in the document that wants it: texts and examples are kept so.

use std::collections::BTreeSet;

use toml::Value;

/// Schemas whose fields are those of another one, which describes them.
const MADE_OF: [(&str, &str); 15] = [
    ("CallCompletedEvent", "Event"),
    ("CallTransferredEvent", "Event"),
    ("AppointmentBookedEvent", "Event"),
    ("LeadCreatedEvent", "Event"),
    ("WebhookDisabledEvent", "Event"),
    ("CallWithMessages", "Call"),
    ("CallCompletedData", "Call"),
    ("CallTransferredData", "Call"),
    ("LeadCreatedData", "Lead"),
    ("AppointmentBookedData", "Appointment"),
    ("WebhookWithSecret", "Webhook"),
    ("RotatedWebhook", "Webhook"),
    ("WebhookPatch", "NewWebhook"),
    ("DeliveryWithAnswers", "Delivery"),
    ("AttemptWithAnswer", "Attempt"),
];

/// The endings of the schemas around what is answered, which are described together.
const ENVELOPES: [&str; 2] = ["List", "Response"];

/// A file's values, and which places have taken theirs.
pub(crate) struct Table {
    table: toml::Table,
    used: BTreeSet<String>,
    missing: Vec<String>,
}

impl Table {
    #[expect(clippy::expect_used, reason = "the tests read every file")]
    pub(crate) fn read(text: &str) -> Self {
        Self { table: text.parse().expect("TOML"), used: BTreeSet::new(), missing: Vec::new() }
    }

    /// The value of the first key that has one.
    pub(crate) fn take<K: AsRef<str>>(&mut self, keys: &[K]) -> Option<Value> {
        for key in keys.iter().map(AsRef::as_ref) {
            if let Some(value) = self.get(key).cloned() {
                self.used.insert(key.to_owned());
                return Some(value);
            }
        }
        let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
        self.missing.push(keys.join(" or "));
        None
    }

    /// Whether the file has a value of this key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Notes that the file lacks something that a place wants.
    pub(crate) fn lacks(&mut self, what: String) {
        self.missing.push(what);
    }

    /// The keys that places wanted and the file lacks, and the keys that it has and no place wanted.
    pub(crate) fn faults(self) -> (Vec<String>, Vec<String>) {
        let unused = self.keys().into_iter().filter(|key| !self.used.contains(key)).collect();
        (self.missing, unused)
    }

    fn get(&self, key: &str) -> Option<&Value> {
        let (part, rest) = key.split_once('.')?;
        let part = self.table.get(part)?;
        let value = part.get(rest).or_else(|| {
            let (part_of, last) = rest.rsplit_once('.')?;
            part.get(part_of)?.get(last)
        });
        value.filter(|value| !value.is_table())
    }

    fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for (part, values) in &self.table {
            for (name, value) in values.as_table().into_iter().flatten() {
                match value.as_table() {
                    None => keys.push(format!("{part}.{name}")),
                    Some(values) => keys.extend(values.keys().map(|last| format!("{part}.{name}.{last}"))),
                }
            }
        }
        keys
    }
}

/// The keys of a field. One that many schemas have is described once, unless a schema says something else of it.
pub(crate) fn keys_of_field(schema: &str, field: &str) -> [String; 3] {
    let key = |schema: &str| format!("schemas.{schema}.{field}");
    [key(schema), key(base(schema)), format!("fields.{field}")]
}

/// The schema that describes the fields of this one: itself, unless it is made of another.
pub(crate) fn base(schema: &str) -> &str {
    let base = MADE_OF.iter().find(|(made, _)| *made == schema).map(|(_, base)| *base);
    let base = base.or_else(|| ENVELOPES.into_iter().find(|envelope| schema.ends_with(envelope)));
    base.unwrap_or(schema)
}

/// Whether a schema is of what stands around a response, or within an event: no text tells of the whole.
pub(crate) fn is_plumbing(schema: &str) -> bool {
    schema.ends_with("Data") || ENVELOPES.iter().any(|envelope| schema.ends_with(envelope))
}
