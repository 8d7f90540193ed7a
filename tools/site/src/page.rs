//! A file of the site, as it is served.

/// A file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The file's path below the site's root, such as `en/lists.html`.
    pub path: String,
    /// The file's `Content-Type`.
    pub content_type: &'static str,
    /// The file's text.
    pub body: String,
    /// Whether the file is one that pages alone ask for, by a name that changes with its text.
    pub is_asset: bool,
}
