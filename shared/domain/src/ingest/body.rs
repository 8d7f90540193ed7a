//! The body of a message on the ingest queue, and its strict parser, which names the field at fault.

use serde::{Deserialize as _, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    AppointmentEvent, CallEvent, LeadEvent, Pointer, VERSION,
    nullable::{BlankIsNull, is_blank},
    rejection::{Rejection, RejectionKind},
};
use crate::{WholeNumber, json};

/// The fields that tell the kinds of events apart. A null or blank one counts as missing.
pub(crate) const PARTS: [&str; 4] = ["call", "lead", "appointment", "s3"];

/// What a message on the queue may be.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "An event of the voice pipeline"))]
pub enum Body {
    /// What is known of a call so far, and what came out of it.
    #[cfg_attr(feature = "schema", schemars(title = "A step of a call"))]
    Call(Box<CallEvent>),
    /// Somebody in the firm got on with a lead.
    #[cfg_attr(feature = "schema", schemars(title = "A lead's new status"))]
    Lead(LeadEvent),
    /// Somebody in the firm confirmed, cancelled or closed an appointment.
    #[cfg_attr(feature = "schema", schemars(title = "An appointment's new status"))]
    Appointment(AppointmentEvent),
    /// Where an event is that is too large for the queue.
    #[cfg_attr(feature = "schema", schemars(title = "A pointer to an event"))]
    Pointer(Pointer),
}

impl Body {
    /// Reads a message.
    ///
    /// # Errors
    /// A rejection that names the field at fault and what it must be.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let text = text.trim_start_matches('\u{feff}');
        let mut fields =
            json::object(text.as_bytes()).map_err(|error| Rejection::invalid(error.to_string()))?;
        let version = fields.get("version").and_then(|version| WholeNumber::deserialize(version).ok());
        if let Some(version) = version.filter(|version| version.get() != VERSION) {
            let message = format!("version is {version}; the only one known here is {VERSION}");
            return Err(Rejection::new(RejectionKind::UnknownVersion, message));
        }
        has_its_shape(&fields)?;
        fields.retain(|name, value| !(is_nothing(value) && PARTS.contains(&name.as_str())));
        let has = |name: &str| fields.contains_key(name);
        let body = match (has("s3"), has("call"), has("lead"), has("appointment")) {
            (true, ..) => read(fields).map(Self::Pointer),
            (_, true, ..) => read(fields).map(Box::new).map(Self::Call),
            (_, _, true, false) => read(fields).map(Self::Lead),
            (_, _, false, true) => read(fields).map(Self::Appointment),
            (_, _, true, true) => {
                Err(Rejection::invalid("without a call there is one lead or one appointment, not both"))
            }
            _ => Err(Rejection::invalid("there is no call, no lead, no appointment and no s3 in it")),
        }?;
        body.check_order()?;
        Ok(body)
    }
}

/// Checks that there are objects, a list of messages and single values where the format has them: serde would also read an
/// object's fields out of a list, by their positions.
fn has_its_shape(fields: &Map<String, Value>) -> Result<(), Rejection> {
    for (name, value) in fields {
        match (PARTS.contains(&name.as_str()), value) {
            (true, value) if is_nothing(value) => {}
            (true, Value::Object(part)) => {
                part.iter()
                    .try_for_each(|(field, value)| field_has_its_shape(&format!("{name}.{field}"), value))?;
            }
            (true, _) => return Err(expected(name, "an object")),
            (false, value) => {
                is_single(value).then_some(()).ok_or_else(|| expected(name, "a single value"))?
            }
        }
    }
    Ok(())
}

fn field_has_its_shape(at: &str, value: &Value) -> Result<(), Rejection> {
    match value {
        Value::Array(messages) if at == "call.messages" => {
            let is_message =
                |message: &Value| message.as_object().is_some_and(|it| it.values().all(is_single));
            match messages.iter().position(|message| !is_message(message)) {
                Some(nth) => Err(expected(&format!("{at}[{nth}]"), "an object of single values")),
                None => Ok(()),
            }
        }
        value if is_single(value) => Ok(()),
        _ => Err(expected(at, "a single value")),
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(is_blank)
}

fn is_single(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn expected(at: &str, what: &str) -> Rejection {
    Rejection::invalid(format!("{at}: expected {what}"))
}

fn read<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, Rejection> {
    serde_path_to_error::deserialize(BlankIsNull(Value::Object(fields))).map_err(|error| {
        let message = match error.path().to_string().as_str() {
            "." => error.inner().to_string(),
            path => format!("{path}: {}", error.inner()),
        };
        Rejection::invalid(message)
    })
}
