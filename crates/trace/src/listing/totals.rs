//! The accounts of a life, added up and held against the sockets' own count.

use dissect::{Direction, Ledger};

use super::Text;
use crate::{Record, ledger};

/// Writes the totals.
pub(super) fn write(text: &mut Text, record: &Record) {
    let ledger = ledger(record);
    text.line(0, "");
    text.line(0, "== the accounts");
    text.line(0, "direction  purpose    layer        bytes  count");
    for entry in ledger.iter() {
        text.line(
            0,
            &format!(
                "{:<10} {:<10} {:<10} {:>7} {:>6}",
                entry.direction.name(),
                entry.purpose.name(),
                entry.layer.name(),
                entry.amount.bytes,
                entry.amount.count
            ),
        );
    }
    for direction in Direction::ALL {
        text.line(0, &sum(record, &ledger, direction));
    }
}

fn sum(record: &Record, ledger: &Ledger, direction: Direction) -> String {
    let (accounts, sockets) = (ledger.total(direction), record.total(direction));
    let verdict = if accounts == sockets {
        "the same"
    } else {
        "NOT the same: an error in the dissector"
    };
    let place = if record.tls.is_some() {
        "in the records"
    } else {
        "at the sockets"
    };
    format!(
        "{:<10} sum {accounts} bytes; counted {place} {sockets}: {verdict}",
        direction.name()
    )
}
