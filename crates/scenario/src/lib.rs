//! A scenario file: one question, put as TOML, resolved to the runs that answer it.
//!
//! [`Study`] is the scenario with every value resolved; its [`Plan`]s are the
//! runs. Nothing here opens a socket, so that whoever only reads scenarios need not know
//! any. [`template`] are the texts with holes by which a foreign server is described.
//!
//! The way from text to runs:
//! 1. `document` reads the text, keeps where each key stands, and lays `--set` over it;
//! 2. `sweep` turns lists and ranges into cells, the product of all of them;
//! 3. `model` says which keys there are and what they are when left out;
//! 4. `check` refuses what cannot work, before anything starts; `profile` and
//!    `headers` find the lines that requests carry;
//! 5. `resolve` makes [`Plan`]s, seeded and in the order in which they run.

pub mod plan;
pub mod schema;
pub mod shipped;
pub mod template;

mod model;

mod agent;
mod answer;
mod capacity;
mod check;
mod churn;
mod cut;
mod document;
mod error;
mod expected;
mod framing;
mod headers;
mod link;
mod notation;
mod profile;
mod proxy;
mod range;
mod resolve;
mod server;
mod swarm;
mod sweep;
mod target;
mod traffic;

#[cfg(test)]
mod sample;

use std::{
    fs,
    io::{self, Read},
    path::Path,
    time::Duration,
};

use serde::Serialize;

pub use self::{
    agent::{Agent, Connection, History},
    answer::{Answer, Envelope},
    capacity::{Capacity, Doubts, Grow},
    check::MOST_THREADS,
    churn::Churn,
    cut::{Cut, CutKind, KeptPlace, Policy, Reconnect},
    error::{Location, ScenarioError},
    framing::EntryFraming,
    link::{LinkCut, LinkSettings, Side},
    model::{Headers, Scenario, TransportEntry},
    profile::{Head, HeaderProfile},
    proxy::{Balance, HOLES, Preset, ProxyKind, ProxySettings},
    server::{Appendfsync, Http, Io, Server, ServerStall, StoreKind, Tls, WhenFull},
    swarm::Swarm,
    target::TargetSettings,
    traffic::Traffic,
};
use self::{document::Document, expected::read, plan::Plan};

/// A scenario with its sweeps spelled out: one cell for each combination of values.
///
/// Serialised, it is what a manifest keeps: every value that has an effect, with
/// the defaults filled in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Study {
    /// Short name, also of the results folder.
    pub name: String,
    /// The question that the runs should answer.
    pub question: String,
    /// The reason for asking it.
    pub motive: String,
    /// The result that the author expects, written before the first run.
    pub expect: String,
    /// The question in Chinese, if its author gives it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub question_zh: String,
    /// The reason in Chinese, if its author gives it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub motive_zh: String,
    /// The expected result in Chinese, if its author gives it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub expect_zh: String,
    /// Seed of everything that is drawn by lot.
    pub seed: u64,
    /// The number of times that each cell is run with each transport.
    pub repeats: usize,
    /// The number of sittings over which the repeats are spread.
    #[serde(skip_serializing_if = "model::is_one")]
    pub sittings: usize,
    /// The combinations, in the order of the file.
    pub cells: Vec<Cell>,
    /// The places of keys, only for the texts of [`Study::check`].
    #[serde(skip)]
    places: document::Places,
}

/// A combination of the swept values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// The swept values, such as `clients=100 rate=4`; `-` where nothing is swept.
    pub label: String,
    /// The key and the value of each, for a chart of one against another. Keys are
    /// full (`swarm.clients`).
    pub swept: Vec<(String, String)>,
    /// Every value of the cell.
    pub scenario: Scenario,
    /// The header profile that `scenario.headers.profile` names.
    #[serde(skip)]
    pub profile: HeaderProfile,
    /// The template that `scenario.proxy.settings` names.
    #[serde(skip)]
    pub proxy_template: Option<String>,
}

/// The longest scenario file that is read, in bytes.
const LONGEST_FILE: u64 = 4 << 20;

/// Returns the text of a scenario file, which may be a device without an end.
fn bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = fs::File::open(path)?;
    let length = file.take(LONGEST_FILE + 1).read_to_string(&mut text)?;
    if length as u64 > LONGEST_FILE {
        let what = format!("it has more than {} MiB", LONGEST_FILE >> 20);
        return Err(io::Error::other(what));
    }
    Ok(text)
}

impl Study {
    /// Reads a scenario file and lays `overrides` (`swarm.clients=500`) over it. Where there is no
    /// such file, `path` may be the name of a scenario that comes with the program.
    ///
    /// # Errors
    /// The file cannot be read, is no TOML, has a key or a value that does not
    /// belong, or asks for what cannot work. The text names file, line and key.
    pub fn load(path: &Path, overrides: &[String]) -> Result<Self, ScenarioError> {
        if !path.is_file()
            && let Some(file) = shipped::find(path)
        {
            let told = format!("{} (comes with wirebench)", file.name());
            return Self::within(Path::new(""), &told, file.text, overrides);
        }
        let text = bounded(path).map_err(|source| ScenarioError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::within(folder, &path.to_string_lossy(), &text, overrides)
    }

    /// Reads a study from text. `file` is the name used in errors; paths in the scenario
    /// are relative to its folder.
    ///
    /// # Errors
    /// Fails like [`Study::load`].
    pub fn from_text(file: &str, text: &str, overrides: &[String]) -> Result<Self, ScenarioError> {
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        Self::within(folder, file, text, overrides)
    }

    /// Reads a study from text, with the folder that paths in the scenario are relative to:
    /// the file's name is for people, and need not be its path to the letter.
    fn within(
        folder: &Path,
        file: &str,
        text: &str,
        overrides: &[String],
    ) -> Result<Self, ScenarioError> {
        let mut document = Document::parse(file, text, overrides)?;
        document.places.entries = sweep::transports(&mut document.table, &document.places)?;
        let mut cells = Vec::new();
        for swept in sweep::cells(document.table, &document.places)? {
            let traffic = swept.table.get("traffic");
            let says_who_speaks = traffic.and_then(|traffic| traffic.get("speak")).is_some();
            let mut scenario: Scenario = read(swept.table, &document.places)?;
            if !says_who_speaks {
                scenario.traffic.speak = scenario.usual_speak();
            }
            check::cell(&scenario).map_err(|problem| problem.at(&document.places, &swept.label))?;
            scenario.fill_in();
            let profile = profile::find(&scenario.headers.profile, folder)
                .map_err(|problem| problem.at(&document.places, &swept.label))?;
            let template = scenario.proxy.as_ref().map(|proxy| proxy.template(folder));
            let proxy_template = template
                .transpose()
                .map_err(|problem| problem.at(&document.places, &swept.label))?
                .flatten();
            cells.push(Cell {
                label: swept.label,
                swept: swept.values,
                scenario,
                profile,
                proxy_template,
            });
        }
        // A product has at least one cell: `sweep` refuses empty lists.
        let first = cells[0].scenario.clone();
        Ok(Self {
            name: first.name,
            question: first.question,
            motive: first.motive,
            expect: first.expect,
            question_zh: first.question_zh,
            motive_zh: first.motive_zh,
            expect_zh: first.expect_zh,
            seed: first.seed,
            repeats: first.repeats,
            sittings: first.sittings,
            cells,
            places: document.places,
        })
    }

    /// Checks that no cell needs more open files than one process may have.
    ///
    /// # Errors
    /// Fails for the first cell that needs more than `descriptors`; the text says how many would
    /// work.
    pub fn check(&self, descriptors: u64) -> Result<(), ScenarioError> {
        self.check_each(|_| descriptors)
    }

    /// Checks that each cell needs no more open files than `descriptors` returns for it.
    ///
    /// # Errors
    /// Fails as [`Study::check`] does.
    pub fn check_each(&self, descriptors: impl Fn(&Scenario) -> u64) -> Result<(), ScenarioError> {
        self.cells.iter().try_for_each(|cell| {
            check::descriptors(&cell.scenario, descriptors(&cell.scenario))
                .map_err(|problem| problem.at(&self.places, &cell.label))
        })
    }

    /// Checks that these runs can go over the version of HTTP that their cells ask for. Only those
    /// that are made are asked about.
    ///
    /// # Errors
    /// Fails for the first that cannot; the text says what would work.
    pub fn check_plans(&self, plans: &[Plan]) -> Result<(), ScenarioError> {
        plans.iter().try_for_each(|plan| {
            check::way(&self.cell_of(plan).scenario, &plan.variant)
                .map_err(|problem| problem.at(&self.places, &plan.cell))
        })
    }

    /// Returns every run, in the order in which they are to be run: file order for one
    /// cell and one repeat, otherwise shuffled by the seed within each repeat, so
    /// that neither transport nor cell goes with the time of day.
    #[must_use]
    pub fn plans(&self) -> Vec<Plan> {
        resolve::plans(self)
    }

    /// Returns the number of repeats that one sitting makes, rounded up.
    #[must_use]
    pub const fn repeats_a_sitting(&self) -> usize {
        self.repeats.div_ceil(self.sittings)
    }

    /// Returns about how long all runs take together.
    #[must_use]
    pub fn estimate(&self) -> Duration {
        plan::estimate(&self.plans())
    }

    /// Returns the cell that a plan came from: its `[server]`, `[link]` and `[objective]`.
    ///
    /// # Panics
    /// Never for a plan of this study.
    #[must_use]
    pub fn cell_of(&self, plan: &Plan) -> &Cell {
        self.cells
            .iter()
            .find(|cell| cell.label == plan.cell)
            .expect("a plan's cell is one of its study's")
    }
}

#[cfg(test)]
mod tests;
