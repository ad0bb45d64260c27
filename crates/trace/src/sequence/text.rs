//! The ladder in characters.

use std::fmt::Write;

use dissect::Direction;

use super::{elements, label};
use crate::{NoteKind, Record};

/// The number of columns between the two lines.
const WIDTH: usize = 78;

/// Returns the ladder as text, 100 columns wide.
#[must_use]
pub fn text(record: &Record) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(out, "{:>10}  ann{:>width$}", "ms", "server", width = WIDTH);
    let mut notes = record.notes.iter().peekable();
    for element in elements(record) {
        while let Some(note) = notes.next_if(|note| note.at <= element.at) {
            remark(&mut out, note.kind, &note.text);
        }
        let connection = if element.connection > 1 {
            format!("({}) ", element.connection)
        } else {
            String::new()
        };
        let room = WIDTH - 8;
        let label = label(&element, room - connection.len());
        let words = format!(" {connection}{label} ");
        let line = match element.direction {
            Direction::Up => format!("-{words:-<width$}>", width = WIDTH - 2),
            Direction::Down => format!("<{words:->width$}-", width = WIDTH - 2),
        };
        let _ = writeln!(out, "{:>10.3}  |{line}|", element.at.as_secs_f64() * 1e3);
    }
    for note in notes {
        remark(&mut out, note.kind, &note.text);
    }
    out
}

fn remark(out: &mut String, kind: NoteKind, text: &str) {
    let _ = match kind {
        NoteKind::Step => writeln!(out, "{:>10}  |{:<WIDTH$}|", "", format!("  == {text}")),
        NoteKind::Other => writeln!(out, "{:>10}  |{:>WIDTH$}|<== bo", "", ""),
    };
}
