//! The ledger: how many bytes each account holds.

use crate::{Direction, Layer, Purpose, Span};

const PURPOSES: usize = Purpose::ALL.len();
const LAYERS: usize = Layer::ALL.len();
const ACCOUNTS: usize = Direction::ALL.len() * PURPOSES * LAYERS;

/// The contents of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// The sum of the spans' lengths, in bytes.
    pub bytes: u64,
    /// The number of spans that begin an element; they are elements of the protocol, not reads or writes.
    pub count: u64,
}

/// An account of a ledger with its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The direction of the account.
    pub direction: Direction,
    /// The purpose of the account.
    pub purpose: Purpose,
    /// The layer of the account.
    pub layer: Layer,
    /// The contents of the account.
    pub amount: Amount,
}

/// Every account, at a fixed size (2.8 KiB): keep one for a shard or a tally
/// rather than one for each of ten thousand connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    accounts: [Amount; ACCOUNTS],
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new()
    }
}

impl Ledger {
    /// Makes a ledger with nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        let nothing = Amount { bytes: 0, count: 0 };
        Self {
            accounts: [nothing; ACCOUNTS],
        }
    }

    /// Adds one span.
    #[inline]
    pub fn add(&mut self, span: Span) {
        self.enter(
            span.direction,
            span.purpose,
            span.layer,
            Amount {
                bytes: span.len,
                count: u64::from(!span.continues),
            },
        );
    }

    /// Adds bytes that are in no span: TLS records, or the estimate of TCP and IP.
    #[inline]
    pub fn enter(&mut self, direction: Direction, purpose: Purpose, layer: Layer, amount: Amount) {
        let account = &mut self.accounts[index(direction, purpose, layer)];
        account.bytes += amount.bytes;
        account.count += amount.count;
    }

    /// Adds all accounts of another ledger.
    pub fn merge(&mut self, other: &Self) {
        for (account, more) in self.accounts.iter_mut().zip(&other.accounts) {
            account.bytes += more.bytes;
            account.count += more.count;
        }
    }

    /// Returns the contents of one account.
    #[must_use]
    pub fn amount(&self, direction: Direction, purpose: Purpose, layer: Layer) -> Amount {
        self.accounts[index(direction, purpose, layer)]
    }

    /// Returns the bytes of one direction that must equal the socket's own count: all layers but
    /// the estimate [`Layer::TcpIp`].
    #[must_use]
    pub fn total(&self, direction: Direction) -> u64 {
        self.iter()
            .filter(|entry| entry.direction == direction && entry.layer != Layer::TcpIp)
            .map(|entry| entry.amount.bytes)
            .sum()
    }

    /// Returns the bytes of one layer in one direction, over all purposes.
    #[must_use]
    pub fn layer(&self, direction: Direction, layer: Layer) -> u64 {
        Purpose::ALL
            .into_iter()
            .map(|purpose| self.amount(direction, purpose, layer).bytes)
            .sum()
    }

    /// Returns the bytes of one purpose in one direction, over all layers but the estimate.
    #[must_use]
    pub fn purpose(&self, direction: Direction, purpose: Purpose) -> u64 {
        Layer::ALL
            .into_iter()
            .filter(|&layer| layer != Layer::TcpIp)
            .map(|layer| self.amount(direction, purpose, layer).bytes)
            .sum()
    }

    /// Returns the bytes that broke the protocol, in both directions. If there are any, a run is
    /// not valid.
    #[must_use]
    pub fn unparsed(&self) -> u64 {
        Direction::ALL
            .into_iter()
            .map(|direction| self.layer(direction, Layer::Unparsed))
            .sum()
    }

    /// Returns the accounts that hold something, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Entry> + '_ {
        self.accounts
            .iter()
            .enumerate()
            .filter(|(_, amount)| amount.count > 0 || amount.bytes > 0)
            .map(|(index, &amount)| Entry {
                direction: Direction::ALL[index / (PURPOSES * LAYERS)],
                purpose: Purpose::ALL[index / LAYERS % PURPOSES],
                layer: Layer::ALL[index % LAYERS],
                amount,
            })
    }
}

/// Returns the place of an account among all. It is another one for each account because `ALL` of
/// each enum lists the variants in their order, which a test below checks.
fn index(direction: Direction, purpose: Purpose, layer: Layer) -> usize {
    (direction as usize * PURPOSES + purpose as usize) * LAYERS + layer as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_has_a_place_of_its_own() {
        let mut ledger = Ledger::new();
        let mut bytes = 0;
        for direction in Direction::ALL {
            for purpose in Purpose::ALL {
                for layer in Layer::ALL {
                    bytes += 1;
                    ledger.enter(direction, purpose, layer, Amount { bytes, count: 1 });
                }
            }
        }
        assert_eq!(ledger.iter().count(), ACCOUNTS);
        for (place, entry) in ledger.iter().enumerate() {
            assert_eq!(entry.amount.bytes, place as u64 + 1);
            assert_eq!(
                ledger.amount(entry.direction, entry.purpose, entry.layer),
                entry.amount
            );
        }
    }

    #[test]
    fn totals_leave_the_estimate_out() {
        let span = |layer, len| Span {
            direction: Direction::Down,
            purpose: Purpose::Deliver,
            layer,
            start: 0,
            len,
            continues: false,
        };
        let mut ledger = Ledger::new();
        ledger.add(span(Layer::Payload, 100));
        ledger.add(span(Layer::Payload, 50));
        ledger.add(span(Layer::Chunk, 6));
        ledger.add(span(Layer::TcpIp, 52));
        assert_eq!(ledger.total(Direction::Down), 156);
        assert_eq!(ledger.total(Direction::Up), 0);
        assert_eq!(ledger.purpose(Direction::Down, Purpose::Deliver), 156);
        assert_eq!(ledger.layer(Direction::Down, Layer::TcpIp), 52);
        let mut twice = ledger.clone();
        twice.merge(&ledger);
        let payload = twice.amount(Direction::Down, Purpose::Deliver, Layer::Payload);
        assert_eq!(
            payload,
            Amount {
                bytes: 300,
                count: 4
            }
        );
        assert_eq!(twice.unparsed(), 0);
    }
}
