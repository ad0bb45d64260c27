//! One table of texts, written for a terminal, as Markdown, as CSV and as JSON. It knows no run:
//! whoever has something to show says what the columns are called and what stands in them.

mod data;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, TableStyle, presets};
use unicode_width::UnicodeWidthStr;

/// Returns the number of columns of a terminal that a text takes: a Chinese character takes two.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// Returns a text with blanks behind it, so that it takes this many columns of a terminal.
#[must_use]
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{:1$}", "", columns.saturating_sub(width(text)))
}

/// A column: its name, and on which side its texts and its name stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    name: String,
    is_number: bool,
    is_head_right: bool,
}

impl Column {
    /// Makes a column of words, which stand on the left.
    #[must_use]
    pub fn words(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_number: false,
            is_head_right: false,
        }
    }

    /// Makes a column of numbers, which stand on the right, as does its name.
    #[must_use]
    pub fn numbers(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_number: true,
            is_head_right: true,
        }
    }

    /// Puts the name on the left, whatever is below it.
    #[must_use]
    pub fn headed_left(mut self) -> Self {
        self.is_head_right = false;
        self
    }
}

/// The content of one cell: its text, and the number that the text was made of, for programs.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    text: String,
    value: Option<f64>,
}

impl Entry {
    /// Makes a cell of a number, whose text may be rounded, grouped or marked.
    #[must_use]
    pub fn number(text: impl Into<String>, value: f64) -> Self {
        Self {
            text: text.into(),
            value: Some(value),
        }
    }
}

impl<T: Into<String>> From<T> for Entry {
    fn from(text: T) -> Self {
        Self {
            text: text.into(),
            value: None,
        }
    }
}

/// A table of texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    columns: Vec<Column>,
    rows: Vec<Vec<Entry>>,
}

impl Sheet {
    /// Makes a table without rows.
    #[must_use]
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row: a cell for each column. What is missing is empty, what is too much is left
    /// out.
    pub fn push(&mut self, row: impl IntoIterator<Item = impl Into<Entry>>) {
        let cells = row.into_iter().map(Into::into);
        let cells = cells.chain(std::iter::repeat_with(|| Entry::from("")));
        self.rows.push(cells.take(self.columns.len()).collect());
    }

    /// Returns the table with its names and texts in another language; numbers for programs stay.
    #[must_use]
    pub fn said(mut self, say: impl Fn(&str) -> String) -> Self {
        for column in &mut self.columns {
            column.name = say(&column.name);
        }
        for entry in self.rows.iter_mut().flatten() {
            entry.text = say(&entry.text);
        }
        self
    }

    /// Returns the names of the columns, from left to right.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Returns the texts of each row, from left to right, each with whether it stands on the right.
    pub fn texts(&self) -> impl Iterator<Item = Vec<(&str, bool)>> {
        self.rows.iter().map(|row| {
            let cells = row.iter().zip(&self.columns);
            let cells = cells.map(|(entry, column)| (entry.text.as_str(), column.is_number));
            cells.collect()
        })
    }

    /// Returns the table for a terminal of this many columns, in which long texts are broken;
    /// `u16::MAX` leaves all of them whole.
    #[must_use]
    pub fn terminal(&self, width: u16) -> String {
        self.drawn(width, presets::UTF8_FULL_CONDENSED)
    }

    /// Returns the table for a terminal as [`Self::terminal`] does, without lines around and between
    /// its cells.
    #[must_use]
    pub fn without_lines(&self, width: u16) -> String {
        self.drawn(width, presets::NOTHING)
    }

    fn drawn(&self, width: u16, style: TableStyle) -> String {
        let cell = |text: &str, is_right: bool| {
            Cell::new(text).set_alignment(if is_right {
                CellAlignment::Right
            } else {
                CellAlignment::Left
            })
        };
        let mut table = Table::new();
        table.load_style(style);
        if width < u16::MAX {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width);
        } else {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
        let columns = || self.columns.iter();
        table.set_header(columns().map(|column| cell(&column.name, column.is_head_right)));
        for row in &self.rows {
            let cells = row.iter().zip(columns());
            table.add_row(cells.map(|(entry, column)| cell(&entry.text, column.is_number)));
        }
        table.to_string()
    }

    /// Returns the table in Markdown (GitHub's, section 4.10): a bar within a text does not end
    /// it, and neither does a line end.
    #[must_use]
    pub fn markdown(&self) -> String {
        let line = |texts: Vec<String>| format!("| {} |\n", texts.join(" | "));
        let plain = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let names = self.columns.iter().map(|column| plain(&column.name));
        let sides = self.columns.iter().map(|column| {
            let side = if column.is_number { "---:" } else { "---" };
            side.to_owned()
        });
        let mut text = line(names.collect()) + &line(sides.collect());
        for row in &self.rows {
            text += &line(row.iter().map(|entry| plain(&entry.text)).collect());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let mut sheet = Sheet::new([Column::words("who"), Column::numbers("how many")]);
        sheet.push(["a|b\nc".to_owned(), "1".to_owned()]);
        sheet.push(["d".to_owned()]);
        sheet
    }

    #[test]
    fn no_text_breaks_out_of_its_cell() {
        let text = sheet().markdown();
        assert_eq!(
            text,
            "| who | how many |\n| --- | ---: |\n| a\\|b c | 1 |\n| d |  |\n"
        );
        // Two bars at the sides and one between, beside the one that is escaped.
        for line in text.lines() {
            assert_eq!(
                line.matches(" |").count() + line.matches("| ").count(),
                4,
                "{line}"
            );
        }
    }

    #[test]
    fn names_and_texts_are_told_one_by_one() {
        let sheet = sheet();
        assert_eq!(sheet.names().collect::<Vec<_>>(), ["who", "how many"]);
        let texts: Vec<_> = sheet.texts().collect();
        assert_eq!(
            texts,
            [[("a|b\nc", false), ("1", true)], [("d", false), ("", true)]]
        );
    }

    #[test]
    fn numbers_stand_on_the_right_and_their_name_where_it_is_put() {
        let mut left = Sheet::new([Column::numbers("how many").headed_left()]);
        left.push(["1".to_owned()]);
        assert_eq!(left.columns[0].name, "how many");
        let wide = |sheet: &Sheet| sheet.terminal(u16::MAX);
        assert!(wide(&left).contains("│        1 │"), "{}", wide(&left));
        let mut named = Sheet::new([Column::numbers("n"), Column::words("w")]);
        named.push(["1,000".to_owned(), "x".to_owned()]);
        assert!(wide(&named).contains("│     n ┆ w │"), "{}", wide(&named));
        let mut named = Sheet::new([Column::numbers("n").headed_left(), Column::words("w")]);
        named.push(["1,000".to_owned(), "x".to_owned()]);
        assert!(wide(&named).contains("│ n     ┆ w │"), "{}", wide(&named));
    }

    #[test]
    fn a_table_in_another_language_keeps_its_lines_in_place() {
        let mut sheet = sheet();
        sheet.push([Entry::from("e"), Entry::number("23", 23.0)]);
        let chinese = |text: &str| match text {
            "who" => "传输方式".to_owned(),
            "d" => "长轮询".to_owned(),
            other => other.to_owned(),
        };
        let said = sheet.said(chinese);
        let drawn = said.terminal(u16::MAX);
        assert!(drawn.contains("│ 传输方式 ┆ how many │"), "{drawn}");
        assert!(drawn.contains("│ 长轮询   ┆          │"), "{drawn}");
        let widths: Vec<usize> = drawn.lines().map(width).collect();
        assert!(
            widths.iter().all(|one| *one == widths[0]),
            "{widths:?}\n{drawn}"
        );
        assert_eq!(padded("长轮询", 8), "长轮询  ");
        assert_eq!(padded("websocket", 8), "websocket");
        assert!(said.csv().ends_with("e,23\n"), "{}", said.csv());
    }

    #[test]
    fn a_narrow_terminal_breaks_texts() {
        let mut sheet = Sheet::new([Column::words("what")]);
        sheet.push(["one word after the other".to_owned()]);
        let narrow = sheet.terminal(14);
        assert!(
            narrow.lines().all(|line| line.chars().count() <= 14),
            "{narrow}"
        );
        assert!(
            sheet
                .terminal(u16::MAX)
                .contains("one word after the other")
        );
    }
}
