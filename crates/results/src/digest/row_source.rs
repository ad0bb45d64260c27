//! The rows of the large files, borrowed from the line that they were read from, so that no text is
//! copied for a row that is not kept.

use serde::Deserialize;

use super::{Rung, Second};
use crate::{
    column,
    reading::RowSource,
    row::{LadderRow, LedgerRow, TimelineRow},
};

/// A borrowed [`LadderRow`].
#[derive(Debug, Deserialize)]
pub(crate) struct LadderPass<'r> {
    pub(super) transport: &'r str,
    pub(super) variant: &'r str,
    pub(super) cell: &'r str,
    pub(super) repeat: u32,
    pub(super) clock: &'r str,
    pub(super) quantile: f64,
    pub(super) latency_us: u64,
    pub(super) count: u64,
}

/// A borrowed [`LedgerRow`].
#[derive(Debug, Deserialize)]
pub(crate) struct LedgerPass<'r> {
    pub(super) transport: &'r str,
    pub(super) variant: &'r str,
    pub(super) cell: &'r str,
    pub(super) repeat: u32,
    pub(super) direction: &'r str,
    pub(super) purpose: &'r str,
    pub(super) layer: &'r str,
    pub(super) bytes: u64,
    pub(super) count: u64,
    #[serde(default)]
    pub(super) window: &'r str,
}

/// A borrowed [`TimelineRow`].
#[derive(Debug, Deserialize)]
pub(crate) struct TimelinePass<'r> {
    pub(super) transport: &'r str,
    pub(super) variant: &'r str,
    pub(super) cell: &'r str,
    pub(super) repeat: u32,
    pub(super) second: u32,
    /// The number of deliveries, which is passed on to [`Second`].
    delivered: u64,
    pub(super) p50_us: Option<u64>,
    pub(super) p99_us: Option<u64>,
    pub(super) bytes_up: u64,
    pub(super) bytes_down: u64,
    #[expect(dead_code, reason = "read so that a wrong value is complained of")]
    server_cpu_us: Option<u64>,
    #[expect(dead_code, reason = "read so that a wrong value is complained of")]
    server_rss_bytes: Option<u64>,
    #[serde(default)]
    connected: Option<u64>,
    #[serde(default)]
    connections: Option<u64>,
}

/// The files, as types that implement [`RowSource`].
pub(crate) enum Ladder {}
pub(crate) enum Ledger {}
pub(crate) enum Timeline {}

impl RowSource for Ladder {
    type Of = LadderRow;
    type Row<'r> = LadderPass<'r>;

    fn impossible(row: &LadderPass<'_>) -> Option<(&'static str, String)> {
        column::impossible_rung(row.clock, row.quantile)
    }
}

impl RowSource for Ledger {
    type Of = LedgerRow;
    type Row<'r> = LedgerPass<'r>;

    fn impossible(row: &LedgerPass<'_>) -> Option<(&'static str, String)> {
        column::impossible_account(row.direction)
    }
}

impl RowSource for Timeline {
    type Of = TimelineRow;
    type Row<'r> = TimelinePass<'r>;

    fn impossible(_: &TimelinePass<'_>) -> Option<(&'static str, String)> {
        None
    }
}

impl From<&LadderPass<'_>> for Rung {
    fn from(row: &LadderPass<'_>) -> Self {
        Self {
            quantile: row.quantile,
            latency_us: row.latency_us,
            count: row.count,
        }
    }
}

impl From<&TimelinePass<'_>> for Second {
    fn from(row: &TimelinePass<'_>) -> Self {
        Self {
            at: row.second,
            delivered: row.delivered,
            p50_us: row.p50_us,
            p99_us: row.p99_us,
            bytes_up: row.bytes_up,
            bytes_down: row.bytes_down,
            connected: row.connected,
            connections: row.connections,
        }
    }
}

impl<'r> From<&'r LadderRow> for LadderPass<'r> {
    fn from(row: &'r LadderRow) -> Self {
        Self {
            transport: &row.transport,
            variant: &row.variant,
            cell: &row.cell,
            repeat: row.repeat,
            clock: &row.clock,
            quantile: row.quantile,
            latency_us: row.latency_us,
            count: row.count,
        }
    }
}

impl<'r> From<&'r LedgerRow> for LedgerPass<'r> {
    fn from(row: &'r LedgerRow) -> Self {
        Self {
            transport: &row.transport,
            variant: &row.variant,
            cell: &row.cell,
            repeat: row.repeat,
            direction: &row.direction,
            purpose: &row.purpose,
            layer: &row.layer,
            bytes: row.bytes,
            count: row.count,
            window: &row.window,
        }
    }
}

impl<'r> From<&'r TimelineRow> for TimelinePass<'r> {
    fn from(row: &'r TimelineRow) -> Self {
        Self {
            transport: &row.transport,
            variant: &row.variant,
            cell: &row.cell,
            repeat: row.repeat,
            second: row.second,
            delivered: row.delivered,
            p50_us: row.p50_us,
            p99_us: row.p99_us,
            bytes_up: row.bytes_up,
            bytes_down: row.bytes_down,
            server_cpu_us: row.server_cpu_us,
            server_rss_bytes: row.server_rss_bytes,
            connected: row.connected,
            connections: row.connections,
        }
    }
}
