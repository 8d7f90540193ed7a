//! Tables of fields and parameters.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    document::{Document, text},
    schema::{example, format, is_object, items, kind, nullable, properties, size, values},
};
use crate::{markdown::inline, strings::Strings};

/// How deep fields within fields are shown: deeper than the document goes, so that a circle ends.
const MAX_DEPTH: usize = 5;

/// The data that the tables of a page share.
#[derive(Clone, Copy)]
pub(super) struct Tables<'a> {
    pub(super) document: Document<'a>,
    pub(super) strings: &'static Strings,
    /// The objects that have a table of their own on the page: a field links there.
    pub(super) objects: &'a [&'a str],
}

/// A line of a table.
pub(super) struct Row<'a> {
    name: String,
    schema: &'a Value,
    description: &'a str,
    required: bool,
}

impl<'a> Tables<'a> {
    /// The rows of parameters or headers of requests.
    pub(super) fn parameters(parameters: &[&'a Value]) -> Vec<Row<'a>> {
        let row = |parameter: &&'a Value| Row {
            name: text(parameter, "name").to_owned(),
            schema: &parameter["schema"],
            description: text(parameter, "description"),
            required: parameter["required"] == true,
        };
        parameters.iter().map(row).collect()
    }

    /// The rows of an object's fields for which `wanted` is true, and of those within them.
    pub(super) fn fields(self, schema: &'a Value, wanted: &dyn Fn(&str) -> bool) -> Vec<Row<'a>> {
        let mut rows = Vec::new();
        self.collect(&mut rows, "", schema, MAX_DEPTH, wanted);
        rows
    }

    fn collect(
        self,
        rows: &mut Vec<Row<'a>>,
        prefix: &str,
        schema: &'a Value,
        depth: usize,
        wanted: &dyn Fn(&str) -> bool,
    ) {
        let (schema, _) = nullable(self.document, schema);
        for (name, property, required) in properties(schema).filter(|(name, ..)| wanted(name)) {
            let name = format!("{prefix}{name}");
            let items = items(self.document, property);
            let inner = items.unwrap_or(property);
            let within = if items.is_some() { format!("{name}[].") } else { format!("{name}.") };
            let description = text(property, "description");
            rows.push(Row { name, schema: property, description, required });
            if depth > 0 && self.link(inner).is_none() && is_object(self.document, inner) {
                self.collect(rows, &within, inner, depth - 1, &|_| true);
            }
        }
    }

    /// The link to an object's table, if it has one of its own.
    fn link(self, schema: &Value) -> Option<String> {
        super::schema::name(schema).and_then(|name| self.link_to(name))
    }

    fn link_to(self, name: &str) -> Option<String> {
        self.objects.contains(&name).then(|| format!("#{name}"))
    }

    /// The table of what a client sends: with defaults, and what must be there.
    pub(super) fn sent(self, heading: &str, rows: &[Row<'_>]) -> Markup {
        let words = &self.strings.operations;
        let has_defaults = rows.iter().any(|row| self.default_of(row).is_some());
        self.table(html! {
            thead {
                tr {
                    th { (heading) }
                    th { (words.kind) }
                    @if has_defaults { th { (words.default) } }
                    th { (words.description) }
                }
            }
            tbody {
                @for row in rows {
                    tr {
                        td { (self.name(row, true)) }
                        td { (self.kind(row)) }
                        @if has_defaults { (self.default(row)) }
                        td { (self.description(row)) }
                    }
                }
            }
        })
    }

    /// The table of what the API answers.
    pub(super) fn answered(self, heading: &str, rows: &[Row<'_>]) -> Markup {
        let words = &self.strings.operations;
        self.table(html! {
            thead { tr { th { (heading) } th { (words.kind) } th { (words.description) } } }
            tbody {
                @for row in rows {
                    tr { td { (self.name(row, false)) } td { (self.kind(row)) } td { (self.description(row)) } }
                }
            }
        })
    }

    pub(super) fn table(self, content: Markup) -> Markup {
        html! {
            div.table role="group" aria-label=(self.strings.table) tabindex="0" { table { (content) } }
        }
    }

    fn name(self, row: &Row<'_>, sent: bool) -> Markup {
        html! {
            code { (row.name) }
            @if sent && row.required { " " small.required { (self.strings.operations.required) } }
        }
    }

    fn kind(self, row: &Row<'_>) -> Markup {
        html! {
            span.kind { (kind(self.document, row.schema, &|name| self.link_to(name))) }
            @if let Some(format) = format(self.document, row.schema) { " " small.kind { (format) } }
        }
    }

    fn description(self, row: &Row<'_>) -> Markup {
        html! {
            (inline(row.description))
            @if let Some(values) = values(self.document, row.schema, self.strings) {
                " " span.bounds { (values) }
            }
            @if let Some(size) = size(self.document, row.schema, self.strings) {
                " " span.bounds { (size) }
            }
            @if let Some(example) = example(self.document, row.schema, self.strings) {
                " " span.bounds { (example) }
            }
        }
    }

    /// The cell of a default: on a phone it stands below the type, and says itself what it is.
    fn default(self, row: &Row<'_>) -> Markup {
        html! {
            @match self.default_of(row) {
                Some(default) => td.default data-label=(self.strings.operations.default) { code { (default) } },
                None => td.default.none { "–" },
            }
        }
    }

    fn default_of(self, row: &Row<'_>) -> Option<String> {
        match self.document.resolve(row.schema).get("default")? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}
