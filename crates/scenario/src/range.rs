//! A range of values: `{ from = 1, to = 64, steps = 7, scale = "log" }`.
//!
//! Whole numbers at both ends give whole numbers in between, rounded and each
//! only once; write `1.0` for fractions. Durations at both ends give durations.

use std::time::Duration;

use humantime_serde::re::humantime;
use serde::Deserialize;
use toml::{Table, Value};

use super::{document::Places, error::ScenarioError, expected::read_at};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    from: Value,
    to: Value,
    /// The number of values, both ends among them.
    steps: usize,
    #[serde(default)]
    scale: Scale,
}

/// The quantity that is equal between one value and the next.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scale {
    /// The difference.
    #[default]
    Linear,
    /// The ratio.
    Log,
}

/// The type and the values of both ends, and so the type of all values between them.
#[derive(Debug, Clone, Copy)]
enum Ends {
    Whole(f64, f64),
    Fractions(f64, f64),
    /// The durations in nanoseconds.
    Durations(f64, f64),
}

/// Returns whether a table is meant as a range: no other table of a scenario has these
/// keys.
pub(super) fn is_one(table: &Table) -> bool {
    table.contains_key("from") || table.contains_key("steps")
}

/// Returns the values of a range, from `from` to `to`.
pub(super) fn values(
    key: &str,
    table: &Table,
    places: &Places,
) -> Result<Vec<Value>, ScenarioError> {
    let range: Range = read_at(key, Value::Table(table.clone()), places)?;
    let refuse = |problem: &str| ScenarioError::Value {
        place: places.of(key),
        key: key.to_owned(),
        problem: problem.to_owned(),
    };
    let ends = ends(&range).ok_or_else(|| {
        refuse("needs two numbers, or two durations such as \"10ms\", as from and to")
    })?;
    if range.steps == 0 {
        return Err(refuse("has no steps; steps = 2 gives both ends"));
    }
    if range.steps > 1_000 {
        return Err(refuse("has more than 1,000 steps; take fewer"));
    }
    let (from, to) = ends.bounds();
    if matches!(range.scale, Scale::Log) && !(from > 0.0 && to > 0.0) {
        return Err(refuse(
            "cannot be on a log scale from or to 0 or less; take a from above 0, or scale = \"linear\"",
        ));
    }
    let value = |step: usize| match step {
        0 => ends.value(from),
        last if last + 1 == range.steps => ends.value(to),
        _ => {
            let part = step as f64 / (range.steps - 1) as f64;
            ends.value(ends.rounded(between(from, to, part, range.scale)))
        }
    };
    Ok((0..range.steps).map(value).collect())
}

/// Returns the value at `part` of the way from one end to the other.
fn between(from: f64, to: f64, part: f64, scale: Scale) -> f64 {
    match scale {
        Scale::Linear => from + (to - from) * part,
        Scale::Log => from * (to / from).powf(part),
    }
}

fn ends(range: &Range) -> Option<Ends> {
    let finite = |number: f64| number.is_finite().then_some(number);
    match (&range.from, &range.to) {
        (Value::Integer(from), Value::Integer(to)) => Some(Ends::Whole(*from as f64, *to as f64)),
        (Value::String(from), Value::String(to)) => {
            Some(Ends::Durations(nanoseconds(from)?, nanoseconds(to)?))
        }
        (from, to) => Some(Ends::Fractions(
            finite(number(from)?)?,
            finite(number(to)?)?,
        )),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

fn nanoseconds(text: &str) -> Option<f64> {
    humantime::parse_duration(text)
        .ok()
        .map(|duration| duration.as_nanos() as f64)
}

impl Ends {
    fn bounds(self) -> (f64, f64) {
        match self {
            Self::Whole(from, to) | Self::Fractions(from, to) | Self::Durations(from, to) => {
                (from, to)
            }
        }
    }

    fn value(self, number: f64) -> Value {
        match self {
            Self::Whole(..) => Value::Integer(number.round() as i64),
            Self::Fractions(..) => Value::Float(number),
            Self::Durations(from, to) => {
                let unit = [1e6, 1e3]
                    .into_iter()
                    .find(|unit| from % unit == 0.0 && to % unit == 0.0);
                let unit = unit.unwrap_or(1.0);
                let duration = Duration::from_nanos(((number / unit).round() * unit) as u64);
                Value::String(humantime::format_duration(duration).to_string())
            }
        }
    }

    /// Rounds a fraction between the bounds to three significant digits, which are enough to place a
    /// cell and few enough for its label. Numbers of other kinds are rounded to their unit elsewhere.
    fn rounded(self, number: f64) -> f64 {
        match self {
            Self::Fractions(..) => format!("{number:.2e}").parse().unwrap_or(number),
            Self::Whole(..) | Self::Durations(..) => number,
        }
    }
}
