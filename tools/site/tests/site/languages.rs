//! What one language has, every language has.

use domain::Language;

use crate::root::Root;

#[test]
fn a_page_missing_in_a_language_is_named() {
    let root = Root::new();
    root.remove(Language::French, "lists");
    let problems = root.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("docs/site/fr/lists.md: the page cannot be read"), "{problems:?}");
}

#[test]
fn a_page_that_navigation_does_not_know_is_named() {
    let root = Root::new();
    root.write(Language::Spanish, "listas", "# Listas\n\nOtra.\n");
    assert_eq!(root.problems(), ["docs/site/es/listas.md: navigation has no such page"]);
}

#[test]
fn a_heading_missing_in_a_language_is_named() {
    let root = Root::new();
    root.write(Language::German, "lists", "# Listen\n\nWas sie sind.\n");
    assert_eq!(
        root.problems(),
        ["docs/site/de/lists.md: the heading #first of docs/site/en/lists.md is missing"]
    );
}

#[test]
fn a_heading_that_only_another_language_has_is_named() {
    let root = Root::new();
    root.write(
        Language::German,
        "lists",
        "# Listen\n\nWas.\n\n## Erstens {#first}\n\n## Zweitens {#second}\n",
    );
    assert_eq!(
        root.problems(),
        ["docs/site/en/lists.md: the heading #second of docs/site/de/lists.md is missing"]
    );
}

#[test]
fn headings_in_another_order_are_named() {
    let root = Root::new();
    root.write_all("lists", "# Lists\n\nWhat.\n\n## A {#a}\n\n## B {#b}\n");
    root.write(Language::Spanish, "lists", "# Listas\n\nQué.\n\n## B {#b}\n\n## A {#a}\n");
    assert_eq!(
        root.problems(),
        ["docs/site/es/lists.md: its headings are in another order than those of docs/site/en/lists.md"]
    );
}

#[test]
fn code_missing_in_a_language_is_named() {
    let root = Root::new();
    root.write_all("lists", "# Lists\n\nWhat.\n\n```sh\nls\n```\n\n```json\n{}\n```\n");
    root.write(Language::French, "lists", "# Listes\n\nQuoi.\n\n```sh\nls\n```\n");
    assert_eq!(
        root.problems(),
        ["docs/site/fr/lists.md: its code is sh, but that of docs/site/en/lists.md is sh, json"]
    );
}

#[test]
fn a_document_that_is_refused_is_a_problem() {
    let root = Root::new();
    let refused = site::pages(root.path(), |_| Err::<serde_json::Value, _>("a text is missing"));
    let problems = refused.unwrap_err().to_string();
    assert!(problems.contains("the OpenAPI document in de: a text is missing"), "{problems}");
}
