//! The bytes by layer, by purpose, and during silence.

use super::look::{LAYERS, PURPOSES};
use analysis::{
    caption,
    cell::{Cell, CellTable, VariantRuns},
    unit,
};
use chart::{
    FigureError, canvas,
    look::Look,
    stack::{Chart, Row},
};
use results::digest::Account;

const DIRECTIONS: [&str; 2] = ["up", "down"];

/// Draws the bytes for each delivered message by layer.
pub(super) fn by_layer(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
) -> Result<Option<String>, FigureError> {
    let rows = rows(
        cell_table,
        cell,
        &LAYERS,
        |row| Some(row.layer.to_owned()),
        messages,
    );
    let reading = "Every byte at the socket is in one layer. TCP/IP headers are an estimate from \
                   segments, beside the count.";
    let title = "Where the bytes of a delivered message are";
    draw(cell_table, cell, title, reading, &LAYERS, &rows)
}

/// Draws the bytes for each delivered message by purpose.
pub(super) fn by_purpose(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
) -> Result<Option<String>, FigureError> {
    let counted = |row: &Account<'_>| (row.layer != "tcp_ip").then(|| row.purpose.to_owned());
    let rows = rows(cell_table, cell, &PURPOSES, counted, messages);
    let reading = "Bytes at the socket for each delivered message, by what they were for.";
    let title = "What the bytes of a delivered message are for";
    draw(cell_table, cell, title, reading, &PURPOSES, &rows)
}

/// Draws the bytes for each connection and hour in which nobody publishes.
pub(super) fn of_silence(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
) -> Result<Option<String>, FigureError> {
    let kept = |row: &Account<'_>| {
        let lasts = !matches!(row.purpose, "setup" | "close");
        lasts.then(|| row.layer.to_owned())
    };
    let rows = rows(cell_table, cell, &LAYERS, kept, connection_hours);
    let reading = "Nobody spoke. Counted at the socket and scaled to one connection and one \
                   hour; opening and closing left out.";
    let title = "What an hour of silence costs";
    draw(cell_table, cell, title, reading, &LAYERS, &rows)
}

fn draw(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
    title: &str,
    reading: &str,
    looks: &[Look],
    rows: &[Row<'_>],
) -> Result<Option<String>, FigureError> {
    if rows.is_empty() {
        return Ok(None);
    }
    let caption = caption::of_cell_summed(cell_table, cell);
    let chart = Chart {
        title,
        reading,
        caption: &caption,
        looks,
        amount: unit::bytes,
        number: unit::count,
    };
    canvas::sheet(title, |canvas| chart.draw(canvas, rows)).map(Some)
}

/// Returns a row for each variant that has accounts and a divisor for them.
fn rows<'i>(
    cell_table: &'i CellTable<'_>,
    cell: &Cell<'_>,
    looks: &[Look],
    key: impl Fn(&Account<'_>) -> Option<String>,
    divisor: fn(&VariantRuns<'_>) -> f64,
) -> Vec<Row<'i>> {
    let row = |variant: &VariantRuns<'_>| {
        let divisor = divisor(variant);
        let has_accounts = window(variant).next().is_some();
        if divisor <= 0.0 || !has_accounts {
            return None;
        }
        let ways = DIRECTIONS.map(|direction| {
            let mut parts = vec![0.0; looks.len()];
            for row in window(variant).filter(|row| row.direction == direction) {
                let Some(key) = key(&row) else { continue };
                if let Some(at) = looks.iter().position(|look| look.key == key) {
                    parts[at] += row.bytes as f64 / divisor;
                }
            }
            parts
        });
        Some(Row {
            identity: &cell_table.identities[variant.identity].style,
            valid: variant.valid,
            ways,
        })
    };
    cell.variants.iter().filter_map(row).collect()
}

/// Returns the accounts of the measured window.
pub(super) fn window<'a>(variant: &VariantRuns<'a>) -> impl Iterator<Item = Account<'a>> {
    variant.accounts().into_iter().filter(Account::is_of_window)
}

/// Returns the number of messages that came over the accounted connections; each is one payload.
pub(super) fn messages(variant: &VariantRuns<'_>) -> f64 {
    window(variant)
        .filter(|row| row.direction == "down" && row.purpose == "deliver")
        .filter(|row| row.layer == "payload")
        .map(|row| row.count as f64)
        .sum()
}

/// Returns the total hours that connections lasted in runs in which nobody could publish.
fn connection_hours(variant: &VariantRuns<'_>) -> f64 {
    let silent = variant.runs.iter().all(|run| run.publishers == 0);
    let hours = |run: &&results::RunRow| run.clients as f64 * run.measured_ms as f64 / 3.6e6;
    if silent {
        variant.runs.iter().map(hours).sum()
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chart::pattern::Pattern;

    /// Checks that every account has a look, because a figure that leaves bytes out misleads.
    #[test]
    fn every_account_has_a_look() {
        for layer in [
            "payload",
            "batch",
            "text_frame",
            "chunk",
            "http_head",
            "ws_head",
            "ws_mask",
            "h2_frame",
            "h2_control",
            "tls",
            "tcp_ip",
            "unparsed",
        ] {
            assert!(LAYERS.iter().any(|look| look.key == layer), "{layer}");
        }
        for purpose in [
            "setup",
            "deliver",
            "say",
            "ack",
            "empty",
            "heartbeat",
            "presence",
            "close",
        ] {
            assert!(PURPOSES.iter().any(|look| look.key == purpose), "{purpose}");
        }
        let estimates = LAYERS
            .iter()
            .filter(|look| look.pattern == Pattern::Estimate);
        assert_eq!(estimates.count(), 1);
    }
}
