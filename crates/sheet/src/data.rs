//! The table for programs: CSV, and a list of JSON objects.

use serde::{Serialize, Serializer};

use super::{Entry, Sheet};

impl Sheet {
    /// Returns the table as CSV (RFC 4180, with line ends of one byte): a line of names, then a line
    /// for each row. A cell that was made of a number holds this number, not its text.
    #[must_use]
    pub fn csv(&self) -> String {
        let line = |fields: Vec<String>| fields.join(",") + "\n";
        let mut text = line(self.keys().iter().map(|name| quoted(name)).collect());
        for row in &self.rows {
            let field = |entry: &Entry| {
                let number = entry.value.filter(|value| value.is_finite());
                number.map_or_else(|| quoted(&entry.text), |value| value.to_string())
            };
            text += &line(row.iter().map(field).collect());
        }
        text
    }

    /// Returns the names of the columns on one line each, with a number behind a name that an earlier
    /// column has, because the keys of an object differ.
    fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for column in &self.columns {
            let name = column.name.split_whitespace().collect::<Vec<_>>().join(" ");
            let mut key = name.clone();
            let mut number = 2;
            while keys.contains(&key) {
                key = format!("{name} {number}");
                number += 1;
            }
            keys.push(key);
        }
        keys
    }
}

/// Writes the rows as a list of objects, whose keys are the names of the columns. A cell that was
/// made of a number is this number, any other is its text.
impl Serialize for Sheet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = self.keys();
        serializer.collect_seq(self.rows.iter().map(|row| Row { keys: &keys, row }))
    }
}

/// A row with the names of its columns, in their order.
struct Row<'a> {
    keys: &'a [String],
    row: &'a [Entry],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.keys.iter().zip(self.row))
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value.filter(|value| value.is_finite()) {
            Some(value) if value.fract() == 0.0 && value.abs() < EXACT => {
                serializer.serialize_i64(value as i64)
            }
            Some(value) => serializer.serialize_f64(value),
            None => serializer.serialize_str(&self.text),
        }
    }
}

/// The integers below this are exact as floating-point numbers: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Returns a text as a field: in quotes if it holds a comma, a quote or a line end (RFC 4180, section
/// 2, rules 5 to 7).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;

    fn sheet() -> Sheet {
        let mut sheet = Sheet::new([
            Column::words("who \nname "),
            Column::numbers("p95"),
            Column::numbers("p95"),
            Column::words("note"),
        ]);
        sheet.push([
            Entry::from("a, \"b\"\nc"),
            Entry::number("1,234 *", 1_234.0),
            Entry::number("0.33", 1.0 / 3.0),
            Entry::number("–", f64::NAN),
        ]);
        sheet.push(["d"]);
        sheet
    }

    #[test]
    fn a_field_is_quoted_where_it_must_be_and_a_number_is_whole() {
        assert_eq!(
            sheet().csv(),
            "who name,p95,p95 2,note\n\"a, \"\"b\"\"\nc\",1234,0.3333333333333333,–\nd,,,\n"
        );
    }

    #[test]
    fn keys_differ_and_keep_their_order() {
        let json = serde_json::to_string(&sheet()).expect("JSON");
        assert_eq!(
            json,
            r#"[{"who name":"a, \"b\"\nc","p95":1234,"p95 2":0.3333333333333333,"note":"–"},{"who name":"d","p95":"","p95 2":"","note":""}]"#
        );
    }
}
