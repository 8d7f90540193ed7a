//! An operation on its page: its parameters and response on one side, an example on the other.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    document::{Operation, json_of, object, text},
    fields::Tables,
    form::form,
    sample::figures,
};
use crate::{
    article::method,
    markdown::{inline, paragraphs},
};

pub(super) fn section(tables: Tables<'_>, operation: Operation<'_>) -> Markup {
    let document = tables.document;
    html! {
        section.operation id=(operation.id) {
            div.told {
                h2 { a.anchor href={ "#" (operation.id) } { (operation.text("summary")) } }
                (route(tables, operation))
                (paragraphs(operation.text("description")))
                (scope(tables, operation))
                (taken(tables, operation))
                (answered(tables, operation))
            }
            div.samples {
                (figures(document, operation, tables.strings))
                (form(document, operation, tables.strings))
            }
        }
    }
}

/// The method and the path, in which a break is possible before each segment.
fn route(tables: Tables<'_>, operation: Operation<'_>) -> Markup {
    html! {
        p.route {
            (method(operation.method)) " "
            @match operation.path {
                Some(path) => code {
                    @for segment in path.split('/').skip(1) { wbr; "/" (segment) }
                },
                None => (tables.strings.operations.your_url),
            }
        }
    }
}

fn scope(tables: Tables<'_>, operation: Operation<'_>) -> Markup {
    let words = &tables.strings.operations;
    let scopes = operation.scopes();
    html! {
        @if operation.path.is_some() {
            p.scope {
                @if scopes.is_empty() { (words.any_key) } @else {
                    (words.scope)
                    @for scope in scopes { " " code { (scope) } }
                }
            }
        }
    }
}

/// The tables of what a request carries.
fn taken(tables: Tables<'_>, operation: Operation<'_>) -> Markup {
    let words = &tables.strings.operations;
    let places = [
        ("path", words.path_parameters, words.parameter),
        ("query", words.query_parameters, words.parameter),
        ("header", words.request_headers, words.header),
    ];
    html! {
        @for (place, title, heading) in places {
            @let rows = Tables::parameters(&tables.document.parameters(operation, place));
            @if !rows.is_empty() {
                h3 { (title) }
                @if operation.path.is_some() { (tables.sent(heading, &rows)) }
                @else { (tables.answered(heading, &rows)) }
            }
        }
        @if let Some(body) = operation.body() {
            @let schema = tables.document.resolve(&body["schema"]);
            @let rows = tables.fields(schema, &|_| true);
            h3 { (words.body) }
            p { (inline(text(schema, "description"))) }
            @if !rows.is_empty() {
                @if operation.path.is_some() { (tables.sent(words.field, &rows)) }
                @else { (tables.answered(words.field, &rows)) }
            }
        }
    }
}

/// The tables of what comes back: on success, and otherwise.
fn answered(tables: Tables<'_>, operation: Operation<'_>) -> Markup {
    let words = &tables.strings.operations;
    let document = tables.document;
    let failures = document.responses(operation, false);
    html! {
        h3 { (tables.strings.response) }
        @for (status, response) in document.responses(operation, true) {
            p { code { (status) } " " (inline(text(response, "description"))) }
            @if let Some(json) = json_of(response) {
                (tables.answered(words.field, &tables.fields(document.resolve(&json["schema"]), &|_| true)))
            }
            @if object(&response["headers"]).next().is_some() {
                details { summary { (words.response_headers) } (headers(tables, response)) }
            }
        }
        @if !failures.is_empty() {
            details { summary { (words.errors) } (errors(tables, operation, &failures)) }
        }
    }
}

fn headers(tables: Tables<'_>, response: &Value) -> Markup {
    let words = &tables.strings.operations;
    let rows = object(&response["headers"]).map(|(name, header)| {
        let header = tables.document.resolve(header);
        html! { tr { td { code { (name) } } td { (inline(text(header, "description"))) } } }
    });
    tables.table(html! {
        thead { tr { th { (words.header) } th { (words.description) } } }
        tbody { @for row in rows { (row) } }
    })
}

fn errors(tables: Tables<'_>, operation: Operation<'_>, failures: &[(&str, &Value)]) -> Markup {
    let words = &tables.strings.operations;
    let scopes = operation.scopes();
    // Of an answer that operations share, not each can meet every example: those of a scope have its name, and what can be
    // wrong with a request is another thing for each.
    let is_met =
        |status: &str, name: &str| status != "400" && (!name.contains(':') || scopes.contains(&name));
    tables.table(html! {
        thead { tr { th { (words.status) } th { (words.code) } th { (words.description) } } }
        tbody {
            @for (status, response) in failures {
                @let examples: Vec<(&str, &Value)> = json_of(response).into_iter()
                    .flat_map(|json| object(&json["examples"])).map(|(name, example)| (name, &example["value"]["error"])).collect();
                tr {
                    td { (status) }
                    td { @if let Some((_, example)) = examples.first() { code { (text(example, "code")) } } }
                    td {
                        (inline(text(response, "description")))
                        @for (_, example) in examples.iter().filter(|(name, _)| is_met(status, name)) {
                            " " span.message lang="en" { (text(example, "message")) }
                        }
                    }
                }
            }
        }
    })
}
