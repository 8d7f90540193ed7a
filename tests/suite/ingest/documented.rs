//! The documented format of voice events: the schema's verdict, and the examples.

use std::{fs, path::Path};

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use domain::{ingest::Body, schema::schema};
use serde_json::Value;

/// The published schema, which judges events.
pub(crate) struct Validator {
    schemas: Schemas,
    root: SchemaIndex,
}

impl Validator {
    pub(crate) fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.add_resource("schema.json", schema()).unwrap();
        let root = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, root }
    }

    pub(crate) fn takes(&self, event: &Value) -> bool {
        self.schemas.validate(event, self.root).is_ok()
    }

    /// Whether a value is an event; schema and parser must say the same.
    pub(crate) fn verdict(&self, event: &Value) -> bool {
        let parsed = Body::parse(&event.to_string());
        assert_eq!(self.takes(event), parsed.is_ok(), "{parsed:?} of {event:#}");
        parsed.is_ok()
    }
}

pub(crate) fn docs(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(file)).unwrap()
}

/// The published examples.
pub(crate) fn documented() -> Vec<Value> {
    serde_json::from_str(&docs("ingest.examples.json")).unwrap()
}
