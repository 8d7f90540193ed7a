//! The caller's number as telephony providers write it: a number, a SIP or tel address, or a word for a withheld number.

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{Phone, PhoneProblem, phone::plain};

/// The words that providers send in place of a number that is withheld or unknown.
pub(crate) const WITHHELD: [&str; 12] = [
    "anonymous",
    "blocked",
    "hidden",
    "no caller id",
    "not available",
    "number withheld",
    "private",
    "private number",
    "restricted",
    "unavailable",
    "unknown",
    "withheld",
];
/// Five of [`WITHHELD`] spelled on a keypad, as Twilio sent them until 2022: `+266696687` is ANONYMOUS. As numbers they would
/// be too short for their countries.
pub(crate) const KEYPAD: [&str; 5] = ["+266696687", "+2562533", "+7378742833", "+86282452253", "+8656696"];
/// The number of digits from which a SIP user name may be a disguised number, and is refused instead of ignored.
const DIGITS_OF_A_NUMBER: usize = 7;

impl Phone {
    /// Reads a caller's number: none where `text` is blank, says that the number was withheld, or is an address of SIP
    /// that has no number in it.
    ///
    /// # Errors
    /// What is wrong with the number.
    pub fn of_caller(text: &str) -> Result<Option<Self>, PhoneProblem> {
        let (user, is_sip) = user(text.trim());
        if is_withheld(&user) {
            return Ok(None);
        }
        match Self::parse(&user) {
            // Such as sip:alice@example.com. What begins with + was meant as a number, and digits alone lack it.
            Err(_) if is_sip && is_name(&user) => Ok(None),
            read => read.map(Some),
        }
    }
}

/// The user part of an address, and whether the address is a SIP one (RFC 3261) rather than a tel one (RFC 3966). The address
/// may stand in angle brackets after a display name.
fn user(text: &str) -> (String, bool) {
    let text =
        text.strip_suffix('>').and_then(|text| text.rsplit_once('<')).map_or(text, |(_, address)| address);
    let after = |scheme: &str| {
        let (named, rest) = text.split_at_checked(scheme.len())?;
        named.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let sip = after("sip:").or_else(|| after("sips:"));
    let address = sip.or_else(|| after("tel:")).unwrap_or(text);
    let is_bare = address.split_once('@').is_some_and(|(user, _)| !user.contains(['/', ':', '<', ' ']));
    let is_sip = sip.is_some() || is_bare;
    let user = address.split(if is_sip { &['@', ';', ':', '?'][..] } else { &[';'][..] }).next();
    (user.unwrap_or_default().replace("%2B", "+").replace("%2b", "+"), is_sip)
}

/// Whether the user of an address is somebody's name.
fn is_name(user: &str) -> bool {
    user.starts_with(char::is_alphabetic)
        && user.chars().filter(char::is_ascii_digit).count() < DIGITS_OF_A_NUMBER
}

fn is_withheld(user: &str) -> bool {
    // Punctuation that numbers are read without means nothing in these words either.
    let plain = user.to_lowercase().replace('_', " ").chars().map(plain).collect::<String>();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let joined = words.concat();
    let digits = joined.strip_prefix('+').unwrap_or(&joined);
    WITHHELD.contains(&words.join(" ").as_str())
        || KEYPAD.iter().any(|number| number[1..] == *digits)
        // Nothing, or nothing but zeros, which is no number either.
        || digits.bytes().all(|byte| byte == b'0')
}

/// Deserializes the `caller_phone` of a voice event.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Phone>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    Phone::of_caller(&text).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<String>, PhoneProblem> {
        Phone::of_caller(text).map(|phone| phone.map(|phone| phone.to_string()))
    }

    #[test]
    fn a_withheld_number_is_none_however_a_provider_says_so() {
        for word in WITHHELD {
            let capital = word[..1].to_uppercase() + &word[1..];
            for text in [word, &word.to_uppercase(), &capital, &format!(" {word} "), &word.replace(' ', "_")]
            {
                assert_eq!(read(text), Ok(None), "{text}");
            }
        }
        for number in KEYPAD {
            assert_eq!((read(number), read(&number[1..])), (Ok(None), Ok(None)), "{number}");
            assert!(Phone::parse(number).is_ok(), "stored ones can still be read and found");
        }
        for text in [
            "",
            " ",
            "+",
            "0000000000",
            "+0",
            "sip:anonymous@anonymous.invalid",
            "SIP:Anonymous@host;user=phone",
            "sip:unavailable@unknown.invalid",
            "tel:anonymous",
            "anonymous@10.0.0.1",
            "sips:+266696687@host",
            "+266-696-687",
            "+266 696 687",
            "000-000",
            "\u{202a}anonymous\u{202c}",
            "anonymous\u{200b}",
            "No\u{a0}Caller  ID",
            "\u{202a}\u{202c}",
            "Anonymous <sip:anonymous@anonymous.invalid>",
        ] {
            assert_eq!(read(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_is_withheld_is_documented() {
        let page = include_str!("../../../docs/site/en/ingest.md");
        for text in WITHHELD.into_iter().chain(KEYPAD) {
            assert!(page.contains(&format!("`{text}`")), "{text}");
        }
    }

    #[test]
    fn the_number_in_an_address_is_the_number() {
        for text in [
            "+1 (415) 555-1234",
            "sip:+14155551234@example.com",
            "sip:+14155551234@example.com:5060;transport=udp",
            "sip:+14155551234;phone-context=x@10.0.0.1?subject=y",
            "sips:+1-415-555-1234:secret@host",
            "SIP:%2B14155551234@host",
            "tel:+1-415-555-1234;ext=5",
            "Tel:+14155551234",
            "+14155551234@10.0.0.1",
            "Maria Garcia <sip:+14155551234@pbx.example>",
            "\"Bob\" <tel:+1-415-555-1234>",
            "<sip:+14155551234@host>",
        ] {
            assert_eq!(read(text), Ok(Some("+14155551234".to_owned())), "{text}");
        }
    }

    #[test]
    fn an_address_of_sip_without_a_number_is_none_and_a_number_that_is_wrong_is_refused() {
        for text in ["sip:alice@example.com", "sip:example.com", "sips:zoë@host", "alice2@example.com"] {
            assert_eq!(read(text), Ok(None), "{text}");
        }
        for text in [
            "sip:1001@pbx",
            "sip:14155551234@host",
            "sip:+1415555l234@host",
            "tel:5551234;phone-context=+1",
            "tel:alice",
            "alice",
            "sip:u14155551234@host",
            "whatsapp:+14155551234@x",
            "mailto:a@b",
            "http://x@y",
            "Maria Garcia sip:+14155551234@host",
            "+44 (0)20 7946 0958",
            "no number",
            "sip",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
