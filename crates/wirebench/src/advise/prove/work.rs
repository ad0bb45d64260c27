//! The requests, the processor time and the memory of the runs of a proof, beside what formulas and
//! a calibration say of them. What a machine takes is shown and does not end a proof: other programs
//! move it.

use analysis::model::Tolerance;
use results::{Rows, RunRow};
use sheet::{Entry, Sheet};
use wire::Exchange;

use super::{Foretold, middle, row, way};
use crate::{
    advise::{
        calibration::{Answer, Calibration, Load, Told},
        figures::{self, Figures},
        sheets::{MEMORY, MIB, PROCESSOR},
        workload::Workload,
    },
    only::Only,
};

/// The shares by which requests, and by which processor time and memory, may differ.
const REQUESTS: f64 = 0.01;
const WORK: f64 = 0.15;

/// Adds the lines of all ways to the table of a proof.
pub(super) fn push(
    sheet: &mut Sheet,
    workload: &Workload,
    only: &[Only],
    calibration: Option<&Calibration>,
    rows: &Rows,
) -> anyhow::Result<()> {
    let all = figures::of(workload, only)?.into_iter();
    for one in all.filter(|one| one.choice.is_runnable(workload)) {
        let runs = Runs::of(&one, rows);
        for line in lines(&one, workload, calibration, &runs) {
            sheet.push(line);
        }
    }
    Ok(())
}

/// The valid runs of one way, each with the resident memory of its server at the end.
struct Runs<'a>(Vec<(&'a RunRow, Option<u64>)>);

impl<'a> Runs<'a> {
    fn of(one: &Figures, rows: &'a Rows) -> Self {
        let is_its = |run: &&RunRow| {
            run.valid && run.transport == one.transport && run.variant == one.variant
        };
        let runs = rows.runs.iter().filter(is_its);
        Self(runs.map(|run| (run, resident(run, rows))).collect())
    }

    /// Returns the median of a figure over the runs that have it.
    fn middle(&self, of: impl Fn(&RunRow, Option<u64>) -> Option<f64>) -> Option<f64> {
        middle(self.0.iter().filter_map(|(run, bytes)| of(run, *bytes)))
    }
}

/// Returns the resident memory of the server at the end of a run.
fn resident(run: &RunRow, rows: &Rows) -> Option<u64> {
    let seconds = rows.timeline.iter().filter(|second| {
        second.transport == run.transport
            && second.variant == run.variant
            && second.cell == run.cell
            && second.repeat == run.repeat
    });
    let last = seconds.max_by_key(|second| second.second)?;
    last.server_rss_bytes
}

fn lines(
    one: &Figures,
    workload: &Workload,
    calibration: Option<&Calibration>,
    runs: &Runs<'_>,
) -> Vec<[Entry; 8]> {
    let name = way(&one.transport, &one.variant);
    // Messages are due in the first part of a window, and the last ones come in the rest.
    let share = runs.middle(|run, _| share(run)).unwrap_or(1.0);
    let load = Load::of_run(one, workload, share);
    let answer = Calibration::answer(calibration, load, one, workload);
    let (processors, memory) = match answer {
        Answer::Known(work) => (work.processors, work.memory),
        Answer::Unknown(why) => (Told::Words(why.clone()), Told::Words(why)),
    };
    let within = |share| Tolerance {
        share,
        amount: 0.0,
        at_most: false,
    };
    let line = |quantity, unit, foretold, measured, share| {
        row(
            name.clone(),
            quantity,
            unit,
            foretold,
            measured,
            within(share),
        )
    };
    let mut lines = Vec::new();
    if one.choice.way.exchange() != Exchange::Open {
        let foretold = load.map(|load| (load.pieces, None)).ok_or_else(String::new);
        let asked = runs.middle(|run, _| Some(run.exchanges as f64 / seconds(run)?));
        lines.push(line("questions", "1/s", foretold, asked, REQUESTS));
    }
    let taken = runs.middle(|run, _| {
        let micros = run.server_cpu_us_per_delivery? * run.delivered as f64;
        Some(micros / 1e6 / seconds(run)?)
    });
    let processors = foretold(processors, 1.0);
    lines.push(line(PROCESSOR, "processors", processors, taken, WORK));
    let held = runs.middle(|_, bytes| Some(bytes? as f64 / MIB));
    lines.push(line(MEMORY, "MiB", foretold(memory, MIB), held, WORK));
    lines
}

/// Returns what was said of a figure, in this unit.
fn foretold(told: Told, unit: f64) -> Foretold {
    match told {
        Told::Number(value, within) => Ok((value / unit, Some(within))),
        Told::Words(words) => Err(words),
    }
}

/// Returns the length of a run's window, in seconds.
fn seconds(run: &RunRow) -> Option<f64> {
    run.window_ms.filter(|ms| *ms > 0).map(|ms| ms as f64 / 1e3)
}

/// Returns the share of a run's window in which messages were due.
fn share(run: &RunRow) -> Option<f64> {
    Some((run.measured_ms as f64 / 1e3 / seconds(run)?).min(1.0))
}

#[cfg(test)]
mod tests {
    use results::TimelineRow;

    use super::*;
    use crate::args::WorkloadInputs;

    fn run(window_ms: u64) -> RunRow {
        RunRow {
            transport: "short_poll".to_owned(),
            variant: "500ms".to_owned(),
            cell: "-".to_owned(),
            repeat: 1,
            valid: true,
            clients: 100,
            delivered: 10_000,
            exchanges: 4_020,
            measured_ms: 20_000,
            window_ms: Some(window_ms),
            server_cpu_us_per_delivery: Some(20.0),
            ..RunRow::default()
        }
    }

    /// Returns a second of a repeat at whose end the server had so much resident memory.
    fn second(repeat: u32, second: u32, mib: u64) -> TimelineRow {
        TimelineRow {
            transport: "short_poll".to_owned(),
            variant: "500ms".to_owned(),
            cell: "-".to_owned(),
            repeat,
            second,
            delivered: 0,
            p50_us: None,
            p99_us: None,
            bytes_up: 0,
            bytes_down: 0,
            server_cpu_us: None,
            server_rss_bytes: Some(mib << 20),
            connected: None,
            connections: None,
        }
    }

    fn table(runs: Vec<RunRow>, timeline: Vec<TimelineRow>) -> String {
        let inputs: WorkloadInputs = toml::from_str(
            "readers = 100\nrooms = 5\nmessages_per_room = 5\narrivals = \"constant\"\n\
             intervals_s = [0.5]\nround_trip_ms = 0\nmeasure_s = 20\n",
        )
        .expect("inputs");
        let workload = Workload::of(&inputs).expect("a workload");
        let mut sheet = Sheet::new(super::super::columns());
        let only = [Only::Transport(wire::Transport::ShortPoll)];
        let rows = Rows {
            runs,
            timeline,
            ..Rows::default()
        };
        push(&mut sheet, &workload, &only, None, &rows).expect("lines");
        sheet.markdown()
    }

    #[test]
    fn questions_are_held_to_a_hundredth_and_work_is_shown() {
        let seconds = vec![second(1, 0, 8), second(1, 1, 9)];
        let text = table(vec![run(20_000)], seconds.clone());
        // A hundred readers who ask twice a second.
        assert!(
            text.contains("| questions | 1/s | 200 |  | 201 | 0.5 | yes |"),
            "{text}"
        );
        assert!(
            text.contains("not calibrated: run advise --calibrate |  | 0.01 |"),
            "{text}"
        );
        // All of the server's memory, at the end.
        assert!(text.contains("| MiB |") && text.contains("| 9 |"), "{text}");
        let slow = table(vec![run(19_000)], seconds);
        assert!(slow.contains("| 211.579 | 5.789 | NO |"), "{slow}");
        let invalid = RunRow {
            valid: false,
            ..run(20_000)
        };
        let none = table(vec![invalid], Vec::new());
        assert!(
            none.contains("| 200 |  | none |  | not measured |"),
            "{none}"
        );
    }

    #[test]
    fn of_several_runs_the_median_is_compared() {
        let of = |repeat, exchanges, valid| RunRow {
            repeat,
            exchanges,
            valid,
            ..run(20_000)
        };
        let runs = vec![
            of(1, 9_000, true),
            of(2, 4_000, true),
            of(3, 3_980, true),
            of(4, 100, false),
        ];
        let seconds = vec![second(1, 0, 30), second(2, 0, 9), second(3, 0, 8)];
        let text = table(runs, seconds);
        assert!(
            text.contains("| questions | 1/s | 200 |  | 200 |"),
            "{text}"
        );
        assert!(text.contains("| 9 |"), "{text}");
        assert_eq!(middle([4.0, 1.0].into_iter()), Some(2.5));
        assert_eq!(middle(std::iter::empty()), None);
    }
}
