//! The conversion of ledgers to files: the rows of a run, and the server's own account.

use std::{fs, path::Path};

use anyhow::Context;
use dissect::{Direction, Layer, Ledger, Purpose};
use results::LedgerRow;
use swarm::{
    outcome::Outcome,
    plan::{Accounting, Plan},
};
use wire::Compression;

/// Returns the rows of `ledger.csv`: every account of the whole run, then those of the
/// window.
pub(crate) fn rows(plan: &Plan, outcome: &Outcome) -> Vec<LedgerRow> {
    let of = |window: &str, ledger: &Ledger| -> Vec<LedgerRow> {
        ledger
            .iter()
            .map(|entry| LedgerRow {
                transport: plan.variant.transport().to_string(),
                variant: plan.variant.to_string(),
                cell: plan.cell.clone(),
                repeat: plan.repeat as u32,
                direction: entry.direction.name().to_owned(),
                purpose: entry.purpose.name().to_owned(),
                layer: entry.layer.name().to_owned(),
                bytes: entry.amount.bytes,
                count: entry.amount.count,
                window: window.to_owned(),
            })
            .collect()
    };
    [
        of("whole", &outcome.ledger),
        of("measure", &outcome.window_ledger),
    ]
    .concat()
}

/// Returns the bytes of the window, in both directions and without TCP and IP, that are not the JSON
/// of a delivered event. A compressed event counts as a whole. Without a ledger of every reader, the
/// figure is the difference of the bytes that the sockets counted and the bytes of the events that
/// readers heard; it is wrong by the events that were due before the window and came in it, and
/// `None` if events are compressed.
pub(crate) fn header_bytes(plan: &Plan, outcome: &Outcome) -> Option<u64> {
    if plan.swarm.accounting != Accounting::All {
        let around = (outcome.bytes_up + outcome.bytes_down).saturating_sub(outcome.payload_bytes);
        return (plan.variant.compression() == Compression::None).then_some(around);
    }
    let ledger = &outcome.window_ledger;
    let all: u64 = Direction::ALL.map(|way| ledger.total(way)).iter().sum();
    Some(all - delivered(outcome))
}

/// Returns the bytes of compressed content in the window that brought events; `None` without
/// compression, and without a ledger of everybody.
pub(crate) fn packed_bytes(plan: &Plan, outcome: &Outcome) -> Option<u64> {
    let is_known =
        plan.swarm.accounting == Accounting::All && plan.variant.compression() != Compression::None;
    is_known.then(|| delivered(outcome))
}

/// Returns the bytes of events in the window on their way down.
fn delivered(outcome: &Outcome) -> u64 {
    let ledger = &outcome.window_ledger;
    ledger
        .amount(Direction::Down, Purpose::Deliver, Layer::Payload)
        .bytes
}

/// Returns the bytes of handshakes and stream openings for each client, in both directions, from the
/// first connection to the last. A poller has none: its first question is like any other.
pub(crate) fn setup_bytes_per_client(plan: &Plan, outcome: &Outcome) -> Option<f64> {
    let of_everybody = plan.swarm.accounting == Accounting::All && plan.swarm.clients > 0;
    let bytes = of_purposes(&outcome.ledger, &[Purpose::Setup]);
    of_everybody.then(|| bytes as f64 / plan.swarm.clients as f64)
}

/// Returns the bytes of the window that carried no information, for each client and hour.
pub(crate) fn silence_bytes_per_client_hour(plan: &Plan, outcome: &Outcome) -> Option<u64> {
    let hours = outcome.window.as_secs_f64() / 3_600.0 * plan.swarm.clients as f64;
    let of_everybody = plan.swarm.accounting == Accounting::All && hours > 0.0;
    let bytes = of_purposes(
        &outcome.window_ledger,
        &[Purpose::Empty, Purpose::Heartbeat],
    );
    of_everybody.then(|| (bytes as f64 / hours).round() as u64)
}

/// Returns the bytes for these purposes, in both directions, without TCP and IP.
fn of_purposes(ledger: &Ledger, purposes: &[Purpose]) -> u64 {
    let both = |purpose: &Purpose| Direction::ALL.map(|way| ledger.purpose(way, *purpose));
    purposes.iter().flat_map(both).sum()
}

/// Returns the reasons for which the ledger makes a run not valid, if any.
pub(crate) fn why_not_valid(outcome: &Outcome) -> Vec<String> {
    let mut reasons = Vec::new();
    if outcome.ledger_difference > 0 {
        reasons.push(format!(
            "the accounts differ from the sockets' count by {} of {} bytes",
            outcome.ledger_difference,
            outcome.metered.iter().sum::<u64>()
        ));
    }
    let unparsed = outcome.unparsed_bytes();
    if unparsed > 0 || !outcome.unparsed.is_empty() {
        reasons.push(format!(
            "{unparsed} bytes belong to no account ({})",
            outcome.unparsed.join(", ")
        ));
    }
    reasons
}

/// Refuses a file that could not be written when the server ends, before it starts.
pub(crate) fn check(file: &Path) -> anyhow::Result<()> {
    fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .map(drop)
        .with_context(|| format!("cannot write the ledger to {}", file.display()))
}

/// Writes what the server's sockets carried, as JSON.
pub(crate) fn write(file: &Path, accounts: &server::Accounts) -> anyhow::Result<()> {
    let entries: Vec<_> = accounts
        .ledger
        .iter()
        .map(|entry| {
            serde_json::json!({
                "direction": entry.direction,
                "purpose": entry.purpose,
                "layer": entry.layer,
                "bytes": entry.amount.bytes,
                "count": entry.amount.count,
            })
        })
        .collect();
    let [up, down] = accounts.metered;
    let document = serde_json::json!({
        "connections": accounts.connections,
        "bytes_up": up,
        "bytes_down": down,
        "difference": accounts.difference,
        "unparsed": accounts.faults,
        "accounts": entries,
    });
    fs::write(file, format!("{document:#}\n"))
        .with_context(|| format!("cannot write the ledger to {}", file.display()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dissect::Amount;

    use super::*;

    #[test]
    fn setup_and_silence_in_exact_numbers() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/quick.toml");
        let study = scenario::Study::load(file.as_ref(), &[]).expect("a scenario");
        let mut plan = study.plans().remove(0);
        assert_eq!(plan.swarm.clients, 100);
        let mut outcome = Outcome::empty();
        // A hundredth of an hour.
        outcome.window = Duration::from_secs(36);
        let amount = |bytes| Amount { bytes, count: 1 };
        let (up, down) = (Direction::Up, Direction::Down);
        let whole = &mut outcome.ledger;
        whole.enter(up, Purpose::Setup, Layer::HttpHead, amount(20_000));
        whole.enter(down, Purpose::Setup, Layer::HttpHead, amount(14_850));
        whole.enter(up, Purpose::Setup, Layer::TcpIp, amount(9_999));
        whole.enter(down, Purpose::Deliver, Layer::Payload, amount(7_777));
        let window = &mut outcome.window_ledger;
        window.enter(up, Purpose::Empty, Layer::HttpHead, amount(100));
        window.enter(down, Purpose::Empty, Layer::Batch, amount(30));
        window.enter(down, Purpose::Heartbeat, Layer::WsHead, amount(2));
        window.enter(down, Purpose::Deliver, Layer::Payload, amount(7_777));
        assert_eq!(setup_bytes_per_client(&plan, &outcome), Some(348.5));
        assert_eq!(silence_bytes_per_client_hour(&plan, &outcome), Some(132));
        outcome.window = Duration::ZERO;
        assert_eq!(silence_bytes_per_client_hour(&plan, &outcome), None);
        plan.swarm.accounting = Accounting::Off;
        assert_eq!(setup_bytes_per_client(&plan, &outcome), None);
        // Without a ledger the events of a compressed run cannot be told from the rest.
        (outcome.bytes_down, outcome.payload_bytes) = (9_000, 7_777);
        assert_eq!(header_bytes(&plan, &outcome), Some(1_223));
        plan.variant = plan.variant.compressed(Compression::Deflate);
        assert_eq!(header_bytes(&plan, &outcome), None);
        assert_eq!(packed_bytes(&plan, &outcome), None);
        plan.swarm.accounting = Accounting::All;
        assert_eq!(packed_bytes(&plan, &outcome), Some(7_777));
        assert_eq!(header_bytes(&plan, &outcome), Some(132));
    }
}
