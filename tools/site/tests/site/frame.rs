//! The frame of every page.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use domain::Language;
use openapi::LOCAL_URL;
use site::Page;

use crate::{
    dom::Dom,
    root::{SiteRoot, body},
};

fn html_pages(pages: &[Page]) -> impl Iterator<Item = (&Page, Dom)> {
    pages.iter().filter(|page| page.path.ends_with(".html")).map(|page| (page, Dom::parse(&page.body)))
}

/// Where a link on a page leads below the site's root: a file and an anchor.
fn target(page: &str, href: &str) -> (String, Option<String>) {
    let (file, anchor) = match href.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor.to_owned())),
        None => (href, None),
    };
    if file.is_empty() {
        return (page.to_owned(), anchor);
    }
    let directory = page.rsplit_once('/').map_or("", |(directory, _)| directory);
    let file = match file.strip_prefix("../") {
        Some(above) => above.to_owned(),
        None if directory.is_empty() => file.to_owned(),
        None => format!("{directory}/{file}"),
    };
    (file, anchor)
}

/// The pages of this repository.
fn repository() -> Vec<Page> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    site::pages(&root, openapi::document).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn every_page_is_well_formed_and_has_each_id_once() {
    let pages = repository();
    for (page, dom) in html_pages(&pages) {
        assert_eq!(dom.errors, Vec::<String>::new(), "{}", page.path);
        let ids: Vec<&str> = dom.attributes("id").collect();
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{}: {ids:?}", page.path);
        assert_eq!(dom.all("h1").count(), 1, "{}", page.path);
        assert_eq!(dom.all("main").count(), 1, "{}", page.path);
    }
}

#[test]
fn every_link_within_the_site_leads_to_a_page_and_a_place_on_it() {
    let pages = repository();
    let places: BTreeMap<&str, BTreeSet<String>> = pages
        .iter()
        .map(|page| {
            let ids = Dom::parse(&page.body).attributes("id").map(str::to_owned).collect();
            (page.path.as_str(), ids)
        })
        .collect();
    for (page, dom) in html_pages(&pages) {
        for href in dom.attributes("href").chain(dom.attributes("src")) {
            let from_root = href.strip_prefix(&format!("{LOCAL_URL}/docs/"));
            let (from, inside) = from_root.map_or((page.path.as_str(), href), |inside| ("", inside));
            if inside.contains(':') {
                continue;
            }
            let (file, anchor) = target(from, inside);
            let ids = places.get(file.as_str()).unwrap_or_else(|| panic!("{} links to {href}", page.path));
            assert!(anchor.is_none_or(|anchor| ids.contains(&anchor)), "{} links to {href}", page.path);
        }
    }
}

#[test]
fn nothing_is_asked_of_others_and_nothing_is_inline() {
    let pages = repository();
    for (page, dom) in html_pages(&pages) {
        for element in &dom.elements {
            let address = match element.name.as_str() {
                "script" | "img" | "iframe" | "source" => element.attribute("src"),
                "link" => element.attribute("href"),
                _ => None,
            };
            let address = address.unwrap_or_default();
            let own = address.strip_prefix(&format!("{LOCAL_URL}/docs/")).unwrap_or(address);
            assert!(!own.contains("//"), "{}: {address}", page.path);
            assert!(
                element.name != "style" && (element.name != "script" || element.text.is_empty()),
                "{}",
                page.path
            );
            let inline = element.attributes().find(|name| *name == "style" || name.starts_with("on"));
            assert_eq!(inline, None, "{}: {element:?}", page.path);
        }
    }
    for page in pages.iter().filter(|page| page.path.ends_with(".css")) {
        assert!(!page.body.contains("url(") && !page.body.contains("@import"), "{}", page.path);
    }
}

#[test]
fn no_entry_of_a_search_index_is_without_words() {
    for page in repository().iter().filter(|page| page.path.contains("/search.")) {
        let empty = entries(&page.body).into_iter().find(|[.., words]| words.is_empty());
        assert!(empty.is_none(), "{}: {empty:?}", page.path);
    }
}

#[test]
fn no_two_pages_and_no_two_results_of_a_search_have_one_name() {
    let pages = repository();
    for language in Language::ALL {
        let index = pages.iter().find(|page| page.path.starts_with(&format!("{}/search.", language.tag())));
        let entries = entries(&index.unwrap().body);
        let pages: Vec<&String> =
            entries.iter().filter(|[_, place, ..]| !place.contains('›')).map(|[title, ..]| title).collect();
        assert!(pages.len() >= 18, "{}: {pages:?}", language.tag());
        assert_eq!(pages.iter().collect::<BTreeSet<_>>().len(), pages.len(), "{pages:?}");
        let places: BTreeSet<_> = entries.iter().map(|[title, place, ..]| (title, place)).collect();
        assert_eq!(places.len(), entries.len(), "{}", language.tag());
    }
}

#[test]
fn a_page_names_no_server_but_the_one_that_shows_it() {
    for page in repository().iter().filter(|page| page.path.ends_with(".html")) {
        for address in ["localhost:", "127.0.0.1:3001", "[::1]"] {
            assert!(!page.body.contains(&format!("http://{address}")), "{}: {address}", page.path);
        }
    }
}

#[test]
fn readers_arrive_at_a_page_with_a_picture_a_request_with_its_answer_and_four_ways_on() {
    let pages = repository();
    for language in Language::ALL {
        let page = body(&pages, &format!("{}/index.html", language.tag()));
        let dom = Dom::parse(&page);
        let pictures: Vec<_> = dom.all("svg").filter_map(|svg| svg.attribute("aria-label")).collect();
        assert_eq!(pictures.len(), 1, "{pictures:?}");
        assert_eq!((dom.with_class("command").count(), dom.with_class("answer").count()), (1, 1));
        let ways = &page[page.find("id=\"next\"").unwrap()..page.find("</article>").unwrap()];
        assert_eq!(ways.matches("<li>").count(), 4, "{ways}");
        assert_eq!(dom.with_class("contents").count(), 0, "it is short enough without");
    }
}

#[test]
fn only_the_pages_of_unknown_addresses_name_its_files_absolutely() {
    let pages = SiteRoot::new().pages().unwrap();
    for (page, dom) in html_pages(&pages) {
        let absolute =
            dom.all("link").any(|link| link.attribute("href").unwrap_or_default().starts_with(LOCAL_URL));
        assert_eq!(absolute, page.path.ends_with("404.html"), "{}", page.path);
    }
}

#[test]
fn a_page_says_its_language_and_leads_to_itself_in_the_others() {
    let dom = Dom::parse(&SiteRoot::new().page("de/lists.html"));
    assert_eq!(dom.all("html").next().unwrap().attribute("lang"), Some("de"));
    let alternates: Vec<_> = dom
        .all("link")
        .filter(|link| link.attribute("rel") == Some("alternate"))
        .map(|link| (link.attribute("hreflang").unwrap(), link.attribute("href").unwrap()))
        .collect();
    let expected = [
        ("en", "../en/lists.html"),
        ("de", "../de/lists.html"),
        ("fr", "../fr/lists.html"),
        ("es", "../es/lists.html"),
    ];
    assert_eq!(alternates, expected);
    let switch: Vec<_> = dom
        .all("a")
        .filter_map(|link| Some((link.attribute("hreflang")?, link.attribute("href")?)))
        .collect();
    assert_eq!(switch, expected);
}

#[test]
fn navigation_shows_every_page_and_where_one_is() {
    let dom = Dom::parse(&SiteRoot::new().page("en/lists.html"));
    let here: Vec<&str> = dom
        .all("a")
        .filter(|link| link.attribute("aria-current") == Some("page"))
        .filter_map(|link| link.attribute("href"))
        .collect();
    assert_eq!(here, ["lists.html", "lists.html"], "once for phones, once beside the text");
    let links: BTreeSet<&str> = dom.all("a").filter_map(|link| link.attribute("href")).collect();
    for page in ["index", "tools", "reference-calls", "reference-account", "reference-events"] {
        assert!(links.contains(format!("{page}.html").as_str()), "{page}");
    }
}

#[test]
fn pages_lead_on_in_the_order_of_navigation() {
    let root = SiteRoot::new();
    let pages = root.pages().unwrap();
    let neighbours = |path| {
        let dom = Dom::parse(&body(&pages, path));
        let of = |rel| dom.all("a").find(|link| link.attribute("rel") == Some(rel));
        let href = |rel| of(rel).and_then(|link| link.attribute("href")).map(str::to_owned);
        (href("prev"), href("next"))
    };
    let page = |slug: &str| Some(format!("{slug}.html"));
    assert_eq!(neighbours("en/index.html"), (None, page("getting-started")));
    assert_eq!(neighbours("fr/errors.html"), (page("lists"), page("webhooks")));
    assert_eq!(neighbours("es/changelog.html"), (page("tools"), page("reference-calls")));
    assert_eq!(neighbours("de/reference-events.html"), (page("reference-webhooks"), None));
}

#[test]
fn without_scripts_nothing_is_shown_that_needs_them() {
    let pages = SiteRoot::new().pages().unwrap();
    for (page, dom) in html_pages(&pages) {
        for control in dom.elements.iter().filter(|element| element.name == "button") {
            let hidden = control.attribute("hidden").is_some() || control.attribute("type") == Some("submit");
            assert!(hidden, "{}: {control:?}", page.path);
        }
        for part in dom.with_class("search").chain(dom.with_class("try")) {
            assert!(part.attribute("hidden").is_some(), "{}: {part:?}", page.path);
        }
    }
}

#[test]
fn the_entry_and_unknown_addresses_lead_to_every_language() {
    let pages = SiteRoot::new().pages().unwrap();
    for (path, prefix) in [("index.html", String::new()), ("404.html", format!("{LOCAL_URL}/docs/"))] {
        let dom = Dom::parse(&body(&pages, path));
        let links: Vec<&str> = dom.all("a").filter_map(|link| link.attribute("href")).collect();
        for language in Language::ALL {
            let start = format!("{prefix}{}/index.html", language.tag());
            assert!(links.contains(&start.as_str()), "{path}: {links:?}");
        }
    }
}

/// The entries of a search index: title, place, link, keywords, words.
fn entries(index: &str) -> Vec<[String; 5]> {
    serde_json::from_str(index.trim_start_matches("searchIndex = ").trim_end_matches(";\n")).unwrap()
}

#[test]
fn the_search_finds_every_heading_and_what_is_said_below_it() {
    let root = SiteRoot::new();
    let page = "# The lists {keywords=paging}\n\nWhat it is.\n\n## First {#first keywords=début,sync}\n\nA sentence.\n";
    root.write_all("lists", page);
    let pages = root.pages().unwrap();
    let named =
        Dom::parse(&body(&pages, "es/index.html")).attributes("data-index").next().unwrap().to_owned();
    let entries = entries(&body(&pages, &format!("es/{named}")));
    let call = "Referencia de la API › Llamadas";
    for (title, place, link, keywords, word) in [
        ("The lists", "Inicio", "lists.html", "paging", "what"),
        ("First", "Inicio › The lists", "lists.html#first", "début sync", "sentence"),
        ("Listar todas las llamadas", call, "reference-calls.html#listCalls", "list calls", "next_cursor"),
    ] {
        let entry = entries.iter().find(|entry| entry[2] == link).unwrap();
        assert_eq!(entry[..4], [title, place, link, keywords]);
        assert!(entry[4].split(' ').any(|own| own == word), "{entry:?}");
    }
}

#[test]
fn a_file_that_pages_ask_for_has_another_name_when_it_has_another_content() {
    let root = SiteRoot::new();
    let named = |pages: &[Page]| -> BTreeMap<String, String> {
        let assets = pages.iter().filter(|page| page.is_asset);
        assets.map(|page| (page.path.clone(), page.body.clone())).collect()
    };
    let before = named(&root.pages().unwrap());
    assert_eq!(before.len(), 6 + Language::ALL.len(), "{:?}", before.keys());
    root.write(Language::French, "lists", "# Les listes\n\nUn mot nouveau.\n\n## Premier {#first}\n");
    let after = named(&root.pages().unwrap());
    let new: Vec<&String> = after.keys().filter(|name| !before.contains_key(*name)).collect();
    assert!(new.len() == 1 && new[0].starts_with("fr/search."), "{new:?}");
    assert!(
        after.iter().all(|(name, body)| before.get(name).is_none_or(|old| old == body)),
        "one name, one content"
    );
}

#[test]
fn files_have_their_types() {
    let pages = SiteRoot::new().pages().unwrap();
    for page in &pages {
        let expected = match page.path.rsplit_once('.').unwrap().1 {
            "html" => "text/html; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "json" => "application/json",
            _ => "image/svg+xml",
        };
        assert_eq!(page.content_type, expected, "{}", page.path);
    }
}
