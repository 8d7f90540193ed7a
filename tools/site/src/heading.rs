//! What a guide's heading says besides its text: `# Lists {keywords=pages,paging}`.

use pulldown_cmark::CowStr;

/// A guide's heading of the first level.
pub(crate) struct Title {
    pub(crate) text: String,
    pub(crate) attributes: Attributes,
}

/// The attributes of a heading.
#[derive(Default)]
pub(crate) struct Attributes {
    /// The words that the search finds the heading by, beyond those that stand there.
    pub(crate) keywords: String,
    /// The page's title in navigation, where the heading is longer.
    pub(crate) short: Option<String>,
}

impl Attributes {
    /// Reads a heading's attributes; the error is the name of an unknown one.
    pub(crate) fn read(attributes: &[(CowStr<'_>, Option<CowStr<'_>>)]) -> Result<Self, String> {
        let mut read = Self::default();
        for (name, value) in attributes {
            match (&**name, value) {
                ("keywords", Some(words)) => read.keywords = words.replace(',', " "),
                ("short", Some(text)) => read.short = Some(text.to_string()),
                (other, _) => return Err(other.to_owned()),
            }
        }
        Ok(read)
    }
}
