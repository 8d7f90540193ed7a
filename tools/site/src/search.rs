//! What the script searches: every heading of an edition, and where it is.

use serde_json::{Value, json};

use crate::{Page, edition::Edition};

/// The index's file beside the pages. It is a script, since pages in a plain folder may not fetch.
pub(crate) const FILE: &str = "search.js";

/// Each entry is a heading, its page's title and the link.
pub(crate) fn index(edition: &Edition) -> Page {
    let entries: Vec<Value> = edition
        .articles
        .iter()
        .flat_map(|article| {
            let file = format!("{}.html", article.slug);
            let sections = article.sections.iter().map({
                let file = file.clone();
                move |section| json!([section.title, article.title, format!("{file}#{}", section.anchor)])
            });
            std::iter::once(json!([article.title, "", file])).chain(sections)
        })
        .collect();
    Page {
        path: format!("{}/{FILE}", edition.language.tag()),
        content_type: "text/javascript; charset=utf-8",
        body: format!("searchIndex = {};\n", Value::from(entries)),
    }
}
