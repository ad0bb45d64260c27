//! Values as a spreadsheet or another program writes them back. They are read as they were meant if
//! only one meaning is possible: `TRUE`, `3596.0`, ` 12 `, a decimal comma in a file whose columns
//! are separated by something else, and `NaN` or another word for a number that is not there.
//!
//! `1.23457E+11` is not among them: a spreadsheet writes a rounded value in this form.

use csv::StringRecord;

use super::header::Header;
use crate::fields::Shape;

/// Returns the record with its values in the form that this program writes, or `None` if that
/// changes none of them. A value that may mean two things stays as it is.
pub(super) fn mended(
    record: &StringRecord,
    header: &Header,
    delimiter: u8,
) -> Option<StringRecord> {
    let mut mended = StringRecord::with_capacity(record.as_slice().len(), record.len());
    let mut is_other = false;
    for (at, text) in record.iter().enumerate() {
        let meant = match header.shapes.get(at).copied().flatten() {
            None | Some(Shape::Word) => text.to_owned(),
            Some(_) if header.optional.get(at) == Some(&true) && is_nothing(text.trim()) => {
                String::new()
            }
            Some(Shape::Truth) => truth(text.trim()).to_owned(),
            Some(Shape::Count) => count(text.trim(), delimiter),
            Some(Shape::Fraction) => fraction(text.trim(), delimiter),
        };
        is_other |= meant != text;
        mended.push_field(&meant);
    }
    mended.set_position(record.position().cloned());
    is_other.then_some(mended)
}

/// Returns whether a word stands for a missing value in the files of a statistics program or of a
/// data frame.
fn is_nothing(text: &str) -> bool {
    ["nan", "na", "n/a", "<na>", "null", "none", "nil"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

fn truth(text: &str) -> &str {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "1.0" => "true",
        "false" | "0" | "0.0" => "false",
        _ => text,
    }
}

/// Returns a count without a fraction of zeros: `3596.0` becomes 3596; `3596.5` is not a count and
/// stays as it is.
fn count(text: &str, delimiter: u8) -> String {
    let point = fraction(text, delimiter);
    match point.split_once('.') {
        Some((whole, zeros)) if !whole.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            whole.to_owned()
        }
        _ => text.to_owned(),
    }
}

/// Replaces a decimal comma by a point. A comma is a decimal comma only if it is not the delimiter
/// of columns and occurs once.
fn fraction(text: &str, delimiter: u8) -> String {
    let is_comma = delimiter != b',' && text.matches(',').count() == 1 && !text.contains('.');
    if is_comma {
        text.replace(',', ".")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str, shape: Shape, delimiter: u8) -> Option<String> {
        let record = StringRecord::from(vec![text]);
        let header = |is_optional| Header {
            columns: StringRecord::from(vec!["a"]),
            shapes: vec![Some(shape)],
            optional: vec![is_optional],
        };
        if is_nothing(text) {
            assert_eq!(mended(&record, &header(false), delimiter), None, "{text}");
        }
        mended(&record, &header(true), delimiter).map(|record| record[0].to_owned())
    }

    #[test]
    fn what_can_mean_only_one_thing() {
        use Shape::{Count, Fraction, Truth};
        for (text, shape, delimiter, is) in [
            ("TRUE", Truth, b',', "true"),
            ("False", Truth, b',', "false"),
            ("1.0", Truth, b',', "true"),
            ("3596.0", Count, b',', "3596"),
            ("3596.", Count, b',', "3596"),
            (" 12 ", Count, b',', "12"),
            ("3596,00", Count, b';', "3596"),
            ("0,25", Fraction, b';', "0.25"),
            (" 0.25", Fraction, b',', "0.25"),
            ("NaN", Fraction, b',', ""),
            ("NA", Count, b',', ""),
            ("None", Truth, b',', ""),
        ] {
            assert_eq!(meant(text, shape, delimiter).as_deref(), Some(is), "{text}");
        }
    }

    #[test]
    fn what_may_mean_two_things_stays_as_it_is() {
        use Shape::{Count, Fraction, Truth, Word};
        for (text, shape, delimiter) in [
            ("yes", Truth, b','),
            ("3,596", Count, b','),
            ("3,596", Count, b';'),
            ("3596.5", Count, b','),
            (".0", Count, b','),
            ("1.23457E+11", Count, b','),
            ("1.234,5", Fraction, b';'),
            ("0,25", Fraction, b','),
            ("TRUE", Word, b','),
            ("None", Word, b','),
            ("infinity", Fraction, b','),
            (" x ", Word, b','),
        ] {
            assert_eq!(meant(text, shape, delimiter), None, "{text}");
        }
    }
}
