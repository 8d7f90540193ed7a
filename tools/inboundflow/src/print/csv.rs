//! CSV as RFC 4180 has it. Values are not changed, not even those that a spreadsheet takes for formulas, unless they are
//! asked for so: programs read this too.

use anyhow::Result;
use csv::{Terminator, WriterBuilder};
use serde_json::Value;

use super::{record::Record, spreadsheet};
use crate::output;

/// Makes CSV of records.
pub(crate) struct Csv {
    /// The fields of a list that has no records.
    usual: &'static [&'static str],
    columns: Option<Vec<String>>,
    has_warned: bool,
    /// Changes the text of a cell.
    change: fn(String) -> String,
}

impl Csv {
    /// CSV with the fields that the first record has, or `usual` where there is none.
    pub(super) fn new(usual: &'static [&'static str]) -> Self {
        Self { usual, columns: None, has_warned: false, change: |text| text }
    }

    /// CSV in which a spreadsheet finds no formula.
    pub(super) fn for_spreadsheets(self) -> Self {
        Self { change: spreadsheet::harmless, ..self }
    }

    /// CSV whose header is written already, if there are columns.
    pub(super) fn begun(self, columns: Option<Vec<String>>) -> Self {
        Self { columns, ..self }
    }

    /// The header, once it was written.
    pub(super) fn columns(&self) -> Option<&[String]> {
        self.columns.as_deref()
    }

    /// The rows of these records, after the header where they are the first.
    pub(super) fn records(&mut self, records: &[Record]) -> Result<String> {
        let Some(first) = records.first() else { return Ok(String::new()) };
        let mut text = self.header(|| first.keys().cloned().collect())?;
        let columns = self.columns.clone().unwrap_or_default();
        for record in records {
            self.warn_of_others(record, &columns);
            text.push_str(&row(columns.iter().map(|column| self.cell(record.get(column))))?);
        }
        Ok(text)
    }

    /// The header, where there was no record to bring it.
    pub(super) fn end(&mut self) -> Result<String> {
        let usual = self.usual;
        self.header(|| usual.iter().map(|name| (*name).to_owned()).collect())
    }

    fn header(&mut self, names: impl FnOnce() -> Vec<String>) -> Result<String> {
        if self.columns.is_some() {
            return Ok(String::new());
        }
        row(self.columns.insert(names()).iter().cloned())
    }

    fn cell(&self, value: Option<&Value>) -> String {
        match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => (self.change)(text.clone()),
            Some(Value::Number(number)) => number.to_string(),
            Some(other) => (self.change)(other.to_string()),
        }
    }

    /// A server that was updated meanwhile may send more fields than at first.
    fn warn_of_others(&mut self, record: &Record, columns: &[String]) {
        let other = record.keys().find(|name| !columns.contains(name));
        if let Some(other) = other.filter(|_| !self.has_warned) {
            self.has_warned = true;
            let other = output::harmless_line(other);
            output::warn(&format!(
                "later records have the field {other}, which the header lacks: it is left out"
            ));
        }
    }
}

fn row(cells: impl Iterator<Item = String>) -> Result<String> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells.map(String::into_bytes))?;
    Ok(String::from_utf8(writer.into_inner().map_err(csv::IntoInnerError::into_error)?)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn records(values: &[Value]) -> Vec<Record> {
        values.iter().map(|value| value.as_object().expect("an object").clone()).collect()
    }

    #[test]
    fn values_are_quoted_where_they_must_be_and_never_changed() {
        let values = [
            json!({"id": "1", "phone": "+14155550101", "name": "=1+1", "notes": null, "n": 7, "of": {"a": "x,\"y\""}}),
            json!({"id": "2", "phone": null, "name": "a \"b\", c\r\nd", "notes": "", "n": true, "of": [1, 2]}),
        ];
        let mut csv = Csv::new(&[]);
        let text = csv.records(&records(&values)).expect("CSV");
        let expected = "id,phone,name,notes,n,of\r\n\
                        1,+14155550101,=1+1,,7,\"{\"\"a\"\":\"\"x,\\\"\"y\\\"\"\"\"}\"\r\n\
                        2,,\"a \"\"b\"\", c\r\nd\",,true,\"[1,2]\"\r\n";
        assert_eq!(text, expected);
        assert_eq!(csv.end().expect("CSV"), "", "the header is written once");
    }

    #[test]
    fn the_header_of_the_first_record_holds_for_all() {
        let mut csv = Csv::new(&["id", "name"]);
        csv.records(&records(&[json!({"id": "1", "name": "a"})])).expect("CSV");
        let other = records(&[json!({"name": "b", "new": 1, "id": "2"}), json!({"id": "3"})]);
        assert_eq!(csv.records(&other).expect("CSV"), "2,b\r\n3,\r\n");
        let mut resumed = Csv::new(&[]).begun(Some(vec!["name".to_owned()]));
        assert_eq!(resumed.records(&other).expect("CSV"), "b\r\n\"\"\r\n");
        assert_eq!(Csv::new(&["id", "name"]).end().expect("CSV"), "id,name\r\n");
    }
}
