//! The request of a list: its limit, its cursor and its filters.

use crate::{
    Cursor, Error, Expected, Filter, FilterKind, Phone, Problem, RecordId, Resource, Timestamp,
    cursor::BadCursor, shown,
};

/// The number of records of a page unless the request names a `limit`.
pub const DEFAULT_LIMIT: usize = 50;
/// The largest `limit`.
pub const MAX_LIMIT: usize = 100;

/// The parameters that every list has.
const COMMON_PARAMETERS: [&str; 3] = ["limit", "cursor", "since"];

/// The checked request of a list.
#[derive(Debug)]
pub struct ListRequest {
    /// The most records that the page may have.
    pub limit: usize,
    /// The cursor, which is the end of the page before.
    pub cursor: Option<Cursor>,
    /// The time after which records were created.
    pub since: Option<Timestamp>,
    /// The filters and their values, in the catalogue's order.
    pub filters: Vec<(&'static Filter, String)>,
    /// The endpoint for which the records are shown.
    pub shown_to: Option<RecordId>,
    list: String,
}

impl ListRequest {
    /// Reads the decoded query parameters of a list of `resource`; `owner` is the record in the path that the list belongs to.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the parameter that is unknown, repeated or wrong, and what is
    /// allowed.
    pub fn parse(
        resource: &'static Resource,
        owner: Option<RecordId>,
        parameters: &[(String, String)],
    ) -> Result<Self, Error> {
        for (at, (name, _)) in parameters.iter().enumerate() {
            if !known(resource, name) {
                return Err(unknown_parameter(resource, name));
            }
            if parameters[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(Error::invalid(name, Problem::Repeated));
            }
        }
        let value =
            |name: &str| parameters.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());

        let limit = value("limit").map_or(Ok(DEFAULT_LIMIT), parse_limit)?;
        let since = value("since").map(parse_since).transpose()?;
        let mut filters = Vec::new();
        let owner = owner.map(|id| id.to_string());
        for filter in resource.filters {
            let text = if filter.is_parameter() { value(filter.parameter) } else { owner.as_deref() };
            if let Some(text) = text {
                filters.push((filter, filter.parse(text)?));
            }
        }
        let shown_to = resource.shown_to.and_then(|name| Some((name, value(name)?)));
        let shown_to = shown_to.map(|(name, text)| parse_id(name, text)).transpose()?;
        let list = list_name(resource, since, &filters);
        let cursor = value("cursor").map(|text| parse_cursor(text, &list, since)).transpose()?;
        Ok(Self { limit, cursor, since, filters, shown_to, list })
    }

    /// The text of a cursor into this list.
    #[must_use]
    pub fn encode(&self, cursor: &Cursor) -> String {
        cursor.encode(&self.list)
    }
}

impl Filter {
    fn is_parameter(&self) -> bool {
        self.kind != FilterKind::Owner
    }

    fn parse(&self, text: &str) -> Result<String, Error> {
        match &self.kind {
            FilterKind::OneOf(values) if values.contains(&text) => Ok(text.to_owned()),
            FilterKind::OneOf(values) => Err(Error::invalid(self.parameter, Expected::OneOf(values))),
            FilterKind::Phone => Phone::parse(&unspace_phone(text))
                .map(|phone| phone.to_string())
                .map_err(|wrong| Error::invalid(self.parameter, wrong)),
            FilterKind::Owner => Ok(text.to_owned()),
        }
    }
}

/// The parameters that only some lists have.
fn own_parameters(resource: &Resource) -> impl Iterator<Item = &'static str> {
    let filters = resource.filters.iter().filter(|filter| filter.is_parameter());
    filters.map(|filter| filter.parameter).chain(resource.shown_to)
}

fn known(resource: &Resource, name: &str) -> bool {
    COMMON_PARAMETERS.contains(&name) || own_parameters(resource).any(|own| own == name)
}

fn unknown_parameter(resource: &Resource, name: &str) -> Error {
    let allowed = COMMON_PARAMETERS.into_iter().chain(own_parameters(resource)).collect();
    Error::invalid(shown(name), Problem::UnknownParameter { allowed })
}

fn parse_limit(text: &str) -> Result<usize, Error> {
    text.parse()
        .ok()
        .filter(|limit| (1..=MAX_LIMIT).contains(limit) && text.bytes().all(|b| b.is_ascii_digit()))
        .ok_or_else(|| Error::invalid("limit", Expected::Integer { min: 1, max: MAX_LIMIT as u64 }))
}

fn parse_id(name: &str, text: &str) -> Result<RecordId, Error> {
    text.parse().map_err(|_| Error::invalid(name, Expected::Id))
}

/// Reads `since`. An unencoded `+` arrives as a space: `…T20:59:00+02:00` as `…T20:59:00 02:00`.
fn parse_since(text: &str) -> Result<Timestamp, Error> {
    Timestamp::parse_or_date(text)
        .or_else(|| {
            let (time, offset) = text.rsplit_once(' ')?;
            Timestamp::parse(&format!("{time}+{offset}"))
        })
        .ok_or_else(|| Error::invalid("since", Expected::TimeInQuery))
}

/// Repairs a phone number whose unencoded `+` arrived as a space.
fn unspace_phone(text: &str) -> String {
    match text.strip_prefix(' ') {
        Some(rest) if !text.contains(['+', '\u{ff0b}']) => format!("+{rest}"),
        _ => text.to_owned(),
    }
}

/// Reads a cursor, and refuses one outside `since`, which was made by hand: DynamoDB would refuse it with an error of its own.
fn parse_cursor(text: &str, list: &str, since: Option<Timestamp>) -> Result<Cursor, Error> {
    let inside = |cursor: &Cursor| since.is_none_or(|since| cursor.created_at > since);
    let cursor = Cursor::decode(text, list)
        .and_then(|cursor| if inside(&cursor) { Ok(cursor) } else { Err(BadCursor::Unreadable) });
    cursor.map_err(|bad| Error::invalid("cursor", bad))
}

fn list_name(resource: &Resource, since: Option<Timestamp>, filters: &[(&Filter, String)]) -> String {
    let since = since.map(|since| format!("&since={since}")).unwrap_or_default();
    let filters: String =
        filters.iter().map(|(filter, value)| format!("&{}={value}", filter.parameter)).collect();
    format!("{}{since}{filters}", resource.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RecordId, catalogue::CALLS};

    fn parse(parameters: &[(&str, &str)]) -> Result<ListRequest, Error> {
        let owned: Vec<_> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        ListRequest::parse(&CALLS, None, &owned)
    }

    fn refused(parameters: &[(&str, &str)]) -> String {
        match parse(parameters) {
            Err(Error::Invalid { param: Some(param), .. }) => param,
            other => panic!("{parameters:?} gave {other:?}"),
        }
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let request = parse(&[]).expect("no parameters");
        assert_eq!(request.limit, 50);
        assert!(request.cursor.is_none() && request.since.is_none() && request.filters.is_empty());
    }

    #[test]
    fn limits_from_1_to_100_are_taken_and_nothing_else() {
        for (text, limit) in [("1", 1), ("50", 50), ("100", 100)] {
            assert_eq!(parse(&[("limit", text)]).expect("a limit").limit, limit);
        }
        for text in ["0", "101", "-1", "+5", "5.0", "", " 5", "ten", "99999999999999999999"] {
            assert_eq!(refused(&[("limit", text)]), "limit", "{text}");
        }
    }

    #[test]
    fn a_plus_that_became_a_space_is_repaired() {
        let plain =
            parse(&[("since", "2026-02-24T20:59:00+02:00"), ("phone", "+14155551234")]).expect("encoded");
        let spaced =
            parse(&[("since", "2026-02-24T20:59:00 02:00"), ("phone", " 14155551234")]).expect("unencoded");
        assert_eq!(plain.since, spaced.since);
        assert_eq!(plain.filters, spaced.filters);
    }

    #[test]
    fn wrong_unknown_and_repeated_parameters_are_named() {
        assert_eq!(refused(&[("status", "done")]), "status");
        assert_eq!(refused(&[("status", "")]), "status");
        assert_eq!(refused(&[("since", "yesterday")]), "since");
        assert_eq!(refused(&[("phone", "555-1234")]), "phone");
        assert_eq!(refused(&[("cursor", "")]), "cursor");
        assert_eq!(refused(&[("Limit", "5")]), "Limit");
        assert_eq!(refused(&[("urgency", "low")]), "urgency");
        assert_eq!(refused(&[("limit", "5"), ("limit", "5")]), "limit");
    }

    #[test]
    fn a_cursor_keeps_to_its_filters_but_not_to_its_limit() {
        let cursor = Cursor { created_at: Timestamp::now(), id: RecordId::random() };
        let text = parse(&[("status", "failed"), ("since", "2026-01-01")]).expect("filters").encode(&cursor);
        let again = parse(&[
            ("cursor", &text),
            ("since", "2026-01-01T00:00:00Z"),
            ("status", "failed"),
            ("limit", "9"),
        ]);
        assert_eq!(again.expect("the same list").cursor, Some(cursor));
        assert_eq!(refused(&[("cursor", &text), ("since", "2026-01-01")]), "cursor");
        assert_eq!(refused(&[("cursor", &text), ("status", "failed")]), "cursor");
        assert_eq!(refused(&[("cursor", &text), ("status", "blocked"), ("since", "2026-01-01")]), "cursor");
    }
}
