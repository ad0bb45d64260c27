//! The numbers with which a page begins: those of its workload.

use serde::Serialize;

use super::{limits::ProxyChoice, table::HTTP, work::VERSIONS};
use crate::advise::workload::Workload;

/// The numbers with which the page begins; those of choices are places in their lists.
#[derive(Debug, Serialize)]
pub(super) struct Start {
    readers: f64,
    rooms: f64,
    rate: f64,
    payload: f64,
    headers: f64,
    trip: f64,
    reconnects: f64,
    tabs: f64,
    files: f64,
    /// Zero for no pool of workers.
    workers: f64,
    tls: usize,
    http: usize,
    proxy: usize,
}

/// Returns the numbers of a workload.
pub(super) fn start(workload: &Workload, proxies: &[ProxyChoice]) -> Start {
    let place = |found: Option<usize>| found.unwrap_or_default();
    Start {
        readers: workload.readers as f64,
        rooms: workload.rooms as f64,
        rate: workload.room_rate,
        payload: workload.payload as f64,
        headers: header_bytes(workload),
        trip: workload.round_trip.as_secs_f64() * 1e3,
        reconnects: workload.reconnects_a_day,
        tabs: workload.tabs,
        files: workload.open_files,
        workers: workload.workers.unwrap_or_default(),
        tls: place(VERSIONS.iter().position(|tls| *tls == workload.tls)),
        http: place(HTTP.iter().position(|http| *http == workload.http)),
        proxy: place(proxies.iter().position(|one| one.proxy == workload.proxy)),
    }
}

/// Returns the bytes of header lines and of a cookie's.
pub(super) fn header_bytes(workload: &Workload) -> f64 {
    let cookie = match workload.cookie_bytes {
        0 => 0,
        bytes => "Cookie: \r\n".len() + bytes,
    };
    (workload.header_bytes + cookie) as f64
}
