//! From ledgers to files: the rows of a run, and the server's own account.

use std::{fs, path::Path};

use anyhow::Context;
use dissect::{Direction, Layer, Ledger, Purpose};
use report::LedgerRow;
use swarm::{
    outcome::Outcome,
    plan::{Accounting, Plan},
};

/// The rows of `ledger.csv`: every account of the whole run, then those of the
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

/// Bytes of the window that are not the JSON of an event that was delivered,
/// both directions, without TCP and IP. Without a ledger of everybody they are
/// what the sockets counted less what the readers heard, which differs by the
/// events that were due before the window and came in it.
pub(crate) fn header_bytes(plan: &Plan, outcome: &Outcome) -> u64 {
    if plan.accounting != Accounting::All {
        return (outcome.bytes_up + outcome.bytes_down).saturating_sub(outcome.payload_bytes);
    }
    let ledger = &outcome.window_ledger;
    let all: u64 = Direction::ALL.map(|way| ledger.total(way)).iter().sum();
    let events = ledger.amount(Direction::Down, Purpose::Deliver, Layer::Payload);
    all - events.bytes
}

/// Bytes of handshakes and stream openings for each client, both directions, from
/// the first connection to the last. A poller has none: its first question is a
/// question like any other.
pub(crate) fn setup_bytes_per_client(plan: &Plan, outcome: &Outcome) -> Option<f64> {
    let of_everybody = plan.accounting == Accounting::All && plan.clients > 0;
    let bytes = of_purposes(&outcome.ledger, &[Purpose::Setup]);
    of_everybody.then(|| bytes as f64 / plan.clients as f64)
}

/// Bytes of the window that told nobody anything, scaled to a client and an hour.
pub(crate) fn silence_bytes_per_client_hour(plan: &Plan, outcome: &Outcome) -> Option<u64> {
    let hours = outcome.window.as_secs_f64() / 3_600.0 * plan.clients as f64;
    let of_everybody = plan.accounting == Accounting::All && hours > 0.0;
    let bytes = of_purposes(
        &outcome.window_ledger,
        &[Purpose::Empty, Purpose::Heartbeat],
    );
    of_everybody.then(|| (bytes as f64 / hours).round() as u64)
}

/// Bytes for these purposes, both directions, without TCP and IP.
fn of_purposes(ledger: &Ledger, purposes: &[Purpose]) -> u64 {
    let both = |purpose: &Purpose| Direction::ALL.map(|way| ledger.purpose(way, *purpose));
    purposes.iter().flat_map(both).sum()
}

/// Why the ledger makes a run not valid; nothing if it does not.
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
