//! Operators and bounds: `< 50ms`, `>= 3.9`, `= 0`, or just `0` for a count.

use super::{
    column::Column,
    error::{ObjectiveError, alike},
};
use crate::{metric::Better, unit::Unit};

/// The comparison of a figure with its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The operator `<`.
    Less,
    /// The operator `<=`.
    AtMost,
    /// The operator `>`.
    More,
    /// The operator `>=`.
    AtLeast,
    /// The operator `=`, or no operator for a count or a truth value.
    Equal,
}

/// The bound that a figure must meet, in the unit of its column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The comparison with the value.
    pub operator: Operator,
    /// The value that the figure is compared with.
    pub value: f64,
}

/// The operators, longer ones first because `<=` begins like `<`.
const OPERATORS: [(&str, Operator); 8] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("≤", Operator::AtMost),
    ("≥", Operator::AtLeast),
    ("==", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::More),
    ("=", Operator::Equal),
];

/// The units of time in microseconds, longer names first.
const TIMES: [(&str, f64); 6] = [
    ("ns", 1e-3),
    ("us", 1.0),
    ("µs", 1.0),
    ("ms", 1e3),
    ("s", 1e6),
    ("m", 6e7),
];

/// The units of bytes: units of networks count in thousands, units of memory in powers of two.
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
    /// Returns the operator as it is written.
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
    /// Reads a bound in a unit that fits the column.
    pub(super) fn parse(text: &str, column: &Column, key: &str) -> Result<Self, ObjectiveError> {
        let trimmed = text.trim();
        let wrong = |problem: String| ObjectiveError::Bound {
            key: key.to_owned(),
            text: text.to_owned(),
            problem,
        };
        let written = OPERATORS
            .iter()
            .find_map(|(sign, operator)| Some((*operator, trimmed.strip_prefix(sign)?)));
        let (operator, rest) = written.unwrap_or((Operator::Equal, trimmed));
        let value = value(rest.trim(), column).map_err(wrong)?;
        // A measured time never equals a bound to the microsecond, so a bound without a comparison
        // is most probably a mistake.
        if written.is_none() && !matches!(column.unit, Unit::Truth | Unit::Count) {
            return Err(wrong(format!(
                "a comparison is missing; write \"< {trimmed}\" or \"> {trimmed}\""
            )));
        }
        if column.unit == Unit::Truth && operator != Operator::Equal {
            return Err(wrong(example(column)));
        }
        if value < 0.0 {
            return Err(wrong(format!("no figure is below 0; {}", example(column))));
        }
        if column.unit == Unit::Share && value > 1.0 {
            return Err(wrong(format!(
                "a share is at most 1, or 100 %; {}",
                example(column)
            )));
        }
        Ok(Self { operator, value })
    }

    /// Returns whether a figure meets the bound.
    #[must_use]
    pub fn is_met(&self, value: f64) -> bool {
        match self.operator {
            Operator::Less => value < self.value,
            Operator::AtMost => value <= self.value,
            Operator::More => value > self.value,
            Operator::AtLeast => value >= self.value,
            // The columns have at most three digits after the point.
            Operator::Equal => (value - self.value).abs() < 5e-4,
        }
    }
}

fn value(text: &str, column: &Column) -> Result<f64, String> {
    if column.unit == Unit::Truth {
        return match text {
            "true" => Ok(1.0),
            "false" => Ok(0.0),
            _ => Err(example(column)),
        };
    }
    let end = text
        .find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | '-' | '_')))
        .unwrap_or(text.len());
    let (digits, unit) = (text[..end].replace('_', ""), text[end..].trim());
    let number: f64 = digits.parse().map_err(|_| example(column))?;
    let (units, base): (&[(&str, f64)], f64) = match column.unit {
        Unit::Microseconds => (&TIMES, 1.0),
        Unit::Milliseconds => (&TIMES, 1e3),
        Unit::Bytes | Unit::Memory => (&SIZES, 1.0),
        Unit::Share | Unit::Processors => (&[("%", 0.01)], 1.0),
        Unit::PerSecond => (&[("/s", 1.0)], 1.0),
        Unit::Truth | Unit::Count | Unit::Number => (&[], 1.0),
    };
    let known = units.iter().find(|(name, _)| *name == unit);
    let is_time = column.unit.is_time();
    match (known, unit) {
        (Some((_, size)), _) => Ok(number * size / base),
        // Zero needs no unit, and neither does a column whose name ends in its unit.
        (None, "") if !is_time || column.says_unit() || number == 0.0 => Ok(number),
        (None, "") => Err(format!(
            "a time needs its unit: \"{number}ms\", \"{number}us\""
        )),
        (None, unit) => {
            // A single letter is no misspelling of another unit.
            let names = units.iter().map(|(name, _)| *name);
            let meant = alike(unit, names.filter(|name| name.len() > 1));
            let meant = meant.map_or_else(String::new, |near| format!(", did you mean {near}?"));
            Err(format!(
                "\"{unit}\" is no unit here{meant}; {}",
                example(column)
            ))
        }
    }
}

/// Returns an example of a correct bound for this column, which asks for what is better.
fn example(column: &Column) -> String {
    let example = match (column.unit, column.better) {
        (Unit::Microseconds | Unit::Milliseconds, _) => "\"< 50ms\"",
        (Unit::Bytes | Unit::Memory, _) => "\"< 700\" or \"< 2kB\"",
        (Unit::Truth, _) => "true or false",
        (Unit::Count, _) => "0 or \"<= 10\"",
        (Unit::Share | Unit::Processors, Better::Less) => "\"< 0.8\"",
        (Unit::Share | Unit::Processors, Better::More) => "\">= 0.99\"",
        (Unit::Share | Unit::Processors, Better::Neither) => "\"< 0.8\" or \">= 0.99\"",
        (Unit::PerSecond | Unit::Number, Better::Less) => "\"<= 3.9\"",
        (Unit::PerSecond | Unit::Number, Better::More | Better::Neither) => "\">= 3.9\"",
    };
    format!("write {example}")
}
