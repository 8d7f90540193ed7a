//! Contacts, and what it takes to create one.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Email, Error, Expected, FromFields, Missing, Phone, PhoneProblem, Problem, RecordId, Timestamp,
    WholeNumber, only, words,
};

/// The longest name, company or e-mail address, in characters.
pub(crate) const MAX_LINE: usize = 200;
/// The longest notes, in characters.
pub(crate) const MAX_NOTES: usize = 10_000;
const FIELDS: [&str; 5] = ["phone", "name", "email", "company", "notes"];

words! {
    /// Where a contact came from.
    ContactSource {
        /// A request to the API created the contact.
        Api = "api",
        /// A call created the contact.
        InboundCall = "inbound_call",
    }
}

/// A person that the firm knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Contact {
    /// The contact's id.
    pub id: RecordId,
    /// The phone number, of which an organization has each once.
    pub phone: Phone,
    /// The contact's name.
    pub name: Option<String>,
    /// The contact's e-mail address.
    pub email: Option<String>,
    /// The contact's company.
    pub company: Option<String>,
    /// The source of the contact.
    pub source: ContactSource,
    /// The number of calls that came from the contact.
    pub total_calls: WholeNumber,
    /// The time of the contact's last call.
    pub last_call_at: Option<Timestamp>,
    /// Notes on the contact.
    pub notes: Option<String>,
    /// The time when the record was first written.
    pub created_at: Timestamp,
    /// The time when the record last changed.
    pub updated_at: Timestamp,
}

/// A contact that a caller of the API wants to have.
#[derive(Clone, Debug, Serialize)]
pub struct NewContact {
    phone: Phone,
    name: Option<String>,
    email: Option<Email>,
    company: Option<String>,
    notes: Option<String>,
}

impl FromFields for NewContact {
    fn from_fields(fields: &Map<String, Value>) -> Result<Self, Error> {
        only(fields, &FIELDS)?;
        let email = text(fields, "email", MAX_LINE)?
            .map(|email| Email::parse(&email).ok_or_else(|| Error::invalid("email", Expected::Email)));
        Ok(Self {
            phone: phone(fields)?,
            name: text(fields, "name", MAX_LINE)?,
            email: email.transpose()?,
            company: text(fields, "company", MAX_LINE)?,
            notes: text(fields, "notes", MAX_NOTES)?,
        })
    }
}

impl NewContact {
    /// The contact that this request creates at `now`.
    #[must_use]
    pub fn into_contact(self, now: Timestamp) -> Contact {
        Contact {
            id: RecordId::random(),
            phone: self.phone,
            name: self.name,
            email: self.email.map(String::from),
            company: self.company,
            source: ContactSource::Api,
            total_calls: WholeNumber::default(),
            last_call_at: None,
            notes: self.notes,
            created_at: now,
            updated_at: now,
        }
    }
}

fn phone(fields: &Map<String, Value>) -> Result<Phone, Error> {
    let phone = match fields.get("phone") {
        None | Some(Value::Null) => return Err(Error::invalid("phone", Missing::Phone)),
        Some(Value::String(text)) => Phone::parse(text),
        Some(_) => Err(PhoneProblem::NotE164),
    };
    phone.map_err(|wrong| Error::invalid("phone", wrong))
}

fn text(fields: &Map<String, Value>, name: &str, max: usize) -> Result<Option<String>, Error> {
    let text = match fields.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(_) => return Err(Error::invalid(name, Expected::StringOrNull)),
    };
    if text.chars().count() > max {
        return Err(Error::invalid(name, Problem::TooLong { max }));
    }
    Ok(Some(text.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: &Value) -> Result<NewContact, Error> {
        NewContact::from_fields(body.as_object().expect("an object"))
    }

    #[test]
    fn only_the_phone_is_required() {
        for body in [
            json!({"phone": "+1 (415) 555-9999"}),
            json!({"phone": "+14155559999", "name": null, "email": null, "company": null, "notes": null}),
        ] {
            let contact = parse(&body).expect("a contact").into_contact(Timestamp::now());
            assert_eq!(
                (contact.phone.as_str(), contact.source, contact.total_calls.get()),
                ("+14155559999", ContactSource::Api, 0)
            );
        }
    }

    #[test]
    fn every_field_of_a_request_reaches_the_contact() {
        let body = json!({
            "phone": "+14155559999", "name": "John", "email": "john@example.com", "company": "Acme", "notes": "VIP",
        });
        assert!(body.as_object().expect("fields").keys().eq(FIELDS), "a field is missing in this test");
        let new = parse(&body).expect("a contact");
        assert_eq!(serde_json::to_value(&new).expect("JSON"), body);
        let contact = serde_json::to_value(new.into_contact(Timestamp::now())).expect("JSON");
        for field in FIELDS {
            assert_eq!(contact[field], body[field], "{field} is lost");
        }
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let cases = [
            (json!({}), "phone"),
            (json!({"phone": null}), "phone"),
            (json!({"phone": "555"}), "phone"),
            (json!({"phone": 14155559999_u64}), "phone"),
            (json!({"phone": "+14155559999", "email": "john"}), "email"),
            (json!({"phone": "+14155559999", "name": ["John"]}), "name"),
            (json!({"phone": "+14155559999", "company": "x".repeat(201)}), "company"),
            (json!({"phone": "+14155559999", "notes": "x".repeat(10_001)}), "notes"),
            (json!({"phone": "+14155559999", "id": "1"}), "id"),
        ];
        for (body, param) in cases {
            match parse(&body) {
                Err(Error::Invalid { param: Some(named), .. }) => assert_eq!(named, param, "{body}"),
                other => panic!("{body} gave {other:?}"),
            }
        }
    }
}
