//! Rendering of Markdown to HTML, with what navigation and the checks need to know of it.

use std::mem::take;

use domain::Language;
use maud::{Markup, PreEscaped, html};
use openapi::LOCAL_URL;
use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, Parser, Tag, TagEnd, html};

use serde_json::Value;

use crate::{
    article::{Link, Section, SectionKind},
    code::{Code, LANGUAGES, figure},
    generated,
    heading::{Attributes, Title},
    outline::OPTIONS,
    picture,
    problems::Problems,
    strings::Strings,
    table::Table,
};

/// A text, and where it is from.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    /// The name of the text in problems.
    pub(crate) name: &'a str,
    /// The slug of the page that the text is for.
    pub(crate) slug: &'a str,
    pub(crate) language: Language,
    /// The OpenAPI document in the text's language.
    pub(crate) document: &'a Value,
}

/// The result of rendering a text.
#[derive(Default)]
pub(crate) struct Rendered {
    pub(crate) html: String,
    /// The text's headings of the first level.
    pub(crate) titles: Vec<Title>,
    /// The text's first paragraph, without markup.
    pub(crate) description: Option<String>,
    pub(crate) sections: Vec<Section>,
    pub(crate) anchors: Vec<String>,
    pub(crate) links: Vec<Link>,
}

pub(crate) fn render(source: &Source<'_>, problems: &mut Problems) -> Rendered {
    let mut reader = Reader {
        source,
        problems,
        strings: Strings::of(source.language),
        line: 1,
        written: Vec::new(),
        after_command: false,
        paragraph: None,
        table: None,
        rendered: Rendered::default(),
    };
    let mut events = Parser::new_ext(source.text, OPTIONS).into_offset_iter();
    while let Some((event, range)) = events.next() {
        reader.line = source.text[..range.start].matches('\n').count() + 1;
        let mut inner = || events.next().map(|(event, _)| event);
        match event {
            Event::Start(Tag::Heading { level, id, attrs, .. }) => {
                reader.heading(level, id, &attrs, &mut inner);
            }
            Event::Start(Tag::CodeBlock(kind)) => reader.code(&kind, &mut inner),
            other => reader.event(other),
        }
    }
    let Reader { written, mut rendered, .. } = reader;
    html::push_html(&mut rendered.html, written.into_iter());
    rendered
}

/// A text of some paragraphs, without what only a page has.
pub(crate) fn paragraphs(text: &str) -> Markup {
    let mut out = String::new();
    html::push_html(&mut out, Parser::new(text).map(without_html));
    PreEscaped(out)
}

/// A text of one paragraph, for where a paragraph stands already.
pub(crate) fn inline(text: &str) -> Markup {
    let mut out = String::new();
    let events = Parser::new(text)
        .filter(|event| !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph)));
    html::push_html(&mut out, events.map(without_html));
    PreEscaped(out)
}

/// An event in which HTML is text: markup in a guide is shown, not obeyed.
fn without_html(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    }
}

struct Reader<'a, 'b> {
    source: &'b Source<'a>,
    problems: &'b mut Problems,
    strings: &'static Strings,
    line: usize,
    written: Vec<Event<'a>>,
    after_command: bool,
    /// The first paragraph's text, while it is read.
    paragraph: Option<String>,
    table: Option<Table>,
    rendered: Rendered,
}

impl<'a> Reader<'a, '_> {
    fn problem(&mut self, problem: &str) {
        self.problems.add(self.place(), problem);
    }

    fn place(&self) -> String {
        format!("{}:{}", self.source.name, self.line)
    }

    fn raw(&mut self, markup: &Markup) {
        self.written.push(Event::Html(CowStr::from(markup.0.clone())));
    }

    fn event(&mut self, event: Event<'a>) {
        self.after_command = false;
        match event {
            Event::Html(_) | Event::InlineHtml(_) => self.problem("HTML is not taken: write Markdown"),
            Event::Start(Tag::Image { .. }) => self.problem("images are not taken"),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = self.link(dest_url);
                self.written.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Event::Start(Tag::Table(alignments)) => {
                if alignments.iter().any(|alignment| *alignment != Alignment::None) {
                    self.problem("a table's columns are not aligned here: write |---| without colons");
                }
                let (table, open) = Table::open(alignments.len(), self.strings);
                self.table = Some(table);
                self.raw(&PreEscaped(open));
            }
            Event::End(TagEnd::Table) => {
                self.table = None;
                self.raw(&PreEscaped(Table::CLOSE.to_owned()));
            }
            Event::Start(Tag::Paragraph) if self.rendered.description.is_none() => {
                self.paragraph = Some(String::new());
                self.written.push(event);
            }
            Event::End(TagEnd::Paragraph) => {
                if let Some(text) = self.paragraph.take() {
                    self.rendered.description = Some(text);
                }
                self.written.push(event);
            }
            other => {
                if let Some(text) = &mut self.paragraph {
                    text.push_str(plain(&other));
                }
                match self.table.as_mut().and_then(|table| table.tag(&other)) {
                    Some(tag) => self.raw(&PreEscaped(tag)),
                    None => self.written.push(whole(other)),
                }
            }
        }
    }

    /// A heading, which links to itself.
    fn heading(
        &mut self,
        level: HeadingLevel,
        id: Option<CowStr<'a>>,
        attributes: &[(CowStr<'a>, Option<CowStr<'a>>)],
        inner: &mut dyn FnMut() -> Option<Event<'a>>,
    ) {
        self.after_command = false;
        let mut title = String::new();
        let mut events = Vec::new();
        while let Some(event) = inner().filter(|event| !matches!(event, Event::End(TagEnd::Heading(_)))) {
            if matches!(event, Event::Start(Tag::Link { .. })) {
                self.problem("a heading cannot hold a link: it is one itself");
            }
            title.push_str(plain(&event));
            events.push(without_html(event));
        }
        let attributes = match Attributes::read(attributes) {
            Ok(attributes) => attributes,
            Err(name) => {
                return self.problem(&format!("a heading takes keywords= and short=, and no {name}"));
            }
        };
        if level == HeadingLevel::H1 {
            // The frame writes it.
            self.rendered.titles.push(Title { text: title, attributes });
            return;
        }
        let Some(id) = id else {
            return self
                .problem(&format!("the heading \"{title}\" has no anchor: write {{#anchor}} after it"));
        };
        let anchor = html! { (&*id) }.into_string();
        self.raw(&PreEscaped(format!(r##"<{level} id="{anchor}"><a class="anchor" href="#{anchor}">"##)));
        self.written.append(&mut events);
        self.raw(&PreEscaped(format!("</a></{level}>\n")));
        self.rendered.anchors.push(id.to_string());
        let kind = match level {
            HeadingLevel::H2 => SectionKind::Text,
            HeadingLevel::H3 => SectionKind::Part,
            _ => return,
        };
        let keywords = attributes.keywords;
        self.rendered.sections.push(Section { anchor: id.into_string(), title, keywords, kind });
    }

    fn code(&mut self, kind: &CodeBlockKind<'a>, inner: &mut dyn FnMut() -> Option<Event<'a>>) {
        let mut text = String::new();
        while let Some(Event::Text(part)) = inner() {
            text.push_str(&part);
        }
        let CodeBlockKind::Fenced(info) = kind else {
            return self.problem("code is put between ``` and says what it is");
        };
        if let Some(name) = info.strip_prefix("generated ") {
            return self.generated(name);
        }
        let language = info.split_whitespace().next().unwrap_or_default();
        if !LANGUAGES.contains(&language) {
            self.problem(&format!("```{info} is not known: {} are", LANGUAGES.join(", ")));
        }
        let answers = take(&mut self.after_command) && matches!(language, "json" | "http" | "text");
        self.raw(&figure(&Code { language, text: &text, answers }, self.strings));
        self.after_command = language == "sh";
    }

    fn generated(&mut self, name: &str) {
        if name == "picture" {
            return self.raw(&picture::figure(self.strings));
        }
        let Some(text) = generated::markdown(name, self.source.document, self.strings) else {
            return self.problem(&format!("```generated {name} is not known"));
        };
        let part = render(&Source { text: &text, ..*self.source }, self.problems);
        self.rendered.links.extend(part.links);
        self.raw(&PreEscaped(part.html));
    }

    /// Where a link leads on the site; `lists.md#cursors` is the page's source.
    fn link(&mut self, destination: CowStr<'a>) -> CowStr<'a> {
        if destination.starts_with("https://") || destination.starts_with(LOCAL_URL) {
            return destination;
        }
        let (file, anchor) = match destination.split_once('#') {
            Some((file, anchor)) => (file, Some(anchor.to_owned())),
            None => (&*destination, None),
        };
        let slug = if file.is_empty() { Some(self.source.slug) } else { file.strip_suffix(".md") };
        let Some(slug) = slug.filter(|slug| !slug.contains(['/', ':'])) else {
            self.problem(&format!(
                "the link {destination} is neither a page, as in lists.md#cursors, nor https"
            ));
            return destination;
        };
        let link = Link { place: self.place(), slug: slug.to_owned(), anchor };
        let file = if file.is_empty() { String::new() } else { format!("{slug}.html") };
        let target = link.anchor.as_ref().map_or_else(|| file.clone(), |anchor| format!("{file}#{anchor}"));
        self.rendered.links.push(link);
        CowStr::from(target)
    }
}

/// The longest code with hyphens that stays on one line: a telephone's line has room for it.
const MAX_WHOLE: usize = 28;

/// Code that a browser would break behind a hyphen, such as `--limit` or `X-Request-Id`, kept whole.
fn whole(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Code(code) if code.len() <= MAX_WHOLE && code.contains('-') && !code.contains(' ') => {
            Event::InlineHtml(html! { code.whole { (&*code) } }.into_string().into())
        }
        other => other,
    }
}

/// An event's text, without markup.
pub(crate) fn plain<'e>(event: &'e Event<'_>) -> &'e str {
    match event {
        Event::Text(text) | Event::Code(text) => text,
        Event::SoftBreak | Event::HardBreak => " ",
        _ => "",
    }
}
