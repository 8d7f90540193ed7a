//! A page's content before it has a frame: what guides and reference have in common.

use maud::{Markup, html};

use crate::outline::Block;

/// One page's content in one language.
pub(crate) struct Article {
    /// The name of the page's file without the ending, the same in every language.
    pub(crate) slug: &'static str,
    /// The file that the page was read from, for problems.
    pub(crate) source: String,
    /// The page's title in navigation.
    pub(crate) title: String,
    /// The page's heading, where that differs from the title.
    pub(crate) heading: Option<String>,
    pub(crate) description: String,
    /// Words that the search finds the page by, beyond those that it says.
    pub(crate) keywords: String,
    pub(crate) sections: Vec<Section>,
    /// The anchors of the page, which links may point at.
    pub(crate) anchors: Vec<String>,
    pub(crate) links: Vec<Link>,
    /// The blocks of a guide, which languages are compared by.
    pub(crate) blocks: Vec<Block>,
    pub(crate) body: Markup,
}

/// A heading that navigation shows.
pub(crate) struct Section {
    pub(crate) anchor: String,
    pub(crate) title: String,
    /// Words that the search finds the section by, beyond those that it says.
    pub(crate) keywords: String,
    pub(crate) kind: SectionKind,
}

/// The kind of a heading; navigation shows each in its way.
pub(crate) enum SectionKind {
    Text,
    /// A heading of a part of a text.
    Part,
    /// An operation with this HTTP method.
    Operation(String),
    /// An object of the API, whose name is the anchor.
    Object,
}

/// A link to a page of the site.
pub(crate) struct Link {
    /// The place of the link, for problems.
    pub(crate) place: String,
    pub(crate) slug: String,
    pub(crate) anchor: Option<String>,
}

/// An HTTP method in its colour.
pub(crate) fn method(method: &str) -> Markup {
    html! { span class={ "method " (method) } { (method.to_uppercase()) } }
}
