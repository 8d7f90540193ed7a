//! The languages of the site have the same pages and parts.

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

/// What is said of the German page beside an English one.
fn said_beside(english: &str, german: &str) -> Vec<String> {
    let root = Root::new();
    root.write_all("lists", "# Lists\n\nWhat.\n\n## A {#a}\n");
    root.write(Language::English, "lists", &format!("# Lists\n\nWhat.\n\n## A {{#a}}\n\n{english}"));
    root.write(
        Language::French,
        "lists",
        &format!("# Listes\n\nQuoi.\n\n## A {{#a}}\n\n{}", english.replace('E', "F")),
    );
    root.write(
        Language::Spanish,
        "lists",
        &format!("# Listas\n\nQué.\n\n## A {{#a}}\n\n{}", english.replace('E', "S")),
    );
    root.write(Language::German, "lists", &format!("# Listen\n\nWas.\n\n## A {{#a}}\n\n{german}"));
    root.problems()
}

#[test]
fn what_is_missing_within_a_page_is_named() {
    let prose = "Each record has its own place in this list, which never changes while a reader walks it. E.";
    for (english, german, expected) in [
        ("```sh\nls\n```\n", "Kein Code.\n", "7: a paragraph stands where English has ```sh (line 7)"),
        ("- E\n- Two\n", "- Eins\n", "7: it has 4 parts, English has 5"),
        ("| E | B |\n|---|---|\n| c | d |\n", "| A | B |\n|---|---|\n", "7: it has 4 parts, English has 5"),
        ("Send `a`. E.\n", "Senden Sie `b`.\n", r#"7: its code is ["b"], that of English ["a"] (line 7)"#),
        (prose, prose, "7: it is in English (line 7)"),
        (
            "```python\n# E\nget(1)\n```\n",
            "```python\nget(2)\n```\n",
            "7: its code is another than that of English (line 7)",
        ),
    ] {
        assert_eq!(said_beside(english, german), [format!("docs/site/de/lists.md:{expected}")]);
    }
}

#[test]
fn comments_in_code_are_for_readers() {
    let code = |comment: &str| format!("```python\n# {comment}\nget(1)\n```\n");
    assert_eq!(said_beside(&code("E: all"), &code("Alle")), [""; 0]);
}

#[test]
fn a_document_that_is_refused_is_a_problem() {
    let root = Root::new();
    let refused = site::pages(root.path(), |_| Err::<serde_json::Value, _>("a text is missing"));
    let problems = refused.unwrap_err().to_string();
    assert!(problems.contains("the OpenAPI document in de: a text is missing"), "{problems}");
}
