//! The site's own words in each language: a word missing in one of them does not compile.

mod de;
mod en;
mod es;
mod fr;

use domain::Language;

/// The site's words around its pages.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Strings {
    /// The language's own name.
    pub(crate) language_name: &'static str,
    /// The site's name, after a page's in the browser's title.
    pub(crate) site: &'static str,
    /// The sentence below the entry page's heading.
    pub(crate) entry: &'static str,
    /// The sentence at an unknown address.
    pub(crate) not_found: &'static str,
    pub(crate) not_found_text: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) menu: &'static str,
    pub(crate) pages: &'static str,
    pub(crate) languages: &'static str,
    pub(crate) on_this_page: &'static str,
    pub(crate) neighbours: &'static str,
    pub(crate) previous: &'static str,
    pub(crate) next: &'static str,
    pub(crate) start: &'static str,
    pub(crate) guides: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) response: &'static str,
    pub(crate) output: &'static str,
    pub(crate) text: &'static str,
    pub(crate) table: &'static str,
    pub(crate) theme: &'static str,
    pub(crate) search: &'static str,
    pub(crate) script: Script,
    pub(crate) picture: Picture,
    pub(crate) operations: Reference,
    pub(crate) trial: Trial,
}

/// The words of the script, on elements that it makes itself.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Script {
    pub(crate) copy: &'static str,
    pub(crate) copied: &'static str,
    pub(crate) nothing_found: &'static str,
}

/// The words of the picture on the landing page.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Picture {
    /// The picture's description, for those who do not see it.
    pub(crate) label: &'static str,
    pub(crate) caller: &'static str,
    pub(crate) assistant: &'static str,
    pub(crate) call: &'static str,
    pub(crate) contact: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) appointment: &'static str,
    pub(crate) asked: &'static str,
    pub(crate) told: &'static str,
    pub(crate) systems: &'static str,
    pub(crate) examples: &'static str,
}

/// The words of the reference around those of the OpenAPI document.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Reference {
    pub(crate) overview: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) samples: &'static str,
    pub(crate) save_key: &'static str,
    pub(crate) kept: &'static str,
    pub(crate) scope: &'static str,
    pub(crate) any_key: &'static str,
    pub(crate) your_url: &'static str,
    pub(crate) path_parameters: &'static str,
    pub(crate) query_parameters: &'static str,
    pub(crate) request_headers: &'static str,
    pub(crate) of_every_request: &'static str,
    pub(crate) body: &'static str,
    pub(crate) errors: &'static str,
    pub(crate) response_headers: &'static str,
    pub(crate) parameter: &'static str,
    pub(crate) header: &'static str,
    pub(crate) field: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) default: &'static str,
    pub(crate) description: &'static str,
    pub(crate) status: &'static str,
    pub(crate) code: &'static str,
    pub(crate) required: &'static str,
    pub(crate) always: &'static str,
    pub(crate) values: &'static str,
    pub(crate) example: &'static str,
    pub(crate) characters: &'static str,
    pub(crate) items: &'static str,
    pub(crate) not_empty: &'static str,
    pub(crate) unique: &'static str,
    pub(crate) object: &'static str,
    pub(crate) extends: &'static str,
    pub(crate) one_of: &'static str,
    pub(crate) no_fields: &'static str,
    pub(crate) try_it: &'static str,
    pub(crate) api_key: &'static str,
    pub(crate) key_note: &'static str,
    pub(crate) send: &'static str,
}

/// The words of the script of the reference's forms.
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Trial {
    pub(crate) confirm: &'static str,
    pub(crate) unsendable: &'static str,
    pub(crate) unserved: &'static str,
    pub(crate) sending: &'static str,
}

impl Strings {
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &en::STRINGS,
            Language::German => &de::STRINGS,
            Language::French => &fr::STRINGS,
            Language::Spanish => &es::STRINGS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields that say the same in English and in this language.
    const THE_SAME: [(Language, &[&str]); 3] = [
        (
            Language::German,
            &["site", "text", "lead", "scope", "body", "parameter", "header", "status", "code"],
        ),
        (Language::French, &["menu", "pages", "guides", "contact", "scope", "kind", "description", "code"]),
        (Language::Spanish, &[]),
    ];

    /// The fields, one a line.
    fn lines(language: Language) -> Vec<String> {
        format!("{:#?}", Strings::of(language)).lines().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn no_string_stayed_in_english() {
        let english = lines(Language::English);
        for (language, expected) in THE_SAME {
            let lines = lines(language);
            assert_eq!(lines.len(), english.len());
            let same = english.iter().zip(&lines).filter(|(of, line)| of == line && of.contains(": \""));
            let same: Vec<&str> = same.filter_map(|(of, _)| Some(of.split_once(':')?.0)).collect();
            assert_eq!(same, expected, "{}", language.tag());
        }
    }
}
