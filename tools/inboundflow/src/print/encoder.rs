//! Records as text: JSON, JSON lines, CSV, and tables for people.

use anyhow::Result;

use super::{csv::Csv, details, layout::Layout, listed::Listed, record::Record, table::Table};
use crate::{
    cli::{Format, Output},
    output::harmless,
};

/// Makes text of a list, a page at a time.
pub(crate) enum Encoder {
    Json { is_begun: bool },
    Lines,
    Csv(Csv),
    Table(Table),
}

impl Encoder {
    /// An encoder of records of `T` in this layout.
    pub(crate) fn new<T: Listed>(layout: Layout) -> Self {
        match layout.output {
            Output::Json => Self::Json { is_begun: false },
            Output::Jsonl => Self::Lines,
            Output::Csv => Self::Csv(Csv::new((T::FIELDS)())),
            Output::Spreadsheet => Self::Csv(Csv::new((T::FIELDS)()).for_spreadsheets()),
            Output::Table => Self::Table(Table::new(T::COLUMNS, layout.width)),
        }
    }

    /// An encoder for a file of records of `T`, whose header is written already where there are columns.
    pub(crate) fn for_file<T: Listed>(format: Format, columns: Option<Vec<String>>) -> Self {
        let csv = Csv::new((T::FIELDS)()).begun(columns);
        match format {
            Format::Jsonl => Self::Lines,
            Format::Csv => Self::Csv(csv),
            Format::Spreadsheet => Self::Csv(csv.for_spreadsheets()),
        }
    }

    /// The header of CSV, once it was written.
    pub(crate) fn columns(&self) -> Option<Vec<String>> {
        if let Self::Csv(csv) = self { csv.columns().map(<[String]>::to_vec) } else { None }
    }

    /// The next records, and what follows them where they are the last.
    pub(crate) fn page(&mut self, records: &[Record], is_last: bool) -> Result<String> {
        Ok(self.records(records)? + &if is_last { self.end()? } else { String::new() })
    }

    /// The next records.
    pub(crate) fn records(&mut self, records: &[Record]) -> Result<String> {
        match self {
            Self::Json { is_begun } => {
                let mut text = String::new();
                for record in records {
                    text.push_str(if *is_begun { ",\n  " } else { "[\n  " });
                    text.push_str(&pretty(record)?.replace('\n', "\n  "));
                    *is_begun = true;
                }
                Ok(text)
            }
            Self::Lines => lines(records),
            Self::Csv(csv) => csv.records(records),
            Self::Table(table) => Ok(table.records(records)),
        }
    }

    /// What comes after the last record.
    pub(crate) fn end(&mut self) -> Result<String> {
        match self {
            Self::Json { is_begun } => Ok((if *is_begun { "\n]\n" } else { "[]\n" }).to_owned()),
            Self::Lines | Self::Table(_) => Ok(String::new()),
            Self::Csv(csv) => csv.end(),
        }
    }
}

/// A single record.
pub(crate) fn one(record: &Record, output: Output) -> Result<String> {
    match output {
        Output::Json => Ok(pretty(record)? + "\n"),
        Output::Jsonl => lines(std::slice::from_ref(record)),
        Output::Csv => Csv::new(&[]).records(std::slice::from_ref(record)),
        Output::Spreadsheet => Csv::new(&[]).for_spreadsheets().records(std::slice::from_ref(record)),
        Output::Table => Ok(details::of(record)),
    }
}

/// JSON lines.
fn lines(records: &[Record]) -> Result<String> {
    let lines: Result<Vec<String>, _> = records.iter().map(serde_json::to_string).collect();
    Ok(lines?.into_iter().map(|line| harmless(&line) + "\n").collect())
}

fn pretty(record: &Record) -> Result<String> {
    Ok(harmless(&serde_json::to_string_pretty(record)?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn record(value: &Value) -> Record {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn an_array_is_whole_however_its_records_come() {
        let records: Vec<Record> =
            (0..5).map(|number| record(&json!({"n": number, "of": {"a": [1]}, "none": []}))).collect();
        let expected = format!("{:#}\n", json!(records));
        for page in 1..=5 {
            let mut encoder = Encoder::Json { is_begun: false };
            let mut text: String =
                records.chunks(page).map(|page| encoder.records(page).expect("JSON")).collect();
            text.push_str(&encoder.records(&[]).expect("JSON"));
            text.push_str(&encoder.end().expect("JSON"));
            assert_eq!(text, expected);
        }
        assert_eq!(Encoder::Json { is_begun: false }.end().expect("JSON"), "[]\n");
    }

    #[test]
    fn json_steers_no_terminal_and_says_the_same() {
        let steering = record(&json!({"a": "\u{1b}[2J\u{9b}2J\u{7f}\n\u{202e}\u{e0067}", "b": "Zoë 👋"}));
        for text in [pretty(&steering).expect("JSON"), lines(std::slice::from_ref(&steering)).expect("JSON")]
        {
            assert!(text.chars().all(|character| !character.is_control() || character == '\n'), "{text:?}");
            assert!(!text.contains(['\u{202e}', '\u{e0067}']), "{text:?}");
            assert_eq!(serde_json::from_str::<Record>(&text).expect("JSON"), steering);
        }
        assert_eq!(lines(&[steering]).expect("JSON").lines().count(), 1);
    }
}
