//! `wirebench run`: every plan of a scenario in turn, each against a fresh
//! server, its rows written before the next one begins.

use std::{io::Write, path::Path, time::Duration};

use anyhow::{Context, bail, ensure};
use report::Lang;
use scenario::{Scenario, StoreKind, Study};
use swarm::{Target, plan::Plan};

use crate::{
    Ended, args,
    broker::GivenRedis,
    calibration, folder,
    generator::Swarming,
    interrupt::Interrupt,
    only::Only,
    process_tree::{ProcessTree, RunningServer},
    progress,
    redis_url::RedisUrl,
    render::{Rendered, render},
    request::{Request, Typed},
    resume, scenarios,
    session::{Opening, Session, Start},
    shard::Shard,
    shell, system, verdicts,
};

/// The time within which a connection must succeed to a server that is expected to run already.
const PATIENCE: Duration = Duration::from_secs(5);

/// The line about a system that does not tell of other processes.
const NOT_TOLD: &str =
    "this system does not tell the processor time and memory of the server; that needs Linux";

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
    check_ends(&study, &request)?;
    let given = given(&study, &mut request)?;
    let redis = redis(options, &study, &mut request)?;
    check_descriptors(&study, &request, descriptors)?;
    let plans = chosen(&study, &request.only)?;
    let swarming = swarming(options, &request, given.as_ref(), &plans)?;
    verdicts::check(&options.verdicts, options.out.as_deref())?;
    let folder = match (&options.resume, &options.out) {
        (Some(folder), _) | (None, Some(folder)) => folder.clone(),
        (None, None) => folder::new_default(&study.name)?,
    };
    let interrupt = Interrupt::watch()?;
    let opening = opening(options, &folder);
    let name = study.name.clone();
    let session = Session::open(opening, study, plans, Some(request), &interrupt)?;
    let session = session.against(given.as_ref()).swarming(swarming);
    let mut session = session.over(redis.as_ref());
    let (plans, later) = session.left();
    announce(&plans, &session, options.quiet);
    session.measure_all(&plans, options.quiet || options.json)?;
    let later = if interrupt.seen() { 0 } else { later };
    if interrupt.seen() && results::Store::open(&folder)?.runs().0.is_empty() {
        session.end(later)?;
        progress::say("it ended before the first run, so that there is nothing to draw");
        return Ok(Ended::Interrupted);
    }
    let rendered = session
        .end(later)
        .and_then(|()| render(&folder, options.lang.into()))
        .with_context(|| {
            let word = shell::path(&folder);
            format!("what was measured is kept; draw it again with: wirebench plot {word}")
        })?;
    let left = (interrupt.seen(), later);
    verdicts::write(
        &options.verdicts,
        "wirebench run",
        || rendered.suites(left),
        || rendered.summary(&name, left),
    )?;
    show(options, &folder, &rendered, left)?;
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
    format!("wirebench run --resume {}", shell::path(folder))
}

fn request(options: &args::Run, scenario: &Path) -> Request {
    Request {
        target: options.target.clone(),
        target_pids: options.target_pid.clone(),
        ca: options.tls.ca.clone().map(Typed),
        insecure: options.tls.insecure,
        shard: options.shards.shard,
        clock_error_us: options
            .shards
            .clock_error
            .map(|error| error.as_micros() as u64),
        processes: options.shards.processes,
        ..Request::new(scenario, &options.overrides, &options.only)
    }
}

/// Refuses a server that runs already, and several processes, for runs that are no chat: both ends of
/// those are in this process.
fn check_ends(study: &Study, request: &Request) -> anyhow::Result<()> {
    let is_chat =
        |cell: &scenario::Cell| cell.scenario.answer.is_none() && cell.scenario.agent.is_none();
    if study.cells.iter().all(is_chat) {
        return Ok(());
    }
    if request.target.is_some() {
        bail!("[answer] and [agent] bring a server of their own; leave out --target");
    }
    if request.shard.is_some() || request.processes.is_some_and(|count| count > 1) {
        bail!("an answer and an agent's turns have one reader; leave out --processes and --shard");
    }
    Ok(())
}

/// Refuses more people than open files allow. Each process of the load generator has its own, and
/// so has each server that `run` starts; the side that has fewer processes sets the limit.
fn check_descriptors(study: &Study, request: &Request, each: u64) -> anyhow::Result<()> {
    let parts = request.shard.map(|shard| shard.of() as u64);
    let parts = parts.or(request.processes.map(u64::from)).unwrap_or(1);
    let is_own = request.target.is_none();
    let of_servers = |scenario: &Scenario| {
        if is_own {
            scenario.server.nodes as u64
        } else {
            parts
        }
    };
    study
        .check_each(|scenario| each.saturating_mul(parts.min(of_servers(scenario))))
        .with_context(|| {
            let more = "more of it take more (--processes N, or --shard)";
            if is_own {
                format!("each process may open {each} files: {more}, with as many servers (server.nodes = N)")
            } else {
                format!("for {parts} of the load generator; {more}")
            }
        })
}

/// Returns which processes the people are in.
fn swarming(
    options: &args::Run,
    request: &Request,
    given: Option<&RunningServer>,
    plans: &[Plan],
) -> anyhow::Result<Swarming> {
    if options.resume.is_some() && request.shard.is_some() {
        bail!("a shard cannot be resumed alone; start all shards again");
    }
    if let Some(shard) = Shard::asked(&options.shards, plans)? {
        if given.is_none() {
            bail!("all shards drive one server: start it, and name it by --target");
        }
        return Ok(Swarming::Shard(shard));
    }
    Ok(match request.processes {
        None => Swarming::Here,
        Some(count) => Swarming::Processes(count.into()),
    })
}

/// Returns the server that runs already, if the command line or the scenario names one.
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
    let watched = ProcessTree::find(&request.target_pids)?;
    target.reach(PATIENCE).with_context(|| {
        format!("nothing listens at {url}; start the server first, or name another --target")
    })?;
    Ok(Some(RunningServer {
        target,
        watched,
        trust,
    }))
}

/// Returns the Redis that runs already, if one is named now or was when the folder was begun.
fn redis(
    options: &args::Run,
    study: &Study,
    request: &mut Request,
) -> anyhow::Result<Option<GivenRedis>> {
    let typed = options.redis.as_deref().map(RedisUrl::read).transpose()?;
    if let (Some(typed), Some(folder)) = (&typed, &options.resume) {
        let before = request.redis.as_deref();
        ensure!(
            before == Some(typed.shown()),
            "the finished runs in {} had {}; leave out --redis, or begin a new folder",
            folder.display(),
            before.map_or_else(
                || "no Redis that was named".to_owned(),
                |url| format!("the Redis at {url}")
            )
        );
    }
    let kept = request.redis.as_deref().map(RedisUrl::read).transpose()?;
    let Some(url) = typed.or(kept) else {
        return Ok(None);
    };
    let mut servers = study.cells.iter().map(|cell| &cell.scenario.server);
    ensure!(
        servers.any(|server| server.store == StoreKind::Redis),
        "--redis names a Redis, and no server of {} keeps its log in one; add \
         --set server.store=redis",
        study.name
    );
    let given = GivenRedis::find(&url)?;
    for cell in &study.cells {
        given.suits(&cell.scenario.server)?;
    }
    request.redis = Some(url.shown().to_owned());
    Ok(Some(given))
}

/// Says how many runs there will be, about how long they take, and how fine the clock is.
fn announce(plans: &[Plan], session: &Session<'_>, quiet: bool) {
    if quiet {
        return;
    }
    if plans.is_empty() {
        progress::say("nothing is left to run: every run of it is there");
    } else {
        let takes = progress::waiting(calibration::estimate(plans));
        let runs = if plans.len() == 1 { "run" } else { "runs" };
        progress::say(&format!("{} {runs}, about {takes}", plans.len()));
    }
    if let Some(clock) = session.clock() {
        progress::say(&clock);
    }
    if !system::TELLS_OF_PROCESSES {
        progress::say(NOT_TOLD);
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
    let mut out = crate::output::stdout();
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
        let lang = Lang::from(options.lang);
        let files =
            format!("manifest.json, CSV files, latency.hlog, {figures} figures, report.html");
        writeln!(out, "{shown}: {}", lang.say(&files))?;
        if interrupted {
            writeln!(out, "{} {go_on}", lang.say("go on with:"))?;
        } else {
            writeln!(out, "{} {shown}/report.html", lang.say("open"))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_a_blank_in_its_name_is_one_word_of_the_command() {
        let go_on = go_on(Path::new("a b/o 4"));
        assert_eq!(go_on, "wirebench run --resume 'a b/o 4'");
    }
}
