//! The languages of the site have the same pages and parts.

use domain::Language;

use crate::root::SiteRoot;

#[test]
fn a_page_missing_in_a_language_is_named() {
    let root = SiteRoot::new();
    root.remove(Language::French, "lists");
    let problems = root.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("docs/site/fr/lists.md: the page cannot be read"), "{problems:?}");
}

#[test]
fn a_page_or_a_heading_that_not_every_language_has_in_its_place_is_named() {
    let title = "# Listen\n\nWas.\n\n";
    for (slug, headings, problem) in [
        ("listen", "", "de/listen.md: navigation has no such page"),
        ("lists", "## A {#a}\n", "de/lists.md: the heading #b of docs/site/en/lists.md is missing"),
        (
            "lists",
            "## A {#a}\n\n## B {#b}\n\n## C {#c}\n",
            "en/lists.md: the heading #c of docs/site/de/lists.md is missing",
        ),
        (
            "lists",
            "## B {#b}\n\n## A {#a}\n",
            "de/lists.md: its headings are in another order than those of docs/site/en/lists.md",
        ),
    ] {
        let root = SiteRoot::new();
        root.write_all("lists", "# Lists\n\nWhat.\n\n## A {#a}\n\n## B {#b}\n");
        root.write(Language::German, slug, &format!("{title}{headings}"));
        assert_eq!(root.problems(), [format!("docs/site/{problem}")]);
    }
}

/// The problems of a German page beside an English one.
fn said_beside(english: &str, german: &str) -> Vec<String> {
    let root = SiteRoot::new();
    for (language, text) in [
        (Language::English, english.to_owned()),
        (Language::French, english.replace('E', "F")),
        (Language::Spanish, english.replace('E', "S")),
        (Language::German, german.to_owned()),
    ] {
        let title = language.tag();
        root.write(language, "lists", &format!("# {title}\n\n{title}.\n\n## A {{#a}}\n\n{text}"));
    }
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
    let root = SiteRoot::new();
    let refused = site::pages(root.path(), |_| Err::<serde_json::Value, _>("a text is missing"));
    let problems = refused.unwrap_err().to_string();
    assert!(problems.contains("the OpenAPI document in de: a text is missing"), "{problems}");
}
