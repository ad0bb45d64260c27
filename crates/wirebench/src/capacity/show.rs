//! The output of a search that has ended.

use std::{io::Write, path::Path};

use analysis::capacity::CapacityRow;
use report::table::capacity::{markdown, terminal};

use crate::{args, progress, render::Rendered, shell};

/// Prints the table, then the one thing to do next.
pub(super) fn show(
    options: &args::Capacity,
    folder: &Path,
    rendered: &Rendered,
    rows: &[CapacityRow],
    interrupted: bool,
) -> anyhow::Result<()> {
    let mut out = crate::output::stdout();
    let shown = folder.display();
    let runs = rendered.runs();
    let lang = report::Lang::from(options.lang);
    if options.json {
        writeln!(out, "{}", serde_json::to_string_pretty(rows)?)?;
    } else if options.quiet {
        writeln!(out, "{shown}")?;
    } else {
        let table = if options.markdown {
            markdown(rows, runs, lang)
        } else {
            terminal(rows, runs, progress::width(), lang)
        };
        let figures = rendered.figures / 2;
        writeln!(out, "\n{table}")?;
        let files = format!(
            "capacity.csv, {} runs, {figures} figures, report.html",
            runs.len()
        );
        writeln!(out, "{shown}: {}", lang.say(&files))?;
        if interrupted {
            writeln!(
                out,
                "{} wirebench capacity --resume {}",
                lang.say("go on with:"),
                shell::path(folder)
            )?;
        } else {
            writeln!(out, "{} {shown}/report.html", lang.say("open"))?;
        }
    }
    Ok(())
}
