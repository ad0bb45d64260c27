//! A figure over all ways, as text and as the number that the text was made of.

use report::Lang;
use sheet::Entry;
use wire::Way;

use crate::advise::{figures::Figures, workload::short};

/// A figure over all ways, and what it rests on.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) figure: String,
    pub(super) unit: String,
    pub(super) basis: String,
    pub(super) cells: Vec<Cell>,
}

impl Line {
    /// Returns the figure in one of the languages.
    pub(super) fn said(self, lang: Lang) -> Self {
        if lang == Lang::En {
            return self;
        }
        let cells = self.cells.into_iter().map(|cell| Cell {
            text: lang.say(&cell.text),
            ..cell
        });
        Self {
            figure: lang.say(&self.figure),
            unit: lang.say(&self.unit),
            basis: basis(&self.basis, lang),
            cells: cells.collect(),
        }
    }
}

/// Returns what a figure rests on. The formulas of several ways stand one after the other, each behind
/// the name of its way, which stays.
fn basis(english: &str, lang: Lang) -> String {
    let is_way = |name: &str| Way::ALL.iter().any(|way| way.transport().name() == name);
    let of_way = |part: &str| -> Option<String> {
        let (name, formula) = part.split_once(": ")?;
        is_way(name).then(|| format!("{name}：{}", lang.say(formula)))
    };
    let parts: Vec<&str> = english.split("; ").collect();
    if !parts.iter().any(|part| of_way(part).is_some()) {
        return lang.say(english);
    }
    let said = parts
        .iter()
        .map(|part| of_way(part).unwrap_or_else(|| lang.say(part)));
    said.collect::<Vec<_>>().join("；")
}

/// A figure of one way: its text, and the number that the text was made of.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) value: Option<f64>,
    /// The share of the number within which a run lies, if that is known.
    pub(super) within: Option<f64>,
}

impl Cell {
    pub(super) fn words(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            value: None,
            within: None,
        }
    }

    pub(super) fn number(value: f64) -> Self {
        Self {
            text: rounded(value),
            value: Some(value),
            within: None,
        }
    }

    /// Returns the cell of a figure that no formula may know.
    pub(super) fn known(value: Option<f64>, is_http2: bool) -> Self {
        value.map_or_else(|| Self::words(unknown(is_http2)), Self::number)
    }

    pub(super) fn entry(self) -> Entry {
        match self.value {
            Some(value) => Entry::number(self.text, value),
            None => Entry::from(self.text),
        }
    }
}

/// Returns the words in place of a figure that no formula knows: over HTTP/2 because of its compressed
/// heads.
pub(in crate::advise) const fn unknown(is_http2: bool) -> &'static str {
    if is_http2 {
        "not known: HPACK"
    } else {
        "no formula"
    }
}

/// The amount below which a figure is shown as zero.
const NOTHING: f64 = 1e-6;

/// Returns a number with about three digits.
pub(in crate::advise) fn rounded(value: f64) -> String {
    match value.abs() {
        size if size < NOTHING => "0".to_owned(),
        size if size >= 100.0 => grouped(value.round()),
        size if size >= 10.0 => short((value * 10.0).round() / 10.0),
        size if size >= 0.01 => short((value * 100.0).round() / 100.0),
        _ => format!("{value:.1e}"),
    }
}

/// Writes a whole number with commas between its thousands.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let (sign, digits) = digits.split_at(usize::from(digits.starts_with('-')));
    let mut text = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Makes a figure of its cell for each way.
pub(super) fn line(
    figure: &str,
    unit: &str,
    basis: impl Into<String>,
    all: &[Figures],
    cell: impl Fn(&Figures) -> Cell,
) -> Line {
    Line {
        figure: figure.to_owned(),
        unit: unit.to_owned(),
        basis: basis.into(),
        cells: all.iter().map(cell).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (1.2e-21, "0"),
            (0.000_123, "1.2e-4"),
            (0.1234, "0.12"),
            (12.34, "12.3"),
            (1_234.5, "1,235"),
            (12_345_678.0, "12,345,678"),
            (-1_234.0, "-1,234"),
        ] {
            assert_eq!(rounded(value), text);
        }
    }
}
