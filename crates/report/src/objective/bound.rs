//! Operator and bound: `< 50ms`, `>= 3.9`, `= 0`, or just `0`.

use super::{
    column::{Column, Kind},
    error::ObjectiveError,
};

/// How a figure stands to its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `=`, or no operator at all
    Equal,
}

/// What a figure must come to, in the unit of its column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// How it must stand to the value.
    pub operator: Operator,
    /// The value.
    pub value: f64,
}

/// The longer ones first: `<=` begins like `<`.
const OPERATORS: [(&str, Operator); 6] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("==", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::More),
    ("=", Operator::Equal),
];

/// Units of time in microseconds, longer names first.
const TIMES: [(&str, f64); 6] = [
    ("ns", 1e-3),
    ("us", 1.0),
    ("µs", 1.0),
    ("ms", 1e3),
    ("s", 1e6),
    ("m", 6e7),
];

/// Units of bytes: networks count in thousands, memory in powers of two.
const SIZES: [(&str, f64); 7] = [
    ("B", 1.0),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
];

impl Operator {
    /// As it is written.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Equal => "=",
        }
    }
}

impl Bound {
    /// Reads a bound in a unit that the column understands.
    pub(super) fn parse(text: &str, column: &Column, key: &str) -> Result<Self, ObjectiveError> {
        let trimmed = text.trim();
        let (operator, rest) = OPERATORS
            .iter()
            .find_map(|(sign, operator)| Some((*operator, trimmed.strip_prefix(sign)?)))
            .unwrap_or((Operator::Equal, trimmed));
        let wrong = |problem: String| ObjectiveError::Bound {
            key: key.to_owned(),
            text: text.to_owned(),
            problem,
        };
        let value = value(rest.trim(), column).map_err(wrong)?;
        Ok(Self { operator, value })
    }

    /// Whether a figure comes to it.
    #[must_use]
    pub fn is_met(&self, value: f64) -> bool {
        match self.operator {
            Operator::Less => value < self.value,
            Operator::AtMost => value <= self.value,
            Operator::More => value > self.value,
            Operator::AtLeast => value >= self.value,
            // A column holds at most three digits after the point.
            Operator::Equal => (value - self.value).abs() < 5e-4,
        }
    }
}

fn value(text: &str, column: &Column) -> Result<f64, String> {
    match text {
        "true" => return Ok(1.0),
        "false" => return Ok(0.0),
        _ => {}
    }
    let end = text
        .find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | '-' | '_')))
        .unwrap_or(text.len());
    let (digits, unit) = (text[..end].replace('_', ""), text[end..].trim());
    let number: f64 = digits.parse().map_err(|_| example(column))?;
    let of = |units: &[(&str, f64)], base: f64| {
        let known = units.iter().find(|(name, _)| *name == unit);
        known.map(|(_, size)| number * size / base)
    };
    let in_unit = match column.kind {
        Kind::Micros => of(&TIMES, 1.0),
        Kind::Millis => of(&TIMES, 1e3),
        Kind::Bytes => of(&SIZES, 1.0),
        Kind::Share => of(&[("%", 0.01)], 1.0),
        Kind::Truth | Kind::Count | Kind::Plain => of(&[("/s", 1.0)], 1.0),
    };
    let is_time = matches!(column.kind, Kind::Micros | Kind::Millis);
    match (in_unit, unit) {
        (Some(value), _) => Ok(value),
        // Zero needs no unit, and a name that ends in one has said it.
        (None, "") if !is_time || column.says_unit() || number == 0.0 => Ok(number),
        (None, "") => Err(format!(
            "a time needs its unit: \"{number}ms\", \"{number}us\""
        )),
        (None, unit) => Err(format!("\"{unit}\" is no unit here; {}", example(column))),
    }
}

/// What would be right, and make sense of this column.
fn example(column: &Column) -> String {
    let example = match column.kind {
        Kind::Micros | Kind::Millis => "\"< 50ms\"",
        Kind::Bytes => "\"< 700\" or \"< 2kB\"",
        Kind::Truth => "true or false",
        Kind::Count => "0 or \"<= 10\"",
        Kind::Share => "\"< 0.8\" or \">= 0.99\"",
        Kind::Plain => "\">= 3.9\"",
    };
    format!("write {example}")
}
