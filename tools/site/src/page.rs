//! A file of the site, as it is served.

/// A file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its path below the site's root, such as `en/lists.html`.
    pub path: String,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its text.
    pub body: String,
    /// Whether pages alone ask for it, by a name that changes with its text.
    pub is_asset: bool,
}
