//! A line of an import, which is read and checked before anything is written.

use std::collections::HashMap;

use domain::{
    Call, Conflict, Contact, Error, Message, OrganizationId, Phone, Record, RecordId, Timestamp,
    catalogue::{self, ForRecord},
    json,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use store::{Row, Store};

use super::times;
use crate::explain::explain;

/// The names of what can be imported.
pub(crate) fn resources() -> impl Iterator<Item = &'static str> {
    catalogue::IMPORTED.iter().map(|resource| resource.name)
}

/// A record that is ready to be written.
pub(super) struct Ready {
    pub(super) organization: OrganizationId,
    pub(super) id: RecordId,
    pub(super) write: Write,
}

pub(super) enum Write {
    /// A record's rows: the second ones are written after the first, to which they refer.
    Rows(Vec<Row>, Vec<Row>),
    /// A contact with its phone number, of which the organization may have one only.
    Contact(Contact),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportLine {
    organization_id: Option<OrganizationId>,
    resource: String,
    record: Map<String, Value>,
}

/// Reads a line that names the resource of its record; the message says which field is wrong and what it must be.
pub(super) fn parse(
    line: &[u8],
    organization: Option<OrganizationId>,
    now: Timestamp,
) -> Result<Ready, String> {
    let fields = object(line)?;
    let is_bare = fields.contains_key("id") && !fields.contains_key("record");
    let line: ImportLine =
        serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| match is_bare {
            true => {
                "it is a record without its resource: say of which resource the lines are, with --resource"
                    .to_owned()
            }
            false => format!("{}: {}", error.path(), error.inner()).trim_start_matches(".: ").to_owned(),
        })?;
    ready(&line.resource, line.record, line.organization_id.or(organization), now)
}

/// Reads a line that is a record of this resource, as the API prints it.
pub(super) fn of_resource(
    line: &[u8],
    resource: &str,
    organization: Option<OrganizationId>,
    now: Timestamp,
) -> Result<Ready, String> {
    ready(resource, object(line)?, organization, now)
}

fn object(line: &[u8]) -> Result<Map<String, Value>, String> {
    json::object(line).map_err(|error| error.to_string().replace("line 1 column", "column"))
}

fn ready(
    resource: &str,
    fields: Map<String, Value>,
    organization: Option<OrganizationId>,
    now: Timestamp,
) -> Result<Ready, String> {
    let organization =
        organization.ok_or("organization_id is missing: put it on the line, or pass --organization")?;
    let (id, write) = match resource {
        "calls" => call(organization, fields, now)?,
        "contacts" => {
            let contact: Contact = record(fields, now)?;
            // It is written in a transaction of its own, but has to fit an item like any other.
            Row::of(organization, &contact).map_err(describe)?;
            (contact.id, Write::Contact(contact))
        }
        other if !resources().any(|resource| resource == other) => {
            let known: Vec<&str> = resources().collect();
            return Err(format!("resource: {other:?} is none of {}", known.join(", ")));
        }
        other => catalogue::for_record(other, Plain(organization, fields, now))
            .ok_or("resource: it has no records")??,
    };
    Ok(Ready { organization, id, write })
}

/// A record that is one row.
struct Plain(OrganizationId, Map<String, Value>, Timestamp);

impl ForRecord for Plain {
    type Output = Result<(RecordId, Write), String>;

    fn run<T: Record>(self) -> Self::Output {
        let Self(organization, fields, now) = self;
        let record: T = record(fields, now)?;
        let row = Row::of(organization, &record).map_err(describe)?;
        Ok((record.id(), Write::Rows(Vec::new(), vec![row])))
    }
}

/// Reads a call, which may come with its messages; without the field, those that are stored stay.
fn call(
    organization: OrganizationId,
    mut fields: Map<String, Value>,
    now: Timestamp,
) -> Result<(RecordId, Write), String> {
    let messages: Option<Vec<Message>> =
        fields.remove("messages").map(|value| read("record.messages", value)).transpose()?;
    let call: Call = record(fields, now)?;
    let mut rows = vec![Row::of(organization, &call).map_err(describe)?];
    let mut pieces = Vec::new();
    if let Some(messages) = messages {
        let head;
        (pieces, head) = Row::of_messages(organization, &call, &messages).map_err(describe)?;
        rows.push(head);
    }
    Ok((call.id, Write::Rows(pieces, rows)))
}

/// The error of a record, in words to put after the line's number.
pub(super) fn describe(error: Error) -> String {
    match error {
        Error::Invalid { param: Some(ref param), .. } => format!("record.{param}: {error}"),
        Error::Invalid { param: None, .. } => format!("record: {error}"),
        Error::Conflict(Conflict::PhoneTaken { existing_id }) => {
            format!("record.phone: the contact {existing_id} has this number already")
        }
        error => format!("{:#}", explain(error)),
    }
}

fn record<T: Record>(mut fields: Map<String, Value>, now: Timestamp) -> Result<T, String> {
    if let Some(Value::String(text)) = fields.get("caller_phone") {
        let phone = Phone::of_caller(text).map_err(|wrong| format!("record.caller_phone: {wrong}"))?;
        fields.insert("caller_phone".to_owned(), phone.map_or(Value::Null, |phone| phone.as_str().into()));
    }
    let names: Vec<String> = fields.keys().cloned().collect();
    let record: T = read("record", Value::Object(fields))?;
    // A stored record may have fields of a later version; an imported one may not.
    let known = serde_json::to_value(&record).map_err(|error| error.to_string())?;
    if let Some(unknown) = names.iter().find(|name| known.get(name.as_str()).is_none()) {
        return Err(format!("record.{unknown}: {} have no such field", T::RESOURCE.name));
    }
    known.as_object().map_or(Ok(()), |known| times::check(known, now))?;
    Ok(record)
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
    /// Whether DynamoDB could not be asked.
    pub(super) unreachable: bool,
}

impl Organizations {
    pub(super) fn new(store: Store) -> Self {
        Self { store, known: HashMap::new(), unreachable: false }
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
            Err(error) => {
                self.unreachable = true;
                return Err(format!("{}; the rest was left alone", describe(error).trim_end_matches('.')));
            }
        };
        self.known.insert(id, found.clone());
        found
    }
}
