//! One line of an import: read and checked before anything is written.

use std::collections::HashMap;

use domain::{Appointment, Call, Contact, Error, Lead, Message, OrganizationId, Record, RecordId};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use store::Store;

/// A record that is ready to be written.
pub(super) struct Ready {
    pub(super) organization: OrganizationId,
    pub(super) record: AnyRecord,
}

pub(super) enum AnyRecord {
    Call(Box<Call>, Option<Vec<Message>>),
    Contact(Contact),
    Lead(Box<Lead>),
    Appointment(Box<Appointment>),
}

impl AnyRecord {
    pub(super) fn id(&self) -> RecordId {
        match self {
            Self::Call(call, _) => call.id,
            Self::Contact(contact) => contact.id,
            Self::Lead(lead) => lead.id,
            Self::Appointment(appointment) => appointment.id,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    organization_id: Option<OrganizationId>,
    resource: String,
    record: Map<String, Value>,
}

/// Reads a line; the message says which field is wrong and what it must be.
pub(super) fn parse(line: &str, organization: Option<OrganizationId>) -> Result<Ready, String> {
    let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let organization = line
        .organization_id
        .or(organization)
        .ok_or("organization_id is missing: put it on the line, or pass --organization")?;
    let mut fields = line.record;
    let record = match line.resource.as_str() {
        "calls" => {
            let messages = fields.remove("messages").map(messages).transpose()?;
            AnyRecord::Call(Box::new(record(fields)?), messages)
        }
        "contacts" => AnyRecord::Contact(record(fields)?),
        "leads" => AnyRecord::Lead(Box::new(record(fields)?)),
        "appointments" => AnyRecord::Appointment(Box::new(record(fields)?)),
        other => return Err(format!("resource: {other:?} is none of calls, contacts, leads, appointments")),
    };
    Ok(Ready { organization, record })
}

fn messages(value: Value) -> Result<Vec<Message>, String> {
    read("record.messages", value)
}

fn record<T: Record>(fields: Map<String, Value>) -> Result<T, String> {
    let names: Vec<String> = fields.keys().cloned().collect();
    let record: T = read("record", Value::Object(fields))?;
    // A stored record may have fields of a later version; an imported one may not.
    let known = serde_json::to_value(&record).map_err(|error| error.to_string())?;
    match names.iter().find(|name| known.get(name.as_str()).is_none()) {
        Some(unknown) => Err(format!("record.{unknown}: {} have no such field", T::RESOURCE.name)),
        None => Ok(record),
    }
}

fn read<T: DeserializeOwned>(at: &str, value: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|error| match error.path().to_string().as_str() {
        "." => format!("{at}: {}", error.inner()),
        path if path.starts_with('[') => format!("{at}{path}: {}", error.inner()),
        path => format!("{at}.{path}: {}", error.inner()),
    })
}

/// The organizations that lines have named, each looked up once.
pub(super) struct Organizations {
    store: Store,
    known: HashMap<OrganizationId, Result<(), String>>,
}

impl Organizations {
    pub(super) fn new(store: Store) -> Self {
        Self { store, known: HashMap::new() }
    }

    /// Whether the record's organization exists.
    pub(super) async fn check(&mut self, ready: &Ready) -> Result<(), String> {
        let id = ready.organization;
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        let found = match self.store.organization(id).await {
            Ok(_) => Ok(()),
            Err(Error::NotFound) => Err(format!("organization_id: there is no organization {id}")),
            Err(error) => return Err(format!("{:#}", crate::output::explain(error))),
        };
        self.known.insert(id, found.clone());
        found
    }
}
