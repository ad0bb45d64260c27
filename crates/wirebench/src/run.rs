//! `wirebench run`: every plan of a scenario in turn, each against a fresh
//! server, its rows written before the next one begins.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::mpsc::RecvTimeoutError,
    time::{Duration, SystemTime},
};

use anyhow::{Context, bail};
use report::{Rows, RunRow, Store, figure, table};
use swarm::{
    Target,
    outcome::{Notice, Phase},
    plan::Plan,
    scenario::Study,
};

use crate::{
    Ended, args,
    child::{Sample, Server},
    interrupt::Interrupt,
    manifest::Manifest,
    progress::{self, Line},
    rows::{self, Observed},
};

/// How often Ctrl-C and the server's health are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Runs a scenario and leaves a results folder.
pub(crate) fn run(options: &args::Run) -> anyhow::Result<Ended> {
    let study = Study::load(&options.scenario, &options.overrides)?;
    let descriptors = rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    study.check(descriptors)?;
    let target = options.target.as_deref().map(str::parse::<Target>).transpose()?;
    let plans = chosen(&study, &options.only)?;
    let folder = options.out.clone().unwrap_or_else(|| default_folder(&study.name));
    let store = Store::create(&folder)?;
    let mut manifest = Manifest::new(&study, plans.clone(), options.target.clone());
    manifest.write(&folder)?;

    let interrupt = Interrupt::watch()?;
    let mut valid = true;
    for (index, plan) in plans.iter().enumerate() {
        if interrupt.seen() {
            break;
        }
        let line = Line::new(plan, index + 1, plans.len(), options.quiet);
        let row = one_run(plan, &study, target.as_ref(), &store, &interrupt, line)?;
        valid &= row.valid;
    }
    manifest.ended = if interrupt.seen() { "interrupted" } else { "complete" }.to_owned();
    manifest.write(&folder)?;
    show(options, &folder)?;
    Ok(match (interrupt.seen(), valid) {
        (true, _) => Ended::Interrupted,
        (false, true) => Ended::Well,
        (false, false) => Ended::NotValid,
    })
}

fn chosen(study: &Study, only: &[wire::Transport]) -> anyhow::Result<Vec<Plan>> {
    let mut plans = study.plans();
    if !only.is_empty() {
        plans.retain(|plan| only.contains(&plan.variant.transport()));
    }
    if plans.is_empty() {
        bail!("--only leaves nothing to run: {} has none of these transports", study.name);
    }
    Ok(plans)
}

/// `results/run-SCENARIO-20260131-235959`; the prefix is what git ignores.
fn default_folder(name: &str) -> PathBuf {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let time: String = now.chars().filter(char::is_ascii_digit).collect();
    let (day, time) = time.split_at(8);
    PathBuf::from(format!("results/run-{name}-{day}-{time}"))
}

/// One plan from a fresh server to rows on disk.
fn one_run(
    plan: &Plan,
    study: &Study,
    target: Option<&Target>,
    store: &Store,
    interrupt: &Interrupt,
    mut line: Line,
) -> anyhow::Result<RunRow> {
    let mut server = match target {
        Some(_) => None,
        None => {
            let settings = &study.cell_of(plan).scenario.server;
            Some(Server::start(settings.threads, settings.log)?)
        }
    };
    let address = match (target, &server) {
        (Some(target), _) => target.clone(),
        (None, Some(server)) => Target::at(server.address),
        (None, None) => bail!("no server to drive"),
    };
    let running = swarm::start(plan.clone(), address)?;
    let mut watched = Watched::new(server.as_ref());
    let mut timeline = Vec::new();
    loop {
        match running.notices.recv_timeout(LOOK) {
            Ok(Notice::Phase(phase)) => {
                watched.phase(phase, server.as_ref());
                line.phase(phase);
            }
            Ok(Notice::Second(second)) => {
                timeline.push(rows::timeline(plan, &second, watched.second(server.as_ref())));
                line.second(&second);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if interrupt.seen() {
            running.stop("Ctrl-C");
        } else if let Some(status) = server.as_mut().and_then(Server::has_died) {
            running.stop(&format!("the server ended: {status}"));
        }
    }
    let outcome = running.finish();
    let observed = server.as_ref().map(|server| watched.end(server));
    if let Some(server) = server {
        server.stop();
    }
    let row = rows::run_row(plan, &outcome, observed);
    // One append a run: where the run's own row stands, its rungs and seconds do too.
    store.append(&Rows { ladder: rows::ladder(plan, &outcome), timeline, runs: vec![row.clone()], ..Rows::default() })?;
    line.end(&verdict(&row));
    Ok(row)
}

fn verdict(row: &RunRow) -> String {
    if row.valid { "all heard".to_owned() } else { format!("NOT VALID: {}", row.error) }
}

/// The server as seen from outside while a run goes on.
#[derive(Debug)]
struct Watched {
    before: Sample,
    measure: Sample,
    last: Sample,
}

impl Watched {
    fn new(server: Option<&Server>) -> Self {
        let before = server.map(Server::sample).unwrap_or_default();
        Self { before, measure: before, last: before }
    }

    fn phase(&mut self, phase: Phase, server: Option<&Server>) {
        if let (Phase::Measure, Some(server)) = (phase, server) {
            self.measure = server.sample();
            self.last = self.measure;
        }
    }

    /// CPU time since the last look, and memory now.
    fn second(&mut self, server: Option<&Server>) -> Option<Sample> {
        let now = server?.sample();
        let cpu = now.cpu.saturating_sub(self.last.cpu);
        self.last = now;
        Some(Sample { cpu, resident: now.resident })
    }

    fn end(&self, server: &Server) -> Observed {
        Observed { before: self.before, measure: self.measure, end: server.sample() }
    }
}

/// Draws the figures and prints the table, then the one thing to do next.
fn show(options: &args::Run, folder: &Path) -> anyhow::Result<()> {
    let rows = Store::open(folder)?.read().rows;
    let figures = figure::draw_all(&rows, &folder.join("figures"))?;
    let mut out = std::io::stdout().lock();
    if options.quiet {
        writeln!(out, "{}", folder.display())?;
    } else {
        let text =
            if options.markdown { table::markdown(&rows) } else { table::terminal(&rows, progress::width()) };
        writeln!(out, "\n{text}\n")?;
        writeln!(out, "{}: manifest.json, CSV files, {} figures", folder.display(), figures.len() / 2)?;
        writeln!(out, "look at {}", folder.join("figures").display())?;
        writeln!(out, "draw again with: wirebench plot {}", folder.display())?;
    }
    for row in rows.runs.iter().filter(|row| !row.valid) {
        progress::say(&format!("not valid: {} {} {}: {}", row.transport, row.variant, row.cell, row.error));
    }
    Ok(())
}
