//! A guide, read from its Markdown.

use std::{fs, path::Path};

use domain::Language;
use maud::PreEscaped;
use serde_json::Value;

use crate::{
    article::Article,
    markdown::{Source, render},
    navigation::{Kind, slugs},
    outline::blocks,
    problems::Problems,
};

/// The path of the guides below the repository's root.
pub(crate) const GUIDES: &str = "docs/site";

/// Reads a page; none, and a problem, where it is not there.
pub(crate) fn read(
    root: &Path,
    language: Language,
    slug: &'static str,
    document: &Value,
    problems: &mut Problems,
) -> Option<Article> {
    let name = format!("{GUIDES}/{}/{slug}.md", language.tag());
    let text = match fs::read_to_string(root.join(&name)) {
        Ok(text) => text,
        Err(error) => {
            problems.add(name, format!("the page cannot be read: {error}"));
            return None;
        }
    };
    let mut rendered = render(&Source { text: &text, name: &name, slug, language, document }, problems);
    if rendered.titles.len() != 1 {
        problems.add(&name, format!("it has {} headings of the first level, not one", rendered.titles.len()));
    }
    let Some(description) = rendered.description else {
        problems.add(&name, "it has no paragraph to be described by");
        return None;
    };
    let title = rendered.titles.pop()?;
    let is_short = title.attributes.short.is_some();
    Some(Article {
        slug,
        heading: is_short.then(|| title.text.clone()),
        title: title.attributes.short.unwrap_or(title.text),
        keywords: title.attributes.keywords,
        description,
        sections: rendered.sections,
        anchors: rendered.anchors,
        links: rendered.links,
        blocks: blocks(&text),
        body: PreEscaped(rendered.html),
        source: name,
    })
}

/// Finds files that navigation does not know: nobody would get to see them.
pub(crate) fn strays(root: &Path, language: Language, problems: &mut Problems) {
    let name = format!("{GUIDES}/{}", language.tag());
    let Ok(files) = fs::read_dir(root.join(&name)) else {
        return problems.add(name, "the directory cannot be read");
    };
    for file in files.filter_map(Result::ok) {
        let file = file.file_name().to_string_lossy().into_owned();
        if !slugs(Kind::Guide).any(|slug| file.strip_suffix(".md") == Some(slug)) {
            problems.add(format!("{name}/{file}"), "navigation has no such page");
        }
    }
}
