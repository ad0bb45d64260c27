//! The share of one connection in the ledger, which dissects the connection's bytes.

use std::{hint::black_box, rc::Rc};

use dissect::{Content, Direction, Dissector, Layer, Reading, Reason, Sealed, Span};

use super::{Accountant, enter};

/// The share of one connection in the ledger.
#[derive(Debug)]
pub(crate) struct Account {
    reads: Reads,
    /// Bytes entered, up and down.
    entered: [u64; 2],
    socket: i32,
    accountant: Rc<Accountant>,
}

/// The reader of the bytes of a connection.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "an account is boxed, and a ledger without TLS stays as it is"
)]
enum Reads {
    Plain(Dissector),
    /// Under TLS.
    Sealed(Box<Sealed>),
}

impl Account {
    /// Makes the account of a new connection. `reading` interprets its answers where their paths
    /// do not reveal it; `is_sealed` if it will be under TLS.
    pub(super) fn new(
        accountant: Rc<Accountant>,
        reading: Option<Reading>,
        socket: i32,
        is_sealed: bool,
    ) -> Self {
        let dissector = reading.map_or_else(Dissector::new, Dissector::of_one_kind);
        Self {
            reads: if is_sealed {
                Reads::Sealed(Box::new(Sealed::new(dissector, Direction::Up)))
            } else {
                Reads::Plain(dissector)
            },
            entered: [0; 2],
            socket,
            accountant,
        }
    }

    /// Makes the processor fetch the account while it does something else.
    pub(crate) fn prefetch(&self) {
        black_box(self.entered);
    }

    /// Takes the next bytes that crossed the socket.
    pub(crate) fn push(&mut self, direction: Direction, bytes: &[u8]) {
        let Self {
            reads,
            entered,
            accountant,
            ..
        } = self;
        let mut ledger = accountant.current.borrow_mut();
        let mut sink = |span: Span| {
            entered[span.direction as usize] += span.len;
            ledger.add(span);
        };
        match reads {
            Reads::Plain(dissector) => dissector.push(direction, bytes, &mut sink),
            Reads::Sealed(sealed) => sealed.cross(direction, bytes, &mut sink),
        }
    }

    /// Tells the content of the next record of a connection under TLS, as [`Sealed`] wants it.
    pub(crate) fn content(&mut self, direction: Direction, content: Content<'_>) {
        let Reads::Sealed(sealed) = &mut self.reads else {
            return;
        };
        let entered = &mut self.entered;
        let mut ledger = self.accountant.current.borrow_mut();
        sealed.content(direction, content, &mut |span: Span| {
            entered[span.direction as usize] += span.len;
            ledger.add(span);
        });
    }

    /// Ends the account of a connection whose socket is about to be closed: the accounts
    /// must hold what the meter counted, up and down.
    pub(crate) fn close(mut self, metered: [u64; 2]) {
        let mut unparsed = 0;
        let mut ledger = self.accountant.current.borrow_mut();
        let entered = &mut self.entered;
        let mut sink = |span: Span| {
            entered[span.direction as usize] += span.len;
            if span.layer == Layer::Unparsed {
                unparsed += span.len;
            }
            ledger.add(span);
        };
        let fault = match &mut self.reads {
            Reads::Plain(dissector) => {
                dissector.finish(&mut sink);
                dissector.fault()
            }
            Reads::Sealed(sealed) => {
                sealed.finish(&mut sink);
                sealed.fault()
            }
        };
        let estimate = self.accountant.open.borrow_mut().remove(&self.socket);
        if let Some(mut estimate) = estimate {
            for part in estimate.last_sample() {
                enter(&mut ledger, part);
            }
        }
        let mut accounts = self.accountant.accounts.borrow_mut();
        for direction in Direction::ALL {
            let (entered, metered) = (entered[direction as usize], metered[direction as usize]);
            accounts.metered[direction as usize] += metered;
            accounts.difference += entered.abs_diff(metered);
        }
        match fault {
            None => {}
            // An element was cut, and the bytes of it that came have an account: only its exchange
            // has failed.
            Some(fault) if fault.reason == Reason::Truncated && unparsed == 0 => {}
            Some(fault)
                if fault.reason == Reason::Truncated
                    && (self.accountant.leaving.get() || self.accountant.is_cut) =>
            {
                accounts.cut_off += unparsed;
            }
            Some(fault) => accounts.tell(&fault.to_string()),
        }
    }
}
