//! `wirebench advise`: computes latency, bytes, requests, work and the bill over each way to read
//! from the numbers of an application, by the formulas that runs are held against.
//!
//! # Reading order
//!
//! `workload` checks what was asked for; `ask`, `from` and a TOML file (`written`) are other ways
//! to ask. `document` writes it as a scenario, whose plans `figures` hands to the formulas.
//! `calibration` says what this machine takes, `prices` what providers charge, and `sheets` shows
//! all of it, as `page` does with sliders. `scenarios` writes what can be run, and `prove` runs it.

mod ask;
mod calibration;
mod document;
mod figures;
mod from;
mod page;
mod prices;
mod prove;
mod range;
mod scenarios;
mod sheets;
mod workload;
mod written;

use std::io::{IsTerminal, Write};

use report::Lang;
use serde_json::json;

#[cfg(feature = "classroom")]
pub(crate) use self::page::beside;
use self::{
    calibration::Calibration,
    figures::Figures,
    from::ExtractedNumbers,
    prices::Prices,
    prove::{Proof, Wish},
    sheets::{Sources, for_people, for_programs},
    workload::Workload,
    written::Thread,
};
use crate::{
    Ended,
    args::{self, WorkloadInputs},
    interrupt::Interrupt,
    progress,
};

/// Advises on a workload.
pub(crate) fn advise(options: &args::Advise) -> anyhow::Result<Ended> {
    let mut out = crate::output::stdout();
    if options.print_prices {
        write!(out, "{}", prices::EMBEDDED)?;
        return Ok(Ended::Well);
    }
    let SourcedInputs {
        inputs,
        taken,
        thread,
    } = sourced(options)?;
    if options.calibrate {
        if !calibrate(options, &inputs)? {
            return Ok(Ended::Interrupted);
        }
        if inputs.is_empty() {
            return Ok(Ended::Well);
        }
    }
    if let Some(taken) = &taken {
        say_taken(options, taken)?;
    }
    let workload = Workload::of(&inputs)?;
    let prices = Prices::read(options.prices.as_deref())?;
    let calibration = Calibration::read(options.calibration.as_deref())?;
    let all = figures::of(&workload, &options.only)?;
    let sources = Sources {
        workload: &workload,
        calibration: calibration.as_ref(),
        prices: &prices,
    };
    if let Some(file) = &options.scenario {
        scenarios::write(&sources, &all, file)?;
    }
    let lang = Lang::from(options.lang);
    if let Some(file) = &options.page {
        let measured = page::Measured::of(Ok(calibration.clone()));
        page::write(
            file,
            &inputs,
            &options.only,
            &prices,
            &measured,
            options.lang,
        )?;
        progress::say(&format!("{} is the page with sliders", file.display()));
    }
    if is_for_people(options) {
        tell(options, &all, &sources, thread.as_ref(), lang)?;
    }
    let wish = Wish {
        only: &options.only,
        repeats: options.repeats,
        out: options.out.as_deref(),
        lang,
    };
    let proof = options
        .prove
        .then(|| prove::prove(&workload, wish, calibration.as_ref()));
    let proof = proof.transpose()?;
    if is_for_people(options) {
        if let Some(Proof { sheet, folder, .. }) = &proof {
            writeln!(out, "\n{}\n", drawn(options, &lang.sheet(sheet.clone())))?;
            writeln!(out, "{} {}/report.html", lang.say("open"), folder.display())?;
        }
    } else {
        write_data(options, &all, &sources, taken.as_ref(), proof.as_ref())?;
    }
    Ok(proof.map_or(Ended::Well, |proof| proof.ended))
}

/// Returns whether tables for people are asked for, and no data for programs.
const fn is_for_people(options: &args::Advise) -> bool {
    !options.json && !options.csv
}

/// Prints the workload, its figures, what they rest on, and what others measured.
fn tell(
    options: &args::Advise,
    all: &[Figures],
    sources: &Sources<'_>,
    thread: Option<&Thread>,
    lang: Lang,
) -> anyhow::Result<()> {
    let mut out = crate::output::stdout();
    let (sheet, notes) = for_people(all, sources, lang);
    let (told, table) = (lang.say(&sources.workload.told()), drawn(options, &sheet));
    writeln!(out, "{told}\n\n{table}\n")?;
    for note in notes {
        writeln!(out, "- {note}")?;
    }
    if let Some(thread) = thread {
        let table = drawn(options, &thread.beside(all, sources));
        writeln!(out, "\n{}\n\n{table}", thread.told())?;
    }
    Ok(())
}

/// Writes the figures for programs, as CSV or JSON.
fn write_data(
    options: &args::Advise,
    all: &[Figures],
    sources: &Sources<'_>,
    taken: Option<&ExtractedNumbers>,
    proof: Option<&Proof>,
) -> anyhow::Result<()> {
    let mut out = crate::output::stdout();
    let figures = for_programs(all, sources);
    if options.csv {
        write!(out, "{}", figures.csv())?;
        return Ok(());
    }
    let whole = json!({
        "workload": sources.workload.told(),
        "taken": taken.map(|taken| taken.sheet(&options.inputs)),
        "figures": figures,
        "proof": proof.map(|proof| &proof.sheet),
    });
    writeln!(out, "{}", serde_json::to_string_pretty(&whole)?)?;
    Ok(())
}

/// Says which numbers were taken from a file, where from, and what the file lacks.
fn say_taken(options: &args::Advise, taken: &ExtractedNumbers) -> anyhow::Result<()> {
    if is_for_people(options) {
        let table = drawn(options, &taken.sheet(&options.inputs));
        writeln!(crate::output::stdout(), "{table}\n")?;
    } else {
        for missing in taken.missing(&options.inputs) {
            progress::say(&format!("not told by the file: {missing}"));
        }
    }
    for remark in &taken.remarks {
        progress::say(remark);
    }
    Ok(())
}

/// Returns a table in the form that was asked for.
fn drawn(options: &args::Advise, sheet: &sheet::Sheet) -> String {
    if options.markdown {
        sheet.markdown()
    } else {
        sheet.terminal(progress::width())
    }
}

/// The numbers that were asked for, and where some of them are from.
#[derive(Debug, Default)]
struct SourcedInputs {
    inputs: WorkloadInputs,
    /// The numbers that were taken from a capture or from the runs of a folder.
    taken: Option<ExtractedNumbers>,
    /// The public thread of a workload.
    thread: Option<Thread>,
}

/// Returns what was asked for: flags over a file, over a capture or the runs of a folder; where
/// nothing was given and somebody sits at a terminal, answers to questions.
fn sourced(options: &args::Advise) -> anyhow::Result<SourcedInputs> {
    let flags = options.inputs.clone();
    let mut sourced = SourcedInputs::default();
    if let Some(file) = &options.workload {
        let written = written::read(file)?;
        sourced.inputs = flags.over(written.inputs);
        sourced.thread = written.thread;
    } else if let Some(file) = &options.from {
        let taken = from::taken(file, options.keys.as_deref(), &flags)?;
        sourced.inputs = flags.over(taken.inputs.clone());
        sourced.taken = Some(taken);
    } else if flags.is_empty() && !options.calibrate && std::io::stdin().is_terminal() {
        sourced.inputs = ask::ask(&mut std::io::stdin().lock(), &mut std::io::stderr())?;
    } else {
        sourced.inputs = flags;
    }
    Ok(sourced)
}

/// Measures what this machine takes, and keeps it. Returns false if the program was asked to end
/// before all was measured.
fn calibrate(options: &args::Advise, inputs: &WorkloadInputs) -> anyhow::Result<bool> {
    let file = match &options.calibration {
        Some(file) => file.clone(),
        None => Calibration::usual_file()?,
    };
    Calibration::check_file(&file)?;
    let usual = calibration::measure::usual();
    let workload = Workload::of(if inputs.is_empty() { &usual } else { inputs })?;
    let interrupt = Interrupt::watch()?;
    let Some(calibration) = calibration::measure::calibrate(&workload, &interrupt)? else {
        progress::say("asked to end before the calibration was whole; nothing is kept");
        return Ok(false);
    };
    calibration.write(&file)?;
    let runs = calibration.cell.len();
    progress::say(&format!("{runs} runs are kept in {}", file.display()));
    Ok(true)
}
