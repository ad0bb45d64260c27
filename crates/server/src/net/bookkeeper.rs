//! The server's own ledger, kept only when it is asked for: a measured server
//! carries no instruments.

use std::{
    mem,
    sync::{Arc, Mutex},
    time::Instant,
};

use dissect::{Direction, Dissector, Ledger, Span};

use crate::net::tap::{Tap, Watch};

/// How many faults are told in words.
const FAULTS_TOLD: usize = 5;

/// What the connections of a server came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// All bytes of the connections that are over.
    pub ledger: Ledger,
    /// The same bytes as counted at the sockets, up and down.
    pub metered: [u64; 2],
    /// Connections that are over.
    pub connections: u64,
    /// Connections that are not, and whose bytes are not in the ledger yet.
    pub open: u64,
    /// Bytes by which ledger and count differ, over all connections and both directions.
    pub difference: u64,
    /// The first few breaks of the protocol: at which byte, which way, and why.
    pub faults: Vec<String>,
}

/// Keeps the ledger of all connections that its tap is given.
#[derive(Debug, Clone, Default)]
pub struct Bookkeeper {
    accounts: Arc<Mutex<Accounts>>,
}

impl Bookkeeper {
    /// An empty ledger.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What to put into [`crate::Settings::tap`].
    #[must_use]
    pub fn tap(&self) -> Tap {
        let keeper = self.clone();
        Tap::new(move |_| Some(Box::new(keeper.account())))
    }

    /// What the accounts hold now.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        self.accounts.lock().expect("no holder panics").clone()
    }

    fn account(&self) -> Account {
        self.accounts.lock().expect("no holder panics").open += 1;
        Account {
            dissector: Dissector::new(),
            ledger: Ledger::new(),
            metered: [0; 2],
            accounts: Arc::clone(&self.accounts),
        }
    }
}

/// One connection's part of the ledger, added to the whole when it is over.
struct Account {
    dissector: Dissector,
    ledger: Ledger,
    metered: [u64; 2],
    accounts: Arc<Mutex<Accounts>>,
}

impl Watch for Account {
    fn passed(&mut self, direction: Direction, _at: Instant, bytes: &[u8]) {
        self.metered[direction as usize] += bytes.len() as u64;
        let ledger = &mut self.ledger;
        self.dissector
            .push(direction, bytes, &mut |span: Span| ledger.add(span));
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let mut ledger = mem::take(&mut self.ledger);
        self.dissector.finish(&mut |span: Span| ledger.add(span));
        let mut accounts = self.accounts.lock().expect("no holder panics");
        accounts.ledger.merge(&ledger);
        for direction in Direction::ALL {
            let metered = self.metered[direction as usize];
            accounts.metered[direction as usize] += metered;
            accounts.difference += ledger.total(direction).abs_diff(metered);
        }
        accounts.connections += 1;
        accounts.open -= 1;
        if let Some(fault) = self.dissector.fault()
            && accounts.faults.len() < FAULTS_TOLD
        {
            accounts.faults.push(fault.to_string());
        }
    }
}
