//! Values as a spreadsheet or another program writes them back. They are read as they were meant if
//! only one meaning is possible: `TRUE`, `WAHR`, `3596.0`, ` 12 `, a decimal comma in a file whose
//! columns are separated by something else, or within quotes in a row that has one such as `0,25`,
//! and `NaN` or another word for a number that is not there.
//!
//! `1.23457E+11` is not among them: a spreadsheet writes a rounded value in this form. Nor are
//! `10,000` and `10.000`, which may be ten thousand or ten.

use csv::StringRecord;

use super::header::Header;
use crate::fields::Shape;

/// The words for true in English, German, French, Spanish, Portuguese, Italian, Dutch, Polish,
/// Russian, Swedish, Danish, Norwegian, Finnish, Czech, Hungarian and Turkish, and as numbers.
const TRUE: &str = "true wahr vrai verdadero verdadeiro vero waar prawda истина sant sand sann \
                    tosi pravda igaz doğru 1 1.0";

/// The words for false in the same languages. The last has two forms: Turkish has an `i` without a
/// dot, and other languages make one with a dot of its capital.
const FALSE: &str = "false falsch faux falso onwaar fałsz ложь falskt falsk usann epätosi nepravda \
                     hamis yanlış yanliş 0 0.0";

/// Returns the record with its values in the form that this program writes, or `None` if that
/// changes no number and no truth value. A value that may mean two things stays as it is. No word of
/// this program begins or ends with a blank.
pub(super) fn mended(
    record: &StringRecord,
    header: &Header,
    delimiter: u8,
) -> Option<StringRecord> {
    let mut mended = StringRecord::with_capacity(record.as_slice().len(), record.len());
    let mut is_other = false;
    let has_decimal_commas = !has_decimal_points(record, header)
        && (delimiter != b',' || has_decimal_comma(record, header));
    let is_word =
        |at: usize| matches!(header.shapes.get(at), None | Some(None | Some(Shape::Word)));
    for (at, text) in record.iter().enumerate() {
        let meant = match header.shapes.get(at).copied().flatten() {
            None | Some(Shape::Word) => text.trim().to_owned(),
            Some(_) if header.optional.get(at) == Some(&true) && is_nothing(text.trim()) => {
                String::new()
            }
            Some(Shape::Truth) => truth(text.trim()).to_owned(),
            Some(Shape::Count) => count(text.trim(), has_decimal_commas),
            Some(Shape::Fraction) => fraction(text.trim(), has_decimal_commas),
        };
        is_other |= !is_word(at) && meant != text;
        mended.push_field(&meant);
    }
    mended.set_position(record.position().cloned());
    is_other.then_some(mended)
}

/// Returns whether a number of a record is written with a decimal point, so that its commas
/// separate thousands.
fn has_decimal_points(record: &StringRecord, header: &Header) -> bool {
    record.iter().enumerate().any(|(at, text)| {
        let shape = header.shapes.get(at).copied().flatten();
        shape == Some(Shape::Fraction) && text.contains('.')
    })
}

/// Returns whether a number of a record has a comma that can only be a decimal one, so that its
/// other commas are decimal ones too. Some spreadsheets write such numbers within quotes, with
/// commas between columns.
fn has_decimal_comma(record: &StringRecord, header: &Header) -> bool {
    let are_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    record.iter().enumerate().any(|(at, text)| {
        let shape = header.shapes.get(at).copied().flatten();
        let number = text.trim();
        let parts = number.strip_prefix('-').unwrap_or(number).split_once(',');
        shape == Some(Shape::Fraction)
            && parts.is_some_and(|(whole, rest)| {
                are_digits(whole) && are_digits(rest) && !may_be_thousands(whole, rest)
            })
    })
}

/// Returns whether a word stands for a missing value in the files of a statistics program or of a
/// data frame.
fn is_nothing(text: &str) -> bool {
    ["nan", "na", "n/a", "<na>", "null", "none", "nil"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// Returns a truth value as this program writes it. A spreadsheet writes it in the language that it is
/// set to.
fn truth(text: &str) -> &str {
    let word = text.to_lowercase();
    let is_one_of = |words: &str| words.split(' ').any(|known| known == word);
    if is_one_of(TRUE) {
        "true"
    } else if is_one_of(FALSE) {
        "false"
    } else {
        text
    }
}

/// Returns a count without a fraction of zeros: `3596.0` becomes 3596. `3596.5` is not a count and
/// stays as it is, and so does `10.000`, which may be a number with its thousands separated.
fn count(text: &str, has_decimal_commas: bool) -> String {
    let point = fraction(text, has_decimal_commas);
    match point.split_once('.') {
        Some((whole, zeros))
            if !whole.is_empty()
                && zeros.bytes().all(|byte| byte == b'0')
                && !may_be_thousands(whole, zeros) =>
        {
            whole.to_owned()
        }
        _ => text.to_owned(),
    }
}

/// Returns whether the two parts of a number may be groups of digits: the last one has three, the
/// first at most three and not only zeros.
fn may_be_thousands(first: &str, last: &str) -> bool {
    last.len() == 3 && first.len() <= 3 && first.bytes().any(|byte| byte != b'0')
}

/// Replaces a decimal comma by a point, if the record has them. A comma that occurs twice in a number
/// is none.
fn fraction(text: &str, has_decimal_commas: bool) -> String {
    if has_decimal_commas && text.matches(',').count() == 1 && !text.contains('.') {
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
            ("WAHR", Truth, b';', "true"),
            ("Falsch", Truth, b';', "false"),
            ("FAŁSZ", Truth, b';', "false"),
            ("ИСТИНА", Truth, b';', "true"),
            ("SANT", Truth, b';', "true"),
            ("EPÄTOSI", Truth, b';', "false"),
            ("Nepravda", Truth, b';', "false"),
            ("DOĞRU", Truth, b';', "true"),
            ("YANLIŞ", Truth, b';', "false"),
            ("yanlış", Truth, b',', "false"),
            ("3596.0", Count, b',', "3596"),
            ("3596.", Count, b',', "3596"),
            ("3596.000", Count, b',', "3596"),
            ("0.000", Count, b',', "0"),
            (" 12 ", Count, b',', "12"),
            ("3596,00", Count, b';', "3596"),
            ("0,25", Fraction, b';', "0.25"),
            ("0,25", Fraction, b',', "0.25"),
            ("-0,125", Fraction, b',', "-0.125"),
            ("1234,567", Fraction, b',', "1234.567"),
            (" 0.25", Fraction, b',', "0.25"),
            ("NaN", Fraction, b',', ""),
            ("NA", Count, b',', ""),
            ("None", Truth, b',', ""),
        ] {
            assert_eq!(meant(text, shape, delimiter).as_deref(), Some(is), "{text}");
        }
    }

    #[test]
    fn commas_beside_decimal_points_separate_thousands() {
        let header = Header {
            columns: StringRecord::from(vec!["a", "b"]),
            shapes: vec![Some(Shape::Fraction); 2],
            optional: vec![false; 2],
        };
        let meant = |texts| mended(&StringRecord::from(texts), &header, b'\t');
        assert_eq!(meant(vec!["1,250", "0.25"]), None);
        let decimal = meant(vec!["1,250", "0,25"]).expect("decimal commas");
        assert_eq!(decimal, vec!["1.250", "0.25"]);
    }

    #[test]
    fn one_comma_that_is_decimal_tells_what_the_others_are() {
        let header = Header {
            columns: StringRecord::from(vec!["a", "b"]),
            shapes: vec![Some(Shape::Fraction); 2],
            optional: vec![false; 2],
        };
        let meant = |texts| mended(&StringRecord::from(texts), &header, b',');
        let decimal = meant(vec!["1,250", "0,25"]).expect("decimal commas");
        assert_eq!(decimal, vec!["1.250", "0.25"]);
        for texts in [vec!["1,250", "3"], vec!["1,250", "0.25"]] {
            assert_eq!(meant(texts), None);
        }
    }

    #[test]
    fn what_may_mean_two_things_stays_as_it_is() {
        use Shape::{Count, Fraction, Truth, Word};
        for (text, shape, delimiter) in [
            ("yes", Truth, b','),
            ("ja", Truth, b';'),
            ("3,596", Count, b','),
            ("3,596", Count, b';'),
            ("3596.5", Count, b','),
            ("10.000", Count, b';'),
            ("10,000", Count, b'\t'),
            ("10.000", Count, b','),
            (".0", Count, b','),
            ("1.23457E+11", Count, b','),
            ("1.234,5", Fraction, b';'),
            ("12,345", Fraction, b','),
            ("1,234,567", Fraction, b','),
            ("1,234.5", Fraction, b','),
            (",5", Fraction, b','),
            ("TRUE", Word, b','),
            ("None", Word, b','),
            ("infinity", Fraction, b','),
            (" x ", Word, b','),
        ] {
            assert_eq!(meant(text, shape, delimiter), None, "{text}");
        }
    }
}
