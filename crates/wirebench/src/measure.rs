//! The measurement of one plan, from starting a server to the rows. A session does this for each
//! plan.

use std::{
    fmt,
    path::Path,
    sync::mpsc::RecvTimeoutError,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context, bail};

use results::{Rows, row::TimelineRow};
use scenario::{Cell, CutKind, Http, ServerStall, Side, StoreKind};
use swarm::{
    Running, Target,
    outcome::{Notice, Phase},
    plan::Plan,
};

use crate::{
    certificates,
    child::{Process, ServeOptions},
    edges::{Edges, Seen},
    histograms::Latencies,
    interrupt::{CTRL_C, Interrupt},
    ledger,
    outage::Outage,
    own_store::OwnStore,
    progress::Line,
    proxy::{Proxy, Recipe, usage::Usage},
    route::path,
    rows,
    stall::Stall,
    waiting::Waiting,
    watched::{RunningServer, Watched},
};

/// The interval at which Ctrl-C and the server's health are checked.
const LOOK: Duration = Duration::from_millis(100);

/// A run that was measured: its rows, and the histograms that they are taken from.
#[derive(Debug)]
pub(crate) struct Measured {
    /// The row of `runs.csv`, and the rows that belong to it.
    pub(crate) rows: Rows,
    /// The histograms for the folder's log.
    pub(crate) latencies: Latencies,
}

/// Measures one plan of `cell`. Unless a server is `given` it starts one of its own, whose store, if
/// it has one, is in `folder`.
pub(crate) fn measure(
    plan: &Plan,
    cell: &Cell,
    folder: &Path,
    given: Option<&RunningServer>,
    interrupt: &Interrupt,
    mut line: Line,
) -> anyhow::Result<Measured> {
    let which = || plan.id().to_string();
    let bench = Bench::start(plan, cell, folder, given).with_context(which);
    // A terminal's Ctrl-C also reaches a server that is just being started.
    let mut bench = bench.map_err(|error| {
        if interrupt.seen() {
            return error.context(EndedBefore);
        }
        error
    })?;
    let mut path = path(cell, given.is_some(), &bench.target.host);
    if bench.target.tls.is_some() {
        // A target may choose, and tells what only when somebody has shaken hands.
        path.tls = cell.scenario.server.tls.version().unwrap_or_default();
    }
    path.http = cell.scenario.server.http.version();
    let running = swarm::start(plan.clone(), bench.target.clone()).with_context(which)?;
    let timeline = bench.watch(plan, &running, interrupt, &mut line);
    let outcome = running.finish();
    let (began, usage) = (bench.measure_began, bench.usage);
    let row = rows::run_row(plan, &path, &outcome, bench.end().as_ref(), &timeline);
    let row = usage.fill(row, &outcome);
    line.end(&row);
    let rows = Rows {
        ladder: rows::ladder(plan, &outcome),
        ledger: ledger::rows(plan, &outcome),
        timeline,
        runs: vec![row],
    };
    let latencies = Latencies {
        began,
        measured: outcome.measured,
        due: outcome.due,
        sent: outcome.sent,
    };
    Ok(Measured { rows, latencies })
}

/// The program was asked to end before a run had a server: there is nothing to keep of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndedBefore;

impl fmt::Display for EndedBefore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("asked to end before the run had a server")
    }
}

/// The server side of a run, and what was observed of it from outside.
#[derive(Debug)]
struct Bench<'a> {
    /// The server; absent if it was running already.
    server: Option<Process>,
    /// The processes of a server that was running already, as far as they were named.
    watched: Option<&'a Watched>,
    /// The proxy before the server; absent if the scenario has none. It ends with this value.
    proxy: Option<Proxy>,
    usage: Usage,
    /// The link; absent if the scenario has none. It ends with this value.
    _link: Option<Process>,
    stall: Stall,
    outage: Outage,
    target: Target,
    edges: Edges,
    /// The time of day at which *measure* began, or at which the run began if it never reached
    /// *measure*.
    measure_began: SystemTime,
    /// The store of this run's server; removed with this value, after the server has ended.
    _store: Option<OwnStore>,
}

impl<'a> Bench<'a> {
    fn start(
        plan: &Plan,
        cell: &Cell,
        folder: &Path,
        given: Option<&'a RunningServer>,
    ) -> anyhow::Result<Self> {
        let settings = &cell.scenario.server;
        let is_stored = settings.store == StoreKind::Disk;
        let store = is_stored.then(|| OwnStore::make(folder)).transpose()?;
        let options = ServeOptions {
            store: store.as_ref().map(|store| store.folder().to_owned()),
            origins: plan.other_origins(),
            compression: plan.variant.compression(),
        };
        let (server, mut target) = if let Some(given) = given {
            if settings.stall.is_some() || !settings.coalesce || is_stored {
                bail!(
                    "server.stall, server.coalesce and server.store need a server of this run's \
                     own; leave out --target"
                );
            }
            let tls = certificates::with_given(given, &cell.scenario)?;
            let target = given.target.clone();
            let http2 = settings.http == Http::V2;
            (
                None,
                Target {
                    tls,
                    http2,
                    ..target
                },
            )
        } else {
            let server = Process::serve(settings, &options)?;
            let tls = certificates::with_own(server.address, server.certificate, settings)?;
            let target = Target::at(server.address);
            let http2 = settings.http == Http::V2;
            (
                Some(server),
                Target {
                    tls,
                    http2,
                    ..target
                },
            )
        };
        let proxy = proxy(cell, &mut target)?;
        let mut link = None;
        if let Some(wish) = &cell.scenario.link {
            let process = Process::link(&wish.resolve(plan.seed)?, target.address)?;
            if wish.side != Side::Speakers {
                target.address = process.address;
            }
            if wish.side != Side::Readers {
                target.speakers = process.address;
            }
            link = Some(process);
        }
        let watched = given.map(|given| &given.watched);
        let outage = Outage::new(cell.scenario.cut.as_ref(), settings, options);
        let edges = Edges::before(seen(server.as_ref(), &outage, watched));
        Ok(Self {
            server,
            watched,
            proxy,
            usage: Usage::default(),
            _link: link,
            stall: Stall::new(settings.stall.or_else(|| freeze(cell))),
            outage,
            target,
            edges,
            measure_began: SystemTime::now(),
            _store: store,
        })
    }

    /// Follows the swarm to its end.
    fn watch(
        &mut self,
        plan: &Plan,
        running: &Running,
        interrupt: &Interrupt,
        line: &mut Line,
    ) -> Vec<TimelineRow> {
        let mut timeline = Vec::new();
        let mut waiting = Waiting::new(plan);
        loop {
            if let Some(server) = &self.server {
                self.stall.act(Instant::now(), server);
            }
            if let Err(error) = self.outage.act(Instant::now(), &mut self.server) {
                running.stop(&format!("the server did not come back: {error:#}"));
            }
            let rest = self.stall.rest(Instant::now(), LOOK);
            let rest = self.outage.rest(Instant::now(), rest);
            match running.notices.recv_timeout(rest) {
                Ok(Notice::Phase(phase)) => {
                    self.phase(phase);
                    waiting.phase(phase);
                    line.phase(phase);
                }
                Ok(Notice::Gathered) => {
                    self.edges
                        .gathered(seen(self.server.as_ref(), &self.outage, self.watched));
                }
                // The look is over when it is dropped, at the end of this arm.
                Ok(Notice::WindowEnded(_look)) => self.window_ended(timeline.last_mut()),
                Ok(Notice::Second(second)) => {
                    let seen = seen(self.server.as_ref(), &self.outage, self.watched);
                    let seen = self.edges.second(seen);
                    timeline.push(rows::timeline(plan, &second, seen));
                    line.second(&second, seen.map(|seen| seen.cpu));
                }
                Err(RecvTimeoutError::Timeout) => waiting.look(plan),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if interrupt.seen() {
                running.stop(CTRL_C);
            } else if let Some(status) = self.server.as_mut().and_then(Process::has_died) {
                running.stop(&format!("the server ended: {status}"));
            } else if let Some(pid) = self.watched.and_then(Watched::ended) {
                running.stop(&format!("process {pid} of the server ended"));
            } else if let Some(why) = self.proxy.as_mut().and_then(Proxy::failed) {
                running.stop(&why);
            }
        }
        if let Some(server) = &self.server {
            self.stall.end(server);
        }
        timeline
    }

    fn phase(&mut self, phase: Phase) {
        if phase != Phase::Measure {
            return;
        }
        self.measure_began = SystemTime::now();
        let now = Instant::now();
        self.outage.measure_begins(now);
        let seen = seen(self.server.as_ref(), &self.outage, self.watched);
        self.usage.measure(self.proxy.as_ref());
        if self.edges.measure(seen) {
            self.stall.measure_begins(now);
        }
    }

    /// The last look in the window; what the server did since the one before
    /// belongs to the last second.
    fn window_ended(&mut self, last: Option<&mut TimelineRow>) {
        let seen = seen(self.server.as_ref(), &self.outage, self.watched);
        let rest = self.edges.end(seen);
        self.usage.end(self.proxy.as_ref());
        let Some((rest, last)) = rest.zip(last) else {
            return;
        };
        last.server_cpu_us = last
            .server_cpu_us
            .map(|cpu| cpu + rest.cpu.as_micros() as u64);
        last.server_rss_bytes = Some(rest.resident);
    }

    /// The last look at the server, before it is asked to end.
    fn end(self) -> Option<rows::Observed> {
        let seen = seen(self.server.as_ref(), &self.outage, self.watched);
        let observed = self.edges.closed(seen);
        if let Some(server) = self.server {
            server.stop();
        }
        observed
    }
}

/// Starts the proxy that the scenario asks for, and has everybody go through it.
fn proxy(cell: &Cell, target: &mut Target) -> anyhow::Result<Option<Proxy>> {
    let wanted = cell.scenario.proxy.as_ref();
    let Some(settings) = wanted.filter(|proxy| proxy.is_there()) else {
        return Ok(None);
    };
    if target.tls.is_some() {
        bail!("the proxy reaches the server in the clear; leave out [proxy], or name http://");
    }
    let recipe = Recipe::of(settings, cell.proxy_template.as_deref())?;
    let proxy = Proxy::start(&recipe, target.address)?;
    target.tls = certificates::with_proxy(&proxy, &cell.scenario.server)?;
    (target.address, target.speakers) = (proxy.address, proxy.address);
    Ok(Some(proxy))
}

/// Returns the stop of the server that `[cut]` asks for.
fn freeze(cell: &Cell) -> Option<ServerStall> {
    let cut = cell.scenario.cut.as_ref()?;
    (cut.kind == CutKind::Freeze).then_some(ServerStall {
        after: cut.after,
        duration: cut.duration,
    })
}

/// Returns the server to be observed, either this run's own or one that was running already.
///
/// The work of two processes one after the other is not added up: nothing is told of a server that
/// was started anew.
fn seen<'a>(
    server: Option<&'a Process>,
    outage: &Outage,
    watched: Option<&'a Watched>,
) -> Seen<'a> {
    Seen {
        server: server.filter(|_| !outage.has_begun()),
        watched,
    }
}
