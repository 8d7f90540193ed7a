//! The Markdown of guides, and the HTML that comes of it.

use domain::Language;

use crate::{dom::Dom, root::SiteRoot};

#[test]
fn what_a_guide_may_not_hold_is_named_with_its_line() {
    let link = "is neither a page, as in lists.md#cursors, nor https";
    for (text, line, problem) in [
        ("# A {tags=b}\n\nText.\n", ":1", "a heading takes keywords= and short=, and no tags"),
        ("# A\n\n# B\n\nText.\n", "", "it has 2 headings of the first level, not one"),
        ("Text.\n", "", "it has 0 headings of the first level, not one"),
        ("# A\n", "", "it has no paragraph to be described by"),
        ("# A\n\nB.\n\n## C\n", ":5", "the heading \"C\" has no anchor: write {#anchor} after it"),
        ("# A\n\nB.\n\n## C {#c}\n\n## D {#c}\n", "", "the anchor #c is there twice"),
        ("# A\n\nB.\n\n## [C](lists.md) {#c}\n", ":5", "a heading cannot hold a link: it is one itself"),
        ("# A\n\nB.\n\n<b>x</b>\n", ":5", "HTML is not taken: write Markdown"),
        ("# A\n\nB.\n\n<div>\nx\n</div>\n", ":5", "HTML is not taken: write Markdown"),
        ("# A\n\nB.\n\n![x](x.png)\n", ":5", "images are not taken"),
        (
            "# A\n\nB.\n\n|a|\n|:-:|\n|b|\n",
            ":5",
            "a table's columns are not aligned here: write |---| without colons",
        ),
        ("# A\n\nB.\n\n    indented\n", ":5", "code is put between ``` and says what it is"),
        (
            "# A\n\nB.\n\n```perl\n1\n```\n",
            ":5",
            "```perl is not known: sh, json, text, http, python, js, ts, rust are",
        ),
        ("# A\n\nB.\n\n```generated fields Order\n```\n", ":5", "```generated fields Order is not known"),
        ("# A\n\nSee [it](nothing.md).\n", ":3", "there is no page nothing"),
        ("# A\n\nSee [it](index.md#none).\n", ":3", "the page index has no heading #none"),
        ("# A\n\nSee [it](#none).\n", ":3", "the page lists has no heading #none"),
        (
            "# A\n\nSee [it](reference-calls.md#none).\n",
            ":3",
            "the page reference-calls has no heading #none",
        ),
        ("# A\n\nSee [it](http://example.com).\n", ":3", link),
        ("# A\n\nSee [it](/lists.html).\n", ":3", link),
        ("# A\n\nSee [it](../en/lists.md).\n", ":3", link),
    ] {
        let root = SiteRoot::new();
        root.write_all("lists", text);
        let place = format!("docs/site/en/lists.md{line}: ");
        let is_named = |found: &String| found.starts_with(&place) && found.ends_with(problem);
        assert!(root.problems().iter().any(is_named), "{text}: {:?}", root.problems());
    }
}

#[test]
fn links_become_links_between_files_and_those_to_https_and_to_the_api_stay() {
    let root = SiteRoot::new();
    let elsewhere = "[a](https://example.com/x) [b](http://127.0.0.1:3000/v1/openapi.json)";
    let here = "[lists](lists.md#first), [calls](reference-calls.md#listCalls), [here](#a)";
    root.write_all("index", &format!("# Start\n\nSee {here}, {elsewhere}.\n\n## A {{#a}}\n"));
    let dom = Dom::parse(&root.page("de/index.html"));
    let links: Vec<&str> = dom.all("a").filter_map(|link| link.attribute("href")).collect();
    let expected = ["lists.html#first", "reference-calls.html#listCalls", "#a", "https://example.com/x"];
    for link in expected.into_iter().chain(["http://127.0.0.1:3000/v1/openapi.json"]) {
        assert!(links.contains(&link), "{link} is not in {links:?}");
    }
}

#[test]
fn what_looks_like_markup_is_shown_as_it_stands() {
    let root = SiteRoot::new();
    root.write_all(
        "lists",
        "# A `<b>` & \"B\"\n\nIt says `<script>alert(1)</script>` & \"so\".\n\n## `<i>` {#i}\n\n```sh\necho '<b>' && x \"&amp;\"\n```\n",
    );
    let page = root.page("en/lists.html");
    let dom = Dom::parse(&page);
    assert_eq!(dom.errors, Vec::<String>::new());
    assert!(dom.all("b").next().is_none() && dom.all("i").next().is_none());
    let texts = |name| dom.all(name).map(|element| element.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts("h1"), ["A <b> & \"B\""]);
    assert_eq!(texts("h2"), ["<i>"]);
    assert_eq!(texts("pre"), ["echo '<b>' && x \"&amp;\""]);
    let described = dom.all("meta").find(|meta| meta.attribute("name") == Some("description")).unwrap();
    assert_eq!(described.attribute("content"), Some("It says <script>alert(1)</script> & \"so\"."));
}

#[test]
fn the_code_of_a_page_is_what_its_source_says() {
    let root = SiteRoot::new();
    let command = "curl \"http://127.0.0.1:3000/v1/calls?limit=1&phone=%2B1\" \\\n  -H \"Authorization: Bearer $KEY\" # é…";
    root.write_all(
        "lists",
        &format!("# A\n\nB.\n\n```sh\n{command}\n```\n\n```json\n{{\"data\": […]}}\n```\n"),
    );
    let page = root.page("fr/lists.html");
    let dom = Dom::parse(&page);
    let code: Vec<&str> = dom.all("pre").map(|pre| pre.text.as_str()).collect();
    assert_eq!(code, [command, "{\"data\": […]}"]);
    assert!(
        page.contains("http://127.0.0.1:3000/v1/calls"),
        "no colour may cut the address that servers replace"
    );
}

#[test]
fn what_a_command_answers_is_labelled_so_in_the_pages_language() {
    let root = SiteRoot::new();
    let code = "```sh\ncurl x\n```\n\n```json\n{}\n```\n\n```json\n{}\n```\n\nText.\n\n```text\nx\n```\n\n```sh\nls\n```\n\n```text\nx\n```\n";
    root.write_all("lists", &format!("# A\n\nB.\n\n{code}"));
    let labels = |path| {
        let dom = Dom::parse(&root.page(path));
        dom.all("figcaption").map(|caption| caption.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(labels("en/lists.html"), ["cURL", "Response", "JSON", "Text", "Terminal", "Output"]);
    assert_eq!(labels("de/lists.html"), ["cURL", "Antwort", "JSON", "Text", "Terminal", "Ausgabe"]);
    assert_eq!(labels("fr/lists.html"), ["cURL", "Réponse", "JSON", "Texte", "Terminal", "Sortie"]);
    assert_eq!(labels("es/lists.html"), ["cURL", "Respuesta", "JSON", "Texto", "Terminal", "Salida"]);
}

#[test]
fn tables_scroll_by_themselves() {
    let root = SiteRoot::new();
    root.write_all("lists", "# A\n\nB.\n\n| a | b |\n|---|---|\n| `c` | d |\n");
    let dom = Dom::parse(&root.page("de/lists.html"));
    let region = dom.with_class("table").next().unwrap();
    assert_eq!(region.attribute("role"), Some("group"));
    assert_eq!(region.attribute("tabindex"), Some("0"));
    assert_eq!(region.attribute("aria-label"), Some("Tabelle"));
}

#[test]
fn each_cell_of_a_table_that_becomes_a_list_says_what_it_is() {
    let root = SiteRoot::new();
    root.write_all("lists", "# A\n\nB.\n\n| a | `b` & c | d |\n|---|---|---|\n| 1 | *2* | |\n");
    let page = root.page("en/lists.html");
    assert_eq!(Dom::parse(&page).errors, Vec::<String>::new());
    let table = "<thead><tr><th>a</th><th><code>b</code> &amp; c</th><th>d</th></tr></thead>\
                 <tbody><tr><td>1</td><td data-label=\"b &amp; c\"><em>2</em></td><td data-label=\"d\"></td></tr></tbody>";
    assert!(page.contains("class=\"table stacked\"") && page.contains(table), "{page}");
}

#[test]
fn a_page_has_a_shorter_name_in_navigation_where_its_heading_says_one() {
    let root = SiteRoot::new();
    root.write_all("index", "# All of it {short=Start}\n\nB.\n");
    let dom = Dom::parse(&root.page("de/index.html"));
    assert_eq!(dom.all("h1").next().unwrap().text, "All of it");
    assert!(dom.all("title").next().unwrap().text.starts_with("All of it · "));
    let here = dom.all("a").find(|link| link.attribute("aria-current") == Some("page")).unwrap();
    assert_eq!(here.text, "Start");
}

#[test]
fn code_is_not_broken_at_its_hyphens() {
    let root = SiteRoot::new();
    root.write_all("lists", "# A\n\nB `--limit` `a` `run --all` `--a-much-longer-option-than-others`.\n");
    let page = root.page("en/lists.html");
    assert!(
        page.contains(
            "<code class=\"whole\">--limit</code> <code>a</code> <code>run --all</code> <code>--a-"
        )
    );
}

#[test]
fn the_sources_are_the_directories_of_the_languages() {
    let root = SiteRoot::new();
    let sources = site::sources(root.path());
    assert_eq!(sources.len(), Language::ALL.len());
    assert!(sources.iter().all(|source| source.is_dir()));
}

#[test]
fn a_page_says_of_scopes_filters_events_and_fields_what_the_document_says() {
    let root = SiteRoot::new();
    let part = |name: &str| format!("```generated {name}\n```\n");
    let parts = ["scopes", "filters", "event lead.created", "fields Lead"].map(part).join("\n");
    root.write_all("lists", &format!("# A\n\nB.\n\n{parts}"));
    let page = root.page("de/lists.html");
    for shown in [
        "<td><code>leads:read</code></td><td><a href=\"reference-leads.html#listLeads\">Alle Leads auflisten</a></td>",
        "<td><code>status</code>: <code>new</code>, <code>contacted</code>, <code>qualified</code>, <code>converted</code>, \
         <code>lost</code>; <code>urgency</code>: <code>low</code>, <code>medium</code>, <code>high</code></td>",
        "<td><code>qualification_reason</code></td><td>Warum dieser Anrufer ein Lead ist, in wenigen Worten; null, wo kein Grund bekannt ist.</td>",
    ] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    assert!(page.contains("lead.created") && page.contains("qualification_reason"), "the event's example");
}
