//! Values that differ from run to run, known by their form.

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Id,
    Time,
    Date,
    Request,
    Cursor,
    Secret,
    Key,
    Number,
}

/// All that are looked for everywhere: a number only where it is known to change.
pub(crate) const EVERYWHERE: [Form; 7] =
    [Form::Id, Form::Time, Form::Date, Form::Request, Form::Cursor, Form::Secret, Form::Key];

const CUT: char = '…';
/// Each digit stands for any, each `x` for one of hexadecimal, everything else for itself.
const ID: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
const REQUEST: &str = "req_xxxxxxxxxxxx";
const DATE: &str = "0000-00-00";
const SECOND: &str = "0000-00-00T00:00:00";
/// As tables have it.
const MINUTE: &str = "0000-00-00 00:00";

impl Form {
    /// How many bytes at the text's beginning are such a value; none where there is none.
    pub(crate) fn length(self, text: &str) -> Option<usize> {
        let length = match self {
            Self::Id => templated(text, ID)?,
            Self::Request => templated(text, REQUEST)?,
            Self::Date => templated(text, DATE)?,
            Self::Time if templated(text, MINUTE).is_some() => MINUTE.len(),
            Self::Time => {
                let second = templated(text, SECOND)?;
                let fraction = fraction(&text[second..]);
                text[second + fraction..].starts_with('Z').then_some(second + fraction + 1)?
            }
            Self::Secret => prefixed(text, "whsec_", "+/=_")?,
            Self::Key => prefixed(text, "sk_live_", "_")?,
            // A page cuts cursors, and the cut is part of what it shows.
            Self::Cursor => {
                let length = prefixed(text, "eyJ", "-_")?;
                length + if text[length..].starts_with(CUT) { CUT.len_utf8() } else { 0 }
            }
            Self::Number => text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()),
        };
        let ends = !text[length..].starts_with(|c: char| c.is_ascii_alphanumeric());
        (length > 0 && ends).then_some(length)
    }
}

/// How long a template is that the text begins with.
fn templated(text: &str, template: &str) -> Option<usize> {
    let fits = |(c, of): (char, char)| match of {
        '0' => c.is_ascii_digit(),
        'x' => c.is_ascii_digit() || ('a'..='f').contains(&c),
        _ => c == of,
    };
    let begins = text.chars().zip(template.chars()).take_while(|&pair| fits(pair)).count();
    (begins == template.len()).then_some(begins)
}

fn prefixed(text: &str, prefix: &str, also: &str) -> Option<usize> {
    let rest = text.strip_prefix(prefix)?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !also.contains(c)).unwrap_or(rest.len());
    (end > 0).then_some(prefix.len() + end)
}

fn fraction(text: &str) -> usize {
    let digits =
        text.strip_prefix('.').map_or(0, |rest| rest.chars().take_while(char::is_ascii_digit).count());
    if (1..=3).contains(&digits) { 1 + digits } else { 0 }
}

/// A part of what a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Itself.
    Literal(&'a str),
    /// Anything: `…`.
    Any,
    /// A value of the same form.
    Value(Form, &'a str),
}

/// A line or a string in its parts.
pub(crate) fn pieces<'a>(shown: &'a str, forms: &[Form]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let (mut literal, mut at) = (0, 0);
    while let Some(next) = shown[at..].chars().next() {
        let inside = shown[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let value =
            forms.iter().filter(|_| !inside).find_map(|form| Some((*form, form.length(&shown[at..])?)));
        let piece = match value {
            Some((form, length)) => Some((Piece::Value(form, &shown[at..at + length]), length)),
            None if next == CUT => Some((Piece::Any, CUT.len_utf8())),
            None => None,
        };
        let Some((piece, length)) = piece else {
            at += next.len_utf8();
            continue;
        };
        if literal < at {
            pieces.push(Piece::Literal(&shown[literal..at]));
        }
        pieces.push(piece);
        at += length;
        literal = at;
    }
    if literal < shown.len() {
        pieces.push(Piece::Literal(&shown[literal..]));
    }
    pieces
}
