//! The rows of `predictions.csv`: derived from the other files, so it can be
//! written again at any time.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};

use results::row::digits;

/// One predicted quantity of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictionRow {
    /// As in [`results::RunRow::transport`].
    pub transport: String,
    /// As in [`results::RunRow::variant`].
    pub variant: String,
    /// As in [`results::RunRow::cell`].
    pub cell: String,
    /// As in [`results::RunRow::repeat`].
    pub repeat: u32,
    /// What was predicted; see [`crate::model::Quantity::name`].
    pub quantity: String,
    /// `B`, `1` (a number or a share), `us`, `B/h`.
    pub unit: String,
    /// By formula.
    #[serde(serialize_with = "digits::three")]
    pub predicted: f64,
    /// In the run; empty where its rows do not carry it.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub measured: Option<f64>,
    /// Of the prediction, how much more was measured; empty where
    /// that is next to nothing.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub difference_percent: Option<f64>,
    /// Whether the difference is within what the formula leaves open; empty
    /// where nothing was measured. `false` is a difference to be explained.
    pub within: Option<bool>,
    /// Where the formula comes from.
    pub source: String,
}

/// The file's name within a results folder.
pub const FILE: &str = "predictions.csv";

/// The file's columns, in their order.
const COLUMNS: [&str; 11] = [
    "transport",
    "variant",
    "cell",
    "repeat",
    "quantity",
    "unit",
    "predicted",
    "measured",
    "difference_percent",
    "within",
    "source",
];

/// All rows as CSV, with a header even where there is none.
///
/// # Errors
/// What the CSV writer says.
pub fn csv(rows: &[PredictionRow]) -> Result<String, csv::Error> {
    let mut bytes = Vec::new();
    put(rows, &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn put(
    rows: impl IntoIterator<Item = impl Serialize>,
    to: impl io::Write,
) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(to);
    writer.write_record(COLUMNS)?;
    for row in rows {
        writer.serialize(row)?;
    }
    Ok(writer.flush()?)
}

/// Writes `predictions.csv` into a results folder, whole or not at all.
///
/// # Errors
/// When the file cannot be written.
pub fn write(rows: impl IntoIterator<Item = PredictionRow>, folder: &Path) -> io::Result<()> {
    let partial = folder.join(FILE).with_extension("csv.partial");
    put(rows, fs::File::create(&partial)?).map_err(io::Error::other)?;
    fs::rename(partial, folder.join(FILE))
}
