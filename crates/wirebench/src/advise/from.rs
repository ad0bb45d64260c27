//! The numbers of an application from a file: a capture of its traffic, or the runs of a results
//! folder. Each number says where it came from, and one that could not be told names the flag that
//! gives it.

mod numbers;
mod runs;
mod traffic;

use std::{ops::RangeInclusive, path::Path};

use anyhow::{Context, bail};

pub(super) use self::numbers::ExtractedNumbers;
use crate::args::WorkloadInputs;

/// The file of a results folder that has its runs.
const RUNS: &str = "runs.csv";
/// The intervals of short polls and the holds of long polls that a workload may have, in seconds.
const INTERVALS: RangeInclusive<f64> = 0.01..=1_800.0;
const HOLDS: RangeInclusive<f64> = 1.0..=120.0;

/// Returns the numbers that a file gives; `given` are those that need not be taken from it.
pub(super) fn taken(
    file: &Path,
    keys: Option<&Path>,
    given: &WorkloadInputs,
) -> anyhow::Result<ExtractedNumbers> {
    let shown = file.display();
    let folder = if file.is_dir() {
        Some(file)
    } else if file.file_name().is_some_and(|name| name == RUNS) {
        file.parent()
    } else {
        None
    };
    if let Some(folder) = folder {
        if keys.is_some() {
            bail!("{shown} has the runs of a folder, which no --keys open; leave --keys out");
        }
        // A file without a folder before it is one of this folder.
        let here = Path::new(".");
        let is_here = folder.as_os_str().is_empty();
        return runs::taken(if is_here { here } else { folder }, given);
    }
    if file
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
    {
        bail!("{shown} has no runs in it; name the folder that `run` left, or its {RUNS}");
    }
    traffic::taken(file, keys).with_context(|| {
        format!("nothing is taken from {shown}; give a capture, or a folder that `run` left")
    })
}
