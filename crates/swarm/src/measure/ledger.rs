//! The ledger of one shard: what its connections carried, account by account.
//!
//! Each connection has an [`Account`] that dissects its bytes as they pass the meter. All accounts
//! of a shard enter what they find into one ledger for each period (before the window, in it, after
//! it): a ledger takes 2.5 KiB, so that one for each of 10,000 connections would take 25 MiB.
//!
//! Bytes are entered when their element is whole and its purpose is known: those of a long poll's
//! request when its answer shows what it was for. An element that straddles the beginning or the
//! end of the window belongs to the period in which it is entered. So the whole adds up to the
//! socket's count to the byte, and the window differs from it by what was open at either end, of
//! which there is as much at the one as at the other.

mod account;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    mem,
    os::fd::AsRawFd,
    rc::Rc,
};

use dissect::{Amount, Direction, Layer, Ledger, Purpose, Reading};
use tokio::net::TcpStream;
use wire::{Carrier, Framing};

use crate::{
    clock::Nanos,
    measure::tcp_info::Estimate,
    plan::{Accounting, Foreign, Message, Plan, Variant},
};

pub(crate) use account::Account;

/// The number of faults that are reported in words; all are counted.
const FAULTS_TOLD: usize = 5;

/// A generous bound of the time that a look at one connection takes.
const LOOK: Nanos = 2_000;

/// The use of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Polls, a stream, or a WebSocket.
    Read,
    /// Drafts.
    Say,
    /// The request that opens a session.
    Open,
}

/// The accounts of the connections of one shard or of all.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    /// The ledger from the first connection to the last.
    pub(crate) whole: Ledger,
    /// The part of it that became known in the window.
    pub(crate) window: Ledger,
    /// The number of connections that were accounted for.
    pub(crate) connections: u64,
    /// The bytes of the sockets of these connections, up and down, as the meter counted them.
    pub(crate) metered: [u64; 2],
    /// The first few breaks of the protocol.
    pub(crate) faults: Vec<String>,
    /// Bytes by which accounts and meter differ, over all connections and both
    /// directions. Anything but 0 is a mistake of ours.
    pub(crate) difference: u64,
    /// Unparsed bytes of elements that we ourselves cut in two by leaving.
    pub(crate) cut_off: u64,
}

impl Accounts {
    /// Adds the accounts of another shard.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.whole.merge(&other.whole);
        self.window.merge(&other.window);
        self.connections += other.connections;
        self.metered[0] += other.metered[0];
        self.metered[1] += other.metered[1];
        for fault in &other.faults {
            self.tell(fault);
        }
        self.difference += other.difference;
        self.cut_off += other.cut_off;
    }

    fn tell(&mut self, fault: &str) {
        if self.faults.len() < FAULTS_TOLD {
            self.faults.push(fault.to_owned());
        }
    }
}

/// The accountant, which keeps the ledger of one shard.
#[derive(Debug)]
pub(crate) struct Accountant {
    accounting: Accounting,
    people: usize,
    /// The interpretation of answers from a server whose paths do not reveal it.
    foreign: Option<Reading>,
    /// Entries of the period that is going on.
    current: RefCell<Ledger>,
    accounts: RefCell<Accounts>,
    /// Open connections, by descriptor.
    open: RefCell<HashMap<i32, Estimate>>,
    /// True while people are sent away by ourselves.
    leaving: Cell<bool>,
    /// True if connections are cut in the course of the run.
    is_cut: bool,
}

impl Accountant {
    /// Makes an empty ledger for connections of `plan`.
    pub(crate) fn new(plan: &Plan) -> Rc<Self> {
        Rc::new(Self {
            accounting: plan.swarm.accounting,
            people: plan.swarm.clients,
            foreign: plan
                .foreign
                .as_ref()
                .map(|foreign| reading(foreign, &plan.variant)),
            current: RefCell::default(),
            accounts: RefCell::default(),
            open: RefCell::default(),
            leaving: Cell::new(false),
            is_cut: plan.reconnect.is_some(),
        })
    }

    /// Opens an account for a connection of `person` that has just been opened, if it is one of
    /// those that are accounted for; `is_sealed` if it will be under TLS.
    pub(crate) fn open(
        self: &Rc<Self>,
        person: usize,
        usage: Use,
        stream: &TcpStream,
        is_sealed: bool,
    ) -> Option<Box<Account>> {
        if !self.accounting.includes(person, self.people) {
            return None;
        }
        let socket = stream.as_raw_fd();
        self.open.borrow_mut().insert(socket, Estimate::new(stream));
        self.accounts.borrow_mut().connections += 1;
        let reading = self.foreign.map(|read| match usage {
            Use::Read => read,
            Use::Say => Reading::Say,
            Use::Open => Reading::Setup,
        });
        let accountant = Rc::clone(self);
        Some(Box::new(Account::new(
            accountant, reading, socket, is_sealed,
        )))
    }

    /// Returns the time that looking at all connections takes.
    pub(crate) fn sampling_takes(&self) -> Nanos {
        self.open.borrow().len() as Nanos * LOOK
    }

    /// Assigns all entries from here on to the window.
    pub(crate) fn begin_window(&self) {
        let mut before = mem::take(&mut *self.current.borrow_mut());
        self.sample(&mut before);
        self.accounts.borrow_mut().whole.merge(&before);
    }

    /// Assigns all entries from here on to the time after the window.
    pub(crate) fn end_window(&self) {
        self.accounts.borrow_mut().window = mem::take(&mut *self.current.borrow_mut());
    }

    /// Enters the segments of the window. It is apart from [`Self::end_window`], because others
    /// wait for that.
    pub(crate) fn sample_window(&self) {
        self.sample(&mut self.accounts.borrow_mut().window);
    }

    /// Notes that everybody is sent away from now on.
    pub(crate) fn leave(&self) {
        self.leaving.set(true);
    }

    /// Returns whether everybody is being sent away.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.get()
    }

    /// Returns the final accounts; must be called when no connection is left.
    pub(crate) fn close(&self) -> Accounts {
        let mut accounts = self.accounts.take();
        accounts.whole.merge(&accounts.window);
        accounts.whole.merge(&self.current.borrow());
        accounts
    }

    fn sample(&self, ledger: &mut Ledger) {
        for estimate in self.open.borrow_mut().values_mut() {
            for part in estimate.sample() {
                enter(ledger, part);
            }
        }
    }
}

/// Returns the interpretation of answers from a foreign server. A poll's answer that holds
/// a place in its JSON is a list with JSON around it; any other is taken for a message.
fn reading(foreign: &Foreign, variant: &Variant) -> Reading {
    let read = &foreign.read;
    let tells_place = |text: &String| text.contains("{json ");
    let wrapped = foreign.message == Message::Event
        || tells_place(&read.path)
        || tells_place(&read.body)
        || read.headers.iter().any(tells_place);
    match variant.way().carrier() {
        Carrier::Batch if wrapped => Reading::Batch,
        Carrier::Batch => Reading::Answer,
        Carrier::Stream(Framing::Ndjson) => Reading::Ndjson,
        Carrier::Stream(Framing::Sse) => Reading::Sse,
        Carrier::Frame => Reading::Websocket,
    }
}

/// Enters an estimate. Segments have no purpose: one may carry several elements
/// or none. The account has to name one, so it is always the first.
fn enter(ledger: &mut Ledger, (direction, amount): (Direction, Amount)) {
    ledger.enter(direction, Purpose::Setup, Layer::TcpIp, amount);
}
