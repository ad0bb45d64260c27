//! `wirebench compare`: two results folders side by side, and a gate for CI.

use std::{io::Write, path::Path};

use report::{
    Lang,
    compare::{
        self, Compared, Gate, Side,
        gate::{self, Scope},
    },
    figure,
};

use crate::{Ended, args, progress, render::warn_of_work, verdicts};

/// Prints what differs between two folders, and draws it if asked to.
pub(crate) fn compare(options: &args::Compare) -> anyhow::Result<Ended> {
    let folders = [&options.before, &options.after];
    let at_work = folders.map(|folder| warn_of_work(folder));
    let sides = Side::open(folders[0], folders[1])?;
    for (side, folder) in sides.iter().zip(folders) {
        warn(side, folder);
    }
    let is_whole = sides.iter().all(|side| side.digest.is_whole()) && at_work == [false; 2];
    let [before, after] = sides;
    let mut compared = compare::compare(&before, &after)?;
    for (at, is_at_work) in at_work.into_iter().enumerate() {
        if is_at_work {
            compared.enter_writing(at);
        }
    }
    let lang = Lang::from(options.lang);
    let text = if options.json {
        compare::json(&compared)
    } else if options.csv {
        compare::csv(&compared)
    } else if options.markdown {
        compare::markdown_in(&compared, lang)
    } else {
        compare::terminal_in(&compared, progress::width(), lang)
    };
    write!(crate::output::stdout(), "{text}")?;
    if let Some(folder) = &options.out {
        draw(&before, &after, &compared, (folder, lang))?;
    }
    let extent = scope(options.gate.unwrap_or_default());
    let files = &options.verdicts;
    verdicts::write(
        files,
        "wirebench compare",
        || gate::suites(&compared, extent),
        || summary(&compared, extent, lang),
    )?;
    if options.gate.is_none() {
        return Ok(Ended::Well);
    }
    for line in gate::terminal_in(&compared, extent, lang).lines() {
        progress::put(line);
    }
    if !is_whole {
        progress::say("not passed: what is missing as said above might have told another story");
    }
    // A gate that has not seen everything does not pass.
    Ok(if is_whole && compared.verdict(extent) == Gate::Passed {
        Ended::Well
    } else {
        Ended::NotValid
    })
}

const fn scope(extent: args::Extent) -> Scope {
    match extent {
        args::Extent::Repeatable => Scope::Repeatable,
        args::Extent::Times => Scope::Times,
    }
}

/// Returns the verdict and below it every figure, for the page of a job, in one of the languages.
fn summary(compared: &Compared, extent: Scope, lang: Lang) -> String {
    let verdict = gate::markdown_in(compared, extent, lang);
    let figures = compare::markdown_in(compared, lang);
    let all = lang.say("All figures");
    format!("{verdict}\n<details><summary>{all}</summary>\n\n{figures}\n</details>\n\n")
}

fn warn(side: &Side, folder: &Path) {
    for complaint in &side.digest.complaints {
        progress::warn(&format!("{}: {complaint}", folder.display()));
    }
    if side.manifest.is_none() {
        progress::warn(&format!(
            "{}: no manifest.json that can be read, so what was changed is not known",
            folder.display()
        ));
    }
}

/// Writes the table for a page, the numbers for programs, and the charts, in one of the languages.
fn draw(
    before: &Side,
    after: &Side,
    compared: &Compared,
    (folder, lang): (&Path, Lang),
) -> anyhow::Result<()> {
    let sides = (
        (before.name.as_str(), &before.digest),
        (after.name.as_str(), &after.digest),
    );
    let drawn = lang.drawing(|| figure::overlay(sides.0, sides.1))?;
    let files = chart::write_all(&drawn, folder)?;
    let table = compare::markdown_in(compared, lang);
    std::fs::write(folder.join("compare.md"), table)?;
    std::fs::write(folder.join("compare.json"), compare::json(compared))?;
    progress::say(&format!(
        "compare.md, compare.json and {} charts in {}",
        files.len() / 2,
        folder.display()
    ));
    Ok(())
}
