//! The proof of advice: a run of the nearest scenario that this machine can make, and what was
//! predicted before it beside what was measured.

mod work;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use analysis::{
    digest,
    model::{self, Prediction, Tolerance, prediction::PredictionRow},
};
use anyhow::{Context, bail};
use report::Lang;
use results::Store;
use scenario::Study;
use sheet::{Column, Entry, Sheet};
use swarm::plan::Plan;

use super::{
    calibration::Calibration,
    document::{self, Choice, NAME},
    figures,
    workload::{SETTLE, Workload, short},
};
use crate::{
    Ended, calibration, folder,
    interrupt::Interrupt,
    only::Only,
    progress,
    render::render,
    request::Request,
    session::{Opening, Session, Start},
    shell,
};

/// The most readers of a proof: bytes and requests of a reader do not depend on their number.
const MOST_READERS: usize = 120;
/// The longest time for which a run settles, so that its connections are no longer new.
const MOST_SETTLE: Duration = Duration::from_secs(6);
/// The name of the scenario's file in the folder of the results.
const FILE: &str = "advised.toml";

/// A proof: the table, how the run ended, and where its files are.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) sheet: Sheet,
    pub(super) ended: Ended,
    pub(super) folder: PathBuf,
}

/// The wishes for a proof beside its workload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// The ways that are run; all of them if it is empty.
    pub(super) only: &'a [Only],
    /// The runs of each way, of which the median is held against what was predicted.
    pub(super) repeats: u32,
    /// The folder of the results.
    pub(super) out: Option<&'a Path>,
    /// The language of the page.
    pub(super) lang: Lang,
}

/// Runs a workload, as far as this machine can, over the ways that are asked for.
pub(super) fn prove(
    workload: &Workload,
    wish: Wish<'_>,
    calibration: Option<&Calibration>,
) -> anyhow::Result<Proof> {
    let Wish { only, lang, .. } = wish;
    let small = document::within(workload, MOST_READERS).settled(SETTLE, MOST_SETTLE);
    if let Some(told) = document::told_smaller(workload, &small) {
        progress::say(&format!("proved by {told}"));
    }
    if workload.proxy.is_some() {
        progress::say("proved without the proxy, which no formula covers");
    }
    let choices: Vec<Choice> = Choice::all(&small)
        .into_iter()
        .filter(|choice| choice.is_runnable(&small))
        .collect();
    let text = document::text(&small, &choices, false);
    // What stands before the first table is of the scenario as a whole.
    let text = format!("repeats = {}\n{text}", wish.repeats);
    let study = document::read(&small, &text)?;
    let files =
        rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    study.check(files)?;
    let mut plans = study.plans();
    plans.retain(|plan| Only::any(only, &plan.variant));
    if plans.is_empty() {
        bail!(
            "--only leaves nothing to prove over HTTP/{}",
            small.http.version()
        );
    }
    let predicted = predicted(&study, &plans);
    let folder = match wish.out {
        Some(folder) => folder.to_owned(),
        None => folder::new_default(NAME)?,
    };
    let interrupt = Interrupt::watch()?;
    measure(study, &plans, &text, (&folder, lang), &interrupt)?;
    let (mut sheet, agrees) = beside(&predicted, &folder)?;
    let rows = Store::open(&folder)?.read().rows;
    work::push(&mut sheet, &small, only, calibration, &rows)?;
    let ended = match (interrupt.seen(), agrees) {
        (true, _) => Ended::Interrupted,
        (false, true) => Ended::Well,
        (false, false) => Ended::NotValid,
    };
    Ok(Proof {
        sheet,
        ended,
        folder,
    })
}

/// The predictions of a run, made before it.
struct Predicted {
    transport: String,
    variant: String,
    predictions: Vec<Prediction>,
}

fn predicted(study: &Study, plans: &[Plan]) -> Vec<Predicted> {
    let of = |plan: &Plan| {
        let row = figures::planned(plan, study.cell_of(plan));
        Predicted {
            predictions: model::of_run(&row),
            transport: row.transport,
            variant: row.variant,
        }
    };
    // The formulas say the same of each repeat.
    plans
        .iter()
        .filter(|plan| plan.repeat == 1)
        .map(of)
        .collect()
}

/// Makes the runs and leaves a results folder with its scenario in it, and its page in a language.
fn measure(
    study: Study,
    plans: &[Plan],
    text: &str,
    (folder, lang): (&Path, Lang),
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let file = folder.join(FILE);
    let opening = Opening {
        folder,
        start: Start::New,
        go_on: format!("wirebench run --resume {}", shell::path(folder)),
        is_part: false,
        tells: true,
    };
    let request = Request::new(&file, &[], &[]);
    let mut session = Session::open(opening, study, plans.to_vec(), Some(request), interrupt)?;
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    let takes = progress::waiting(calibration::estimate(plans));
    progress::say(&format!("{} runs, about {takes}", plans.len()));
    session.measure_all(plans, false)?;
    session.end(0)?;
    render(folder, lang)?.warn();
    Ok(())
}

/// Returns the columns of the table.
fn columns() -> impl Iterator<Item = Column> {
    let names = ["way", "quantity", "unit"].map(Column::words);
    let numbers = ["predicted", "± %", "measured", "difference, %"].map(Column::numbers);
    let columns = names.into_iter().chain(numbers);
    columns.chain([Column::words("agrees")])
}

/// Puts predictions beside what was measured; returns the table, and whether all of it agrees.
fn beside(predicted: &[Predicted], folder: &Path) -> anyhow::Result<(Sheet, bool)> {
    let digest = digest::of_folder(&Store::open(folder)?);
    let measured: Vec<PredictionRow> = model::compare_all(&digest).collect();
    let mut sheet = Sheet::new(columns());
    let mut agrees = true;
    for run in predicted {
        for prediction in &run.predictions {
            let found = measured.iter().filter(|row| {
                row.transport == run.transport
                    && row.variant == run.variant
                    && row.quantity == prediction.quantity.name()
            });
            let found: Vec<Option<f64>> = found.map(|row| row.measured).collect();
            let measured = middle(found.iter().copied().flatten());
            let holds =
                measured.map(|value| prediction.tolerance.holds(prediction.predicted, value));
            agrees &= holds == Some(true) || (!found.is_empty() && measured.is_none());
            sheet.push(row(
                way(&run.transport, &run.variant),
                prediction.quantity.spoken(),
                prediction.quantity.unit(),
                Ok((prediction.predicted, None)),
                measured,
                prediction.tolerance,
            ));
        }
    }
    Ok((sheet, agrees))
}

/// Returns the median of what the runs of a way measured.
fn middle(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let (upper, lower) = (values.len() / 2, values.len().checked_sub(1)? / 2);
    Some(f64::midpoint(values[lower], values[upper]))
}

/// Returns the name of a way as the columns of a run have it.
fn way(transport: &str, variant: &str) -> String {
    match variant {
        "-" => transport.to_owned(),
        variant => format!("{transport} {variant}"),
    }
}

/// A figure that was predicted, and the share of it within which it was said to lie, if that was said;
/// or the reason why there is none.
type Foretold = Result<(f64, Option<f64>), String>;

/// Returns a line of the table; in place of a number that was not predicted there is the reason.
fn row(
    way: String,
    quantity: &str,
    unit: &str,
    predicted: Foretold,
    measured: Option<f64>,
    tolerance: Tolerance,
) -> [Entry; 8] {
    let number = |value: f64| Entry::number(short(value), value);
    let within = predicted.as_ref().ok().and_then(|(_, within)| *within);
    let predicted = predicted.map(|(value, _)| value);
    let both = predicted.as_ref().ok().copied().zip(measured);
    let difference = both.filter(|(predicted, _)| *predicted != 0.0);
    let difference = difference.map(|(predicted, measured)| (measured / predicted - 1.0) * 1e2);
    let holds = both.map(|(predicted, measured)| tolerance.holds(predicted, measured));
    let is_predicted = predicted.is_ok();
    [
        Entry::from(way),
        Entry::from(quantity),
        Entry::from(unit),
        predicted.map_or_else(Entry::from, number),
        within.map_or_else(|| Entry::from(""), |share| number(share * 1e2)),
        measured.map_or_else(|| Entry::from("none"), number),
        difference.map_or_else(|| Entry::from(""), number),
        Entry::from(match holds {
            Some(true) => "yes",
            Some(false) => "NO",
            None if is_predicted => "not measured",
            None => "not predicted",
        }),
    ]
}
