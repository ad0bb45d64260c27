//! `wirebench run`: every plan of a scenario in turn, each against a fresh
//! server, its rows written before the next one begins.

use std::{io::Write, path::Path, time::Duration};

use anyhow::{Context, bail};
use scenario::Study;
use swarm::{Target, plan::Plan};

use crate::{
    Ended, args, floor, folder,
    interrupt::Interrupt,
    only::Only,
    progress,
    render::{Rendered, render},
    request::Request,
    resume, scenarios,
    session::{Opening, Session, Start},
    watched::{RunningServer, Watched},
};

/// The time within which a connection must succeed to a server that is expected to run already.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs a scenario and leaves a results folder.
pub(crate) fn run(options: &args::Run) -> anyhow::Result<Ended> {
    let mut request = match (&options.resume, &options.scenario) {
        (Some(folder), _) => resume::of_run(folder)?,
        (None, Some(scenario)) => request(options, scenario),
        // clap asks for one of the two.
        (None, None) => bail!("name a scenario, or a folder to --resume"),
    };
    let study = scenarios::load(request.file(), &request.overrides)?;
    let descriptors =
        rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    study.check(descriptors)?;
    let given = given(&study, &mut request)?;
    let plans = chosen(&study, &request.only)?;
    let folder = match (&options.resume, &options.out) {
        (Some(folder), _) | (None, Some(folder)) => folder.clone(),
        (None, None) => folder::new_default(&study.name)?,
    };
    let interrupt = Interrupt::watch()?;
    let opening = opening(options, &folder);
    let session = Session::open(opening, study, plans, Some(request), &interrupt)?;
    let mut session = session.against(given.as_ref());
    let (plans, later) = session.left();
    announce(&plans, &session, options.quiet);
    session.measure_all(&plans, options.quiet || options.json)?;
    let later = if interrupt.seen() { 0 } else { later };
    let rendered = session
        .end(later)
        .and_then(|()| render(&folder))
        .with_context(|| {
            let shown = folder.display();
            format!("what was measured is kept; draw it again with: wirebench plot {shown}")
        })?;
    show(options, &folder, &rendered, (interrupt.seen(), later))?;
    Ok(match (interrupt.seen(), rendered.is_well()) {
        (true, _) => Ended::Interrupted,
        (false, true) => Ended::Well,
        (false, false) => Ended::NotValid,
    })
}

fn opening<'a>(options: &args::Run, folder: &'a Path) -> Opening<'a> {
    Opening {
        folder,
        start: if options.resume.is_some() {
            Start::Resumed
        } else {
            Start::New
        },
        go_on: go_on(folder),
        is_part: false,
        tells: !(options.quiet || options.json),
    }
}

/// Returns the command that goes on with a folder.
fn go_on(folder: &Path) -> String {
    format!("wirebench run --resume {}", folder.display())
}

fn request(options: &args::Run, scenario: &Path) -> Request {
    Request {
        target: options.target.clone(),
        target_pids: options.target_pid.clone(),
        ca: options.tls.ca.clone(),
        insecure: options.tls.insecure,
        ..Request::new(scenario, &options.overrides, &options.only)
    }
}

/// The server that runs already, if the command line or the scenario names one.
fn given(study: &Study, request: &mut Request) -> anyhow::Result<Option<RunningServer>> {
    let described = study.cells[0].scenario.target.as_ref();
    if request.target.is_none() {
        request.target = described.and_then(|target| target.url.clone());
    }
    let Some(url) = &request.target else {
        if described.is_some() {
            bail!(
                "[target] describes a server and does not say where it is; \
                 add --target http://HOST:PORT, or url = to [target]"
            );
        }
        if !request.target_pids.is_empty() {
            bail!("--target-pid names processes of a server that --target must name");
        }
        if request.ca.is_some() || request.insecure {
            bail!(
                "--ca and --insecure are about the certificate of a server that --target must name"
            );
        }
        return Ok(None);
    };
    let trust = request.trust();
    let mut target = Target::read(url, &trust)?;
    if target.tls.is_none() && (request.ca.is_some() || request.insecure) {
        bail!(
            "--ca and --insecure are about TLS, and {url} is reached in the clear; write https://"
        );
    }
    let watched = Watched::find(&request.target_pids)?;
    target.reach(PATIENCE).with_context(|| {
        format!("nothing listens at {url}; start the server first, or name another --target")
    })?;
    Ok(Some(RunningServer {
        target,
        watched,
        trust,
    }))
}

/// Says how many runs there will be, about how long they take, and how fine the clock is.
fn announce(plans: &[Plan], session: &Session<'_>, quiet: bool) {
    if quiet {
        return;
    }
    if plans.is_empty() {
        progress::say("nothing is left to run: every run of it is there");
    } else {
        let takes = progress::waiting(floor::estimate(plans));
        let runs = if plans.len() == 1 { "run" } else { "runs" };
        progress::say(&format!("{} {runs}, about {takes}", plans.len()));
    }
    if let Some(clock) = session.clock() {
        progress::say(&clock);
    }
}

fn chosen(study: &Study, only: &[Only]) -> anyhow::Result<Vec<Plan>> {
    let mut plans = study.plans();
    plans.retain(|plan| Only::any(only, &plan.variant));
    if plans.is_empty() {
        bail!(
            "--only leaves nothing to run: {} has none of these transports",
            study.name
        );
    }
    Ok(plans)
}

/// Prints the table, then the one thing to do next.
fn show(
    options: &args::Run,
    folder: &Path,
    rendered: &Rendered,
    (interrupted, later): (bool, usize),
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let go_on = go_on(folder);
    if options.json {
        writeln!(out, "{}", rendered.json(folder)?)?;
    } else if options.quiet {
        writeln!(out, "{}", folder.display())?;
    } else {
        let objectives = rendered.objectives(options.markdown);
        write!(out, "\n{objectives}")?;
        writeln!(out, "\n{}\n", rendered.table(options.markdown))?;
        if let Some(line) = rendered.predicted() {
            writeln!(out, "{line}")?;
        }
        let figures = rendered.figures / 2;
        let shown = folder.display();
        writeln!(
            out,
            "{shown}: manifest.json, CSV files, latency.hlog, {figures} figures, report.html"
        )?;
        if interrupted {
            writeln!(out, "go on with: {go_on}")?;
        } else {
            writeln!(out, "open {shown}/report.html")?;
        }
    }
    if options.quiet || options.json {
        rendered.warn_of_objectives();
    }
    rendered.warn();
    if later > 0 {
        let runs = if later == 1 { "run is" } else { "runs are" };
        progress::say(&format!(
            "this sitting is over and the folder is not complete: {later} {runs} left; make them \
             at another time with: {go_on}"
        ));
    }
    Ok(())
}
