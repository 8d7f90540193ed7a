//! A table of a guide. One of three columns or more becomes a list on a phone, where each cell says what it is.

use maud::html;
use pulldown_cmark::{Event, Tag, TagEnd};

use crate::{markdown::plain, strings::Strings};

/// The number of columns from which on a phone has no room for them side by side.
const STACKED_FROM: usize = 3;

/// A table while it is read.
pub(crate) struct Table {
    is_stacked: bool,
    heads: Vec<String>,
    /// The column in which the reader is, counted from 1.
    column: usize,
    is_head: bool,
}

impl Table {
    pub(crate) const CLOSE: &str = "</tbody></table></div>\n";

    /// A table of so many columns, and the tags that it begins with. It may be wider than its column: then it scrolls by
    /// itself, also by keyboard.
    pub(crate) fn open(columns: usize, strings: &Strings) -> (Self, String) {
        let is_stacked = columns >= STACKED_FROM;
        let class = if is_stacked { "table stacked" } else { "table" };
        let label = strings.table;
        let tags = format!(r#"<div class="{class}" role="group" aria-label="{label}" tabindex="0"><table>"#);
        (Self { is_stacked, heads: Vec::new(), column: 0, is_head: false }, tags)
    }

    /// The tag that an event of the table stands for; none for what is in a cell.
    pub(crate) fn tag(&mut self, event: &Event<'_>) -> Option<String> {
        let tag = match event {
            Event::Start(Tag::TableHead) => {
                self.is_head = true;
                "<thead><tr>"
            }
            Event::End(TagEnd::TableHead) => {
                self.is_head = false;
                "</tr></thead><tbody>"
            }
            Event::Start(Tag::TableRow) => {
                self.column = 0;
                "<tr>"
            }
            Event::End(TagEnd::TableRow) => "</tr>",
            Event::Start(Tag::TableCell) => return Some(self.cell()),
            Event::End(TagEnd::TableCell) if self.is_head => "</th>",
            Event::End(TagEnd::TableCell) => "</td>",
            other => {
                if let Some(head) = self.heads.last_mut().filter(|_| self.is_head) {
                    head.push_str(plain(other));
                }
                return None;
            }
        };
        Some(tag.to_owned())
    }

    fn cell(&mut self) -> String {
        self.column += 1;
        if self.is_head {
            self.heads.push(String::new());
            return "<th>".to_owned();
        }
        // The first cell is the row's own name.
        match self.heads.get(self.column - 1).filter(|_| self.is_stacked && self.column > 1) {
            Some(head) => format!(r#"<td data-label="{}">"#, html! { (head) }.into_string()),
            None => "<td>".to_owned(),
        }
    }
}
