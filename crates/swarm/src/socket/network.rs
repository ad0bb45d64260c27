//! The resources of one shard that connections are made from, and the making of a connection.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    sync::Arc,
};

use tls::{Connector, Suite};
use wire::Compression;

use crate::{
    clock::Clock,
    failure::Failure,
    measure::ledger::{Accountant, Use},
    plan::Plan,
    socket::{
        arrival::{Stamp, Stamped},
        headers::Headers,
        lines::Lines,
        meter::{self, Meter},
        multiplex::Browsers,
        pool::Pools,
        session::Session,
        source::Sources,
    },
    target::Target,
};

/// A generous bound on the bytes around the text of an event of ours.
const AROUND_TEXT: usize = 256;

/// The resources that every connection of one shard is made from.
#[derive(Debug)]
pub(crate) struct Network {
    /// The server.
    pub(crate) target: Target,
    /// The source addresses and descriptors of connections.
    pub(crate) sources: Arc<Sources>,
    /// Host and the header profile.
    pub(crate) headers: Headers,
    /// The run's clock.
    pub(crate) clock: Clock,
    /// The counter of the bytes of all sockets.
    pub(crate) bytes: Rc<meter::Bytes>,
    /// The accountant that assigns the same bytes to purposes.
    pub(crate) accountant: Rc<Accountant>,
    /// Questions on their way that are answered at once.
    pub(crate) questions: Cell<usize>,
    /// The compression that readers ask for.
    pub(crate) compression: Compression,
    /// True if the server is described by the scenario, and not ours.
    pub(crate) is_foreign: bool,
    /// Size of a WebSocket's read buffer, in bytes.
    pub(crate) read_buffer: usize,
    /// Exchanges that had to open a connection anew because the server had
    /// closed the idle one.
    pub(crate) retried: Cell<u64>,
    /// The sessions that people have opened on a foreign server.
    pub(crate) sessions: RefCell<HashMap<usize, Rc<Session>>>,
    /// The tickets that people keep of their earlier connections under TLS.
    pub(crate) remembered: RefCell<HashMap<usize, Connector>>,
    /// The suite that the latest handshake agreed on; none without TLS.
    pub(crate) suite: Cell<Option<Suite>>,
    /// The record of readers' connections that may be lost; absent where none comes back.
    pub(crate) lines: Option<Lines>,
    /// The connections of simulated browsers; there are none but over HTTP/2.
    pub(crate) browsers: Browsers,
    /// The connections of HTTP/1.1 that tabs share; there are none where each reader has its own.
    pub(crate) pools: Pools,
}

/// Returns a read buffer that takes one event of the plan's. tungstenite's default of 128 KiB is
/// cleared on each read and would cost more than everything else; and there is one for each reader.
fn read_buffer(plan: &Plan) -> usize {
    let event = plan.traffic.payload.max + AROUND_TEXT;
    event.next_power_of_two().clamp(1024, 16 * 1024)
}

/// A count of a question while it is on its way, however that ends.
#[derive(Debug)]
pub(crate) struct Question<'a>(&'a Cell<usize>);

impl<'a> Question<'a> {
    /// Counts one more question of `network`.
    pub(crate) fn new(network: &'a Network) -> Self {
        let count = &network.questions;
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Network {
    /// Makes the resources of one shard.
    pub(crate) fn new(
        plan: &Plan,
        target: &Target,
        sources: &Arc<Sources>,
        headers: &Headers,
        clock: Clock,
    ) -> Self {
        Self {
            target: target.clone(),
            sources: Arc::clone(sources),
            headers: headers.clone(),
            clock,
            bytes: Rc::new(meter::Bytes::default()),
            accountant: Accountant::new(plan),
            questions: Cell::new(0),
            compression: plan.variant.compression(),
            is_foreign: plan.foreign.is_some(),
            read_buffer: read_buffer(plan),
            retried: Cell::new(0),
            sessions: RefCell::default(),
            remembered: RefCell::default(),
            suite: Cell::new(None),
            lines: plan.reconnect.is_some().then(Lines::default),
            browsers: Browsers::default(),
            pools: Pools::default(),
        }
    }

    /// Gives these people the connections of browsers, if requests go over HTTP/2, or if some of the
    /// people are tabs of the same browser.
    pub(crate) fn of_browsers(mut self, plan: &Plan, people: &[usize]) -> Self {
        if self.target.http2 {
            self.browsers = Browsers::new(people, &plan.swarm, plan.foreign.is_some());
        } else if plan.swarm.tabs > 1 {
            self.pools = Pools::new(people, plan);
        }
        self
    }

    /// Opens a metered socket for `person`, whose arrivals are recorded in `stamp`.
    pub(crate) async fn connect(
        &self,
        person: usize,
        usage: Use,
        stamp: Option<Stamp>,
    ) -> Result<Meter, Failure> {
        let lines = self.lines.as_ref().filter(|_| usage == Use::Read);
        let resets = lines.map(|lines| lines.begin(person, self.clock.now()));
        let stream = self
            .sources
            .connect(person)
            .await
            .map_err(|error| Failure::Connect(error.kind()))?;
        if let Some(lines) = lines {
            lines.made(self.clock.now());
        }
        let tls = self.target.tls.as_ref();
        let account = self.accountant.open(person, usage, &stream, tls.is_some());
        let stamped = stamp.and_then(|stamp| Stamped::ask(&stream, stamp));
        let meter = Meter::new(stream, Rc::clone(&self.bytes), account);
        let mut meter = meter.stamped(stamped).resetting(resets);
        if let Some(tls) = tls {
            // Apart: a future without TLS has no room for its handshake.
            Box::pin(self.shake_hands(person, tls, &mut meter)).await?;
        }
        Ok(meter)
    }

    /// Makes the connection over which `person` reads end with a reset, whenever it ends.
    pub(crate) fn reset(&self, person: usize) {
        if let Some(lines) = &self.lines {
            lines.reset(person);
        }
    }

    /// Counts an exchange whose idle connection the server had closed.
    pub(crate) fn retry(&self) {
        self.retried.set(self.retried.get() + 1);
    }

    /// Returns `path` as the server knows it.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.target.prefix)
    }
}
