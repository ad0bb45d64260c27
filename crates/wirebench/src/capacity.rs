//! `wirebench capacity`: how much each transport of a scenario holds.
//!
//! [`mod@search`] chooses the next load, [`judge`] gives the verdict on each load, [`settings`]
//! holds the request, and [`searches`] holds the searches together. Every run is one like those of
//! `run`, against a server of its own, with its rows in the same files. Transports take turns, run
//! by run, so that none has the better hour.

mod judge;
mod search;
mod searches;
mod settings;
mod show;

use std::path::Path;

use analysis::capacity::StoppedBy;
use anyhow::{Context, bail};
use swarm::plan::Variant;

use self::searches::Searches;
use crate::{
    Ended, args, folder,
    interrupt::Interrupt,
    measure::EndedBefore,
    progress::View,
    render::render,
    request::{Request, SearchSettings},
    resume,
    session::{Opening, Session, Start, no_room},
    shell,
};

/// Searches for the capacity of each transport, and writes a results folder.
pub(crate) fn capacity(options: &args::Capacity) -> anyhow::Result<Ended> {
    let (request, settings) = asked(options)?;
    let mut searches = Searches::begin(request.clone(), settings)?;
    if searches.len() == 0 {
        bail!("--only leaves nothing to run: the scenario has none of these transports");
    }
    let folder = match (&options.resume, &options.out) {
        (Some(folder), _) | (None, Some(folder)) => folder.clone(),
        (None, None) => folder::new_default(&format!("capacity-{}", searches.study.name))?,
    };
    let interrupt = Interrupt::watch()?;
    let mut session = open(&mut searches, request, &folder, options, &interrupt)?;
    search(&mut session, &mut searches, options, (&folder, &interrupt))?;
    let interrupted = interrupt.seen();
    let rendered = render(&folder, options.lang.into())?;
    let rows = searches.rows();
    show::show(options, &folder, &rendered, &rows, interrupted)?;
    let told = rows.iter().all(|row| {
        !row.doubted && (row.stopped_by.is_knee() || row.stopped_by == StoppedBy::Limit)
    });
    Ok(match (interrupted, told) {
        (true, _) => Ended::Interrupted,
        (false, true) => Ended::Well,
        (false, false) => Ended::NotValid,
    })
}

/// Returns the request and the settings of this search, or those of the interrupted search that is
/// to be resumed.
fn asked(options: &args::Capacity) -> anyhow::Result<(Request, SearchSettings)> {
    let descriptors =
        rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    if let Some(folder) = &options.resume {
        let request = resume::request(folder)?;
        let Some(settings) = request.capacity.clone() else {
            let (shown, word) = (folder.display(), shell::path(folder));
            bail!("{shown} is no search; go on with: wirebench run --resume {word}");
        };
        return Ok((request, settings));
    }
    let Some(scenario) = &options.scenario else {
        // clap asks for one of the two.
        bail!("name a scenario, or a folder to --resume");
    };
    let mut request = Request::new(scenario, &options.overrides, &options.only);
    let settings = SearchSettings::read(options, &request, descriptors)?;
    request.capacity = Some(settings.clone());
    Ok((request, settings))
}

/// Opens the folder of a search; what an earlier call found there is learnt.
fn open<'a>(
    searches: &mut Searches,
    request: Request,
    folder: &Path,
    options: &args::Capacity,
    interrupt: &'a Interrupt,
) -> anyhow::Result<Session<'a>> {
    let start = if options.resume.is_some() {
        Start::ResumedSearch
    } else {
        Start::New
    };
    let opening = Opening {
        folder,
        start,
        go_on: go_on(folder),
        is_part: false,
        // Each load is a shape of its own: there would be a line for every few runs.
        tells: false,
    };
    let study = searches.study.clone();
    let mut session = Session::open(opening, study, Vec::new(), Some(request), interrupt)?;
    let plans = searches.learn(&session.rows())?;
    session.grow(&searches.study, plans);
    Ok(session)
}

/// Returns the command that goes on with a search.
fn go_on(folder: &Path) -> String {
    format!("wirebench capacity --resume {}", shell::path(folder))
}

/// Runs until every search is at its end, or the program is asked to end.
fn search(
    session: &mut Session<'_>,
    searches: &mut Searches,
    options: &args::Capacity,
    (folder, interrupt): (&Path, &Interrupt),
) -> anyhow::Result<()> {
    let first = searches.first_plans().iter();
    let variants: Vec<Variant> = first.map(|plan| plan.variant.clone()).collect();
    let mut view = View::open(&variants, options.quiet || options.json);
    let mut at_work = true;
    while at_work {
        at_work = false;
        for at in 0..searches.len() {
            let Some(plan) = searches.wants(at)? else {
                continue;
            };
            if interrupt.seen() {
                break;
            }
            at_work = true;
            session.grow(&searches.study, vec![plan.clone()]);
            let rows = match session.measure(&plan, &mut view) {
                Err(error) if error.is::<EndedBefore>() => break,
                measured => measured?,
            };
            searches.learn(&rows)?;
            analysis::capacity::write(&searches.rows(), folder).with_context(|| {
                let advice = no_room(&go_on(folder));
                format!(
                    "cannot write capacity.csv in {}; {advice}",
                    folder.display()
                )
            })?;
        }
    }
    drop(view);
    session.end(0)
}
