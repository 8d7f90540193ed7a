//! Each text is in its language.

use std::{collections::BTreeMap, fs, path::Path};

use domain::Language;

/// Texts that are the same in English and in this language.
const THE_SAME: [(Language, &[&str]); 3] = [
    (Language::German, &["info.title", "tags.leads.name", "tags.webhooks.name"]),
    (Language::French, &["tags.contacts.name", "tags.webhooks.name"]),
    (Language::Spanish, &["tags.webhooks.name"]),
];
/// The length from which a text is surely prose: shorter ones may well be the same in two languages.
const SURELY_PROSE: usize = 25;

/// The texts of a language, by their keys.
fn texts(language: Language) -> BTreeMap<String, String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("texts").join(format!("{}.toml", language.tag()));
    let table: toml::Table = fs::read_to_string(file).expect("a file").parse().expect("TOML");
    let mut texts = BTreeMap::new();
    collect(&table, "", &mut texts);
    texts
}

fn collect(table: &toml::Table, before: &str, texts: &mut BTreeMap<String, String>) {
    for (name, value) in table {
        match value {
            toml::Value::Table(inner) => collect(inner, &format!("{before}{name}."), texts),
            value => {
                texts.insert(format!("{before}{name}"), value.as_str().expect("a text").trim().to_owned());
            }
        }
    }
}

/// The sentences of a text, without the code in them.
fn sentences(text: &str) -> impl Iterator<Item = String> {
    let prose: String = text.split('`').step_by(2).collect();
    let parts: Vec<String> = prose.split(['\n', '.', ':', ';']).map(|part| part.trim().to_owned()).collect();
    parts.into_iter().filter(|part| part.len() >= SURELY_PROSE && part.contains(' '))
}

#[test]
fn no_text_and_no_sentence_of_one_stayed_in_english() {
    let english = texts(Language::English);
    assert!(english.len() > 200, "{}", english.len());
    for (language, expected) in THE_SAME {
        let texts = texts(language);
        let same = english.iter().filter(|(key, text)| texts.get(*key) == Some(*text));
        assert_eq!(same.map(|(key, _)| key.as_str()).collect::<Vec<_>>(), expected, "{}", language.tag());
        for (key, text) in &texts {
            let of: Vec<String> = english.get(key).into_iter().flat_map(|text| sentences(text)).collect();
            for sentence in sentences(text) {
                assert!(!of.contains(&sentence), "{} {key}: {sentence:?} is in English", language.tag());
            }
        }
    }
}

#[test]
fn every_language_has_the_same_texts() {
    let english: Vec<String> = texts(Language::English).into_keys().collect();
    for language in Language::ALL {
        assert_eq!(texts(language).into_keys().collect::<Vec<_>>(), english, "{}", language.tag());
    }
}

/// The fewest words of a text: what has fewer says no more than its key, as "The name." and "The caller's name." do.
fn fewest(key: &str) -> usize {
    let is_name = ["title", "name", "summary"].iter().any(|last| key.ends_with(&format!(".{last}")));
    match key.split('.').collect::<Vec<_>>()[..] {
        ["fields", ..] | ["parameters" | "headers", ..] | ["events", "headers", _] => 5,
        ["schemas", _, last] if last != "self" => 5,
        ["info" | "tags" | "servers" | "operations" | "events", ..] if is_name => 1,
        _ => 4,
    }
}

#[test]
fn every_text_says_something() {
    for language in Language::ALL {
        for (key, text) in texts(language) {
            let words =
                text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).count();
            assert!(words >= fewest(&key), "{} {key}: {text:?}", language.tag());
        }
    }
}

#[test]
fn what_is_made_to_deliver_is_an_attempt() {
    for (key, text) in texts(Language::English) {
        let mut said = text.split(|letter: char| !letter.is_alphanumeric());
        assert!(!said.any(|word| ["tries", "tried"].contains(&word)), "{key}: {text}");
    }
}
