//! The processor time and memory of this machine's server for loads that were measured, and what
//! follows from them for a load in between. Nothing is said of loads beyond those that were
//! measured.

mod again;
mod basis;
mod fit;
mod load;
pub(super) mod measure;
mod work;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use wire::{Exchange, Way};

pub(super) use self::{
    again::Nearest,
    basis::{Basis, Constants, both},
    load::Load,
    work::{Told, Work},
};
use super::{
    figures::Figures,
    workload::{Workload, short},
};

/// The fewest valid runs of a way from which anything is concluded.
const LEAST_CELLS: usize = 4;
const KIB: f64 = 1_024.0;
/// The share by which rounding may put a load beyond one that was measured.
const ROUNDING: f64 = 1.000_001;
/// The bytes, and the share, by which header lines may differ from those that were measured.
const LINES: (f64, f64) = (64.0, 0.1);

/// The command that measures.
const RUN: &str = "run advise --calibrate";
const NOT_CALIBRATED: &str = "not calibrated: run advise --calibrate";
const NO_REQUESTS: &str = "no formula of its requests";

/// The runs that were measured on one machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calibration {
    /// The time of the last run.
    pub(super) made: String,
    /// The machine, in words.
    pub(super) machine: String,
    /// The version of the program.
    pub(super) version: String,
    #[serde(default)]
    pub(super) cell: Vec<Cell>,
}

/// The load and the cost of one valid run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cell {
    /// The way to read, by its key.
    pub(super) way: String,
    pub(super) tls: String,
    pub(super) http: String,
    /// True if readers spoke over the connection on which they read.
    #[serde(default)]
    pub(super) speaks: bool,
    pub(super) readers: f64,
    pub(super) rooms: f64,
    /// Messages a second in each room.
    pub(super) rate: f64,
    pub(super) payload: f64,
    /// Bytes of header lines on each request.
    pub(super) line_bytes: f64,
    /// Answers to polls, or pieces of streams and WebSockets, a second.
    pub(super) pieces: f64,
    /// Drafts a second.
    pub(super) drafts: f64,
    /// KiB of events' JSON a second.
    pub(super) kib: f64,
    /// KiB of events' JSON in the logs at the end, and the events.
    pub(super) kept: f64,
    pub(super) kept_events: f64,
    /// Processors' worth of the server's processor time.
    pub(super) processors: f64,
    /// Bytes of resident memory of the whole server at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resident: Option<f64>,
}

impl Cell {
    fn load(&self) -> Load {
        Load {
            readers: self.readers,
            rooms: self.rooms,
            pieces: self.pieces,
            drafts: self.drafts,
            wakes: load::wakes(self.exchange(), self.pieces, self.drafts),
            kib: self.kib,
            line_bytes: self.line_bytes,
            kept: self.kept,
            kept_events: self.kept_events,
        }
    }

    /// Returns what ends an exchange of its way.
    fn exchange(&self) -> Exchange {
        let mut ways = Way::ALL.into_iter();
        let way = ways.find(|way| way.properties().key == self.way);
        way.map_or(Exchange::Open, Way::exchange)
    }

    /// Returns the distance to a load: the sum of the logarithms of the factors by which the two
    /// differ.
    fn distance(&self, load: &Load) -> f64 {
        let own = self.load();
        let pairs = own.dimensions().into_iter().zip(load.dimensions());
        pairs
            .map(|(one, other)| ((one + 1.0) / (other + 1.0)).ln().abs())
            .sum()
    }

    /// Returns the words in place of a figure for which this is the nearest run.
    fn as_nearest(&self) -> String {
        format!("beyond the calibration; nearest: {}", self.told())
    }

    /// Returns the cell in words.
    fn told(&self) -> String {
        format!(
            "{} readers in {} rooms, {} messages/s a room, {} B: {} us a message",
            self.readers,
            self.rooms,
            short(self.rate),
            self.payload,
            short(self.processors * 1e6 / (self.rate * self.readers))
        )
    }
}

/// The statement of a calibration about a load.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// The load lies within what was measured.
    Known(Work),
    /// The reason why nothing is said.
    Unknown(String),
}

impl Calibration {
    /// Returns the file that calibrations are kept in unless another is named.
    pub(super) fn usual_file() -> anyhow::Result<PathBuf> {
        let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        // A folder that is no absolute one is to be ignored (XDG Base Directory Specification).
        let cache = of("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.filter(|cache| cache.is_absolute());
        let home = || of("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let folder = cache.or_else(home);
        let folder = folder
            .context("there is no HOME to keep a calibration in; name a file with --calibration")?;
        Ok(folder.join("wirebench").join("calibration.toml"))
    }

    /// Reads a calibration; `None` if nothing was kept and no file was named.
    pub(super) fn read(named: Option<&Path>) -> anyhow::Result<Option<Self>> {
        let file = match named {
            Some(file) => file.to_owned(),
            None => match Self::usual_file() {
                Ok(file) if file.exists() => file,
                _ => return Ok(None),
            },
        };
        let shown = file.display();
        let text = fs::read_to_string(&file)
            .with_context(|| format!("cannot read {shown}; --calibrate writes one"))?;
        let calibration: Self = toml::from_str(&text)
            .with_context(|| format!("{shown} is no calibration; --calibrate writes it anew"))?;
        calibration
            .check()
            .with_context(|| format!("{shown} cannot be believed; --calibrate writes it anew"))?;
        Ok(Some(calibration))
    }

    /// Refuses numbers that no run has.
    fn check(&self) -> anyhow::Result<()> {
        for cell in &self.cell {
            let above_zero = [
                cell.readers,
                cell.rooms,
                cell.rate,
                cell.pieces,
                cell.processors,
            ];
            let others = [
                cell.payload,
                cell.line_bytes,
                cell.drafts,
                cell.kib,
                cell.kept,
                cell.kept_events,
            ];
            let all = above_zero.iter().chain(&others).chain(&cell.resident);
            let is_sound = all.clone().all(|value| value.is_finite() && *value >= 0.0)
                && above_zero.iter().all(|value| *value > 0.0);
            if !is_sound {
                bail!("a cell of {} has a number that no run has", cell.way);
            }
        }
        Ok(())
    }

    /// Writes the calibration, completely or not at all.
    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        let draft = draft(file, &toml::to_string(self)?)?;
        fs::rename(draft, file).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Checks that a calibration can be written to a file, before the minutes in which it is made.
    pub(super) fn check_file(file: &Path) -> anyhow::Result<()> {
        if file.is_dir() {
            bail!("{} is a folder; name a file", file.display());
        }
        let draft = draft(file, "")?;
        fs::remove_file(draft).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Returns the runs, the machine and the assumptions of the calibration, for the notes of a
    /// table.
    pub(super) fn told(&self) -> String {
        format!(
            "{} runs on {} until {}, wirebench {}; processor time is a sum of costs for each second, \
             answer, draft, KiB and wait before something comes, memory, which is all of the server's, \
             one for the server itself, each reader, room and event of full logs; a run lies within \
             ± ninety-five times in a hundred",
            self.cell.len(),
            self.machine,
            self.made,
            self.version
        )
    }

    /// Returns the server's work for a load over one way.
    pub(super) fn answer(
        of: Option<&Self>,
        load: Option<Load>,
        figures: &Figures,
        workload: &Workload,
    ) -> Answer {
        let Some(calibration) = of else {
            return Answer::Unknown(NOT_CALIBRATED.to_owned());
        };
        let Some(load) = load else {
            return Answer::Unknown(NO_REQUESTS.to_owned());
        };
        let cells = match calibration.like(load.line_bytes, figures, workload) {
            Ok(cells) => cells,
            Err(why) => return Answer::Unknown(why),
        };
        if is_beyond(&cells, &load) {
            let nearest = nearest(&cells, &load).map_or_else(String::new, Cell::as_nearest);
            return Answer::Unknown(nearest);
        }
        Answer::Known(Work {
            processors: work::processors(&cells, &load),
            memory: work::memory(&cells, &load),
        })
    }

    /// Returns the run that is nearest to a workload over one way, if the workload lies beyond all that
    /// were measured: as the workload that was run, and the way as it was read.
    pub(super) fn nearest(&self, figures: &Figures, workload: &Workload) -> Option<Nearest> {
        let load = Load::of(figures, workload)?;
        let cells = self.like(load.line_bytes, figures, workload).ok()?;
        let cell = nearest(&cells, &load).filter(|_| is_beyond(&cells, &load))?;
        Some(again::again(cell, figures.choice, workload))
    }

    /// Returns the runs over a way, under the conditions of a workload and with about as many bytes of
    /// header lines; or why there are too few.
    fn like(
        &self,
        line_bytes: f64,
        figures: &Figures,
        workload: &Workload,
    ) -> Result<Vec<&Cell>, String> {
        let cells = self.cells(figures, workload);
        if cells.len() < LEAST_CELLS {
            let version = if figures.situation.is_http2 {
                "2"
            } else {
                "1.1"
            };
            let tls = workload.tls.version().unwrap_or("off");
            let speaks = if says_there(figures, workload) {
                ", said by readers"
            } else {
                ""
            };
            return Err(format!(
                "not calibrated over HTTP/{version}, TLS {tls}{speaks}: {RUN}"
            ));
        }
        let like = |cell: &&Cell| has_lines_like(cell.line_bytes, line_bytes);
        let cells: Vec<&Cell> = cells.into_iter().filter(like).collect();
        if cells.len() < LEAST_CELLS {
            let bytes = short(line_bytes);
            return Err(format!("not calibrated with {bytes} B of headers: {RUN}"));
        }
        Ok(cells)
    }

    /// Returns the runs over a way and under the conditions of a workload.
    fn cells(&self, figures: &Figures, workload: &Workload) -> Vec<&Cell> {
        let tls = workload.tls.version().unwrap_or("off");
        let http = figures.situation.is_http2;
        let key = figures.choice.way.properties().key;
        let speaks = says_there(figures, workload);
        let fits = |cell: &&Cell| {
            cell.way == key
                && cell.tls == tls
                && (cell.http == "2") == http
                && cell.speaks == speaks
        };
        self.cell.iter().filter(fits).collect()
    }
}

/// Returns the run whose load is nearest to this one.
fn nearest<'a>(cells: &[&'a Cell], load: &Load) -> Option<&'a Cell> {
    let distances = cells.iter().map(|cell| (cell.distance(load), *cell));
    let least = distances.min_by(|(one, _), (other, _)| one.total_cmp(other));
    least.map(|(_, cell)| cell)
}

/// Writes a text beside a file, and makes the folder of both. Returns where.
fn draft(file: &Path, text: &str) -> anyhow::Result<PathBuf> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let draft = file.with_extension("toml.part");
    fs::write(&draft, text).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(draft)
}

/// Returns whether readers speak over the connection on which they read.
fn says_there(figures: &Figures, workload: &Workload) -> bool {
    workload.speaks && figures.choice.way.carries_drafts()
}

/// Returns whether requests have about as many bytes of header lines as those of a run.
fn has_lines_like(measured: f64, wanted: f64) -> bool {
    let (bytes, share) = LINES;
    (measured - wanted).abs() <= bytes.max(share * wanted)
}

/// Returns whether a load is larger in some dimension than any that was measured.
fn is_beyond(cells: &[&Cell], load: &Load) -> bool {
    let mut pairs = load.dimensions().into_iter().zip(most(cells));
    pairs.any(|(value, most)| value > most * ROUNDING)
}

/// Returns the largest load that was measured, in each dimension.
fn most(cells: &[&Cell]) -> [f64; 5] {
    let all: Vec<[f64; 5]> = cells.iter().map(|cell| cell.load().dimensions()).collect();
    std::array::from_fn(|index| all.iter().map(|one| one[index]).fold(0.0, f64::max))
}

#[cfg(test)]
pub(super) mod tests;
