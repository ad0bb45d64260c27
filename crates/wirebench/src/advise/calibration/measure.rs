//! The runs of a calibration: loads up to a workload's own, as far as this machine can make them.

use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use results::{Rows, RunRow};
use scenario::Study;
use wire::{Exchange, Way};

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
    system,
};

/// The most readers, and the most deliveries a second, that a calibration makes.
const MOST_READERS: usize = 1_000;
const MOST_DELIVERIES: f64 = 10_000.0;
/// The fewest messages a second in each room: a run sees some.
const LEAST_RATE: f64 = 3.0;
/// The files that are open beside the connections of readers and speakers.
const OTHER_FILES: u64 = 128;
/// The time that each run measures at least and at most, and the number of messages of all rooms that it
/// is to have in between: a second of a rare load has so few that its processor time is chance.
const MEASURE: Duration = Duration::from_secs(1);
const MOST_MEASURE: Duration = Duration::from_secs(3);
const LEAST_MESSAGES: f64 = 60.0;
/// The time in which readers connect.
pub(super) const RAMP: Duration = Duration::from_millis(200);
/// The times that each run settles at least and at most.
pub(super) const SETTLE: Duration = Duration::from_millis(200);
pub(super) const MOST_SETTLE: Duration = Duration::from_secs(3);
/// The interval of short polls, which a load may lengthen. The cost of other intervals follows from
/// the number of answers a second, which the loads cover from that of the fastest polls down to a
/// hundredth of it.
pub(super) const INTERVAL: Duration = Duration::from_millis(200);
/// The factor by which messages are more frequent than in the workload: a window is longer than the
/// time in which messages are due, and its mean must not be below the workload. More messages also
/// make connections old sooner.
const HEADROOM: f64 = 2.0;

/// The loads of short polls: answers from rare to frequent in steps of about three, and in smaller
/// steps where people mostly poll, because an answer that comes after a pause costs more than one
/// that comes right after another. Between them are larger rooms, and longer texts at two sizes.
const POLLED: [Scale; 10] = [
    Scale::new(1, 1, 1.0, 1, 1),
    Scale::new(1, 1, 1.0, 1, 5),
    Scale::new(3, 1, 1.0, 1, 2),
    Scale::new(3, 3, 1.0, 1, 3),
    Scale::new(3, 1, 1.0, 1, 5),
    Scale::new(10, 1, 1.0, 1, 5),
    Scale::new(30, 1, 1.0, 1, 5),
    Scale::new(1, 6, 1.0, 1, 2),
    Scale::new(3, 1, 2.0, 4, 2),
    Scale::new(10, 1, 2.0, 8, 1),
];

/// The loads of all other ways: the whole, four parts of it, larger rooms twice, and longer texts at two
/// sizes, so that each cost weighs differently in two of them at least. In three of them a reader hears
/// seldom: what the kernel and the server keep of its socket has left the caches until then, and the
/// piece costs more than for a reader who hears all the time.
const PUSHED: [Scale; 9] = [
    Scale::new(1, 1, 1.0, 1, 1),
    Scale::new(3, 1, 2.0, 1, 1),
    Scale::new(20, 1, 1.0, 1, 1),
    Scale::new(1, 6, 1.0, 1, 1),
    Scale::new(3, 3, 1.0, 1, 1),
    Scale::new(3, 1, 0.6, 1, 1),
    Scale::new(4, 1, 0.3, 4, 1),
    Scale::new(6, 1, 0.5, 1, 1),
    Scale::new(10, 1, 2.0, 8, 1),
];

/// A load as a part of a workload.
#[derive(Debug, Clone, Copy)]
struct Scale {
    /// The divisor of readers, and of rooms with them.
    fewer: usize,
    /// The further divisor of rooms alone.
    larger_rooms: usize,
    /// The factor of the messages a second in each room.
    more_messages: f64,
    /// The factor of the length of a text.
    longer: usize,
    /// The factor of the interval of short polls.
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
        let rooms = rooms.clamp(1, readers);
        let room_rate = workload.room_rate * self.more_messages;
        Workload {
            readers,
            rooms,
            room_rate,
            payload: (workload.payload * self.longer).min(65_536),
            round_trip: Duration::ZERO,
            is_poisson: false,
            ramp: Some(RAMP),
            settle: SETTLE.max(INTERVAL * self.slower),
            measure: measured(room_rate * rooms as f64),
            intervals: vec![INTERVAL * self.slower],
            proxy: None,
            ..workload.clone()
        }
    }
}

/// Returns the time that is measured of a load with so many messages a second in all its rooms.
fn measured(messages: f64) -> Duration {
    let seconds = LEAST_MESSAGES / messages;
    Duration::from_secs_f64(seconds.clamp(MEASURE.as_secs_f64(), MOST_MEASURE.as_secs_f64()))
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
    system::tells_of_processes(
        "a calibration",
        "without one, advise tells bytes and messages and no processor time",
    )?;
    let files =
        rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    let whole = affordable(workload, files);
    if let Some(told) = document::told_smaller(workload, &whole) {
        progress::say(&format!("calibrating up to {told}"));
    }
    let mut cells = Vec::new();
    let (mut made, mut doubted) = (0, 0);
    for (scaled, choices) in loads(&whole) {
        let study = document::study(&scaled, &choices)?;
        let Some(rows) = runs(&study, interrupt)? else {
            return Ok(None);
        };
        for (row, resident) in rows {
            made += 1;
            match cell(&row, resident, &scaled) {
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

/// Returns the loads that are measured, and the ways over which each of them is. Short polls settle
/// for an interval; all else is measured when its connections are no longer new.
fn loads(whole: &Workload) -> Vec<(Workload, Vec<Choice>)> {
    let polled = POLLED.map(|scale| (scale.of(whole), true)).into_iter();
    let pushed = PUSHED.map(|scale| (scale.of(whole).settled(SETTLE, MOST_SETTLE), false));
    let all = polled.chain(pushed).map(|(scaled, asks)| {
        let is_its = |choice: &Choice| {
            (choice.way.exchange() == Exchange::Immediate) == asks && choice.is_runnable(&scaled)
        };
        let choices: Vec<Choice> = Choice::all(&scaled).into_iter().filter(is_its).collect();
        (scaled, choices)
    });
    all.collect()
}

/// Returns this machine in words.
fn machine() -> String {
    let machine = machine::describe();
    let processor = machine.processor.filter(|name| !name.is_empty());
    let processors = machine.processors.unwrap_or_default();
    let name = processor.unwrap_or_else(|| "an unnamed processor".to_owned());
    format!("{processors} x {name}")
}

/// A run, and the resident memory of its server at the end.
type Run = (RunRow, Option<u64>);

/// Makes the runs of a study, each against a server of its own. `None` if the program was asked to
/// end before all were made.
fn runs(study: &Study, interrupt: &Interrupt) -> anyhow::Result<Option<Vec<Run>>> {
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
        let Rows { runs, timeline, .. } = measured?.rows;
        let resident = timeline.last().and_then(|second| second.server_rss_bytes);
        rows.extend(runs.into_iter().map(|row| (row, resident)));
    }
    Ok(Some(rows))
}

/// Returns the load and the cost of a run whose server had so much resident memory at the end; `None`
/// if it is not valid.
fn cell(row: &RunRow, resident: Option<u64>, workload: &Workload) -> Option<Cell> {
    if !row.valid {
        return None;
    }
    let way = row.way()?;
    let seconds = row.window_ms? as f64 / 1e3;
    let delivered = row.delivered as f64;
    let in_a_room = row.clients as f64 / row.rooms as f64;
    // One draft is one event in the log, however many readers it is delivered to.
    let lasted = (workload.settle + workload.measure).as_secs_f64();
    let kept = (row.rate_per_s * lasted).min(workload.log());
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
        kept_events: row.rooms as f64 * kept,
        processors: row.server_cpu_us_per_delivery? * delivered / seconds / 1e6,
        resident: resident.map(|bytes| bytes as f64),
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
        let mut runs = 0;
        for (scaled, choices) in loads(&whole) {
            let study = document::study(&scaled, &choices).expect("a scenario");
            assert_eq!(study.plans().len(), choices.len());
            assert!(scaled.readers <= whole.readers && scaled.rooms <= scaled.readers);
            runs += choices.len();
        }
        assert_eq!(runs, POLLED.len() + 4 * PUSHED.len());
    }

    /// Checks that between two neighbouring rates of answers there is no gap in which nobody knows how
    /// much dearer a rarer one is.
    #[test]
    fn short_polls_are_measured_from_rare_to_frequent_without_a_gap() {
        let whole = affordable(&workload(), 1_024);
        let all = loads(&whole).into_iter();
        let polled = all.filter(|(_, choices)| choices[0].interval.is_some());
        let mut rates: Vec<f64> = polled
            .map(|(scaled, _)| scaled.readers as f64 / scaled.intervals[0].as_secs_f64())
            .collect();
        rates.sort_by(f64::total_cmp);
        assert!((rates[0] - 10.0).abs() < 1e-9, "{rates:?}");
        assert!((rates[9] - 1_500.0).abs() < 1e-9, "{rates:?}");
        // Of three hundred readers who ask each second, or twice, half of the loads are rarer.
        assert!(rates.iter().filter(|rate| **rate < 300.0).count() >= 4);
        let steps = rates.windows(2).map(|pair| pair[1] / pair[0]);
        assert!(steps.fold(0.0, f64::max) < 3.4, "{rates:?}");
    }

    /// Checks that what is pushed is measured on connections that have had the messages after which
    /// their receiver no longer acknowledges each of them at once.
    #[test]
    fn what_is_pushed_is_measured_on_connections_that_are_not_new() {
        let whole = affordable(&workload(), 1_024);
        for (scaled, choices) in loads(&whole) {
            let before = scaled.room_rate * scaled.settle.as_secs_f64();
            let is_old = before > 15.99;
            let is_rare = scaled.settle == MOST_SETTLE;
            assert!(
                is_old || is_rare || choices[0].interval.is_some(),
                "{before}"
            );
        }
        // Five messages a second, twice that in a calibration.
        assert!((whole.room_rate - 10.0).abs() < 1e-9);
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
