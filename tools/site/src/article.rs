//! A page's content before it has a frame: what guides and reference have in common.

use maud::{Markup, html};

use crate::outline::Block;

/// One page's content in one language.
pub(crate) struct Article {
    /// Its file's name without the ending, the same in every language.
    pub(crate) slug: &'static str,
    /// Where it was read, for problems.
    pub(crate) source: String,
    /// What navigation calls it.
    pub(crate) title: String,
    /// Its heading, where that is another one.
    pub(crate) heading: Option<String>,
    pub(crate) description: String,
    /// Words that the search finds it by, beyond those that it says.
    pub(crate) keywords: String,
    pub(crate) sections: Vec<Section>,
    /// Everything that a link may point at.
    pub(crate) anchors: Vec<String>,
    pub(crate) links: Vec<Link>,
    /// What a guide is made of.
    pub(crate) blocks: Vec<Block>,
    pub(crate) body: Markup,
}

/// A heading that navigation shows.
pub(crate) struct Section {
    pub(crate) anchor: String,
    pub(crate) title: String,
    /// Words that the search finds it by, beyond those that it says.
    pub(crate) keywords: String,
    pub(crate) kind: SectionKind,
}

/// What a heading is of; navigation shows each in its way.
pub(crate) enum SectionKind {
    Text,
    /// A part of the text before it.
    Part,
    /// An operation with this HTTP method.
    Operation(String),
    /// An object of the API, whose name is the anchor.
    Object,
}

/// A link to a page of the site.
pub(crate) struct Link {
    /// Where it stands, for problems.
    pub(crate) place: String,
    pub(crate) slug: String,
    pub(crate) anchor: Option<String>,
}

/// An HTTP method in its colour.
pub(crate) fn method(method: &str) -> Markup {
    html! { span class={ "method " (method) } { (method.to_uppercase()) } }
}
