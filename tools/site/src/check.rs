//! Checks of the whole site: the languages against each other, and every link.

use std::collections::HashSet;

use crate::{article::Article, edition::Edition, outline::difference, problems::Problems};

/// Each language must have what English has, in the same order: a link, and a reader who changes the
/// language, then arrives at the same place.
pub(crate) fn languages(editions: &[Edition], problems: &mut Problems) {
    let Some((english, others)) = editions.split_first() else { return };
    for edition in editions {
        for article in &edition.articles {
            repeated(article, problems);
        }
    }
    for article in &english.articles {
        for other in others.iter().filter_map(|edition| edition.article(article.slug)) {
            compare(article, other, problems);
        }
    }
}

fn repeated(article: &Article, problems: &mut Problems) {
    let mut seen = HashSet::new();
    for anchor in article.anchors.iter().filter(|anchor| !seen.insert(*anchor)) {
        problems.add(&article.source, format!("the anchor #{anchor} is there twice"));
    }
}

fn compare(english: &Article, other: &Article, problems: &mut Problems) {
    for (article, missing_from) in [(english, other), (other, english)] {
        for anchor in article.anchors.iter().filter(|anchor| !missing_from.anchors.contains(anchor)) {
            problems
                .add(&missing_from.source, format!("the heading #{anchor} of {} is missing", article.source));
        }
    }
    let same = |anchor: &&String| english.anchors.contains(anchor) && other.anchors.contains(anchor);
    if english.anchors.iter().filter(same).ne(other.anchors.iter().filter(same)) {
        problems.add(
            &other.source,
            format!("its headings are in another order than those of {}", english.source),
        );
    } else if english.anchors == other.anchors
        && let Some((line, said)) = difference(&english.blocks, &other.blocks)
    {
        problems.add(format!("{}:{line}", other.source), said);
    }
}

/// Every link between pages must lead to a page and a heading of the same language.
pub(crate) fn links(editions: &[Edition], problems: &mut Problems) {
    for edition in editions {
        for link in edition.articles.iter().flat_map(|article| &article.links) {
            match (edition.article(&link.slug), &link.anchor) {
                (None, _) => problems.add(&link.place, format!("there is no page {}", link.slug)),
                (Some(target), Some(anchor)) if !target.anchors.contains(anchor) => {
                    problems.add(&link.place, format!("the page {} has no heading #{anchor}", link.slug));
                }
                _ => {}
            }
        }
    }
}
