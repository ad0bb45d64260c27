//! `wirebench plot`: the charts again, from the CSV files alone.

use std::io::Write;

use crate::{
    Ended, args,
    look::{look, warn_of_work},
    progress,
};

/// Draws every figure of a results folder and prints its table. A folder that is being written is
/// not whole.
pub(crate) fn plot(options: &args::Plot) -> anyhow::Result<Ended> {
    let is_at_work = warn_of_work(&options.folder);
    let looked = look(&options.folder)?;
    looked.warn();
    if options.json {
        writeln!(std::io::stdout(), "{}", looked.json(&options.folder)?)?;
    } else if options.csv {
        write!(std::io::stdout(), "{}", looked.csv())?;
    } else if !options.quiet {
        let objectives = looked.objectives(options.markdown);
        let table = looked.table(options.markdown);
        writeln!(std::io::stdout(), "{objectives}{table}")?;
        let figures = options.folder.join("figures");
        progress::say(&format!(
            "{} files in {}",
            looked.figures,
            figures.display()
        ));
        if let Some(line) = looked.predicted() {
            progress::say(&line);
        }
    }
    Ok(if looked.is_whole() && !is_at_work {
        Ended::Well
    } else {
        Ended::NotValid
    })
}
