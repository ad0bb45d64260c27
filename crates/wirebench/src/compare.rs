//! `wirebench compare`: two results folders side by side, and a gate for CI.

use std::{io::Write, path::Path};

use report::{
    compare::{self, Compared, Gate, Side},
    figure,
};

use crate::{Ended, args, progress, render::warn_of_work};

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
    let compared = compare::compare(&before, &after)?;
    let text = if options.json {
        compare::json(&compared)
    } else if options.csv {
        compare::csv(&compared)
    } else if options.markdown {
        compare::markdown(&compared)
    } else {
        compare::terminal(&compared, progress::width())
    };
    write!(std::io::stdout(), "{text}")?;
    if let Some(folder) = &options.out {
        draw(&before, &after, &compared, folder)?;
    }
    if options.gate && !is_whole {
        progress::say("not passed: what is missing as said above might have told another story");
    }
    // A gate that has not seen everything does not pass.
    Ok(
        if options.gate && !(is_whole && compared.gate() == Gate::Passed) {
            Ended::NotValid
        } else {
            Ended::Well
        },
    )
}

fn warn(side: &Side, folder: &Path) {
    for complaint in &side.digest.complaints {
        progress::say(&format!("warning: {}: {complaint}", folder.display()));
    }
    if side.manifest.is_none() {
        progress::say(&format!(
            "warning: {}: no manifest.json that can be read, so what was changed is not known",
            folder.display()
        ));
    }
}

/// The table for a page, the numbers for programs, and the charts.
fn draw(before: &Side, after: &Side, compared: &Compared, folder: &Path) -> anyhow::Result<()> {
    let sides = (
        (before.name.as_str(), &before.digest),
        (after.name.as_str(), &after.digest),
    );
    let files = chart::write_all(&figure::overlay(sides.0, sides.1)?, folder)?;
    std::fs::write(folder.join("compare.md"), compare::markdown(compared))?;
    std::fs::write(folder.join("compare.json"), compare::json(compared))?;
    progress::say(&format!(
        "compare.md, compare.json and {} charts in {}",
        files.len() / 2,
        folder.display()
    ));
    Ok(())
}
