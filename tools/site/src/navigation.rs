//! Which pages there are, in which order.

use crate::strings::Strings;

/// Pages that stand together.
pub(crate) struct Group {
    pub(crate) title: fn(&Strings) -> &'static str,
    pub(crate) kind: Kind,
    pub(crate) slugs: &'static [&'static str],
}

/// What pages are made from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Markdown.
    Guide,
    /// A tag of the OpenAPI document.
    Reference,
}

pub(crate) static GROUPS: [Group; 3] = [
    Group {
        title: |strings| strings.start,
        kind: Kind::Guide,
        slugs: &["index", "getting-started", "authentication", "lists", "errors"],
    },
    Group {
        title: |strings| strings.guides,
        kind: Kind::Guide,
        slugs: &["webhooks", "ingest", "command-line", "tools"],
    },
    Group {
        title: |strings| strings.reference,
        kind: Kind::Reference,
        slugs: &[
            "reference-calls",
            "reference-contacts",
            "reference-leads",
            "reference-appointments",
            "reference-account",
            "reference-webhooks",
            "reference-events",
        ],
    },
];

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
