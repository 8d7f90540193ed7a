//! The reference: a page for each tag of the OpenAPI document.

mod document;
mod fields;
mod form;
mod objects;
mod operation;
mod sample;
mod schema;

use domain::Language;
use maud::{Markup, html};
use serde_json::Value;

pub(crate) use document::{Document, Operation, array, object, text};
use fields::Tables;

use crate::{
    article::{Article, Link, Section, SectionKind, method},
    markdown::inline,
    navigation::{Kind, slug_of, slugs, tag},
    problems::Problems,
    strings::Strings,
};

/// The pages of the reference in one language.
pub(crate) fn articles(document: &Value, language: Language, problems: &mut Problems) -> Vec<Article> {
    let document = Document(document);
    let source = format!("the OpenAPI document in {}", language.tag());
    for operation in document.operations() {
        if slug_of(|tag| operation.has_tag(tag)).is_none() {
            problems.add(&source, format!("no page shows the operation {}", operation.id));
        }
    }
    slugs(Kind::Reference)
        .filter_map(|slug| {
            let article = article(document, slug, &source, language);
            if article.is_none() {
                problems.add(&source, format!("it has no tag {}", tag(slug)));
            }
            article
        })
        .collect()
}

fn article(document: Document<'_>, slug: &'static str, source: &str, language: Language) -> Option<Article> {
    let strings = Strings::of(language);
    let described = document.tags().find(|described| text(described, "name") == tag(slug))?;
    let operations: Vec<Operation<'_>> =
        document.operations().filter(|operation| operation.has_tag(tag(slug))).collect();
    let objects = objects::of(document, &operations);
    let tables = Tables { document, strings, objects: &objects };
    let sections = sections(&operations, &objects, strings);
    Some(Article {
        slug,
        source: format!("{source}, {slug}"),
        title: text(described, "x-displayName").to_owned(),
        heading: None,
        keywords: words_of(tag(slug)),
        description: text(described, "description").to_owned(),
        anchors: sections.iter().map(|section| section.anchor.clone()).collect(),
        sections,
        links: vec![Link {
            place: format!("{source}, {slug}"),
            slug: "getting-started".to_owned(),
            anchor: Some("key".to_owned()),
        }],
        blocks: Vec::new(),
        body: html! {
            p { (inline(text(described, "description"))) }
            (overview(&operations, strings))
            p { (inline(strings.operations.samples)) " " a href="getting-started.html#key" { (strings.operations.save_key) } }
            (every_request(tables))
            @for operation in &operations { (operation::section(tables, *operation)) }
            @for name in &objects { (objects::section(tables, name)) }
        },
    })
}

/// The section on what each of the operations takes, and none says again.
fn every_request(tables: Tables<'_>) -> Markup {
    html! {
        @for parameter in tables.document.common_parameters() {
            p {
                (tables.strings.operations.of_every_request) " " code { (text(parameter, "name")) } ". "
                (inline(text(parameter, "description")))
                @if let Some(example) = schema::example(tables.document, &parameter["schema"], tables.strings) {
                    " " span.bounds { (example) }
                }
            }
        }
    }
}

fn sections(operations: &[Operation<'_>], objects: &[&str], strings: &Strings) -> Vec<Section> {
    let of_operation = |operation: &Operation<'_>| Section {
        anchor: operation.id.to_owned(),
        title: operation.text("summary").to_owned(),
        keywords: words_of(operation.id),
        kind: SectionKind::Operation(operation.method.to_owned()),
    };
    let of_object = |name: &&str| Section {
        anchor: (*name).to_owned(),
        title: objects::title(strings.operations.object, name),
        keywords: words_of(name),
        kind: SectionKind::Object,
    };
    operations.iter().map(of_operation).chain(objects.iter().map(of_object)).collect()
}

/// The words of a name, such as `delete webhook` of `deleteWebhook`, for what is called so in every language.
fn words_of(name: &str) -> String {
    let mut words = String::new();
    for sign in name.chars() {
        if sign.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(sign.to_lowercase());
    }
    words
}

/// The operations in short: those that the API answers, and what it sends by itself.
fn overview(operations: &[Operation<'_>], strings: &Strings) -> Markup {
    let words = &strings.operations;
    let (answered, sent): (Vec<&Operation<'_>>, Vec<&Operation<'_>>) =
        operations.iter().partition(|operation| operation.path.is_some());
    html! {
        @for (title, operations) in [(words.overview, answered), (words.sent, sent)] {
            @if !operations.is_empty() {
                nav.overview aria-label=(title) {
                    p { (title) }
                    ul {
                        @for operation in operations {
                            li {
                                a href={ "#" (operation.id) } {
                                    (method(operation.method)) " "
                                    @match operation.path {
                                        Some(path) => code { (path) },
                                        None => span { (operation.text("summary")) },
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
