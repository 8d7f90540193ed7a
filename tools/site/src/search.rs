//! The search index: every section of an edition, its words, and where it is.

use openapi::LOCAL_URL;
use serde_json::{Value, json};

use crate::{
    Page,
    article::Article,
    assets::{SCRIPT, versioned},
    edition::Edition,
    navigation::group,
};

/// The index, as a file beside the pages. It is a script, since pages in a plain folder may not fetch. Each entry is a
/// heading, where it stands, the link, the words that it is found by beyond those that it says, and what is said there, each
/// word once.
pub(crate) fn index(edition: &Edition) -> Page {
    let entries: Vec<Value> = edition.articles.iter().flat_map(|article| entries(edition, article)).collect();
    // Without the API's address, which is not known yet: the name is of the content as it is served.
    let body = format!("searchIndex = {};\n", Value::from(entries)).replace(LOCAL_URL, "");
    let path = versioned(&format!("{}/search.js", edition.language.tag()), &body);
    Page { path, content_type: SCRIPT, body, is_asset: true }
}

/// The page itself, up to its first section, and each section, up to the next.
fn entries(edition: &Edition, article: &Article) -> Vec<Value> {
    let (file, html) = (format!("{}.html", article.slug), article.body.0.as_str());
    let tag_of = |anchor: &str| html[..html.find(&format!(" id=\"{anchor}\""))?].rfind('<');
    let place = |anchor: &str| tag_of(anchor).unwrap_or(html.len());
    let places: Vec<usize> = article.sections.iter().map(|section| place(&section.anchor)).collect();
    let words_from = |start: usize| {
        let end = places.iter().copied().filter(|place| *place > start).min().unwrap_or(html.len());
        words(&html[start..end])
    };
    let group = group(article.slug).map_or("", |group| (group.title)(edition.strings));
    let place_of_sections = format!("{group} › {}", article.title);
    let mut entries = vec![json!([article.title, group, file, article.keywords, words_from(0)])];
    entries.extend(article.sections.iter().zip(&places).map(|(section, place)| {
        let link = format!("{file}#{}", section.anchor);
        json!([section.title, place_of_sections, link, section.keywords, words_from(*place)])
    }));
    entries
}

/// The words of a piece of a page, each once, without the signs around them; the script trims what is asked for alike.
/// Examples and forms are left out: a field is sought where it is explained.
fn words(html: &str) -> String {
    let html = without(&without(html, "<pre", "</pre>"), "<details class=\"try\"", "</details>")
        .replace("<wbr>", "");
    let mut words: Vec<String> = Vec::new();
    for piece in html.split('<') {
        let text = piece.split_once('>').map_or("", |(_, text)| text);
        let text =
            text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        let is_around = |sign: char| !sign.is_alphanumeric() && sign != '_';
        for word in text.split_whitespace().map(|word| word.trim_matches(is_around).to_lowercase()) {
            if word.chars().nth(1).is_some() && !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words.join(" ")
}

/// A text without what stands from each `start` to the next `end`.
fn without(html: &str, start: &str, end: &str) -> String {
    let (first, rest) = html.split_once(start).unwrap_or((html, ""));
    let outside = rest.split(start).map(|piece| piece.split_once(end).map_or("", |(_, after)| after));
    std::iter::once(first).chain(outside).collect()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_words_of_a_piece_are_its_text_once_each() {
        let html = r#"<p id="a">The <b class="x">key</b>, the &quot;secret&quot; &amp; <code><wbr>/v1<wbr>/calls</code>
            <pre><code>id</code></pre><details class="try">Send</details> "and" <pre>id</pre>more"#;
        assert_eq!(words(html), "the key secret v1/calls and more");
    }
}
