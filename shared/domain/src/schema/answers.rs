//! The schemas of the records in responses.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

use crate::{
    Appointment, Call, Contact, Lead, Message, Organization, Scope,
    webhooks::{Attempt, Delivery, EventType, Webhook},
};

/// The schemas of records and their parts by name, each with `$ref`s to the others below `path`.
#[must_use]
pub fn answers(path: &'static str) -> Map<String, Value> {
    let settings =
        SchemaSettings::draft2020_12().for_serialize().with(|it| it.definitions_path = path.into());
    let mut generator = SchemaGenerator::new(settings);
    add::<Call>(&mut generator);
    add::<Message>(&mut generator);
    add::<Contact>(&mut generator);
    add::<Lead>(&mut generator);
    add::<Appointment>(&mut generator);
    add::<Organization>(&mut generator);
    add::<Scope>(&mut generator);
    add::<Webhook>(&mut generator);
    add::<Delivery>(&mut generator);
    add::<Attempt>(&mut generator);
    add::<EventType>(&mut generator);
    generator.take_definitions(true)
}

fn add<T: JsonSchema>(generator: &mut SchemaGenerator) {
    generator.subschema_for::<T>();
}
