//! The objects that a page shows in tables of their own.

use maud::{Markup, PreEscaped, html};
use serde_json::Map;

use super::{
    document::{Document, Operation, array, json_of, text},
    fields::Tables,
    schema::{name, properties},
};
use crate::markdown::inline;

/// The names of the objects in the answers of some operations, in the order in which they come up.
pub(super) fn of<'a>(document: Document<'a>, operations: &[Operation<'a>]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for operation in operations.iter().filter(|operation| operation.path.is_some()) {
        for (_, response) in document.responses(*operation, true) {
            let Some(schema) = json_of(response).map(|json| document.resolve(&json["schema"])) else {
                continue;
            };
            let data = &schema["properties"]["data"];
            names.extend(name(data).or_else(|| name(&data["items"])));
        }
    }
    let variants: Vec<&str> = names
        .iter()
        .flat_map(|name| array(&document.schema(name)["oneOf"]))
        .filter_map(|variant| self::name(variant))
        .collect();
    names.extend(variants);
    let mut ordered: Vec<&str> = Vec::new();
    for name in names {
        if ordered.contains(&name) {
            continue;
        }
        // Others may refer to it only if it comes before them.
        let extended = ordered.iter().position(|other| extends(document, other, name));
        ordered.insert(extended.unwrap_or(ordered.len()), name);
    }
    ordered
}

/// The table of an object. What it has in common with one before it is not said again.
pub(super) fn section(tables: Tables<'_>, name: &str) -> Markup {
    let schema = tables.document.schema(name);
    let words = &tables.strings.operations;
    let base = base(tables, name);
    let rows = tables.fields(schema, &|field| {
        base.is_none_or(|base| tables.document.schema(base)["properties"].get(field).is_none())
    });
    html! {
        section.object id=(name) {
            h2 { a.anchor href={ "#" (name) } { (title(words.object, name)) } }
            p { (inline(text(schema, "description"))) }
            @if let Some(base) = base {
                p { (with_link(words.extends, base)) }
            }
            @if schema["oneOf"].is_array() {
                p { (words.one_of) }
                ul {
                    @for variant in array(&schema["oneOf"]).filter_map(self::name) {
                        li { a href={ "#" (variant) } { (variant) } " – " (inline(text(tables.document.schema(variant), "description"))) }
                    }
                }
            } @else if rows.is_empty() {
                p { (words.no_fields) }
            } @else {
                (tables.answered(words.field, &rows))
            }
        }
    }
}

/// An object's heading.
pub(super) fn title(form: &str, name: &str) -> String {
    form.replace("{}", name)
}

fn with_link(form: &str, name: &str) -> Markup {
    let link = html! { a href={ "#" (name) } { (name) } }.into_string();
    PreEscaped(html! { (form) }.into_string().replace("{}", &link))
}

/// The object shown before this one that has most of its fields.
fn base<'a>(tables: Tables<'a>, name: &str) -> Option<&'a str> {
    let size = |other: &&str| properties(tables.document.schema(other)).count();
    let before = tables.objects.iter().copied().take_while(|other| *other != name);
    before.filter(|other| extends(tables.document, name, other)).max_by_key(size)
}

/// Whether an object has every field of another one, and these are most of its own.
fn extends(document: Document<'_>, name: &str, base: &str) -> bool {
    let (own, base) = (&document.schema(name)["properties"], document.schema(base));
    properties(base).all(|(field, property, _)| own.get(field) == Some(property))
        && properties(base).count() * 2 > own.as_object().map_or(0, Map::len)
}
