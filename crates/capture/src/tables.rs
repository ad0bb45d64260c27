//! The report on a capture, as tables and for programs.

use serde_json::{Value, json};
use sheet::{Column, Entry, Sheet};

use crate::{Captured, Conversation, Figures, Kind};
use dissect::{Direction, Layer};

/// The text that stands where a figure does not apply.
const NONE: &str = "–";

/// Returns the table of conversations, one a line; of several files with the names of the files.
/// Each line has its remarks too if the table is for programs.
#[must_use]
pub fn conversations(files: &[(String, Captured)], with_remarks: bool) -> Sheet {
    let mut columns = file_column(files);
    columns.extend([
        Column::numbers("#"),
        Column::words("conversation"),
        Column::words("server"),
        Column::words("client"),
        Column::words("HTTP"),
        Column::numbers("connections"),
        Column::numbers("requests"),
        Column::numbers("messages up"),
        Column::numbers("messages down"),
        Column::numbers("bytes up"),
        Column::numbers("bytes down"),
        Column::numbers("bytes a message"),
        Column::numbers("silence, bytes a minute"),
        Column::numbers("empty polls"),
        Column::numbers("repeated in heads"),
        Column::numbers("saved by compression"),
        Column::numbers("saved by HTTP/2"),
    ]);
    if with_remarks {
        columns.push(Column::words("remarks"));
    }
    let mut sheet = Sheet::new(columns);
    for (name, number, one) in numbered(files) {
        let mut cells = file_cell(files, name);
        cells.extend(row(number, one));
        cells.push(Entry::from(remarks(one)));
        sheet.push(cells);
    }
    sheet
}

/// Returns all conversations with the names of their files and their numbers, from 1 in each.
fn numbered(files: &[(String, Captured)]) -> impl Iterator<Item = (&str, usize, &Conversation)> {
    files.iter().flat_map(|(name, captured)| {
        let each = captured.conversations.iter().enumerate();
        each.map(|(index, one)| (name.as_str(), index + 1, one))
    })
}

fn file_column(files: &[(String, Captured)]) -> Vec<Column> {
    let column = (files.len() > 1).then(|| Column::words("file"));
    column.into_iter().collect()
}

fn file_cell(files: &[(String, Captured)], name: &str) -> Vec<Entry> {
    let cell = (files.len() > 1).then(|| Entry::from(name));
    cell.into_iter().collect()
}

fn row(number: usize, one: &Conversation) -> Vec<Entry> {
    let figures = &one.figures;
    let is_opaque = one.kind.is_opaque() || one.kind == Kind::Http2;
    let known = |count: u64| {
        if is_opaque {
            Entry::from(NONE)
        } else {
            whole(count)
        }
    };
    vec![
        Entry::number(number.to_string(), number as f64),
        Entry::from(one.kind.to_string()),
        Entry::from(format!("{}{}", one.server, one.target)),
        Entry::from(one.client.clone()),
        Entry::from(if one.http.is_empty() {
            NONE.to_owned()
        } else {
            one.http.clone()
        }),
        whole(one.connections),
        known(figures.requests),
        known(figures.messages[0]),
        known(figures.messages[1]),
        whole(one.total(Direction::Up)),
        whole(one.total(Direction::Down)),
        rounded(figures.per_message().filter(|_| !is_opaque)),
        rounded(figures.silence_per_minute()),
        share(figures.empty_share()),
        share(repeated(figures)),
        if is_opaque {
            Entry::from(NONE)
        } else {
            signed(figures.saved)
        },
        figures
            .saved_by_http2()
            .map_or_else(|| Entry::from(NONE), signed),
    ]
}

/// Returns the share of the bytes of heads that repeat what the head before had.
fn repeated(figures: &Figures) -> Option<f64> {
    let of = |bytes: [u64; 2]| bytes[0] + bytes[1];
    let is_told = figures.requests > 1 && of(figures.heads) > 0;
    is_told.then(|| of(figures.repeated) as f64 / of(figures.heads) as f64)
}

/// Returns the table of accounts: a line for each account of each conversation.
#[must_use]
pub fn accounts(files: &[(String, Captured)]) -> Sheet {
    let mut columns = file_column(files);
    columns.extend([
        Column::numbers("#"),
        Column::words("conversation"),
        Column::words("direction"),
        Column::words("purpose"),
        Column::words("layer"),
        Column::numbers("bytes"),
        Column::numbers("count"),
    ]);
    let mut sheet = Sheet::new(columns);
    for (name, number, one) in numbered(files) {
        for entry in one.ledger.iter() {
            let mut cells = file_cell(files, name);
            cells.extend([
                Entry::number(number.to_string(), number as f64),
                Entry::from(one.kind.key()),
                Entry::from(entry.direction.name()),
                Entry::from(purpose(&entry)),
                Entry::from(entry.layer.name()),
                whole(entry.amount.bytes),
                whole(entry.amount.count),
            ]);
            sheet.push(cells);
        }
    }
    sheet
}

/// Returns the word for the purpose of an account. Of bytes that were not understood the ledger
/// has to name one, but nobody knows it.
fn purpose(entry: &dissect::Entry) -> &'static str {
    match entry.layer {
        Layer::Tls | Layer::Unparsed => "not known",
        _ => entry.purpose.name(),
    }
}

/// Returns everything that is told of a file, for programs.
#[must_use]
pub fn json(name: &str, captured: &Captured) -> Value {
    let conversations = captured.conversations.iter().map(object);
    let remarks = captured.remarks.iter().map(ToString::to_string);
    json!({
        "file": name,
        "conversations": conversations.collect::<Vec<_>>(),
        "remarks": remarks.collect::<Vec<_>>(),
        "totals": captured.totals.map(|totals| {
            json!({
                "packets": totals.packets,
                "segments": totals.segments,
                "connections": totals.connections,
            })
        }),
        "whole": captured.is_whole(),
    })
}

fn object(one: &Conversation) -> Value {
    let figures = &one.figures;
    let (interval, hold) = match one.kind {
        Kind::ShortPoll { interval } => (Some(interval.as_secs_f64()), None),
        Kind::LongPoll { hold } => (None, Some(hold.as_secs_f64())),
        _ => (None, None),
    };
    let accounts = one.ledger.iter().map(|entry| {
        json!({
            "direction": entry.direction.name(),
            "purpose": purpose(&entry),
            "layer": entry.layer.name(),
            "bytes": entry.amount.bytes,
            "count": entry.amount.count,
        })
    });
    json!({
        "kind": one.kind.key(),
        "interval_s": interval,
        "hold_s": hold,
        "http": one.http,
        "client": one.client,
        "server": one.server,
        "target": one.target,
        "connections": one.connections,
        "began_s": figures.began.as_secs_f64(),
        "lasted_s": figures.lasted.as_secs_f64(),
        "requests": figures.requests,
        "messages": { "up": figures.messages[0], "down": figures.messages[1] },
        "bytes": { "up": one.total(Direction::Up), "down": one.total(Direction::Down) },
        "bytes_per_message": figures.per_message(),
        "silence": {
            "bytes": figures.idle,
            "seconds": figures.silence.as_secs_f64(),
            "bytes_per_minute": figures.silence_per_minute(),
        },
        "polls": { "answered": figures.polls, "empty": figures.empty },
        "heads": {
            "up": figures.heads[0],
            "down": figures.heads[1],
            "repeated_up": figures.repeated[0],
            "repeated_down": figures.repeated[1],
        },
        "compression_saved": figures.saved,
        "http2_heads": figures.saved_by_http2().map(|saved| {
            json!({
                "up": figures.packed[0],
                "down": figures.packed[1],
                "up_in_http1": figures.unpacked[0],
                "down_in_http1": figures.unpacked[1],
                "saved": saved,
            })
        }),
        "accounts": accounts.collect::<Vec<_>>(),
        "remarks": one.remarks.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn remarks(one: &Conversation) -> String {
    let all: Vec<String> = one.remarks.iter().map(ToString::to_string).collect();
    all.join("; ")
}

fn whole(count: u64) -> Entry {
    Entry::number(grouped(count), count as f64)
}

fn signed(count: i64) -> Entry {
    let sign = if count < 0 { "-" } else { "" };
    Entry::number(
        format!("{sign}{}", grouped(count.unsigned_abs())),
        count as f64,
    )
}

fn rounded(value: Option<f64>) -> Entry {
    value.map_or_else(
        || Entry::from(NONE),
        |value| Entry::number(grouped(value.round() as u64), value),
    )
}

fn share(value: Option<f64>) -> Entry {
    value.map_or_else(
        || Entry::from(NONE),
        |value| Entry::number(format!("{:.0} %", 100.0 * value), value),
    )
}

/// Writes a number with a comma between each three digits.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
