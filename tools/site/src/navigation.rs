//! The pages in their order.

use std::sync::LazyLock;

use domain::catalogue;

use crate::strings::Strings;

/// A group of pages that stand together.
pub(crate) struct Group {
    pub(crate) title: fn(&Strings) -> &'static str,
    pub(crate) kind: Kind,
    pub(crate) slugs: Vec<&'static str>,
}

/// The source of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A guide in Markdown.
    Guide,
    /// A tag of the OpenAPI document.
    Reference,
}

/// The page where readers arrive.
pub(crate) const START: &str = "index";

/// The guides and the reference, which has a page for each resource.
pub(crate) static GROUPS: LazyLock<[Group; 3]> = LazyLock::new(|| {
    let reference = catalogue::ALL.iter().map(|resource| match resource.name {
        "me" => "reference-account",
        name => &*format!("reference-{name}").leak(),
    });
    [
        Group {
            title: |strings| strings.start,
            kind: Kind::Guide,
            slugs: vec![START, "getting-started", "requests", "authentication", "lists", "errors"],
        },
        Group {
            title: |strings| strings.guides,
            kind: Kind::Guide,
            slugs: vec!["webhooks", "ingest", "command-line", "tools", "changelog"],
        },
        Group { title: |strings| strings.reference, kind: Kind::Reference, slugs: reference.collect() },
    ]
});

/// The group of a page.
pub(crate) fn group(slug: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|group| group.slugs.contains(&slug))
}

/// The slugs of one kind of page, in navigation's order.
pub(crate) fn slugs(kind: Kind) -> impl Iterator<Item = &'static str> {
    GROUPS.iter().filter(move |group| group.kind == kind).flat_map(|group| group.slugs.iter().copied())
}

/// The tag of the OpenAPI document that a reference page shows.
pub(crate) fn tag(slug: &str) -> &str {
    match slug.trim_start_matches("reference-") {
        "account" => "me",
        other => other,
    }
}

/// The reference page of the tag for which `is_shown` holds.
pub(crate) fn slug_of(is_shown: impl Fn(&str) -> bool) -> Option<&'static str> {
    slugs(Kind::Reference).find(|slug| is_shown(tag(slug)))
}
