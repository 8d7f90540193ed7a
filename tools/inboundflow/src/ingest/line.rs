//! A line with a voice event, and the organization that it names.

use domain::{OrganizationId, ingest::Body, json};
use serde_json::Value;

/// An event as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// The JSON of the event.
    pub(crate) text: String,
    /// The organization that the event names.
    pub(crate) organization: Option<OrganizationId>,
}

impl Event {
    /// The event as the function would read it.
    ///
    /// # Errors
    /// The reason for which the function would make the event a dead letter.
    pub(crate) fn body(&self) -> Result<Body, String> {
        Body::parse(&self.text).map_err(|rejection| rejection.message)
    }
}

/// Reads a line, which has to be a JSON object; one that names no organization is `organization`'s.
///
/// # Errors
/// What is wrong with the line.
pub(crate) fn event(line: &[u8], organization: Option<OrganizationId>) -> Result<Event, String> {
    let text = str::from_utf8(line).map_err(|_| "it is no UTF-8")?;
    let mut fields =
        json::object(line).map_err(|error| error.to_string().replace("line 1 column", "column"))?;
    match fields.get("organization_id") {
        Some(Value::String(id)) => Ok(Event { text: text.to_owned(), organization: id.parse().ok() }),
        // What is something else altogether is for whoever reads the event to name.
        Some(id) if !id.is_null() => Ok(Event { text: text.to_owned(), organization: None }),
        _ if fields.contains_key("s3") => Ok(Event { text: text.to_owned(), organization: None }),
        _ => {
            let id = organization
                .ok_or("organization_id is missing: put it on the line, or pass --organization")?;
            fields.insert("organization_id".to_owned(), id.to_string().into());
            Ok(Event { text: Value::Object(fields).to_string(), organization: Some(id) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_without_an_organization_gets_one_and_any_other_stays_as_it_is() {
        let (own, id) = (OrganizationId::from_u128(1), OrganizationId::from_u128(2));
        for line in [r#"{"version":1}"#, r#"{"version":1,"organization_id":null}"#] {
            let expected = format!(r#"{{"version":1,"organization_id":"{id}"}}"#);
            let expected = Event { text: expected, organization: Some(id) };
            assert_eq!(event(line.as_bytes(), Some(id)), Ok(expected));
            assert!(event(line.as_bytes(), None).is_err_and(|message| message.contains("--organization")));
        }
        for (line, organization) in [
            (format!(r#"{{ "organization_id": "{own}" }}"#), Some(own)),
            (r#"{"organization_id": 5}"#.to_owned(), None),
            (r#"{"s3": {}}"#.to_owned(), None),
        ] {
            let expected = Event { text: line.clone(), organization };
            assert_eq!(event(line.as_bytes(), Some(id)), Ok(expected));
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for line in ["", "[]", "{", "\"x\"", "{} {}"] {
            let refusal = event(line.as_bytes(), None).expect_err(line);
            assert!(refusal.starts_with("it is no JSON object: "), "{refusal}");
        }
        assert_eq!(event(b"{\"\xff\": 1}", None), Err("it is no UTF-8".to_owned()));
    }
}
