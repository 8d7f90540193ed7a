//! Text for cells of CSV that a spreadsheet does not take for formulas.
//!
//! Excel, `LibreOffice` and Google Sheets read a cell of CSV as though somebody had typed it, and so work out what begins
//! with one of [`SIGNS`], or with the full-width form of one. OWASP's way ("CSV Injection") is an apostrophe before it. A
//! program that splits the file elsewhere than at commas, as Excel does in many countries, or does not know quotes, finds
//! cells within a value: so a sign counts wherever a cell could begin.

/// What formulas begin with.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// What may part two cells, or two rows.
const BETWEEN_CELLS: [char; 5] = [',', ';', '\t', '\r', '\n'];
const APOSTROPHE: char = '\'';

/// The text with an apostrophe before each sign of a formula. A number stays as it is, a phone number in E.164 among them:
/// nothing is worked out of it.
pub(super) fn harmless(text: String) -> String {
    if is_number(&text) {
        return text;
    }
    let mut harmless = String::with_capacity(text.len());
    let mut begins = true;
    for (at, character) in text.chars().enumerate() {
        let breaks_off = at == 0 && BETWEEN_CELLS[2..].contains(&character);
        if breaks_off || begins && SIGNS.contains(&character) {
            harmless.push(APOSTROPHE);
        }
        begins = BETWEEN_CELLS.contains(&character) || begins && is_skipped(character);
        harmless.push(character);
    }
    harmless
}

/// What a reader may pass over before a cell's first sign.
fn is_skipped(character: char) -> bool {
    let is_invisible = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    character == '"' || is_invisible || character.is_whitespace() || character.is_control()
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        harmless(text.to_owned())
    }

    #[test]
    fn no_cell_begins_with_the_sign_of_a_formula_wherever_it_is_split() {
        for sign in SIGNS {
            assert_eq!(of(&format!("{sign}1+1")), format!("'{sign}1+1"));
            for before in
                ["a,", "a;", "a\t", "a\r\n", "a\n", "a; \"", " ", "\u{feff}", "\0", "\u{a0}\u{200b}"]
            {
                assert_eq!(of(&format!("{before}{sign}A1")), format!("{before}'{sign}A1"), "{before:?}");
            }
        }
        for space in ["\t", "\r", "\n"] {
            assert_eq!(of(&format!("{space}x")), format!("'{space}x"));
        }
        assert_eq!(of("+1+cmd|' /C calc'!A0"), "'+1+cmd|' /C calc'!A0");
        assert_eq!(of(r#"{"a":"x","b":"=1"}"#), r#"{"a":"x","b":"=1"}"#, "it begins none");
    }

    #[test]
    fn numbers_phone_numbers_and_plain_words_stay_as_they_are() {
        for text in
            ["", "+14155550101", "-7", "12", "Zoë Müller-Lüdenscheid", "a = b", "x@example.com", "2026-02-24"]
        {
            assert_eq!(of(text), text);
        }
        for text in ["+", "-", "+1 415 555", "+49-30-12", "+1.5E3"] {
            assert_eq!(of(text), format!("'{text}"), "{text} would be worked out");
        }
    }
}
