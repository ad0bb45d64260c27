//! The byte ledger: the accounts of every byte of a delivered message.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::mark::named;
use analysis::{
    cell::{Cell, CellTable, VariantRuns},
    metric::of,
    unit,
};

/// The largest number of cells that are shown; the rows of all are in ledger.csv.
const CELLS: usize = 2;

/// An account: its direction, purpose and layer.
type Account<'a> = (&'a str, &'a str, &'a str);

pub(super) fn section(cell_table: &CellTable<'_>) -> Markup {
    let has_rows = |cell: &&Cell<'_>| cell.variants.iter().any(VariantRuns::has_accounts);
    let cells: Vec<&Cell<'_>> = cell_table.cells.iter().filter(has_rows).collect();
    if cells.is_empty() {
        return html! {};
    }
    // The two ends of a sweep are the most informative.
    let shown: Vec<&Cell<'_>> = match cells.as_slice() {
        [first, .., last] if cells.len() > CELLS => vec![first, last],
        all => all.to_vec(),
    };
    html! {
        section id="ledger" {
            h2 { "Where the bytes went" }
            p.lead {
                "Bytes per delivered message, account by account, while drafts that count were due. Each \
                 byte of each connection is in exactly one of them; tcp_ip is an estimate from \
                 the kernel’s segment counts, and not part of what the socket carried."
            }
            @for cell in &shown {
                @if cells.len() > 1 { h3 { (cell.name) } }
                (table(cell_table, cell))
            }
            @if shown.len() < cells.len() {
                p.note { "The other " (cells.len() - shown.len()) " cells are in ledger.csv." }
            }
        }
    }
}

fn table(cell_table: &CellTable<'_>, cell: &Cell<'_>) -> Markup {
    let columns: Vec<(&VariantRuns<'_>, BTreeMap<Account<'_>, f64>)> = cell
        .variants
        .iter()
        .filter(|variant| variant.has_accounts())
        .map(|variant| (variant, per_message(variant)))
        .collect();
    let mut accounts: Vec<Account<'_>> = columns
        .iter()
        .flat_map(|(_, sums)| sums.keys().copied())
        .collect();
    accounts.sort_unstable_by_key(|account| (account.0 == "up", account.1, account.2));
    accounts.dedup();
    html! {
        div.scroll {
            table.ledger {
                thead { tr {
                    th { "direction" } th { "purpose" } th { "layer" }
                    @for (variant, _) in &columns { th.n { (named(&cell_table.identities[variant.identity])) } }
                } }
                tbody {
                    @for account in &accounts {
                        tr {
                            td { (account.0) } td { (account.1) } td { (account.2) }
                            @for (_, sums) in &columns { td.n { (amount(sums.get(account).copied())) } }
                        }
                    }
                    tr.sum {
                        th scope="row" colspan="3" { "all but tcp_ip" }
                        @for (_, sums) in &columns {
                            td.n { (amount(Some(sums.iter().filter(|(account, _)| account.2 != "tcp_ip").map(|(_, bytes)| bytes).sum()))) }
                        }
                    }
                }
            }
        }
    }
}

fn per_message<'a>(variant: &VariantRuns<'a>) -> BTreeMap<Account<'a>, f64> {
    let brought: f64 = variant.runs.iter().map(|run| of::brought(run)).sum();
    let mut sums: BTreeMap<Account<'a>, f64> = BTreeMap::new();
    let accounts = variant.accounts().into_iter();
    let counts = accounts.filter(results::digest::Account::is_of_window);
    for row in counts.filter(|row| row.bytes > 0) {
        let account = (row.direction, row.purpose, row.layer);
        *sums.entry(account).or_default() += row.bytes as f64 / brought.max(1.0);
    }
    sums
}

fn amount(bytes: Option<f64>) -> String {
    match bytes {
        None => "–".to_owned(),
        Some(bytes) if bytes < 0.005 => "< 0.01".to_owned(),
        Some(bytes) => unit::count(bytes),
    }
}
