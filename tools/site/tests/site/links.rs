//! The links of the site lead somewhere.

use domain::Language;

use crate::{dom::Dom, root::Root};

#[test]
fn links_between_pages_become_links_between_files() {
    let root = Root::new();
    root.write_all("index", "# Start\n\nSee [lists](lists.md#first), [calls](reference-calls.md#listCalls), [here](#a).\n\n## A {#a}\n");
    let page = root.page("de/index.html");
    for link in
        [r##"href="lists.html#first""##, r##"href="reference-calls.html#listCalls""##, r##"href="#a""##]
    {
        assert!(page.contains(link), "{link} is not in {page}");
    }
}

#[test]
fn a_link_to_no_page_is_named_with_its_line() {
    let root = Root::new();
    root.write_all("index", "# Start\n\nWhat.\n\n## One {#first}\n\nSee [it](lists.md).\n");
    root.write(Language::French, "index", "# Début\n\nQuoi.\n\n## Un {#first}\n\nVoir [rien](nothing.md).\n");
    assert_eq!(root.problems(), ["docs/site/fr/index.md:7: there is no page nothing"]);
}

#[test]
fn a_link_to_no_heading_is_named() {
    let root = Root::new();
    root.write(
        Language::English,
        "index",
        "# Start\n\nSee [a](lists.md#none), [b](#none), [c](reference-calls.md#none).\n\n## One {#first}\n",
    );
    assert_eq!(
        root.problems(),
        [
            "docs/site/en/index.md:3: the page lists has no heading #none",
            "docs/site/en/index.md:3: the page index has no heading #none",
            "docs/site/en/index.md:3: the page reference-calls has no heading #none",
        ]
    );
}

#[test]
fn a_link_that_is_neither_a_page_nor_https_is_named() {
    let root = Root::new();
    root.write(
        Language::English,
        "index",
        "# Start\n\nSee [a](http://example.com), [b](/lists.html), [c](../en/lists.md).\n\n## One {#first}\n",
    );
    let problems = root.problems();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(
        problems
            .iter()
            .all(|problem| problem.contains("is neither a page, as in lists.md#cursors, nor https"))
    );
}

#[test]
fn links_to_https_and_to_the_api_stay() {
    let root = Root::new();
    root.write_all(
        "index",
        "# Start\n\n[a](https://example.com/x) [b](http://127.0.0.1:3000/v1/openapi.json)\n\n## One {#first}\n",
    );
    let dom = Dom::parse(&root.page("en/index.html"));
    let links: Vec<&str> = dom.all("a").filter_map(|link| link.attribute("href")).collect();
    assert!(links.contains(&"https://example.com/x"));
    assert!(links.contains(&"http://127.0.0.1:3000/v1/openapi.json"));
}
