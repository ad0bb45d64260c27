//! The server's own ledger, kept only when it is asked for: a measured server
//! carries no instruments.

use std::{
    mem,
    sync::{Arc, Mutex},
    time::Instant,
};

use dissect::{Content, Direction, Dissector, Ledger, Sealed, Span};

use crate::net::tap::{Tap, Watch};

/// The number of faults that are kept in words.
const FAULTS_KEPT: usize = 5;

/// The sum of what the connections of a server carried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// The bytes of the connections that are over.
    pub ledger: Ledger,
    /// The number of these bytes as counted at the sockets, up and down.
    pub metered: [u64; 2],
    /// The number of connections that are over.
    pub connections: u64,
    /// The number of connections that are open; their bytes are not in the
    /// ledger yet.
    pub open: u64,
    /// The number of bytes by which ledger and count differ, over all
    /// connections and both directions.
    pub difference: u64,
    /// The first few violations of the protocol: at which byte, in which
    /// direction, and why.
    pub faults: Vec<String>,
}

/// A keeper of the ledger of all connections that its tap is given.
#[derive(Debug, Clone, Default)]
pub struct Bookkeeper {
    accounts: Arc<Mutex<Accounts>>,
}

impl Bookkeeper {
    /// Makes a keeper with an empty ledger.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the tap to put into [`crate::Settings::tap`].
    #[must_use]
    pub fn tap(&self) -> Tap {
        let keeper = self.clone();
        Tap::new(move |_| Some(Box::new(keeper.account()))).reading_http2()
    }

    /// Returns a copy of what the accounts hold now.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        self.accounts.lock().expect("no holder panics").clone()
    }

    fn account(&self) -> Account {
        self.accounts.lock().expect("no holder panics").open += 1;
        Account {
            dissector: Dissector::new(),
            sealed: None,
            ledger: Ledger::new(),
            metered: [0; 2],
            accounts: Arc::clone(&self.accounts),
        }
    }
}

/// The part of one connection in the ledger, added to the whole when it is
/// over.
struct Account {
    dissector: Dissector,
    /// The dissector of a connection under TLS, from its first record on.
    sealed: Option<Box<Sealed>>,
    ledger: Ledger,
    metered: [u64; 2],
    accounts: Arc<Mutex<Accounts>>,
}

impl Account {
    /// Returns the dissector of a connection under TLS, with the ledger that it fills.
    fn sealed(&mut self) -> (&mut Sealed, &mut Ledger) {
        let sealed = self.sealed.get_or_insert_with(|| {
            let inner = mem::take(&mut self.dissector);
            Box::new(Sealed::new(inner, Direction::Down))
        });
        (sealed, &mut self.ledger)
    }
}

impl Watch for Account {
    fn passed(&mut self, direction: Direction, _at: Instant, bytes: &[u8]) {
        self.metered[direction as usize] += bytes.len() as u64;
        let ledger = &mut self.ledger;
        self.dissector
            .push(direction, bytes, &mut |span: Span| ledger.add(span));
    }

    fn crossed(&mut self, direction: Direction, _at: Instant, wire: &[u8]) {
        self.metered[direction as usize] += wire.len() as u64;
        let (sealed, ledger) = self.sealed();
        sealed.cross(direction, wire, &mut |span: Span| ledger.add(span));
    }

    fn content(&mut self, direction: Direction, _at: Instant, content: Content<'_>) {
        let (sealed, ledger) = self.sealed();
        sealed.content(direction, content, &mut |span: Span| ledger.add(span));
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let mut ledger = mem::take(&mut self.ledger);
        let mut sink = |span: Span| ledger.add(span);
        self.dissector.finish(&mut sink);
        if let Some(sealed) = &mut self.sealed {
            sealed.finish(&mut sink);
        }
        let sealed = self.sealed.as_deref().and_then(Sealed::fault);
        let fault = sealed.or(self.dissector.fault());
        let mut accounts = self.accounts.lock().expect("no holder panics");
        accounts.ledger.merge(&ledger);
        for direction in Direction::ALL {
            let metered = self.metered[direction as usize];
            accounts.metered[direction as usize] += metered;
            accounts.difference += ledger.total(direction).abs_diff(metered);
        }
        accounts.connections += 1;
        accounts.open -= 1;
        if let Some(fault) = fault
            && accounts.faults.len() < FAULTS_KEPT
        {
            accounts.faults.push(fault.to_string());
        }
    }
}
