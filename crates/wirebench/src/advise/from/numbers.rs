//! Numbers with their origin, as a table.

use std::ops::RangeInclusive;

use serde_json::Value;
use sheet::{Column, Entry, Sheet};

use crate::{advise::workload::short, args::WorkloadInputs};

/// The numbers that were taken from a file.
#[derive(Debug, Default)]
pub(in crate::advise) struct ExtractedNumbers {
    /// The numbers themselves.
    pub(in crate::advise) inputs: WorkloadInputs,
    numbers: Vec<Number>,
    /// Remarks about what the file lacks.
    pub(in crate::advise) remarks: Vec<String>,
}

/// A number of an application, and its origin.
#[derive(Debug)]
struct Number {
    name: &'static str,
    /// The flags that give it, the usual one first.
    flags: &'static [&'static str],
    /// The text of the number; `None` if the file does not tell it.
    value: Option<String>,
    /// The origin, or the reason why there is none.
    from: String,
}

impl ExtractedNumbers {
    /// Makes an empty list beside what was taken and what the file lacks.
    pub(super) fn new(inputs: WorkloadInputs, remarks: Vec<String>) -> Self {
        Self {
            inputs,
            numbers: Vec::new(),
            remarks,
        }
    }

    /// Adds a number that was told.
    pub(super) fn told(
        &mut self,
        name: &'static str,
        flags: &'static [&'static str],
        value: impl Into<String>,
        from: impl Into<String>,
    ) {
        self.numbers.push(Number {
            name,
            flags,
            value: Some(value.into()),
            from: from.into(),
        });
    }

    /// Adds a number that could not be told.
    pub(super) fn untold(
        &mut self,
        name: &'static str,
        flags: &'static [&'static str],
        why: impl Into<String>,
    ) {
        self.numbers.push(Number {
            name,
            flags,
            value: None,
            from: why.into(),
        });
    }

    /// Returns a line for each number: its value and origin, with those that flags gave instead.
    pub(in crate::advise) fn sheet(&self, given: &WorkloadInputs) -> Sheet {
        let mut sheet = Sheet::new(["number", "value", "from"].map(Column::words));
        let given = serde_json::to_value(given).unwrap_or_default();
        for number in &self.numbers {
            sheet.push(number.line(&given).map(Entry::from));
        }
        sheet
    }

    /// Returns a sentence for each number that neither the file nor a flag gives.
    pub(in crate::advise) fn missing(&self, given: &WorkloadInputs) -> Vec<String> {
        let given = serde_json::to_value(given).unwrap_or_default();
        let missing = self
            .numbers
            .iter()
            .filter(|number| number.value.is_none() && number.given(&given).is_none());
        missing
            .map(|number| format!("{}: {}", number.name, number.why()))
            .collect()
    }
}

impl Number {
    /// Returns the flag that was given for it, with its value.
    fn given(&self, given: &Value) -> Option<(&'static str, String)> {
        self.flags.iter().find_map(|flag| {
            let value = given.get(flag.replace('-', "_"))?;
            Some((*flag, plain(value)?))
        })
    }

    /// Returns why it could not be told, and the flag that gives it.
    fn why(&self) -> String {
        let flag = self.flags.first().unwrap_or(&"");
        format!("{}; give --{flag}", self.from)
    }

    fn line(&self, given: &Value) -> [String; 3] {
        let name = self.name.to_owned();
        if let Some((flag, value)) = self.given(given) {
            return [name, value, format!("--{flag}")];
        }
        match &self.value {
            Some(value) => [name, value.clone(), self.from.clone()],
            None => [name, "not told".to_owned(), self.why()],
        }
    }
}

/// Returns the nearest number of a range, and what is to be said of it where it is not the number of
/// seconds that was found.
pub(super) fn nearest(seconds: f64, range: &RangeInclusive<f64>) -> (f64, String) {
    let taken = seconds.clamp(*range.start(), *range.end());
    let said = if range.contains(&seconds) {
        String::new()
    } else {
        let found = short(seconds);
        format!(": {found} s, and this is the nearest that can be taken")
    };
    (taken, said)
}

/// Returns the text of a value that was given, as it was typed; `None` if there is none.
fn plain(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::String(word) => word.clone(),
        Value::Array(all) => all.iter().filter_map(plain).collect::<Vec<_>>().join(", "),
        other => {
            let number = other.as_f64();
            number.map_or_else(|| other.to_string(), |number| number.to_string())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_beyond_its_range_says_so() {
        let (taken, said) = nearest(300.0, &(1.0..=120.0));
        assert!((taken - 120.0).abs() < 1e-9);
        assert_eq!(said, ": 300 s, and this is the nearest that can be taken");
        let (taken, said) = nearest(25.0, &(1.0..=120.0));
        assert!((taken - 25.0).abs() < 1e-9);
        assert_eq!(said, "");
    }

    #[test]
    fn a_flag_goes_before_the_file_and_is_named_where_nothing_is_told() {
        let mut taken = ExtractedNumbers::default();
        taken.told("readers", &["readers"], "3", "three streams");
        taken.untold("rooms", &["rooms"], "one path");
        taken.told(
            "messages a second",
            &["messages-per-room", "messages-per-reader"],
            "2.5",
            "counted",
        );
        let text = |given: &WorkloadInputs| taken.sheet(given).markdown();
        let none = WorkloadInputs::default();
        assert!(text(&none).contains("three streams"), "{}", text(&none));
        assert!(text(&none).contains("one path; give --rooms"));
        assert_eq!(taken.missing(&none), ["rooms: one path; give --rooms"]);
        let given = WorkloadInputs {
            rooms: Some(4.0),
            messages_per_reader: Some(0.5),
            ..WorkloadInputs::default()
        };
        assert!(text(&given).contains("--rooms") && text(&given).contains("--messages-per-reader"));
        assert!(!text(&given).contains("counted") && taken.missing(&given).is_empty());
    }
}
