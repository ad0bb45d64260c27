//! The memory that a client costs the server, computed from runs with different numbers of clients.
//!
//! If the memory that a run added is divided by its clients, they are charged for the memory that
//! the server allocates once, and for the log, whatever their number. A line over the numbers of
//! clients separates both: its slope is the memory that one more client adds.

use std::collections::BTreeMap;

use crate::{
    cell::CellTable,
    slope::Line,
    swept::{headed, swept},
    unit,
};
use results::RunRow;

/// The valid runs of one variant that differ only in the number of clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// The index into [`CellTable::identities`].
    pub identity: usize,
    /// The other swept values, which are fixed here: `4 messages/s in each room`; empty if there
    /// are none.
    pub held: String,
    /// The number of clients and the bytes that they added, for each run.
    pub points: Vec<(f64, f64)>,
    /// The line through the points; `None` with fewer than three different numbers of clients.
    pub line: Option<Line>,
}

/// Returns the growth of every variant for each combination of the other swept values, in the order
/// of cells.
#[must_use]
pub fn growths(cell_table: &CellTable<'_>) -> Vec<Growth> {
    let mut order: Vec<String> = Vec::new();
    let mut groups: BTreeMap<(usize, usize), Vec<(f64, f64)>> = BTreeMap::new();
    for cell in &cell_table.cells {
        let held = held(cell.name);
        let at = order.iter().position(|known| *known == held);
        let at = at.unwrap_or_else(|| {
            order.push(held);
            order.len() - 1
        });
        for variant in cell.variants.iter().filter(|variant| variant.valid) {
            let points = variant.runs.iter().filter_map(|run| point(run));
            let group = groups.entry((at, variant.identity)).or_default();
            group.extend(points);
        }
    }
    groups
        .into_iter()
        .filter(|(_, points)| !points.is_empty())
        .map(|((at, identity), points)| Growth {
            identity,
            held: order[at].clone(),
            line: Line::through(&points),
            points,
        })
        .collect()
}

impl Growth {
    /// Returns the memory of one client in words: `12.9 KiB [12.8 KiB to 13.1 KiB]`.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let line = self.line?;
        if !line.rises() {
            return Some("none shown".to_owned());
        }
        let slope = unit::memory(line.slope);
        Some(match line.interval {
            Some(interval) => format!(
                "{slope} [{} to {}]",
                unit::memory(interval.low),
                unit::memory(interval.high)
            ),
            None => slope,
        })
    }
}

/// Returns the swept values of a cell without its clients.
fn held(cell: &str) -> String {
    let others = swept(cell).filter(|(key, _)| key.rsplit('.').next() != Some("clients"));
    let words: Vec<String> = others.map(|(key, value)| headed(key, value)).collect();
    words.join(", ")
}

/// Returns clients and bytes; for an older file the bytes are computed from those for each client.
fn point(run: &RunRow) -> Option<(f64, f64)> {
    let added = run
        .server_rss_added_bytes
        .filter(|_| !run.shares_its_server())
        .or_else(|| Some(run.own_rss_bytes_per_client()? * run.clients))?;
    Some((run.clients as f64, added as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use results::Rows;

    fn run(cell: &str, clients: u64, repeat: u32, added: Option<u64>) -> RunRow {
        RunRow {
            transport: "websocket".to_owned(),
            variant: "-".to_owned(),
            cell: cell.to_owned(),
            repeat,
            clients,
            server_rss_bytes_per_client: Some(9_000),
            server_rss_added_bytes: added,
            valid: true,
            ..RunRow::default()
        }
    }

    fn found(runs: Vec<RunRow>) -> Vec<Growth> {
        let rows = Rows {
            runs,
            ..Rows::default()
        };
        growths(&CellTable::of(&crate::digest::of_rows(&rows)))
    }

    #[test]
    fn a_line_for_each_value_that_was_held() {
        let mut runs = Vec::new();
        for (rate, each) in [(1, 8_000), (4, 9_500)] {
            for clients in [10, 100, 1_000] {
                let cell = format!("swarm.clients={clients} rate={rate}");
                for repeat in 1..=2 {
                    runs.push(run(&cell, clients, repeat, Some(400_000 + clients * each)));
                }
            }
        }
        runs[0].valid = false;
        let found = found(runs);
        let told: Vec<_> = found
            .iter()
            .map(|growth| (growth.held.as_str(), growth.words(), growth.points.len()))
            .collect();
        let words = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("1 message/s in each room", words("7.81 KiB"), 5),
                (
                    "4 messages/s in each room",
                    words("9.28 KiB [9.28 KiB to 9.28 KiB]"),
                    6
                ),
            ]
        );
        let line = found[0].line.expect("three counts");
        assert!((line.slope - 8_000.0).abs() < 1e-9 && (line.base - 400_000.0).abs() < 1e-6);
    }

    #[test]
    fn fewer_counts_and_older_files() {
        let two = found(vec![
            run("clients=10", 10, 1, None),
            run("clients=20", 20, 1, None),
        ]);
        assert_eq!(two[0].points, [(10.0, 90_000.0), (20.0, 180_000.0)]);
        assert_eq!((two[0].line, two[0].words()), (None, None));
        let flat =
            [10, 20, 30].map(|clients| run(&format!("clients={clients}"), clients, 1, Some(5_000)));
        assert_eq!(
            found(flat.to_vec())[0].words(),
            Some("none shown".to_owned())
        );
    }
}
