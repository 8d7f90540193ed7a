//! A repository of a few made-up guides.

use std::{fs, path::Path};

use domain::Language;
use serde_json::Value;
use site::{Page, Problems};
use tempfile::TempDir;

const SLUGS: [&str; 11] = [
    "index",
    "getting-started",
    "requests",
    "authentication",
    "lists",
    "errors",
    "webhooks",
    "ingest",
    "command-line",
    "tools",
    "changelog",
];

/// A repository's root with every guide in every language.
pub(crate) struct SiteRoot(TempDir);

impl SiteRoot {
    pub(crate) fn new() -> Self {
        let root = Self(tempfile::tempdir().unwrap());
        for language in Language::ALL {
            for slug in SLUGS {
                // The reference leads there.
                let key = if slug == "getting-started" { "\n## Key {#key}\n" } else { "" };
                let text = format!("# The {slug}\n\nWhat it is.\n\n## First {{#first}}\n{key}");
                root.write(language, slug, &text);
            }
        }
        root
    }

    pub(crate) fn write(&self, language: Language, slug: &str, text: &str) {
        let directory = self.0.path().join("docs/site").join(language.tag());
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(format!("{slug}.md")), text).unwrap();
    }

    /// Writes a page with the same text in every language.
    pub(crate) fn write_all(&self, slug: &str, text: &str) {
        for language in Language::ALL {
            self.write(language, slug, text);
        }
    }

    pub(crate) fn remove(&self, language: Language, slug: &str) {
        fs::remove_file(self.0.path().join(format!("docs/site/{}/{slug}.md", language.tag()))).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn pages(&self) -> Result<Vec<Page>, Problems> {
        self.pages_with(&|value| value)
    }

    /// The pages, with the document changed before they are made.
    pub(crate) fn pages_with(&self, change: &dyn Fn(Value) -> Value) -> Result<Vec<Page>, Problems> {
        site::pages(self.0.path(), |language| openapi::document(language).map(change))
    }

    /// The problems of the pages, one line each.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.pages()
            .err()
            .map(|problems| problems.to_string())
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// The body of one page.
    pub(crate) fn page(&self, path: &str) -> String {
        body(&self.pages().unwrap(), path)
    }
}

pub(crate) fn body(pages: &[Page], path: &str) -> String {
    pages.iter().find(|page| page.path == path).unwrap().body.clone()
}
