//! The blocks of a guide, for the comparison of its languages.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The extensions of Markdown that guides are written in.
pub(crate) const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_HEADING_ATTRIBUTES);

/// The length from which a text is surely prose: shorter ones may well be the same in two languages.
const SURELY_PROSE: usize = 60;

/// A paragraph, an item of a list, a row of a table, or code.
pub(crate) struct Block {
    line: usize,
    /// The block's kind; of code also its language.
    kind: String,
    /// The block's text; of code what is the same in every language.
    text: String,
    /// The code within the block's text, in no order.
    spans: Vec<String>,
}

/// The blocks of a guide, in their order.
pub(crate) fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (event, range) in Parser::new_ext(markdown, OPTIONS).into_offset_iter() {
        let kind = match &event {
            Event::Start(Tag::Paragraph) => Some("a paragraph".to_owned()),
            Event::Start(Tag::Item) => Some("an item".to_owned()),
            Event::Start(Tag::TableHead | Tag::TableRow) => Some("a row".to_owned()),
            Event::Start(Tag::Heading { level, .. }) => Some(format!("a heading {level}")),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => Some(format!("```{info}")),
            _ => None,
        };
        if let Some(kind) = kind {
            let line = markdown[..range.start].matches('\n').count() + 1;
            blocks.push(Block { line, kind, text: String::new(), spans: Vec::new() });
        }
        let Some(block) = blocks.last_mut() else { continue };
        match event {
            Event::Text(text) => block.text.push_str(&text),
            Event::Code(code) => block.spans.push(code.into_string()),
            Event::End(TagEnd::CodeBlock) => block.text = without_comments(&block.text),
            _ => {}
        }
    }
    blocks.iter_mut().for_each(|block| block.spans.sort());
    blocks
}

/// The first difference between a guide and the English one, and its line.
pub(crate) fn difference(english: &[Block], other: &[Block]) -> Option<(usize, String)> {
    let differ = |(of, block): (&Block, &Block)| {
        if of.kind != block.kind {
            return Some((
                block.line,
                format!("{} stands where English has {} (line {})", block.kind, of.kind, of.line),
            ));
        }
        let said = if of.kind.starts_with("```") {
            (of.text != block.text).then(|| "its code is another than that of English".to_owned())
        } else if of.spans != block.spans {
            Some(format!("its code is {:?}, that of English {:?}", block.spans, of.spans))
        } else {
            let is_copied = of.text.len() >= SURELY_PROSE && of.text == block.text;
            is_copied.then(|| "it is in English".to_owned())
        };
        said.map(|said| (block.line, format!("{said} (line {})", of.line)))
    };
    let last = other.last().map_or(1, |block| block.line);
    let missing = || {
        (english.len() != other.len())
            .then(|| (last, format!("it has {} parts, English has {}", other.len(), english.len())))
    };
    english.iter().zip(other).find_map(differ).or_else(missing)
}

/// Code without whole lines of comments, which are for people.
fn without_comments(code: &str) -> String {
    let is_comment =
        |line: &&str| ["#", "//", "\"\"\""].iter().any(|sign| line.trim_start().starts_with(sign));
    code.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use domain::{Language, webhooks::EventType};

    use super::*;

    /// What is the same word for word in English and in another language, besides code and names of what is sent.
    const THE_SAME: [(&str, &[&str]); 5] = [
        ("Codes", &["de", "fr"]),
        ("In JavaScript:", &["de"]),
        ("In Python:", &["de"]),
        ("Scopes", &["de", "fr"]),
        ("X-InboundFlow-Signature", &["de", "es", "fr"]),
    ];

    #[test]
    fn no_heading_paragraph_item_or_row_of_a_page_stayed_in_english() {
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/site");
        let read = |language: Language, file: &Path| {
            let text = fs::read_to_string(pages.join(language.tag()).join(file)).expect("a page");
            blocks(&text).into_iter().filter(|block| !block.kind.starts_with("```"))
        };
        let is_prose = |text: &str| text.contains(char::is_alphabetic) && !EventType::VALUES.contains(&text);
        let mut same = BTreeSet::new();
        for entry in fs::read_dir(pages.join("en")).expect("pages") {
            let file = entry.expect("a page").file_name();
            for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
                let pairs = read(Language::English, file.as_ref()).zip(read(language, file.as_ref()));
                for (_, block) in pairs.filter(|(of, block)| of.text == block.text && is_prose(&of.text)) {
                    same.insert((block.text, language.tag()));
                }
            }
        }
        let expected =
            THE_SAME.iter().flat_map(|(text, tags)| tags.iter().map(|tag| ((*text).to_owned(), *tag)));
        assert_eq!(same, expected.collect(), "what stayed in English, or no longer is the same");
    }
}
