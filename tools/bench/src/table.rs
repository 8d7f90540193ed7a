//! A table, as Markdown, which a terminal shows well enough.

use std::fmt;

/// A table's rows, the headings first.
pub(crate) struct Table(Vec<Vec<String>>);

impl Table {
    pub(crate) fn new<const COLUMNS: usize>(headings: &[&str; COLUMNS]) -> Self {
        Self(vec![headings.iter().map(|heading| (*heading).to_owned()).collect()])
    }

    pub(crate) fn row(&mut self, cells: impl Into<Vec<String>>) {
        self.0.push(cells.into());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.0[0].len();
        let width = |column: usize| self.0.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (nth, row) in self.0.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                match column {
                    0 => write!(f, "| {cell:<width$} |", width = widths[0])?,
                    _ => write!(f, " {cell:>width$} |", width = widths[column])?,
                }
            }
            writeln!(f)?;
            if nth == 0 {
                let rule = |(column, width): (usize, &usize)| match column {
                    0 => format!("|{}|", "-".repeat(width + 2)),
                    _ => format!("{}:|", "-".repeat(width + 1)),
                };
                writeln!(f, "{}", widths.iter().enumerate().map(rule).collect::<String>())?;
            }
        }
        Ok(())
    }
}
