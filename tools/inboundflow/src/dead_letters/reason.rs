//! Reasons without what they may quote of a message.

const CUT: char = '…';
const MISSING: &str = "missing field `";

/// The beginning of a reason, up to the first place where it may quote a message: a quotation mark, or a number that is
/// neither an index nor part of a name, such as `S3`. It goes from the field at fault to what is wrong with it.
pub(super) fn unquoting(reason: &str) -> String {
    let (mut before, mut is_index) = (None, false);
    let quotes = |at: char, before: Option<char>, is_index: bool| match at {
        '"' | '\'' | '`' => true,
        '0'..='9' => !is_index && !before.is_some_and(char::is_alphanumeric),
        _ => !at.is_ascii(),
    };
    for (at, character) in reason.char_indices() {
        // The name of a field that is missing is of the format, not of the message.
        if let Some(field) = reason[at..].strip_prefix(MISSING)
            && let Some((field, _)) = field.split_once('`')
            && field.bytes().all(|it| it.is_ascii_lowercase() || it == b'_')
        {
            return format!("{}{MISSING}{field}`", &reason[..at]);
        }
        is_index = character == '[' || (is_index && character.is_ascii_digit());
        if quotes(character, before, is_index) {
            return format!("{}{CUT}", &reason[..at]);
        }
        before = Some(character);
    }
    reason.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_which_field_and_what_is_wrong_but_not_what_stood_there() {
        for (reason, shown) in [
            ("call.idd: unknown field `idd`, expected one of `id`", "call.idd: unknown field …"),
            ("call: missing field `caller_phone` at line 1", "call: missing field `caller_phone`"),
            ("call: missing field `Jane Doe`", "call: missing field …"),
            ("call.caller_name: `missing field `x`", "call.caller_name: …"),
            ("call.status: unknown variant `Jane Doe`, expected `open`", "call.status: unknown variant …"),
            (
                "call.messages[12].role: expected a single value",
                "call.messages[12].role: expected a single value",
            ),
            (
                "call.caller_phone: invalid type: integer `12015550123`",
                "call.caller_phone: invalid type: integer …",
            ),
            ("call.caller_name: Zoë", "call.caller_name: Zo…"),
            ("+12015550123: expected a single value", "+…"),
            ("call.x 12015550123", "call.x …"),
            ("invalid value: string \"+1 201 555 0123\"", "invalid value: string …"),
            ("S3 GetObject: NoSuchKey", "S3 GetObject: NoSuchKey"),
            ("version is 2; the only one known here is 1", "version is …"),
            ("", ""),
        ] {
            assert_eq!(unquoting(reason), shown);
        }
    }
}
