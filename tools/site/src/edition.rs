//! All pages in one language.

use std::path::Path;

use domain::Language;
use serde_json::Value;

use crate::{
    article::Article,
    guide,
    navigation::{Kind, slugs},
    problems::Problems,
    reference,
    strings::Strings,
};

/// The pages of a language, in navigation's order.
pub(crate) struct Edition {
    pub(crate) language: Language,
    pub(crate) strings: &'static Strings,
    pub(crate) articles: Vec<Article>,
}

impl Edition {
    pub(crate) fn read(root: &Path, language: Language, document: &Value, problems: &mut Problems) -> Self {
        guide::strays(root, language, problems);
        let mut articles: Vec<Article> = slugs(Kind::Guide)
            .filter_map(|slug| guide::read(root, language, slug, document, problems))
            .collect();
        articles.extend(reference::articles(document, language, problems));
        Self { language, strings: Strings::of(language), articles }
    }

    /// The page of that slug.
    pub(crate) fn article(&self, slug: &str) -> Option<&Article> {
        self.articles.iter().find(|article| article.slug == slug)
    }

    /// The path of one of this edition's pages on the site.
    pub(crate) fn path(&self, article: &Article) -> String {
        format!("{}/{}.html", self.language.tag(), article.slug)
    }
}
