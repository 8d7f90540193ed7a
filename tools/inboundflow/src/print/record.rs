//! A record as it is printed: the fields of a JSON object.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value};

/// The fields of a record, in their order.
pub(crate) type Record = Map<String, Value>;

/// A value that is printed as a JSON object, as a record.
pub(crate) fn record(of: &impl Serialize) -> Result<Record> {
    Ok(serde_json::from_value(serde_json::to_value(of)?)?)
}
