//! A record as the API printed it.

use serde_json::{Map, Value};

/// The fields of a record, in their order.
pub(crate) type Record = Map<String, Value>;
