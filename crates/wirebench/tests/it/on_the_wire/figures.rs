//! Figures that the wire and the ledger of the same run must have in common.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::{
    fixture::column,
    wireshark::{Dump, Kinds, Sum, WAYS},
};

/// The types of records of TLS (RFC 8446, section 5.1; RFC 5246, section 6.2.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// The types of frames of HTTP/2 (RFC 9113, section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

/// The length of the head of a record of TLS, of a frame of HTTP/2, and of the preface of a client.
const RECORD_HEAD: i64 = 5;
const FRAME_HEAD: i64 = 9;
const PREFACE: i64 = 24;

/// The bytes of an alert, which a record adds its own to (RFC 8446, section 6).
const ALERT_CONTENT: i64 = 2;

/// The bytes of a GOAWAY without words, with its head (RFC 9113, section 6.8).
const GOAWAY_FRAME: i64 = 17;

/// The versions of TLS and HTTP between people and server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Under {
    /// The version of TLS, if there is any.
    pub(super) tls: Option<&'static str>,
    /// The version of HTTP.
    pub(super) http: &'static str,
}

impl Under {
    /// Returns what a record adds to its content with AES-GCM: 22 bytes in TLS 1.3 (RFC 8446, section
    /// 5.2), 29 in TLS 1.2 (RFC 5288).
    fn around(self) -> i64 {
        match self.tls {
            Some("1.3") => 22,
            Some(_) => 29,
            None => 0,
        }
    }

    /// Returns whether there are frames of HTTP/2.
    fn has_frames(self) -> bool {
        self.http == "2"
    }
}

/// An account of a run: a row of `ledger.csv`.
#[derive(Debug, Clone)]
pub(super) struct Account {
    direction: String,
    purpose: String,
    layer: String,
    sum: Sum,
}

/// Figures by their names.
pub(super) type Figures = BTreeMap<String, i64>;

/// Reads the accounts of the whole run, but for the estimate of TCP and IP, which is in no sum.
pub(super) fn accounts(file: &Path) -> Vec<Account> {
    let names = ["direction", "purpose", "layer", "window", "bytes", "count"];
    let [directions, purposes, layers, windows, bytes, counts] =
        names.map(|name| column(file, name));
    let rows = (0..layers.len()).filter(|row| windows[*row] == "whole" && layers[*row] != "tcp_ip");
    let account = |row: usize| Account {
        direction: directions[row].clone(),
        purpose: purposes[row].clone(),
        layer: layers[row].clone(),
        sum: Sum {
            bytes: bytes[row].parse().expect("a number"),
            count: counts[row].parse().expect("a number"),
        },
    };
    rows.map(account).collect()
}

/// Returns the figures of the wire for a way to read.
pub(super) fn of_wire(under: Under, way: &str, dump: &Dump<'_>) -> Figures {
    let mut figures = Figures::new();
    for (side, bytes) in WAYS.into_iter().zip(dump.carried()) {
        figures.insert(format!("{side} bytes"), bytes);
    }
    let opened = dump.opened();
    if under.tls.is_some() {
        records(under, &dump.records(), opened, &mut figures);
    }
    if under.has_frames() {
        frames(&dump.frames(), dump.prefaces(), &mut figures);
    } else if way == "websocket" {
        for (side, (heads, masks)) in WAYS.into_iter().zip(dump.websocket_heads()) {
            figures.insert(format!("{side} ws_head"), heads);
            figures.insert(format!("{side} ws_mask"), masks);
        }
    } else if way.ends_with("poll") {
        // Bodies have lengths here, and what is no body is a head.
        for (side, (bodies, opened)) in WAYS.into_iter().zip(dump.bodies().into_iter().zip(opened))
        {
            figures.insert(format!("{side} http_head"), opened - bodies);
        }
    }
    figures
}

/// Adds the figures of the records of TLS. A record of content stands in the ledger under the purpose of
/// its content, and Wireshark knows no purposes. So what a record of content adds is taken from both
/// sides for each record, of whatever kind: of the accounts `setup` and `close` what is left is of
/// handshakes and alerts, and of every other account nothing is.
fn records(under: Under, records: &Kinds, opened: [i64; 2], figures: &mut Figures) {
    for (side, (kinds, opened)) in WAYS.into_iter().zip(records.iter().zip(opened)) {
        let whole = |wanted: &[u8]| sum_of(kinds, wanted, RECORD_HEAD);
        let beyond = |wanted: &[u8]| whole(wanted).bytes - under.around() * whole(wanted).count;
        assert_eq!(beyond(&[APPLICATION_DATA]), opened, "{side}");
        let all: Vec<u8> = kinds.keys().copied().collect();
        let setup = beyond(&[CHANGE_CIPHER_SPEC, HANDSHAKE]);
        figures.insert(format!("{side} records"), whole(&all).count);
        figures.insert(format!("{side} opened"), opened);
        figures.insert(format!("{side} tls setup"), setup);
        figures.insert(format!("{side} tls close"), beyond(&[ALERT]));
    }
}

/// Adds the figures of the frames of HTTP/2.
fn frames(frames: &Kinds, prefaces: [i64; 2], figures: &mut Figures) {
    for (side, (kinds, prefaces)) in WAYS.into_iter().zip(frames.iter().zip(prefaces)) {
        let whole = |wanted: &[u8]| sum_of(kinds, wanted, FRAME_HEAD);
        let payload = |wanted: &[u8]| sum_of(kinds, wanted, 0).bytes;
        let of_exchanges = whole(&[DATA, HEADERS, CONTINUATION]).count;
        let control = whole(&[RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE]);
        let grants = whole(&[SETTINGS, WINDOW_UPDATE]).bytes;
        let last_words = whole(&[RST_STREAM, GOAWAY]).bytes;
        for (name, figure) in [
            ("h2_frame", FRAME_HEAD * of_exchanges),
            ("h2_frame count", of_exchanges),
            ("http_head", payload(&[HEADERS, CONTINUATION])),
            ("content", payload(&[DATA])),
            ("h2_control", grants + PREFACE * prefaces),
            ("h2_control heartbeat", whole(&[PING]).bytes),
            ("h2_control close", last_words),
            ("h2_control count", control.count + prefaces),
        ] {
            figures.insert(format!("{side} {name}"), figure);
        }
    }
}

/// Adds up elements of these kinds, each with a head of so many bytes.
fn sum_of(kinds: &BTreeMap<u8, Sum>, wanted: &[u8], head: i64) -> Sum {
    let found = wanted.iter().filter_map(|kind| kinds.get(kind));
    found.fold(Sum::default(), |all, one| Sum {
        count: all.count + one.count,
        bytes: all.bytes + one.bytes + head * one.count,
    })
}

/// Returns the same figures of the ledger.
pub(super) fn of_ledger(under: Under, way: &str, accounts: &[Account]) -> Figures {
    let mut figures = Figures::new();
    for account in accounts {
        let Sum { bytes, count } = account.sum;
        let (purpose, layer) = (account.purpose.as_str(), account.layer.as_str());
        let mut add = |name: &str, figure: i64| {
            *figures
                .entry(format!("{} {name}", account.direction))
                .or_default() += figure;
        };
        add("bytes", bytes);
        if layer == "tls" {
            add("records", count);
            add(&format!("tls {purpose}"), bytes - under.around() * count);
            continue;
        }
        if under.tls.is_some() {
            add("opened", bytes);
        }
        match layer {
            "h2_frame" => {
                add("h2_frame", bytes);
                add("h2_frame count", count);
            }
            "h2_control" => {
                // SETTINGS and WINDOW_UPDATE are for several purposes, the others for one each.
                let name = match purpose {
                    "heartbeat" => "h2_control heartbeat",
                    "close" => "h2_control close",
                    _ => "h2_control",
                };
                add(name, bytes);
                add("h2_control count", count);
            }
            "http_head" if under.has_frames() || way.ends_with("poll") => add("http_head", bytes),
            "ws_head" | "ws_mask" if !under.has_frames() => add(layer, bytes),
            _ if under.has_frames() => add("content", bytes),
            _ => {}
        }
    }
    figures
}

/// Takes the last words of the server that nobody read out of the figures of the wire: an alert
/// (`close_notify`) or a GOAWAY for a client that has closed its socket. They are on the wire, and no
/// socket counted them. Nothing else may be unread, and they only on a connection that was reset for it.
pub(super) fn without_unread(
    under: Under,
    wire: &Figures,
    ledger: &Figures,
    resets: i64,
) -> Figures {
    let of = |figures: &Figures, name: &str| figures.get(name).copied().unwrap_or_default();
    let unread = |name: &str, length: i64| {
        let missing = (of(wire, name) - of(ledger, name)) / length;
        missing.clamp(0, resets)
    };
    let alerts = unread("down tls close", ALERT_CONTENT);
    let farewells = unread("down h2_control close", GOAWAY_FRAME);
    let sealed = if under.tls.is_some() { farewells } else { 0 };
    let around = under.around() * (alerts + sealed);
    let mut read = wire.clone();
    for (name, less) in [
        (
            "down bytes",
            around + alerts * ALERT_CONTENT + farewells * GOAWAY_FRAME,
        ),
        ("down records", alerts + sealed),
        ("down opened", sealed * GOAWAY_FRAME),
        ("down tls close", alerts * ALERT_CONTENT),
        ("down h2_control close", farewells * GOAWAY_FRAME),
        ("down h2_control count", farewells),
    ] {
        if let Some(figure) = read.get_mut(name) {
            *figure -= less;
        }
    }
    read
}

/// Checks that each account is in the comparison: one byte more in any of them is found, and so is one
/// record or frame more.
pub(super) fn assert_each_account_is_compared(
    under: Under,
    way: &str,
    accounts: &[Account],
    wire: &Figures,
    resets: i64,
) {
    for (place, account) in accounts.iter().enumerate() {
        let is_counted = account.layer == "tls" || account.layer.starts_with("h2_");
        for (bytes, count) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
            if count != 0 && !is_counted {
                continue;
            }
            let mut moved = accounts.to_vec();
            moved[place].sum.bytes += bytes;
            moved[place].sum.count += count;
            let ledger = of_ledger(under, way, &moved);
            let read = without_unread(under, wire, &ledger, resets);
            let found = differences(&read, &ledger);
            assert!(!found.is_empty(), "{way} {under:?}: {:?}", moved[place]);
        }
    }
}

/// Returns the figures in which two sides differ, with both values. A figure that one side does not have
/// is 0.
pub(super) fn differences(wire: &Figures, ledger: &Figures) -> Vec<String> {
    let names: BTreeSet<_> = wire.keys().chain(ledger.keys()).collect();
    let both = names.into_iter().map(|name| {
        let of = |figures: &Figures| figures.get(name).copied().unwrap_or_default();
        (name, of(wire), of(ledger))
    });
    both.filter(|(_, wire, ledger)| wire != ledger)
        .map(|(name, wire, ledger)| format!("{name}: {wire} on the wire, {ledger} in the ledger"))
        .collect()
}
