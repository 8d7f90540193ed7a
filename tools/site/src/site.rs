//! The whole site: its guides, its reference and its files in every language, once nothing is wrong with them.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
};

use domain::Language;
use serde_json::Value;

use crate::{Page, Problems, assets, check, edition::Edition, guide::GUIDES, layout, search};

/// All files of the site: `document` gives the OpenAPI document in a language.
///
/// # Errors
///
/// Everything that is wrong with the pages: one that is missing in a language, parts that differ between languages,
/// links to nowhere.
pub fn pages<E: Display>(
    root: &Path,
    document: impl Fn(Language) -> Result<Value, E>,
) -> Result<Vec<Page>, Problems> {
    let mut problems = Problems::default();
    let documents = Language::ALL.map(|language| {
        document(language).unwrap_or_else(|error| {
            problems.add(format!("the OpenAPI document in {}", language.tag()), error);
            Value::Null
        })
    });
    let languages = Language::ALL.into_iter().zip(&documents);
    let editions: Vec<Edition> = languages
        .map(|(language, document)| Edition::read(root, language, document, &mut problems))
        .collect();
    check::languages(&editions, &mut problems);
    check::links(&editions, &mut problems);
    problems.none()?;

    let mut pages = assets::pages();
    pages.extend(layout::frontispieces());
    // It has English alone, which is the first.
    pages.push(collection(&documents[0]));
    for edition in &editions {
        let index = search::index(edition);
        pages.extend(edition.articles.iter().map(|article| layout::page(edition, article, &index)));
        pages.push(index);
    }
    Ok(pages)
}

/// The collection of requests, for who has Postman and no repository.
fn collection(document: &Value) -> Page {
    let body = openapi::postman(document).to_string();
    Page { path: "postman.json".to_owned(), content_type: "application/json", body, is_asset: false }
}

/// The directories that the guides are read from, for a build that is to run again when they change.
#[must_use]
pub fn sources(root: &Path) -> Vec<PathBuf> {
    Language::ALL.map(|language| root.join(GUIDES).join(language.tag())).to_vec()
}
