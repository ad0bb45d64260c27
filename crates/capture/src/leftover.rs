//! Bytes of a connection that are in no exchange.

use dissect::{Amount, Direction, Dissector, Fault, Layer, Ledger, Purpose, Reading};

use crate::{Gap, Remark, stretch::Wire};

/// Returns the accounts of bytes that are in no exchange: those before the first request, and those
/// behind the last answer. `read` has the first byte that was read in each direction, and the one
/// behind the last.
pub(crate) fn enter(wire: &Wire, read: [std::ops::Range<usize>; 2]) -> (Ledger, Option<Fault>) {
    let mut extra = Ledger::new();
    for (direction, read) in Direction::ALL.into_iter().zip(&read) {
        unparsed(&mut extra, direction, read.start as u64);
    }
    let [up, down] = read.map(|read| read.end);
    let rest = [&wire.up.bytes[up..], &wire.down.bytes[down..]];
    if rest.iter().all(|rest| rest.is_empty()) {
        return (extra, None);
    }
    let mut dissector = Dissector::of_one_kind(Reading::Setup);
    let mut sink = |span| extra.add(span);
    for (direction, rest) in Direction::ALL.into_iter().zip(rest) {
        dissector.push(direction, rest, &mut sink);
    }
    dissector.finish(&mut sink);
    let begin = [wire.up.offset + up as u64, wire.down.offset + down as u64];
    let fault = dissector.fault().map(|fault| Fault {
        at: fault.at + begin[fault.direction as usize],
        ..*fault
    });
    (extra, fault)
}

/// Enters the bytes behind the gaps of a connection, and names the gaps.
pub(crate) fn enter_lost(wire: &Wire, ledger: &mut Ledger) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (direction, side) in [(Direction::Up, &wire.up), (Direction::Down, &wire.down)] {
        let (bytes, count) = side.around;
        if bytes > 0 {
            ledger.enter(
                direction,
                Purpose::Setup,
                Layer::Tls,
                Amount { bytes, count },
            );
        }
        let read = side.bytes.len() as u64 + bytes;
        unparsed(ledger, direction, side.carried.saturating_sub(read));
        let gap = side.gap.map(|(at, why)| Gap { direction, at, why });
        remarks.extend(gap.map(Remark::Incomplete));
    }
    remarks
}

/// Enters bytes that were not understood.
pub(crate) fn unparsed(ledger: &mut Ledger, direction: Direction, bytes: u64) {
    if bytes > 0 {
        let amount = Amount { bytes, count: 1 };
        ledger.enter(direction, Purpose::Setup, Layer::Unparsed, amount);
    }
}
