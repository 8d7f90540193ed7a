//! The files that pages ask for: style sheet, scripts, icon.

use crate::Page;

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

pub(crate) fn pages() -> Vec<Page> {
    [
        ("site.css", CSS, include_str!("../assets/site.css")),
        ("reference.css", CSS, include_str!("../assets/reference.css")),
        ("theme.js", SCRIPT, include_str!("../assets/theme.js")),
        ("site.js", SCRIPT, include_str!("../assets/site.js")),
        ("try.js", SCRIPT, include_str!("../assets/try.js")),
        ("favicon.svg", "image/svg+xml", include_str!("../assets/favicon.svg")),
    ]
    .map(|(path, content_type, body)| Page { path: path.to_owned(), content_type, body: body.to_owned() })
    .to_vec()
}
