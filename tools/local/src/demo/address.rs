//! The e-mail addresses of the people in demo data: their names in ASCII.

/// The address of a name such as `Jürgen Dubois`: `juergen.dubois@example.com`.
pub(super) fn address(first: &str, last: &str) -> String {
    let name = format!("{first}.{last}").to_lowercase();
    let mut address: String = name.chars().flat_map(|letter| in_ascii(&letter).to_vec()).collect();
    address.push_str("@example.com");
    address
}

/// A letter as it is transcribed. Apostrophes and the like are dropped.
fn in_ascii(letter: &char) -> &[char] {
    match letter {
        'a'..='z' | '.' => std::slice::from_ref(letter),
        'ä' | 'æ' => &['a', 'e'],
        'ö' | 'ø' | 'œ' => &['o', 'e'],
        'ü' => &['u', 'e'],
        'å' => &['a', 'a'],
        'ß' => &['s', 's'],
        'á' | 'à' | 'â' | 'ã' => &['a'],
        'ç' => &['c'],
        'é' | 'è' | 'ê' | 'ë' => &['e'],
        'í' | 'ì' | 'î' | 'ï' => &['i'],
        'ñ' => &['n'],
        'ó' | 'ò' | 'ô' | 'õ' => &['o'],
        'ú' | 'ù' | 'û' => &['u'],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::phrases::{FIRST_NAMES, LAST_NAMES};

    #[test]
    fn the_address_of_every_name_is_ascii_and_loses_no_letter() {
        for first in FIRST_NAMES {
            for last in LAST_NAMES {
                let address = address(first, last);
                let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).count();
                let local = address.strip_suffix("@example.com").expect("the domain");
                assert!(local.chars().all(|it| it.is_ascii_lowercase() || it == '.'), "{address}");
                assert!(letters(local) >= letters(first) + letters(last), "{first} {last}: {address}");
            }
        }
    }

    #[test]
    fn letters_are_transcribed_as_their_languages_do() {
        for (first, last, expected) in [
            ("Jürgen", "Dubois", "juergen.dubois@example.com"),
            ("Chloé", "Peña", "chloe.pena@example.com"),
            ("Sofía", "O'Brien", "sofia.obrien@example.com"),
            ("Søren", "Weiß", "soeren.weiss@example.com"),
        ] {
            assert_eq!(address(first, last), expected);
        }
    }
}
