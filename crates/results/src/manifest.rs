//! `manifest.json`: what was asked for, where it ran, and how it ended.
//!
//! One struct is written by whoever measures and read by whoever looks, so that no key is
//! known in one place only. Versions differ: what an older file lacks is empty here, and
//! keys that this version does not know are kept, because they can still be shown.
//! Figures can be told without a manifest, so what is wrong with it is said and stops
//! nothing.

mod leaves;

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, error::Category};

use crate::complaint::Complaint;

pub use leaves::{Leaf, Part, words};

/// The file's name within a results folder.
pub const FILE: &str = "manifest.json";

/// Version of the files in a results folder.
pub const FORMAT: u32 = 1;

/// Keys of other versions, with their values.
pub type Others = BTreeMap<String, Value>;

/// Everything one must know to read, believe and repeat a run.
///
/// Who writes one has the scenario, the request and the plans as types of its own (`S`,
/// `R`, `P`); who reads one knows of them what is below.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Manifest<S = Scenario, R = Request, P = Value> {
    /// See [`FORMAT`].
    #[serde(default)]
    pub format: u32,
    /// The version of the program.
    #[serde(default)]
    pub wirebench: String,
    /// When it was begun, in the form of RFC 3339.
    #[serde(default)]
    pub started: String,
    /// When `--resume` went on with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resumed: Vec<String>,
    /// How it ended.
    #[serde(default)]
    pub ended: Ended,
    /// The command's arguments.
    #[serde(default)]
    pub command: Vec<String>,
    /// The starts of the program that added runs, from the first. None in a manifest of an
    /// earlier version.
    #[serde(default)]
    pub sittings: Vec<Sitting>,
    /// What was asked for; `--resume` asks for it again.
    #[serde(default = "nothing")]
    pub request: Option<R>,
    /// The machine at the start.
    #[serde(default)]
    pub machine: Machine,
    /// How fine the clock is that latencies are taken from; measured at the start.
    #[serde(default)]
    pub clock: Option<Clock>,
    /// What lies between client and server, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What is the same for all transports.
    #[serde(default)]
    pub hygiene: Hygiene,
    /// The scenario as resolved: every value that has an effect.
    #[serde(default)]
    pub scenario: S,
    /// What the generator comes to against a server that does nothing, as it was measured.
    #[serde(default)]
    pub calibrations: Vec<Value>,
    /// The runs, in the order in which they were made.
    #[serde(default = "Vec::new")]
    pub plans: Vec<P>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

/// No request was kept. (A default of its own, so that no request need have one.)
const fn nothing<R>() -> Option<R> {
    None
}

/// How a program ended that measured.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    /// It has not, or it was killed.
    Running,
    /// Everything was done.
    Complete,
    /// Something ended it early.
    Interrupted,
    /// Sittings are left for another time.
    Incomplete,
    /// The file does not say.
    #[default]
    #[serde(rename = "")]
    Unknown,
    /// A word of another version.
    #[serde(untagged)]
    Other(String),
}

impl Ended {
    /// Returns the word in the file.
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

/// One start of the program that added runs: when, and on what machine in what state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sitting {
    /// Its number, from 1, as in the column `sitting`.
    #[serde(rename = "sitting")]
    pub number: u32,
    /// When it began, in the form of RFC 3339.
    pub began: String,
    /// Load averages over 1, 5 and 15 minutes when it began (`/proc/loadavg`).
    #[serde(default)]
    pub load_average: Vec<f64>,
    /// The machine when it began; nothing where an earlier version did not keep it.
    #[serde(default)]
    pub machine: Option<Machine>,
}

/// The machine and the limits that matter to a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// What the processor is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<String>,
    /// How many processors the program may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processors: Option<usize>,
    /// All memory, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The kernel's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Open files a process may have, after raising.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_files: Option<u64>,
    /// First and last port of outgoing connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_ports: Option<String>,
    /// Longest queue of connections not yet accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen_backlog: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

impl Machine {
    /// Returns what matters most of it, in one line.
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

/// How fine a clock is: no difference smaller than this can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clock {
    /// The smallest step between two readings that differ, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_ns: Option<u64>,
    /// What one reading takes, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_ns: Option<u64>,
}

/// What is the same for all transports, so that none is favoured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Hygiene {
    /// Whether small segments are sent at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp_nodelay: Option<bool>,
    /// Whether bodies and frames are compressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<bool>,
    /// Whether connections are encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<bool>,
    /// Whether each run has a server of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_per_run: Option<String>,
    /// How the ledger knows what bytes are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purposes: Option<String>,
    /// Beyond these the generator may not be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

/// The limits beyond which the generator may not be believed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Limits {
    /// How late drafts may be sent, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_us: Option<u64>,
    /// The same as a share of the median latency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_share_of_median_latency: Option<f64>,
    /// The quantile of lateness that is judged.
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
    /// What it may always add to p50, p90 and p99, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_us_always_allowed_at_p50_p90_p99: Option<[u64; 3]>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub others: Others,
}

/// What was asked for, as far as it says something of the runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Request {
    /// The address of a server of one's own, of `--target` or `[target]`.
    #[serde(default)]
    pub target: Option<String>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

/// A scenario as resolved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scenario {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What is asked.
    #[serde(default)]
    pub question: String,
    /// Why it is asked.
    #[serde(default)]
    pub motive: String,
    /// What its author expected.
    #[serde(default)]
    pub expect: String,
    /// Where all chance of the runs comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// One for each combination of the swept values.
    #[serde(default)]
    pub cells: Vec<Cell>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

/// One combination of the swept values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The `cell` column of its runs.
    #[serde(default = "without_a_name")]
    pub label: String,
    /// Every value that has an effect.
    #[serde(default)]
    pub scenario: Settings,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

fn without_a_name() -> String {
    "-".to_owned()
}

/// The settings of a cell: tables of the scenario, of which most are only shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// The network between client and server, where one is simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Value>,
    /// What must come out.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub objective: Value,
    /// What is expected to come out.
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
    /// Its length, in words such as `400ms`.
    #[serde(rename = "for", default, skip_serializing_if = "Option::is_none")]
    pub length: Option<String>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

/// Keys of a scenario that are sentences.
const SENTENCES: [&str; 4] = ["name", "question", "motive", "expect"];

impl Settings {
    /// Returns the values by key, without the sentences that say what is asked.
    #[must_use]
    pub fn values(&self) -> Map<String, Value> {
        let mut values = table(self);
        values.retain(|key, _| !SENTENCES.contains(&key.as_str()));
        values
    }
}

impl Manifest {
    /// Returns whether all runs had one server, which was given by its address.
    #[must_use]
    pub fn has_target(&self) -> bool {
        let request = self.request.as_ref();
        request.is_some_and(|request| request.target.is_some())
    }

    /// Returns all values that have no place of their own on a page: first the machine's,
    /// then the conditions under which runs were made.
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

/// A struct as a table of JSON.
fn table(of: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(of) {
        Ok(Value::Object(table)) => table,
        _ => Map::new(),
    }
}

/// Reads the manifest of a folder; nothing where it is missing or cannot be read.
#[must_use]
pub fn read(folder: &Path) -> Option<Manifest> {
    read_as(folder).ok()
}

/// Reads the manifest of a folder with the types of whoever wrote it.
///
/// # Errors
/// When the file cannot be read, is no JSON, or has values of other types.
pub fn read_as<S, R, P>(folder: &Path) -> io::Result<Manifest<S, R, P>>
where
    Manifest<S, R, P>: DeserializeOwned,
{
    let text = fs::read(folder.join(FILE))?;
    serde_json::from_slice(&text).map_err(io::Error::from)
}

/// What is wrong with it. Nothing where there is none: a folder may well be only
/// its CSV files.
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
