//! `wirebench plot`: the charts again, from the CSV files alone.

use std::io::Write;

use crate::{
    Ended, args, progress,
    render::{render, warn_of_work},
};

/// Draws every figure of a results folder and prints its table. A folder that is being written is
/// not whole.
pub(crate) fn plot(options: &args::Plot) -> anyhow::Result<Ended> {
    let is_at_work = warn_of_work(&options.folder);
    let rendered = render(&options.folder, options.lang.into())?;
    rendered.warn();
    if options.json {
        writeln!(
            crate::output::stdout(),
            "{}",
            rendered.json(&options.folder)?
        )?;
    } else if options.csv {
        write!(crate::output::stdout(), "{}", rendered.csv())?;
    } else if !options.quiet {
        let objectives = rendered.objectives(options.markdown);
        let table = rendered.table(options.markdown);
        writeln!(crate::output::stdout(), "{objectives}{table}")?;
        let figures = options.folder.join("figures");
        progress::say(&format!(
            "{} files in {}",
            rendered.figures,
            figures.display()
        ));
        if let Some(line) = rendered.predicted() {
            progress::say(&line);
        }
    }
    Ok(if rendered.is_whole() && !is_at_work {
        Ended::Well
    } else {
        Ended::NotValid
    })
}
