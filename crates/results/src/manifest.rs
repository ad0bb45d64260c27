//! The file `manifest.json`: what was requested, where it ran, and how it ended.
//!
//! The measuring part of the program writes the struct that the presenting part reads, so that both
//! agree on the keys. Versions differ: keys that an older file lacks are empty, and keys that this
//! version does not know are kept, because they can still be shown. Figures can be drawn without a
//! manifest, so errors in it are reported but are not fatal.

mod leaves;

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, error::Category};

use crate::complaint::Complaint;

pub use leaves::{Leaf, Part, words};

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
    pub calibrations: Vec<Value>,
    /// The runs, in the order in which they were made.
    #[serde(default = "Vec::new")]
    pub plans: Vec<P>,
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

/// A start of the program that added runs: its time, and the machine and its state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sitting {
    /// The number of the sitting, from 1, as in the column `sitting`.
    #[serde(rename = "sitting")]
    pub number: u32,
    /// The time of the start, in the form of RFC 3339.
    pub began: String,
    /// The load averages over 1, 5 and 15 minutes at the start (`/proc/loadavg`).
    #[serde(default)]
    pub load_average: Vec<f64>,
    /// The machine at the start; `None` if an earlier version did not record it.
    #[serde(default)]
    pub machine: Option<Machine>,
}

/// The machine, and its limits that matter to a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// The name of the processor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<String>,
    /// The number of processors that the program may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processors: Option<usize>,
    /// The memory of the machine, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The kernel's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// The number of files that a process may open, after raising the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_files: Option<u64>,
    /// The first and the last port of outgoing connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_ports: Option<String>,
    /// The largest length of the queue of connections that are not yet accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen_backlog: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

impl Machine {
    /// Returns the most important values in one line.
    #[must_use]
    pub fn in_words(&self) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        format!(
            "{} x {}, {} MiB, Linux {}",
            self.processors.unwrap_or_default(),
            text(&self.processor),
            self.memory_bytes.unwrap_or_default() >> 20,
            text(&self.kernel)
        )
    }
}

/// The resolution of a clock: smaller differences cannot be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clock {
    /// The smallest step between two readings that differ, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_ns: Option<u64>,
    /// The duration of one reading, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_ns: Option<u64>,
}

/// The conditions that are the same for all transports, so that none is favoured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Hygiene {
    /// True if small segments are sent at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp_nodelay: Option<bool>,
    /// True if bodies and frames are compressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<bool>,
    /// True if connections are encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<bool>,
    /// A statement, in words, of whether each run has a server of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_per_run: Option<String>,
    /// A description of how the ledger determines the purposes of bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purposes: Option<String>,
    /// The limits beyond which the generator may not be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

/// The limits beyond which the generator may not be believed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Limits {
    /// The lateness with which drafts may be sent, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_us: Option<u64>,
    /// This lateness, as a share of the median latency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_share_of_median_latency: Option<f64>,
    /// The quantile of lateness that is compared with these limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_quantile: Option<f64>,
    /// The share of one processor that the busiest thread may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busiest_thread_share: Option<f64>,
    /// The share of all processors that the swarm may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swarm_share_of_machine: Option<f64>,
    /// The share of a percentile that the generator may add to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_share_of_percentile: Option<f64>,
    /// The amount that it may always add to p50, p90 and p99, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_us_always_allowed_at_p50_p90_p99: Option<[u64; 3]>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
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

/// A scenario as resolved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scenario {
    /// The name of the scenario.
    #[serde(default)]
    pub name: String,
    /// The question that the scenario asks.
    #[serde(default)]
    pub question: String,
    /// The reason for asking it.
    #[serde(default)]
    pub motive: String,
    /// The result that its author expected.
    #[serde(default)]
    pub expect: String,
    /// The seed of all random choices in the runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The cells, one for each combination of the swept values.
    #[serde(default)]
    pub cells: Vec<Cell>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

/// A combination of the swept values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The value of the `cell` column in the rows of its runs.
    #[serde(default = "without_a_name")]
    pub label: String,
    /// The settings: every value that has an effect.
    #[serde(default)]
    pub scenario: Settings,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

fn without_a_name() -> String {
    "-".to_owned()
}

/// The settings of a cell: tables of the scenario, most of which are only shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// The network between client and server, if one is simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Value>,
    /// The objectives, which the results must meet.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub objective: Value,
    /// The expectations about the results.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub expectation: Value,
    /// The server's settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Server>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

/// The server's settings.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Server {
    /// A pause of the whole server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall: Option<Stall>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

/// A pause of the whole server.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Stall {
    /// The length of the pause, in words such as `400ms`.
    #[serde(rename = "for", default, skip_serializing_if = "Option::is_none")]
    pub length: Option<String>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

/// The keys of a scenario whose values are sentences.
const SENTENCES: [&str; 4] = ["name", "question", "motive", "expect"];

impl Settings {
    /// Returns the values by key, without the sentences that describe the question.
    #[must_use]
    pub fn values(&self) -> Map<String, Value> {
        let mut values = table(self);
        values.retain(|key, _| !SENTENCES.contains(&key.as_str()));
        values
    }
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
    serde_json::from_slice(&text).map_err(io::Error::from)
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
    let error = serde_json::from_slice::<Manifest>(&text).err()?;
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
