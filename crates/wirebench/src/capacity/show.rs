//! The output of a search that has ended.

use std::{io::Write, path::Path};

use analysis::capacity::CapacityRow;
use report::table::capacity::{markdown, terminal};

use crate::{args, progress, render::Rendered};

/// Prints the table, then the one thing to do next.
pub(super) fn show(
    options: &args::Capacity,
    folder: &Path,
    rendered: &Rendered,
    rows: &[CapacityRow],
    interrupted: bool,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let shown = folder.display();
    let runs = rendered.runs();
    if options.json {
        writeln!(out, "{}", serde_json::to_string_pretty(rows)?)?;
    } else if options.quiet {
        writeln!(out, "{shown}")?;
    } else {
        let table = if options.markdown {
            markdown(rows, runs)
        } else {
            terminal(rows, runs, progress::width())
        };
        let figures = rendered.figures / 2;
        writeln!(out, "\n{table}")?;
        writeln!(
            out,
            "{shown}: capacity.csv, {} runs, {figures} figures, report.html",
            runs.len()
        )?;
        if interrupted {
            writeln!(out, "go on with: wirebench capacity --resume {shown}")?;
        } else {
            writeln!(out, "open {shown}/report.html")?;
        }
    }
    Ok(())
}
