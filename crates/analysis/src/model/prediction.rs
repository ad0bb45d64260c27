//! The rows of `predictions.csv`, which is derived from the other files, so that it can be written
//! again at any time.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};

use results::{Record, RunKey, fields, row::digits};

/// A predicted quantity of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictionRow {
    /// The transport, as in [`results::RunRow::transport`].
    pub transport: String,
    /// The variant, as in [`results::RunRow::variant`].
    pub variant: String,
    /// The cell, as in [`results::RunRow::cell`].
    pub cell: String,
    /// The repeat, as in [`results::RunRow::repeat`].
    pub repeat: u32,
    /// The predicted quantity; see [`crate::model::Quantity::name`].
    pub quantity: String,
    /// The unit: `B`, `1` (a number or a share), `us`, `B/h`.
    pub unit: String,
    /// The value by formula.
    #[serde(serialize_with = "digits::three")]
    pub predicted: f64,
    /// The measured value; empty if the rows of the run do not contain it.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub measured: Option<f64>,
    /// The measured value less the prediction, in percent of the prediction; empty if the
    /// prediction is close to zero.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub difference_percent: Option<f64>,
    /// True if the difference is within the tolerance of the formula; empty if nothing was
    /// measured. `false` marks a difference that must be explained.
    pub within: Option<bool>,
    /// The source of the formula.
    pub source: String,
}

/// The name of the file within a results folder.
pub const FILE: &str = "predictions.csv";

impl Record for PredictionRow {
    const FILE: &'static str = FILE;

    fn run(&self) -> RunKey<'_> {
        (&self.transport, &self.variant, &self.cell, self.repeat)
    }

    fn impossible(&self) -> Option<(&'static str, String)> {
        let values = [
            ("predicted", Some(self.predicted)),
            ("measured", self.measured),
            ("difference_percent", self.difference_percent),
        ];
        values.into_iter().find_map(|(column, value)| {
            let value = value.filter(|value| !value.is_finite())?;
            Some((column, format!("is {value}; it must be a number")))
        })
    }
}

/// Returns all rows as CSV, with a header even if there is no row.
///
/// # Errors
/// Fails if the CSV writer fails.
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
    writer.write_record(fields::of::<PredictionRow>().columns)?;
    for row in rows {
        writer.serialize(row)?;
    }
    Ok(writer.flush()?)
}

/// Writes `predictions.csv` into a results folder, completely or not at all.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn write(rows: impl IntoIterator<Item = PredictionRow>, folder: &Path) -> io::Result<()> {
    let partial = folder.join(FILE).with_extension("csv.partial");
    put(rows, fs::File::create(&partial)?).map_err(io::Error::other)?;
    fs::rename(partial, folder.join(FILE))
}
