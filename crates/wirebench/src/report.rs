//! `wirebench report`: one page from a results folder.

use std::io::Write;

use report::{Store, html};

use crate::{Ended, args, progress};

/// Writes `report.html` and prints where it is.
pub(crate) fn report(options: &args::Report) -> anyhow::Result<Ended> {
    let complaints = Store::open(&options.folder)?.read().complaints;
    for complaint in &complaints {
        progress::say(&format!("warning: {complaint}"));
    }
    let page = html::write_against(&options.folder, options.baseline.as_deref())?;
    writeln!(std::io::stdout(), "{}", page.display())?;
    Ok(if complaints.is_empty() {
        Ended::Well
    } else {
        Ended::NotValid
    })
}
