//! The file `manifest.json`: what was requested, where it ran, and how it ended.
//!
//! The measuring part of the program writes the struct that the presenting part reads, so that both
//! agree on the keys. Versions differ: keys that an older file lacks are empty, and keys that this
//! version does not know are kept, because they can still be shown. Figures can be drawn without a
//! manifest, so errors in it are reported but are not fatal.

mod calibration;
mod leaves;
mod place;
mod programs;
mod scenario;
mod shard;

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, error::Category};

use crate::complaint::Complaint;

pub use calibration::{Calibration, Floor, Loopback, Payload};
pub use leaves::{Leaf, Part, words};
pub use place::{Clock, Hygiene, Limits, Machine, Sitting};
pub use programs::{Proxy, Redis};
pub use scenario::{Cell, Scenario, Server, Settings, Stall};
pub use shard::{Shard, ShardRun};

/// The name of the file within a results folder.
pub const FILE: &str = "manifest.json";

/// The version of the format of the files in a results folder.
pub const FORMAT: u32 = 1;

/// The keys of other versions, with their values.
pub type Others = BTreeMap<String, Value>;

/// The information that is needed to read, believe and repeat the runs of a folder.
///
/// The program that writes a manifest uses its own types for the scenario, the request and the
/// plans (`S`, `R`, `P`). A reader uses the default types, which are defined below.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Manifest<S = Scenario, R = Request, P = Value> {
    /// The version of the format, see [`FORMAT`].
    #[serde(default)]
    pub format: u32,
    /// The version of the program.
    #[serde(default)]
    pub wirebench: String,
    /// The time of the start, in the form of RFC 3339.
    #[serde(default)]
    pub started: String,
    /// The times at which `--resume` continued the measurement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resumed: Vec<String>,
    /// The state in which the measurement ended.
    #[serde(default)]
    pub ended: Ended,
    /// The command's arguments.
    #[serde(default)]
    pub command: Vec<String>,
    /// The starts of the program that added runs, from the first. Empty in a manifest of an earlier
    /// version.
    #[serde(default)]
    pub sittings: Vec<Sitting>,
    /// The request, which `--resume` repeats.
    #[serde(default = "nothing")]
    pub request: Option<R>,
    /// The machine at the start.
    #[serde(default)]
    pub machine: Machine,
    /// The resolution of the clock with which latencies are measured; determined at the start.
    #[serde(default)]
    pub clock: Option<Clock>,
    /// The path between client and server, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The conditions that are the same for all transports.
    #[serde(default)]
    pub hygiene: Hygiene,
    /// The scenario as resolved: every value that has an effect.
    #[serde(default)]
    pub scenario: S,
    /// The results of measuring the generator against a server that does nothing.
    #[serde(default)]
    pub calibrations: Vec<Calibration>,
    /// The runs, in the order in which they were made.
    #[serde(default = "Vec::new")]
    pub plans: Vec<P>,
    /// The time at which the folders of several shards were merged, in the form of RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<String>,
    /// The proxies of the scenario, by their words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub proxies: BTreeMap<String, Proxy>,
    /// The Redis that the runs used, if they did not start it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redis: Option<Redis>,
    /// The shards, if the folders of several were merged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<Shard>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

/// Returns `None`: no request was kept. (This function is the default, so that the type of the
/// request need not have one.)
const fn nothing<R>() -> Option<R> {
    None
}

/// The ways in which a measuring program can end.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    /// It has not ended, or it was killed.
    Running,
    /// All runs were made.
    Complete,
    /// Something ended it early.
    Interrupted,
    /// Some sittings are left for another time.
    Incomplete,
    /// The file does not say.
    #[default]
    #[serde(rename = "")]
    Unknown,
    /// A word that this version does not know.
    #[serde(untagged)]
    Other(String),
}

impl Ended {
    /// Returns the word that is written in the file.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Interrupted => "interrupted",
            Self::Incomplete => "incomplete",
            Self::Unknown => "",
            Self::Other(word) => word,
        }
    }
}

/// The request, as far as it affects the runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Request {
    /// The address of an external server, from `--target` or `[target]`.
    #[serde(default)]
    pub target: Option<String>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

impl Manifest {
    /// Returns whether all runs used one server, which was given by its address.
    #[must_use]
    pub fn has_target(&self) -> bool {
        let request = self.request.as_ref();
        request.is_some_and(|request| request.target.is_some())
    }

    /// Returns all values that have no place of their own on a page: first those of the machine,
    /// then the conditions under which the runs were made.
    #[must_use]
    pub fn conditions(&self) -> Vec<(String, Value)> {
        let machine = table(&self.machine);
        let mut rest = table(self);
        for told in [
            "scenario",
            "machine",
            "plans",
            "command",
            "started",
            "ended",
            "wirebench",
            "format",
        ] {
            rest.remove(told);
        }
        let all = machine.into_iter().chain(rest);
        let says_something = |value: &Value| value.as_array().is_none_or(|all| !all.is_empty());
        all.filter(|(_, value)| says_something(value)).collect()
    }
}

/// Returns a struct as a table of JSON.
fn table(of: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(of) {
        Ok(Value::Object(table)) => table,
        _ => Map::new(),
    }
}

/// Reads the manifest of a folder. Returns `None` if it is missing or cannot be read.
#[must_use]
pub fn read(folder: &Path) -> Option<Manifest> {
    read_as(folder).ok()
}

/// Reads the manifest of a folder with the types of the program that wrote it.
///
/// # Errors
/// Fails if the file cannot be read, is not JSON, or has values of other types.
pub fn read_as<S, R, P>(folder: &Path) -> io::Result<Manifest<S, R, P>>
where
    Manifest<S, R, P>: DeserializeOwned,
{
    let text = fs::read(folder.join(FILE))?;
    serde_json::from_slice(without_mark(&text)).map_err(io::Error::from)
}

/// Returns a text without the byte order mark with which some editors save it, and which a reader of JSON
/// may skip (RFC 8259, section 8.1).
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}

/// Returns a complaint about an error in the manifest. A missing manifest is no error: a folder may
/// well contain only its CSV files.
pub(crate) fn complaint(folder: &Path) -> Option<Complaint> {
    const UNKNOWN: &str = "settings, machine and objectives are not known";
    let text = match fs::read(folder.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            let what = format!("cannot be read: {error}; {UNKNOWN}");
            return Some(Complaint::file(FILE, what));
        }
    };
    let error = serde_json::from_slice::<Manifest>(without_mark(&text)).err()?;
    let why = match error.classify() {
        Category::Eof => "is cut short".to_owned(),
        Category::Data => format!("is no manifest ({error})"),
        _ => format!("is no JSON ({error})"),
    };
    let line = error.line() as u64;
    Some(Complaint::line(FILE, line, format!("{why}; {UNKNOWN}")))
}

#[cfg(test)]
mod tests;
