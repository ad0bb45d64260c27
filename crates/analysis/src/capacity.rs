//! The capacity of each transport: `capacity.csv`, with a row for each search, and its contents in
//! words.
//!
//! The rows state the load at which a search stopped and the reason. The runs that it made are in
//! the other files as after any run, so the figure is drawn from both.

mod condition;

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize, Serializer};

pub use condition::{Condition, ConditionError};

use crate::swept::swept;
use results::{Complaint, Record, RunKey, RunRow};

/// The name of the file within a results folder.
pub const FILE: &str = "capacity.csv";

/// The load at which one search stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityRow {
    /// The transport, as in [`RunRow::transport`].
    pub transport: String,
    /// The variant, as in [`RunRow::variant`].
    pub variant: String,
    /// The values of the other swept keys; `-` if there are none.
    pub cell: String,
    /// The key that was increased: `clients` or `rate`.
    pub grown: String,
    /// The largest load that the transport held; empty if it held none.
    #[serde(serialize_with = "short")]
    pub held: Option<f64>,
    /// The smallest load that it did not hold; empty if it held all.
    #[serde(serialize_with = "short")]
    pub broke: Option<f64>,
    /// The reason for the end of the search.
    pub stopped_by: StoppedBy,
    /// The largest number of runs of one load.
    pub repeats: u32,
    /// The condition that a load must not fulfil: `p95 > 500ms`.
    pub condition: String,
    /// The figure of the condition at the load that held, in the column's own unit (times in
    /// microseconds): the median of the valid repeats.
    #[serde(serialize_with = "short")]
    pub held_figure: Option<f64>,
    /// The figure of the condition at the load that did not hold.
    #[serde(serialize_with = "short")]
    pub broke_figure: Option<f64>,
    /// The details of `stopped_by`, in words.
    pub why: String,
    /// True if the generator's own checks failed at one of the two loads, so that the result
    /// concerns generator and server together.
    pub doubted: bool,
}

/// The reason for the end of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoppedBy {
    /// The condition holds: this is the knee.
    Condition,
    /// The runs failed: something was lost, or the server ended.
    Server,
    /// The generator may not be believed: the server might hold more.
    Generator,
    /// The runs are too small for the condition's figure.
    NoFigure,
    /// The largest permitted load was reached.
    Limit,
    /// The search was cut short.
    Unfinished,
}

impl StoppedBy {
    /// Returns the reason in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Condition => "the condition",
            Self::Server => "the server: runs went wrong",
            Self::Generator => "the generator gave out first",
            Self::NoFigure => "too few deliveries to tell",
            Self::Limit => "nothing: it held as far as it was tried",
            Self::Unfinished => "not finished",
        }
    }

    /// Returns whether the search found the load that the transport cannot hold.
    #[must_use]
    pub const fn is_knee(self) -> bool {
        matches!(self, Self::Condition | Self::Server)
    }
}

/// Writes `capacity.csv` into a results folder, completely or not at all.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn write(rows: &[CapacityRow], folder: &Path) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(io::Error::other)?;
    }
    let text = writer
        .into_inner()
        .map_err(csv::IntoInnerError::into_error)?;
    let partial = folder.join(FILE).with_extension("csv.partial");
    fs::write(&partial, text)?;
    fs::rename(partial, folder.join(FILE))
}

impl Record for CapacityRow {
    const FILE: &'static str = FILE;

    /// Returns the variant and the values of the other keys. A search has many runs, so that the
    /// repeat is none.
    fn run(&self) -> RunKey<'_> {
        (&self.transport, &self.variant, &self.cell, 0)
    }

    /// Checks that the loads are finite and not negative, and that the condition can be read.
    fn impossible(&self) -> Option<(&'static str, String)> {
        let loads = [("held", self.held), ("broke", self.broke)];
        let bad = loads
            .into_iter()
            .find(|(_, load)| load.is_some_and(|load| !load.is_finite() || load < 0.0));
        if let Some((column, _)) = bad {
            return Some((column, "is no load".to_owned()));
        }
        let error = Condition::parse(&self.condition).err()?;
        Some(("condition", error.to_string()))
    }
}

/// Reads `capacity.csv`. A folder without one contains no search, and a row that cannot be read is
/// left out with a complaint.
#[must_use]
pub fn read(folder: &Path) -> (Vec<CapacityRow>, Vec<Complaint>) {
    if !folder.join(FILE).exists() {
        return Default::default();
    }
    let mut rows = Vec::new();
    let complaints = results::each_row(folder, |row: CapacityRow| rows.push(row));
    (rows, complaints)
}

/// Returns the values in a cell's name except that of the increased key; `-` if there are none.
#[must_use]
pub fn others(cell: &str, grown: &str) -> String {
    let is_grown = |key: &str| {
        key == grown
            || matches!(
                (key, grown),
                ("swarm.clients", "clients") | ("traffic.rate", "rate")
            )
    };
    let words: Vec<String> = swept(cell)
        .filter(|(key, _)| !is_grown(key))
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    if words.is_empty() {
        "-".to_owned()
    } else {
        words.join(" ")
    }
}

/// Returns the load of a run.
#[must_use]
pub fn load(run: &RunRow, grown: &str) -> f64 {
    match grown {
        "rate" => run.rate_per_s,
        _ => run.clients as f64,
    }
}

/// Writes a number with at most three digits after the point, such as `400` and `12.5`.
#[expect(clippy::ref_option, reason = "serde's signature")]
fn short<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    let Some(value) = value.map(|value| (value * 1e3).round() / 1e3) else {
        return serializer.serialize_none();
    };
    if value.fract() == 0.0 && value >= 0.0 {
        serializer.serialize_u64(value as u64)
    } else {
        serializer.serialize_f64(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> CapacityRow {
        CapacityRow {
            transport: "websocket".to_owned(),
            variant: "-".to_owned(),
            cell: "payload=200".to_owned(),
            grown: "clients".to_owned(),
            held: Some(400.0),
            broke: Some(412.5),
            stopped_by: StoppedBy::NoFigure,
            repeats: 3,
            condition: "p95 > 500ms".to_owned(),
            held_figure: Some(12_345.678),
            broke_figure: None,
            why: "too few, by far".to_owned(),
            doubted: false,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        write(&[row()], folder.path()).unwrap();
        let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(
            text.ends_with(
                "websocket,-,payload=200,clients,400,412.5,no_figure,3,p95 > 500ms,12345.678,,\"too few, by far\",false\n"
            ),
            "{text}"
        );
        assert_eq!(read(folder.path()), (vec![row()], Vec::new()));
    }

    #[test]
    fn what_cannot_be_believed_is_left_out_and_named() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), (Vec::new(), Vec::new()));
        let mut bad = row();
        bad.condition = "p95".to_owned();
        write(&[row(), bad], folder.path()).unwrap();
        let file = folder.path().join(FILE);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(
            &file,
            text + "websocket,-,-,clients,-1,1,limit,1,p95 > 1s,,,,true\nshort\n",
        )
        .unwrap();
        let (rows, complaints) = read(folder.path());
        assert_eq!(rows, [row()]);
        let said: Vec<String> = complaints.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].starts_with("capacity.csv, line 3, column condition: "));
        assert!(said[1].starts_with("capacity.csv, line 4, column held: "));
        assert!(said[2].starts_with("capacity.csv, line 5: "));
    }

    /// Checks a file that a spreadsheet has saved in German.
    #[test]
    fn what_a_spreadsheet_saved_is_read_as_it_was_meant() {
        let folder = tempfile::tempdir().unwrap();
        write(&[row()], folder.path()).unwrap();
        let file = folder.path().join(FILE);
        let text = fs::read_to_string(&file).unwrap();
        let header = text.lines().next().unwrap().replace(',', ";");
        let saved = "websocket;-;payload=200;clients;400;412,5;no_figure;3;p95 > 500ms;12345,678;;\
                     too few, by far;FALSCH\r\n";
        fs::write(&file, format!("\u{feff}{header}\r\n{saved}")).unwrap();
        let (rows, complaints) = read(folder.path());
        assert_eq!(rows, [row()], "{complaints:?}");
        assert!(complaints.iter().all(|one| !one.is_loss), "{complaints:?}");
    }

    #[test]
    fn a_cell_without_its_grown_key() {
        assert_eq!(others("clients=100", "clients"), "-");
        assert_eq!(others("clients=100 payload=200", "clients"), "payload=200");
        assert_eq!(
            others("traffic.rate=4 link.rate=1mbit", "rate"),
            "link.rate=1mbit"
        );
    }
}
