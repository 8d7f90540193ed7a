//! The reading of a request's JSON object into a type of its own.

use serde_json::{Map, Value};

use crate::{Error, Problem, shown};

/// A type that is read from a request's JSON body.
pub trait FromFields: Sized {
    /// Reads the fields of the body.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field that is missing, unknown, over-long or of the wrong type.
    fn from_fields(fields: &Map<String, Value>) -> Result<Self, Error>;
}

/// Refuses a body with unknown fields.
pub(crate) fn only(fields: &Map<String, Value>, allowed: &'static [&'static str]) -> Result<(), Error> {
    match fields.keys().find(|name| !allowed.contains(&name.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(Error::invalid(shown(unknown), Problem::UnknownField { allowed })),
    }
}
