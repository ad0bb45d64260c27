//! The requests, the processor time and the memory of the runs of a proof, beside what formulas and
//! a calibration say of them. What a machine takes is shown and does not end a proof: other programs
//! move it.

use analysis::model::Tolerance;
use results::RunRow;
use sheet::{Entry, Sheet};
use wire::Exchange;

use super::{row, way};
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
    runs: &[RunRow],
) -> anyhow::Result<()> {
    let all = figures::of(workload, only)?.into_iter();
    for one in all.filter(|one| one.choice.is_runnable(workload)) {
        let is_its = |run: &&RunRow| {
            run.valid && run.transport == one.transport && run.variant == one.variant
        };
        let run = runs.iter().find(is_its);
        for line in lines(&one, workload, calibration, run) {
            sheet.push(line);
        }
    }
    Ok(())
}

fn lines(
    one: &Figures,
    workload: &Workload,
    calibration: Option<&Calibration>,
    run: Option<&RunRow>,
) -> Vec<[Entry; 7]> {
    let name = way(&one.transport, &one.variant);
    // Messages are due in the first part of a window, and the last ones come in the rest.
    let share = run.and_then(share).unwrap_or(1.0);
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
    let mut lines = Vec::new();
    if one.choice.way.exchange() != Exchange::Open {
        let predicted = load.map(|load| load.pieces).ok_or_else(String::new);
        let asked = run.and_then(|run| Some(run.exchanges as f64 / seconds(run)?));
        let name = name.clone();
        lines.push(row(
            name,
            "questions",
            "1/s",
            predicted,
            asked,
            within(REQUESTS),
        ));
    }
    let number = |told: Told, unit: f64| match told {
        Told::Number(value, _) => Ok(value / unit),
        Told::Words(words) => Err(words),
    };
    let taken = run.and_then(|run| {
        let micros = run.server_cpu_us_per_delivery? * run.delivered as f64;
        Some(micros / 1e6 / seconds(run)?)
    });
    let processors = number(processors, 1.0);
    let (unit, rows) = ("processors", within(WORK));
    lines.push(row(name.clone(), PROCESSOR, unit, processors, taken, rows));
    let added = run.and_then(|run| Some(run.server_rss_added_bytes? as f64 / MIB));
    let memory = number(memory, MIB);
    lines.push(row(name, MEMORY, "MiB", memory, added, within(WORK)));
    lines
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
    use super::*;
    use crate::args::WorkloadInputs;

    fn run(window_ms: u64) -> RunRow {
        RunRow {
            transport: "short_poll".to_owned(),
            variant: "500ms".to_owned(),
            valid: true,
            clients: 100,
            delivered: 10_000,
            exchanges: 4_020,
            measured_ms: 20_000,
            window_ms: Some(window_ms),
            server_cpu_us_per_delivery: Some(20.0),
            server_rss_added_bytes: Some(3 << 20),
            ..RunRow::default()
        }
    }

    fn table(runs: &[RunRow]) -> String {
        let inputs: WorkloadInputs = toml::from_str(
            "readers = 100\nrooms = 5\nmessages_per_room = 5\narrivals = \"constant\"\n\
             intervals_s = [0.5]\nround_trip_ms = 0\nmeasure_s = 20\n",
        )
        .expect("inputs");
        let workload = Workload::of(&inputs).expect("a workload");
        let mut sheet = Sheet::new(super::super::columns());
        let only = [Only::Transport(wire::Transport::ShortPoll)];
        push(&mut sheet, &workload, &only, None, runs).expect("lines");
        sheet.markdown()
    }

    #[test]
    fn questions_are_held_to_a_hundredth_and_work_is_shown() {
        let text = table(&[run(20_000)]);
        // A hundred readers who ask twice a second.
        assert!(
            text.contains("| questions | 1/s | 200 | 201 | 0.5 | yes |"),
            "{text}"
        );
        assert!(
            text.contains("not calibrated: run advise --calibrate | 0.01 |"),
            "{text}"
        );
        assert!(text.contains("| MiB |") && text.contains("| 3 |"), "{text}");
        let slow = table(&[run(19_000)]);
        assert!(slow.contains("| 211.579 | 5.789 | NO |"), "{slow}");
        let invalid = RunRow {
            valid: false,
            ..run(20_000)
        };
        let none = table(&[invalid]);
        assert!(none.contains("| 200 | none |  | not measured |"), "{none}");
    }
}
