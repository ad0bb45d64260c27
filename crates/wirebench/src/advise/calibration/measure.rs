//! The runs of a calibration: loads up to a workload's own, as far as this machine can make them.

use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use results::RunRow;
use scenario::Study;
use wire::Way;

use super::{Calibration, Cell, KIB};
use crate::{
    advise::{
        document::{self, Choice},
        workload::Workload,
    },
    args::WorkloadInputs,
    external_services::ExternalServices,
    generator::Swarming,
    interrupt::Interrupt,
    machine,
    measure::measure,
    progress::{self, View},
};

/// The most readers, and the most deliveries a second, that a calibration makes.
const MOST_READERS: usize = 1_000;
const MOST_DELIVERIES: f64 = 10_000.0;
/// The fewest messages a second in each room: a run sees some.
const LEAST_RATE: f64 = 3.0;
/// The files that are open beside the connections of readers and speakers.
const OTHER_FILES: u64 = 128;
/// The time that each run measures.
const MEASURE: Duration = Duration::from_secs(2);
/// The time that each run settles.
const SETTLE: Duration = Duration::from_millis(200);
/// The interval of short polls, which a load may have slower: other intervals follow from the number
/// of answers, and the last messages come soon.
const INTERVAL: Duration = Duration::from_millis(200);
/// The factor by which more is said than in the workload: a window is longer than the time in which
/// messages are due, and its mean must not be below the workload.
const HEADROOM: f64 = 1.5;

/// The loads of a calibration, as divisors of readers (with their rooms) and of rooms alone, as
/// factors of messages and of text, and as factors of the interval of short polls: the whole, two
/// parts of it that are asked for seldom, larger rooms twice, more messages,
/// and longer texts at two sizes: each cost weighs differently in two of them at least.
const LOADS: [Scale; 8] = [
    Scale::new(1, 1, 1.0, 1, 1),
    Scale::new(3, 1, 1.0, 1, 5),
    Scale::new(10, 1, 1.0, 1, 5),
    Scale::new(3, 3, 1.0, 1, 1),
    Scale::new(1, 6, 1.0, 1, 1),
    Scale::new(3, 1, 3.0, 1, 1),
    Scale::new(3, 1, 1.0, 4, 1),
    Scale::new(10, 1, 1.0, 8, 1),
];

/// A load as a part of a workload.
#[derive(Debug, Clone, Copy)]
struct Scale {
    fewer: usize,
    larger_rooms: usize,
    more_messages: f64,
    longer: usize,
    slower: u32,
}

impl Scale {
    const fn new(
        fewer: usize,
        larger_rooms: usize,
        more_messages: f64,
        longer: usize,
        slower: u32,
    ) -> Self {
        Self {
            fewer,
            larger_rooms,
            more_messages,
            longer,
            slower,
        }
    }

    /// Returns a workload of this scale, over loopback and without a proxy.
    fn of(self, workload: &Workload) -> Workload {
        let readers = (workload.readers / self.fewer).max(1);
        let rooms = workload.rooms / self.fewer / self.larger_rooms;
        Workload {
            readers,
            rooms: rooms.clamp(1, readers),
            room_rate: workload.room_rate * self.more_messages,
            payload: (workload.payload * self.longer).min(65_536),
            round_trip: Duration::ZERO,
            is_poisson: false,
            settle: SETTLE,
            measure: MEASURE,
            intervals: vec![INTERVAL * self.slower],
            proxy: None,
            ..workload.clone()
        }
    }
}

/// Returns the workload as far as this machine can make it.
fn affordable(workload: &Workload, files: u64) -> Workload {
    // Reader and speaker are two connections, and each has two ends in two processes.
    let by_files = (files.saturating_sub(OTHER_FILES) / 2) as usize;
    let room_rate = (workload.room_rate * HEADROOM).max(LEAST_RATE);
    let by_work = (MOST_DELIVERIES / room_rate) as usize;
    let most = MOST_READERS.min(by_files).min(by_work).max(1);
    Workload {
        // What is said more rarely is less work than what is measured.
        room_rate,
        ..document::within(workload, most)
    }
}

/// Measures the loads of a workload over all ways, and returns what was found. Runs that are not
/// valid are left out and told of. `None` if the program was asked to end: nothing is kept then.
pub(in crate::advise) fn calibrate(
    workload: &Workload,
    interrupt: &Interrupt,
) -> anyhow::Result<Option<Calibration>> {
    let files =
        rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    let whole = affordable(workload, files);
    if let Some(told) = document::told_smaller(workload, &whole) {
        progress::say(&format!("calibrating up to {told}"));
    }
    let mut cells = Vec::new();
    let (mut made, mut doubted) = (0, 0);
    for scale in LOADS {
        let scaled = scale.of(&whole);
        let choices: Vec<Choice> = Choice::all(&scaled)
            .into_iter()
            .filter(|choice| choice.is_runnable(&scaled))
            .collect();
        let study = document::study(&scaled, &choices)?;
        let Some(rows) = runs(&study, interrupt)? else {
            return Ok(None);
        };
        for row in rows {
            made += 1;
            match cell(&row, &scaled) {
                Some(cell) => cells.push(cell),
                None => doubted += 1,
            }
        }
    }
    if doubted > 0 {
        progress::say(&format!(
            "{doubted} of {made} runs are not valid and are left out"
        ));
    }
    if cells.is_empty() {
        bail!("no run of the calibration is valid; try again when the machine does nothing else");
    }
    Ok(Some(Calibration {
        made: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        machine: machine(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        cell: cells,
    }))
}

/// Returns this machine in words.
fn machine() -> String {
    let machine = machine::describe();
    let processor = machine.processor.filter(|name| !name.is_empty());
    let processors = machine.processors.unwrap_or_default();
    let name = processor.unwrap_or_else(|| "an unnamed processor".to_owned());
    format!("{processors} x {name}")
}

/// Makes the runs of a study, each against a server of its own. `None` if the program was asked to
/// end before all were made.
fn runs(study: &Study, interrupt: &Interrupt) -> anyhow::Result<Option<Vec<RunRow>>> {
    let plans = study.plans();
    let mut view = View::new(&plans, false);
    let folder = std::env::temp_dir();
    let mut rows = Vec::new();
    for plan in &plans {
        let line = view.run(plan);
        let cell = study.cell_of(plan);
        let here = &Swarming::Here;
        let measured = measure(
            plan,
            cell,
            &folder,
            ExternalServices::default(),
            here,
            interrupt,
            line,
        );
        if interrupt.seen() {
            return Ok(None);
        }
        rows.extend(measured?.rows.runs);
    }
    Ok(Some(rows))
}

/// Returns the load and the cost of a run; `None` if it is not valid.
fn cell(row: &RunRow, workload: &Workload) -> Option<Cell> {
    if !row.valid {
        return None;
    }
    let way = row.way()?;
    let seconds = row.window_ms? as f64 / 1e3;
    let delivered = row.delivered as f64;
    let in_a_room = row.clients as f64 / row.rooms as f64;
    // One draft is one event in the log, however many readers it is delivered to.
    let lasted = (workload.settle + workload.measure).as_secs_f64();
    let kept = (row.rate_per_s * lasted).min(document::log(workload));
    let event = row.event_bytes as f64 / delivered.max(1.0);
    Some(Cell {
        way: way.properties().key.to_owned(),
        tls: workload.tls.version().unwrap_or("off").to_owned(),
        http: row.http.clone(),
        speaks: workload.speaks && way.carries_drafts(),
        readers: row.clients as f64,
        rooms: row.rooms as f64,
        rate: row.rate_per_s,
        payload: row.payload_bytes as f64,
        line_bytes: polled(way, row.read_line_bytes?),
        pieces: row.exchanges as f64 / seconds,
        drafts: delivered / in_a_room / seconds,
        kib: row.event_bytes as f64 / KIB / seconds,
        kept: row.rooms as f64 * kept * event / KIB,
        processors: row.server_cpu_us_per_delivery? * delivered / seconds / 1e6,
        memory: row.server_rss_added_bytes.map(|bytes| bytes as f64),
    })
}

/// Returns the bytes of header lines where they are sent again and again.
fn polled(way: Way, bytes: u64) -> f64 {
    if way.polls() { bytes as f64 } else { 0.0 }
}

/// Returns the numbers that are calibrated for where none are given.
pub(in crate::advise) fn usual() -> WorkloadInputs {
    WorkloadInputs {
        readers: Some(300.0),
        rooms: Some(6.0),
        messages_per_room: Some(5.0),
        payload: Some(200.0),
        ..WorkloadInputs::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload() -> Workload {
        Workload::of(&usual()).expect("a workload")
    }

    #[test]
    fn every_load_can_be_run_and_the_first_is_the_largest() {
        let whole = affordable(&workload(), 1_024);
        assert_eq!((whole.readers, whole.rooms), (300, 6));
        for scale in LOADS {
            let scaled = scale.of(&whole);
            let study = document::study(&scaled, &Choice::all(&scaled)).expect("a scenario");
            assert_eq!(study.plans().len(), 5);
            assert!(scaled.readers <= whole.readers && scaled.rooms <= scaled.readers);
        }
    }

    #[test]
    fn what_a_machine_cannot_make_is_made_smaller() {
        let large = Workload {
            readers: 100_000,
            rooms: 2_000,
            ..workload()
        };
        assert_eq!(affordable(&large, 1_000_000).readers, 1_000);
        assert_eq!(affordable(&large, 328).readers, 100);
        let busy = Workload {
            room_rate: 100.0,
            ..large
        };
        assert_eq!(affordable(&busy, 1_000_000).readers, 50);
    }
}
