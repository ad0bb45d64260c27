//! `wirebench report`: one page from a results folder.

use std::io::Write;

use analysis::{CellTable, digest};
use report::{Lang, figure, html};
use results::Store;

use crate::{
    Ended, args, folder, progress,
    render::{manifest_of, warn_of_work},
};

/// Writes `report.html` and prints where it is. A folder that is being written is not whole.
pub(crate) fn report(options: &args::Report) -> anyhow::Result<Ended> {
    let is_at_work = warn_of_work(&options.folder);
    let _alone = folder::draw(&options.folder);
    let digest = digest::of_folder(&Store::open(&options.folder)?);
    let complaints = &digest.complaints;
    for complaint in complaints {
        progress::warn(&complaint.to_string());
    }
    let lang = Lang::from(options.lang);
    let figures = lang.drawing(|| figure::all_of(&CellTable::of(&digest)))?;
    let baseline = options.baseline.as_deref();
    let page = html::write_drawn(
        &options.folder,
        manifest_of(&options.folder),
        &digest,
        &figures,
        baseline,
        lang,
    )?;
    writeln!(crate::output::stdout(), "{}", page.display())?;
    Ok(if digest.is_whole() && !is_at_work {
        Ended::Well
    } else {
        Ended::NotValid
    })
}
