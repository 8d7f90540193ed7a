//! A page before it has a frame: what guides and reference have in common.

use maud::Markup;

/// One page's content in one language.
pub(crate) struct Article {
    /// Its file's name without the ending, the same in every language.
    pub(crate) slug: &'static str,
    /// Where it was read, for problems.
    pub(crate) source: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) sections: Vec<Section>,
    /// Everything that a link may point at.
    pub(crate) anchors: Vec<String>,
    pub(crate) links: Vec<Link>,
    /// What kind of code its fences hold, in their order.
    pub(crate) fences: Vec<String>,
    pub(crate) body: Markup,
}

/// A heading that navigation shows.
pub(crate) struct Section {
    pub(crate) anchor: String,
    pub(crate) title: String,
    /// 2 or 3, as in `h2`.
    pub(crate) level: u8,
    /// An HTTP method, where it is an operation's.
    pub(crate) method: Option<String>,
}

/// A link to a page of the site.
pub(crate) struct Link {
    /// Where it stands, for problems.
    pub(crate) place: String,
    pub(crate) slug: String,
    pub(crate) anchor: Option<String>,
}
