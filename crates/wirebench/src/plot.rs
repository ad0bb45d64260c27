//! `wirebench plot`: the charts again, from the CSV files alone.

use std::io::Write;

use report::{Store, figure, table};

use crate::{Ended, args, progress};

/// Draws every figure of a results folder and prints its table.
pub(crate) fn plot(options: &args::Plot) -> anyhow::Result<Ended> {
    let store = Store::open(&options.folder)?;
    let reading = store.read();
    for complaint in &reading.complaints {
        progress::say(&format!("warning: {complaint}"));
    }
    let folder = store.dir().join("figures");
    let files = figure::draw_all(&reading.rows, &folder)?;
    if !options.quiet {
        let text = if options.markdown {
            table::markdown(&reading.rows)
        } else {
            table::terminal(&reading.rows, progress::width())
        };
        writeln!(std::io::stdout(), "{text}")?;
        progress::say(&format!("{} files in {}", files.len(), folder.display()));
    }
    Ok(if reading.complaints.is_empty() {
        Ended::Well
    } else {
        Ended::NotValid
    })
}
