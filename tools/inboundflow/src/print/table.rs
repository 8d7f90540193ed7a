//! Tables, fitted to the terminal.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr as _;

use super::{
    columns::{Column, Form},
    record::Record,
};

const BETWEEN: &str = "  ";
/// The fewest characters of an id that are shown.
const SHORT_ID: usize = 8;
const CUT: char = '…';

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
    /// A table that is at most `width` wide; where there is none, everything is shown whole.
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
        let cells = |column: &Column| cells(column, records, width.is_some());
        let fitted = &*self.begun.get_or_insert_with(|| fit(columns, width, cells));
        let shown: Vec<Vec<String>> = fitted.iter().map(|fitted| cells(fitted.column)).collect();
        let titles = begins.then(|| row(fitted, fitted.iter().map(|fitted| fitted.column.title)));
        let rows = (0..records.len()).map(|nth| row(fitted, shown.iter().map(|cells| cells[nth].as_str())));
        titles.into_iter().chain(rows).collect()
    }
}

impl Fitted {
    fn least(&self) -> usize {
        let least = self.column.form.least().map(|least| least.max(self.column.title.width()));
        least.map_or(self.width, |least| self.width.min(least))
    }
}

/// The cells of a column, one for each record.
fn cells(column: &Column, records: &[Record], is_narrow: bool) -> Vec<String> {
    let cells = records.iter().map(|record| column.cell(record)).collect();
    if is_narrow && column.form == Form::Id { shortened(cells) } else { cells }
}

/// Ids, each with as many characters as tell it from the others.
fn shortened(ids: Vec<String>) -> Vec<String> {
    let sorted: Vec<&str> = ids.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
    let shared = |pair: &[&str]| pair[0].chars().zip(pair[1].chars()).take_while(|(a, b)| a == b).count();
    let least = sorted.windows(2).map(|pair| shared(pair) + 1).max().unwrap_or_default().max(SHORT_ID);
    ids.iter().map(|id| id.chars().take(least).collect()).collect()
}

/// The columns for which there is room, as wide as there is room for.
fn fit(
    columns: &'static [Column],
    width: Option<usize>,
    cells: impl Fn(&Column) -> Vec<String>,
) -> Vec<Fitted> {
    let needs = |column: &Column| {
        let widest = cells(column).iter().map(|cell| cell.width()).max();
        widest.unwrap_or_default().max(column.title.width())
    };
    let all = columns.iter().map(|column| Fitted { column, width: needs(column) });
    let Some(room) = width else { return all.collect() };
    let total = |fitted: &[Fitted], of: fn(&Fitted) -> usize| {
        fitted.iter().map(of).sum::<usize>() + BETWEEN.len() * fitted.len().saturating_sub(1)
    };
    let mut by_rank: Vec<(usize, Fitted)> = all.enumerate().collect();
    by_rank.sort_by_key(|(_, fitted)| fitted.column.rank);
    let (mut places, mut fitted) = (Vec::new(), Vec::new());
    for (place, column) in by_rank {
        let at = places.partition_point(|before| *before < place);
        fitted.insert(at, column);
        if fitted.len() > 1 && total(&fitted, Fitted::least) > room {
            fitted.remove(at);
        } else {
            places.insert(at, place);
        }
    }
    while total(&fitted, |fitted| fitted.width) > room {
        let widest = fitted.iter_mut().filter(|fitted| fitted.width > fitted.least());
        let Some(widest) = widest.max_by_key(|fitted| fitted.width) else { break };
        widest.width -= 1;
    }
    fitted
}

fn row<'a>(fitted: &[Fitted], cells: impl Iterator<Item = &'a str>) -> String {
    let mut row = String::new();
    for (Fitted { column, width }, cell) in fitted.iter().zip(cells) {
        let cell = if column.form.least().is_some() { cut(cell, *width) } else { cell.to_owned() };
        let padding = width.saturating_sub(cell.width()) + BETWEEN.len();
        row.push_str(&cell);
        row.extend(std::iter::repeat_n(' ', padding));
    }
    row.truncate(row.trim_end().len());
    row + "\n"
}

/// As much of a text as is `width` wide, with a sign where that is not all. What is drawn as one character stays whole.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
    let end = ends.take_while(|end| text[..*end].width() <= room).last().unwrap_or_default();
    let kept = text[..end].trim_end_matches('\u{200d}').trim_end();
    format!("{kept}{CUT}")
}

#[cfg(test)]
mod tests {
    use domain::Call;
    use serde_json::json;

    use super::*;
    use crate::print::Listed;

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
        for width in 18..220 {
            let text = table(Some(width), &["Priya Peña", "李小龍", "👋👋", "👩\u{200d}💻 Zoë"]);
            assert!(text.lines().all(|line| line.width() <= width), "{width}\n{text}");
            assert!(text.lines().all(|line| line.contains("48e27c75") || line.ends_with("ID")), "{text}");
        }
        assert_eq!(
            table(Some(60), &["Priya Peña", "李小龍"]),
            "CREATED (UTC)     NAME        SUMMARY               ID\n\
             2026-02-24 20:59  Priya Peña  Somebody called abo…  48e27c75\n\
             2026-02-24 20:59  李小龍      Somebody called abo…  48e27c75\n"
        );
        assert_eq!(
            table(Some(80), &["Priya Peña"]),
            "CREATED (UTC)     PHONE         NAME        SUMMARY                     ID\n\
             2026-02-24 20:59  +12015550142  Priya Peña  Somebody called about som…  48e27c75\n"
        );
        let whole = table(None, &["Priya Peña"]);
        assert!(
            whole.contains("as things do  48e27c75-c142-49a4-8bd4-ea73c8ddbfa7"),
            "nothing is cut where nobody said so: {whole}"
        );
    }

    #[test]
    fn a_short_id_tells_each_record_of_the_page_from_the_others() {
        let short = |ids: &[&str]| shortened(ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(short(&["48e27c75-c142-1", "48e27c75-c1aa-2"]), ["48e27c75-c14", "48e27c75-c1a"]);
        assert_eq!(short(&["48e27c75-c142-1", "48e27c75-c142-1", "b"]), ["48e27c75", "48e27c75", "b"]);
        assert_eq!(short(&["48e27c75-c142-1", "48e27c75-c142"]), ["48e27c75-c142-", "48e27c75-c142"]);
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
        let coder = "👩\u{200d}💻 is away";
        assert_eq!((cut(coder, 3), cut(coder, 2)), ("👩\u{200d}💻…".into(), "…".into()));
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
