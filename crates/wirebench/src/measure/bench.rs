//! The server side of a run: the servers, and the proxy and the link before them, from their start
//! to their end.

use std::{
    path::Path,
    sync::mpsc::RecvTimeoutError,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context, bail};

use results::row::TimelineRow;
use scenario::{Cell, CutKind, Http, Io, ServerStall, Side};
use swarm::{
    Target,
    outcome::{Ending, Notice, Phase, Second},
    plan::Plan,
};

use crate::{
    broker, certificates,
    child::{Process, ServeOptions},
    edges::{Edges, Seen},
    external_services::ExternalServices,
    generator::Generator,
    interrupt::Interrupt,
    nodes::{self, Nodes},
    others::Others,
    outage::Outage,
    process_tree::ProcessTree,
    progress::Line,
    proxy::{Proxy, Recipe, usage::Usage},
    rows,
    server_bytes::ServerBytes,
    silence::Silence,
    stall::Stall,
    waiting::Waiting,
};

/// The interval at which Ctrl-C and the server's health are checked.
const LOOK: Duration = Duration::from_millis(100);

/// The server side of a run, and what was observed of it from outside.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    /// The servers; absent if there was one already.
    pub(super) nodes: Nodes,
    /// The processes of a server that was running already, as far as they were named.
    watched: Option<&'a ProcessTree>,
    /// The proxy before the server; absent if the scenario has none. It ends with this value.
    proxy: Option<Proxy>,
    pub(super) usage: Usage,
    pub(super) of_broker: broker::usage::Usage,
    pub(super) server_bytes: ServerBytes,
    /// The link, or one for each of several servers that people go to themselves; none if the
    /// scenario has none. They end with this value.
    links: Vec<Process>,
    silence: Silence,
    stall: Stall,
    outage: Outage,
    pub(super) target: Target,
    edges: Edges,
    /// The processor time of programs beside the run.
    pub(super) others: Others,
    /// The time of day at which *measure* began, or at which the run began if it never reached
    /// *measure*.
    pub(super) measure_began: SystemTime,
}

impl<'a> Bench<'a> {
    pub(super) fn start(
        plan: &Plan,
        cell: &Cell,
        folder: &Path,
        given: ExternalServices<'a>,
    ) -> anyhow::Result<Self> {
        let settings = &cell.scenario.server;
        let server_bytes = ServerBytes::of(cell);
        let mut options = ServeOptions {
            origins: plan.other_origins(),
            compression: plan.variant.compression(),
            metrics: server_bytes.is_counted(),
            ..ServeOptions::default()
        };
        let (nodes, target) = if let Some(given) = given.server {
            nodes::check_given(settings)?;
            let tls = certificates::with_given(given, &cell.scenario)?;
            let target = given.target.clone();
            (Nodes::default(), Target { tls, ..target })
        } else {
            own(settings, &mut options, folder, given)?
        };
        let mut target = Target {
            http2: settings.http == Http::V2,
            ..target
        };
        let proxy = proxy(cell, &mut target)?;
        let links = links(plan, cell, &mut target)?;
        let watched = given.server.map(|server| &server.watched);
        let outage = Outage::new(cell.scenario.cut.as_ref(), settings, options);
        let edges = Edges::before(seen(&nodes, &outage, watched));
        Ok(Self {
            nodes,
            watched,
            proxy,
            usage: Usage::default(),
            of_broker: broker::usage::Usage::default(),
            server_bytes,
            links,
            silence: Silence::new(cell.scenario.cut.as_ref()),
            stall: Stall::new(settings.stall.or_else(|| freeze(cell))),
            outage,
            target,
            edges,
            others: Others::default(),
            measure_began: SystemTime::now(),
        })
    }

    /// Follows the swarm to its end. Returns the rows of its seconds and, of a shard, the seconds
    /// themselves.
    pub(super) fn watch(
        &mut self,
        plan: &Plan,
        generator: &mut Generator,
        interrupt: &Interrupt,
        line: &mut Line,
    ) -> (Vec<TimelineRow>, Vec<Second>) {
        let mut timeline = Vec::new();
        let mut seconds = Vec::new();
        let mut waiting = Waiting::new(plan);
        loop {
            if let Some(server) = &self.nodes.first {
                self.stall.act(Instant::now(), server);
            }
            if let Err(error) = self.outage.act(Instant::now(), &mut self.nodes.first) {
                generator.stop(format!("the server did not come back: {error:#}"));
            }
            self.silence.act(Instant::now(), &self.links);
            let rest = self.stall.rest(Instant::now(), LOOK);
            let rest = self.silence.rest(Instant::now(), rest);
            let rest = self.outage.rest(Instant::now(), rest);
            match generator.notices().recv_timeout(rest) {
                Ok(Notice::Phase(phase)) => {
                    self.phase(phase);
                    waiting.phase(phase);
                    line.phase(phase);
                }
                Ok(Notice::Gathered) => {
                    self.edges
                        .gathered(seen(&self.nodes, &self.outage, self.watched));
                    generator.gathered();
                }
                // The look is over when it is dropped, mostly at the end of this arm.
                Ok(Notice::WindowEnded(look)) => {
                    self.window_ended(timeline.last_mut());
                    generator.looked(look);
                }
                Ok(Notice::Second(second)) => {
                    let seen = seen(&self.nodes, &self.outage, self.watched);
                    let seen = self.edges.second(seen);
                    timeline.push(rows::timeline(plan, &second, seen));
                    line.second(&second, seen.map(|seen| seen.cpu));
                    if matches!(generator, Generator::Shard(..)) {
                        seconds.push(second);
                    }
                }
                Err(RecvTimeoutError::Timeout) => waiting.report_if_late(plan),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if interrupt.seen() {
                generator.stop(Ending::Interrupted);
            } else if let Some(why) = self.nodes.failed() {
                generator.stop(why);
            } else if let Some(pid) = self.watched.and_then(ProcessTree::ended) {
                generator.stop(format!("process {pid} of the server ended"));
            } else if let Some(why) = self.proxy.as_mut().and_then(Proxy::failed) {
                generator.stop(why);
            }
        }
        if let Some(server) = &self.nodes.first {
            self.stall.end(server);
        }
        (timeline, seconds)
    }

    /// Returns the word for how this run's own server wrote to readers, as it is seen from outside.
    pub(super) fn io(&self, settings: &scenario::Server) -> &'static str {
        let submits = |server: &Process| settings.io != Io::Epoll && server.has_uring();
        match self.nodes.first.as_ref().map(submits) {
            None => "",
            Some(false) => Io::Epoll.name(),
            Some(true) => Io::Uring.name(),
        }
    }

    /// Returns what a server of this run reported last, if there was anything that it lacked.
    pub(super) fn report(&self) -> Option<String> {
        let mut servers = self.nodes.first.iter().chain(&self.nodes.others);
        servers.find_map(Process::report)
    }

    fn phase(&mut self, phase: Phase) {
        if phase != Phase::Measure {
            return;
        }
        self.measure_began = SystemTime::now();
        let now = Instant::now();
        self.outage.measure_begins(now);
        self.silence.measure_begins(now);
        // Asked first, so that the server's time for the answer is not in the window.
        self.server_bytes.measure(&self.nodes);
        let seen = seen(&self.nodes, &self.outage, self.watched);
        self.usage.measure(self.proxy.as_ref());
        self.of_broker.measure(self.nodes.broker.as_ref());
        self.others.begin(self.watched);
        // A server of the run is stopped also where nothing can be seen of it.
        if self.edges.measure(seen) || self.nodes.first.is_some() {
            self.stall.measure_begins(now);
        }
    }

    /// Takes the last look in the window; what the server did since the one before
    /// belongs to the last second.
    fn window_ended(&mut self, last: Option<&mut TimelineRow>) {
        let seen = seen(&self.nodes, &self.outage, self.watched);
        let rest = self.edges.end(seen);
        // A server in the place of another counts from nothing.
        if !self.outage.has_begun() {
            self.server_bytes.end(&self.nodes);
        }
        if self.outage.is_accounted() {
            let gone = self.outage.taken().unwrap_or_default();
            self.others.end(self.watched, gone.cpu);
        }
        self.usage.end(self.proxy.as_ref());
        self.of_broker.end(self.nodes.broker.as_ref());
        let Some((rest, last)) = rest.zip(last) else {
            return;
        };
        last.server_cpu_us = last
            .server_cpu_us
            .map(|cpu| cpu + rest.cpu.as_micros() as u64);
        last.server_rss_bytes = rows::memory(rest);
    }

    /// Returns the processes of a server that was running already, as far as they were named.
    pub(super) fn pids(&self) -> Vec<u32> {
        let watched = self.watched.into_iter();
        watched.flat_map(ProcessTree::pids).collect()
    }

    /// Takes the last look at the server, before it is asked to end.
    pub(super) fn end(self) -> Option<rows::Observed> {
        let seen = seen(&self.nodes, &self.outage, self.watched);
        let observed = self.edges.closed(seen);
        // The links end first: until then, connections that went silent stay open on the server's
        // side.
        drop(self.links);
        self.nodes.stop();
        observed
    }
}

/// Starts the servers of a run, with the store that they share in `folder`. Returns them, and how
/// they are reached.
fn own(
    settings: &scenario::Server,
    options: &mut ServeOptions,
    folder: &Path,
    given: ExternalServices<'_>,
) -> anyhow::Result<(Nodes, Target)> {
    let mut nodes = Nodes::store(settings, options, folder, given.redis)?;
    nodes.serve(settings, options)?;
    let first = nodes.first.as_ref().context("a server was started")?;
    let tls = certificates::with_own(first.address, first.certificate, settings)?;
    let mut target = Target::at(first.address);
    if !nodes.others.is_empty() {
        let all = [first].into_iter().chain(&nodes.others);
        target.nodes = all.map(|server| server.address).collect();
    }
    Ok((nodes, Target { tls, ..target }))
}

/// Starts the links that the scenario asks for, and leads the people that they are for through
/// them.
fn links(plan: &Plan, cell: &Cell, target: &mut Target) -> anyhow::Result<Vec<Process>> {
    let mut links = Vec::new();
    let Some(wish) = &cell.scenario.link else {
        return Ok(links);
    };
    for (number, node) in target.nodes.iter_mut().enumerate() {
        let seed = plan.seed.wrapping_add(number as u64);
        let link = Process::link(&wish.resolve(seed)?, *node)?;
        *node = link.address;
        links.push(link);
    }
    if let Some(first) = target.nodes.first() {
        (target.address, target.speakers) = (*first, *first);
        return Ok(links);
    }
    let link = Process::link(&wish.resolve(plan.seed)?, target.address)?;
    if wish.side != Side::Speakers {
        target.address = link.address;
    }
    if wish.side != Side::Readers {
        target.speakers = link.address;
    }
    links.push(link);
    Ok(links)
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
    let servers = if target.nodes.is_empty() {
        vec![target.address]
    } else {
        // People go to the proxy, and it to the servers.
        std::mem::take(&mut target.nodes)
    };
    let recipe = Recipe::of(settings, cell.proxy_template.as_deref(), servers.len())?;
    let proxy = Proxy::start(&recipe, &servers)?;
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

/// Returns the server to be observed, either this run's own or one that was running already. To one
/// that was started anew belongs what the one before took; nothing is told where that is not known.
fn seen<'a>(nodes: &'a Nodes, outage: &Outage, watched: Option<&'a ProcessTree>) -> Seen<'a> {
    Seen {
        server: nodes.first.as_ref().filter(|_| outage.is_accounted()),
        ended: outage.taken(),
        others: &nodes.others,
        watched,
    }
}
