//! The frame of a page: its head, navigation, languages, the way on.

use domain::Language;
use maud::{DOCTYPE, Markup, html};
use openapi::LOCAL_URL;

use crate::{
    Page,
    article::{self, Article, Section, SectionKind},
    assets,
    edition::Edition,
    navigation::{GROUPS, Kind, START, group},
    strings::Strings,
};

const HTML: &str = "text/html; charset=utf-8";
/// The file that unknown addresses get.
const NOT_FOUND: &str = "404.html";

/// A page of an edition. It searches `index`, which is beside it.
pub(crate) fn page(edition: &Edition, article: &Article, index: &Page) -> Page {
    let strings = edition.strings;
    let heading = article.heading.as_ref().unwrap_or(&article.title);
    let is_start = article.slug == START;
    let head = Head {
        language: edition.language,
        title: &format!("{heading} · {}", strings.site),
        description: &article.description,
        root: "../",
        alternates: Some(article.slug),
        is_reference: is_reference(article),
    };
    let body = html! {
        (header(edition.language, strings, "../", Some((article.slug, index))))
        details.menu {
            summary { span { (strings.menu) } span.here { (article.title) } }
            nav aria-label=(strings.pages) { (navigation(edition, article)) }
        }
        div.frame.reference[is_reference(article)].landing[is_start] {
            div.sidebar { nav aria-label=(strings.pages) { (navigation(edition, article)) } }
            main #main-content tabindex="-1" {
                article {
                    h1 { (heading) }
                    @if !is_start && !article.sections.is_empty() {
                        details.contents { summary { (strings.on_this_page) } (contents(&article.sections)) }
                    }
                    (article.body)
                }
                (neighbours(edition, article))
            }
            @if !is_start && !is_reference(article) && article.sections.len() > 1 {
                nav.contents aria-label=(strings.on_this_page) {
                    p { (strings.on_this_page) }
                    (contents(&article.sections))
                }
            }
        }
        (footer())
    };
    html_page(edition.path(article), &head, &body)
}

/// The pages that belong to no edition: the site's entry, and what unknown addresses get.
pub(crate) fn frontispieces() -> Vec<Page> {
    let english = Language::English;
    let mut pages = vec![
        frontispiece(english, "index.html".to_owned(), "", "InboundFlow API", None),
        not_found(english, NOT_FOUND.to_owned()),
    ];
    pages
        .extend(Language::ALL.map(|language| not_found(language, format!("{}/{NOT_FOUND}", language.tag()))));
    pages
}

fn not_found(language: Language, path: String) -> Page {
    let strings = Strings::of(language);
    // An unknown address may have any depth, so that no relative link would do.
    let root = format!("{LOCAL_URL}/docs/");
    frontispiece(language, path, &root, strings.not_found, Some(strings.not_found_text))
}

fn frontispiece(language: Language, path: String, root: &str, title: &str, text: Option<&str>) -> Page {
    let strings = Strings::of(language);
    let head = Head {
        language,
        title: &if text.is_some() { format!("{title} · {}", strings.site) } else { strings.site.to_owned() },
        description: text.unwrap_or(strings.entry),
        root,
        alternates: None,
        is_reference: false,
    };
    let body = html! {
        (header(language, strings, root, None))
        main.frontispiece #main-content tabindex="-1" {
            h1 { (title) }
            @if let Some(text) = text { p { (text) } }
            ul {
                @for language in Language::ALL {
                    @let strings = Strings::of(language);
                    li {
                        a lang=(language.tag()) hreflang=(language.tag())
                            href={ (root) (language.tag()) "/index.html" } {
                            strong { (strings.language_name) }
                            span { (strings.entry) }
                        }
                    }
                }
            }
        }
        (footer())
    };
    html_page(path, &head, &body)
}

fn html_page(path: String, head: &Head<'_>, body: &Markup) -> Page {
    Page { path, content_type: HTML, body: document(head, body).into_string(), is_asset: false }
}

fn is_reference(article: &Article) -> bool {
    group(article.slug).is_some_and(|group| group.kind == Kind::Reference)
}

/// The content of a document's head.
struct Head<'a> {
    language: Language,
    title: &'a str,
    description: &'a str,
    /// The path from the page to the site's root.
    root: &'a str,
    /// The slug of the page in the other languages, where they have it.
    alternates: Option<&'a str>,
    is_reference: bool,
}

fn document(head: &Head<'_>, body: &Markup) -> Markup {
    let strings = Strings::of(head.language);
    let root = head.root;
    html! {
        (DOCTYPE)
        html lang=(head.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (head.title) }
                meta name="description" content=(head.description);
                link rel="icon" type="image/svg+xml" href={ (root) (assets::ICON.path()) };
                @if let Some(slug) = head.alternates {
                    @for language in Language::ALL {
                        link rel="alternate" hreflang=(language.tag())
                            href={ (root) (language.tag()) "/" (slug) ".html" };
                    }
                }
                link rel="stylesheet" href={ (root) (assets::SITE_CSS.path()) };
                @if head.is_reference { link rel="stylesheet" href={ (root) (assets::REFERENCE_CSS.path()) }; }
                script src={ (root) (assets::THEME_JS.path()) } {}
                script src={ (root) (assets::SITE_JS.path()) } defer
                    data-copy=(strings.script.copy) data-copied=(strings.script.copied)
                    data-nothing-found=(strings.script.nothing_found) {}
                @if head.is_reference {
                    script src={ (root) (assets::TRY_JS.path()) } defer
                        data-confirm=(strings.trial.confirm) data-unsendable=(strings.trial.unsendable) data-unserved=(strings.trial.unserved)
                        data-sending=(strings.trial.sending) {}
                }
            }
            body {
                a.skip href="#main-content" { (strings.skip) }
                (body)
            }
        }
    }
}

/// The line at the top, of a page with its slug and the index that it searches. What only a script can do is hidden until
/// one is there.
fn header(language: Language, strings: &Strings, root: &str, page: Option<(&str, &Page)>) -> Markup {
    let home = if page.is_some() { "index.html".to_owned() } else { format!("{root}index.html") };
    html! {
        header.top {
            a.brand href=(home) {
                svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" {
                    path d="M4 5v14M9.3 8v8M14.7 3.5v17M20 9v6" {}
                }
                span { "InboundFlow" } " " span.api { "API" }
            }
            @if let Some((_, index)) = page {
                search.search hidden {
                    input type="search" autocomplete="off" spellcheck="false" placeholder=(strings.search)
                        aria-label=(strings.search) data-index=(index.path.rsplit('/').next().unwrap_or_default());
                    kbd aria-hidden="true" { "/" }
                    ul.results hidden {}
                }
            }
            @if let Some((slug, _)) = page { (languages(language, strings, root, slug)) }
            button.theme type="button" aria-label=(strings.theme) title=(strings.theme) hidden {
                svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" {
                    circle cx="12" cy="12" r="9" {}
                    path d="M12 3a9 9 0 0 1 0 18z" {}
                }
            }
        }
    }
}

/// The links to a page in the other languages.
fn languages(language: Language, strings: &Strings, root: &str, slug: &str) -> Markup {
    html! {
        nav.languages aria-label=(strings.languages) {
            @for other in Language::ALL {
                a lang=(other.tag()) hreflang=(other.tag()) href={ (root) (other.tag()) "/" (slug) ".html" }
                    aria-current=[(other == language).then_some("true")] {
                    span.name { (Strings::of(other).language_name) }
                    span.tag aria-hidden="true" { (other.tag()) }
                }
            }
        }
    }
}

/// Every page, and the sections of the one that is read.
fn navigation(edition: &Edition, current: &Article) -> Markup {
    let here_is_divided = current.slug != START && !current.sections.is_empty();
    html! {
        @for group in GROUPS.iter() {
            p { ((group.title)(edition.strings)) }
            ul {
                @for article in group.slugs.iter().filter_map(|slug| edition.article(slug)) {
                    @let here = article.slug == current.slug;
                    li {
                        a href={ (article.slug) ".html" } aria-current=[here.then_some("page")] { (article.title) }
                        @if here && here_is_divided { (contents(&article.sections)) }
                    }
                }
            }
        }
    }
}

/// The headings of a page.
fn contents(sections: &[Section]) -> Markup {
    html! {
        ul {
            @for section in sections {
                li.deeper[matches!(section.kind, SectionKind::Part)] {
                    a href={ "#" (section.anchor) } {
                        @match &section.kind {
                            SectionKind::Operation(method) => { span { (section.title) } " " (article::method(method)) },
                            SectionKind::Object => code { (section.anchor) },
                            SectionKind::Text | SectionKind::Part => (section.title),
                        }
                    }
                }
            }
        }
    }
}

fn neighbours(edition: &Edition, article: &Article) -> Markup {
    let at = edition.articles.iter().position(|other| other.slug == article.slug).unwrap_or_default();
    let previous = at.checked_sub(1).and_then(|before| edition.articles.get(before));
    let next = edition.articles.get(at + 1);
    html! {
        nav.neighbours aria-label=(edition.strings.neighbours) {
            @if let Some(previous) = previous {
                a.previous rel="prev" href={ (previous.slug) ".html" } {
                    small { (edition.strings.previous) } span { (previous.title) }
                }
            }
            @if let Some(next) = next {
                a.next rel="next" href={ (next.slug) ".html" } {
                    small { (edition.strings.next) } span { (next.title) }
                }
            }
        }
    }
}

fn footer() -> Markup {
    html! {
        footer {
            span { "InboundFlow API" }
            a href={ (LOCAL_URL) "/v1/openapi.json" } { "OpenAPI 3.1" }
        }
    }
}
