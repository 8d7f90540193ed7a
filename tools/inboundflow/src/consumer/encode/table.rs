//! Tables, fitted to the terminal.

use std::{
    env,
    io::{self, IsTerminal as _},
};

use terminal_size::{Width, terminal_size};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::columns::{Column, Form};
use crate::consumer::record::Record;

const BETWEEN: &str = "  ";
/// What a column of words is never narrower than.
const FEW_WORDS: usize = 8;
const CUT: char = '…';

/// How wide a table may be: as `COLUMNS` says, or as the terminal is. What is not printed on a terminal may be as wide
/// as it likes.
pub(crate) fn terminal_width() -> Option<usize> {
    let said = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let is_terminal = io::stdout().is_terminal();
    said.or_else(|| terminal_size().filter(|_| is_terminal).map(|(Width(width), _)| width.into()))
}

/// A table whose columns are as wide as its first records need.
pub(crate) struct Table {
    columns: &'static [Column],
    width: Option<usize>,
    begun: Option<Vec<Fitted>>,
}

/// A column that is shown, and how wide.
struct Fitted {
    column: &'static Column,
    width: usize,
}

impl Table {
    pub(super) fn new(columns: &'static [Column], width: Option<usize>) -> Self {
        Self { columns, width, begun: None }
    }

    /// The rows of these records, after the titles where they are the first.
    pub(super) fn records(&mut self, records: &[Record]) -> String {
        if records.is_empty() {
            return String::new();
        }
        let begins = self.begun.is_none();
        let (columns, width) = (self.columns, self.width);
        let fitted = &*self.begun.get_or_insert_with(|| fit(columns, width, records));
        let titles = begins.then(|| row(fitted, |column| column.title.to_owned()));
        let rows = records.iter().map(|record| row(fitted, |column| column.cell(record)));
        titles.into_iter().chain(rows).collect()
    }
}

impl Fitted {
    fn least(&self) -> usize {
        match self.column.form {
            Form::Words => self.width.min(FEW_WORDS.max(self.column.title.width())),
            _ => self.width,
        }
    }
}

/// The columns for which there is room, as wide as there is room for.
fn fit(columns: &'static [Column], width: Option<usize>, records: &[Record]) -> Vec<Fitted> {
    let needs = |column: &Column| {
        let cells = records.iter().map(|record| column.cell(record).width());
        cells.max().unwrap_or_default().max(column.title.width())
    };
    let mut fitted: Vec<Fitted> =
        columns.iter().map(|column| Fitted { column, width: needs(column) }).collect();
    let Some(room) = width else { return fitted };
    let total = |fitted: &[Fitted], of: fn(&Fitted) -> usize| {
        fitted.iter().map(of).sum::<usize>() + BETWEEN.len() * fitted.len().saturating_sub(1)
    };
    while fitted.len() > 1 && total(&fitted, Fitted::least) > room {
        let last = fitted.iter().map(|fitted| fitted.column.rank).max();
        fitted.retain(|fitted| Some(fitted.column.rank) != last);
    }
    while total(&fitted, |fitted| fitted.width) > room {
        let widest = fitted.iter_mut().filter(|fitted| fitted.width > fitted.least());
        let Some(widest) = widest.max_by_key(|fitted| fitted.width) else { break };
        widest.width -= 1;
    }
    fitted
}

fn row(fitted: &[Fitted], text: impl Fn(&'static Column) -> String) -> String {
    let mut row = String::new();
    for Fitted { column, width } in fitted {
        let cell = text(column);
        let cell = if column.form == Form::Words { cut(&cell, *width) } else { cell };
        let padding = width.saturating_sub(cell.width()) + BETWEEN.len();
        row.push_str(&cell);
        row.extend(std::iter::repeat_n(' ', padding));
    }
    row.truncate(row.trim_end().len());
    row + "\n"
}

/// As much of a text as is `width` wide, with a sign where that is not all.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let fits = |character: &char| {
        let rest = left.checked_sub(character.width().unwrap_or_default());
        left = rest.unwrap_or_default();
        rest.is_some()
    };
    let mut text: String = text.chars().take_while(fits).collect();
    text.truncate(text.trim_end().len());
    text.push(CUT);
    text
}

#[cfg(test)]
mod tests {
    use domain::Call;
    use serde_json::json;

    use super::*;
    use crate::consumer::encode::Listed;

    fn records(names: &[&str]) -> Vec<Record> {
        let record = |name: &&str| {
            json!({
                "id": "48e27c75-c142-49a4-8bd4-ea73c8ddbfa7", "created_at": "2026-02-24T20:59:00Z", "caller_name": name,
                "caller_phone": "+12015550142", "status": "completed", "duration_seconds": 176,
                "summary": "Somebody called about something that takes more than a line to tell, as things do",
            })
        };
        names.iter().map(|name| record(name).as_object().expect("an object").clone()).collect()
    }

    fn table(width: Option<usize>, names: &[&str]) -> String {
        Table::new(Call::COLUMNS, width).records(&records(names))
    }

    #[test]
    fn a_table_fits_whatever_the_width_and_keeps_what_matters_most() {
        for width in 36..220 {
            let text = table(Some(width), &["Priya Peña", "李小龍", "👋👋"]);
            assert!(text.lines().all(|line| line.width() <= width), "{width}\n{text}");
            assert!(
                text.lines().all(|line| line.contains("-ea73c8ddbfa7") || line.ends_with("ID")),
                "{text}"
            );
        }
        let narrow = "CREATED (UTC)     PHONE         STATUS     ID\n\
                      2026-02-24 20:59  +12015550142  completed  48e27c75-c142-49a4-8bd4-ea73c8ddbfa7\n";
        assert_eq!(table(Some(80), &["Priya Peña"]), narrow);
        let wide = "CREATED (UTC)     PHONE         NAME        STATUS     DURATION  SUMMARY            ID\n\
                    2026-02-24 20:59  +12015550142  Priya Peña  completed  2m56s     Somebody called…   \
                    48e27c75-c142-49a4-8bd4-ea73c8ddbfa7\n";
        assert_eq!(table(Some(120), &["Priya Peña"]), wide);
        assert!(table(None, &["Priya Peña"]).contains("as things do"), "nothing is cut where nobody said so");
    }

    #[test]
    fn wide_characters_take_two_places() {
        let text = table(None, &["李小龍", "Priya Peña"]);
        let statuses = text.lines().map(|line| line.split("completed").next().unwrap_or_default().width());
        let places: Vec<usize> = statuses.skip(1).collect();
        assert_eq!(places[0], places[1], "{text}");
        assert_eq!(
            (cut("李小龍", 6), cut("李小龍", 5), cut("李小龍", 4)),
            ("李小龍".into(), "李小…".into(), "李…".into())
        );
        assert_eq!(cut("a b c", 3), "a…");
    }

    #[test]
    fn later_records_keep_to_the_widths_of_the_first() {
        let mut table = Table::new(Call::COLUMNS, None);
        let first = table.records(&records(&["Priya"]));
        let second = table.records(&records(&["Priya Peña-Montgomery"]));
        assert_eq!((first.lines().count(), second.lines().count()), (2, 1));
        assert!(second.contains("  Priy…  completed"), "{second}");
        assert_eq!(table.records(&[]), "");
    }
}
