//! The schemas of the records in responses.

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

use crate::{
    Message, Organization, Scope, catalogue,
    webhooks::{Attempt, EventType},
};

/// The schemas of records and their parts by name, each with `$ref`s to the others below `path`.
#[must_use]
pub fn answers(path: &'static str) -> Map<String, Value> {
    let settings =
        SchemaSettings::draft2020_12().for_serialize().with(|it| it.definitions_path = path.into());
    let mut generator = SchemaGenerator::new(settings);
    catalogue::add_schemas(&mut generator);
    generator.subschema_for::<(Message, Organization, Scope, Attempt, EventType)>();
    generator.take_definitions(true)
}
