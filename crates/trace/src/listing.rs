//! The annotated listing: every byte of a life, with its account and its reason.

mod frames;
mod heads;
mod old;
mod totals;

use std::fmt::Write;

use dissect::{Direction, Layer};

use crate::{Element, NoteKind, Record, What, element::is_head, elements};

/// The meaning of the layer `envelope`.
const ENVELOPE: &str = "around a message, or without one: of a library, or of a script";

/// Returns the whole life in words, for a terminal or a file.
#[must_use]
pub fn listing(record: &Record) -> String {
    let mut text = Text::default();
    text.line(0, &format!("One life over {}.", record.way));
    text.line(
        0,
        "Times in milliseconds at the client's socket; offsets count from the first byte of a direction of a connection.",
    );
    if record.way.protocol().is_sockjs() {
        text.line(
            0,
            "The backslashes within a message are counted behind it, so that its end is listed as envelope.",
        );
    }
    if let Some(version) = record.tls {
        let [up, down] = Direction::ALL.map(|direction| record.crossed(direction));
        text.line(
            0,
            &format!(
                "Under TLS {version}: what is listed was in records. {up} bytes went up at the sockets and {down} bytes down, with their heads and tags and with the handshakes."
            ),
        );
    }
    let mut notes = record.notes.iter().peekable();
    for element in elements(record) {
        while let Some(note) = notes.next_if(|note| note.at <= element.at) {
            text.note(note.kind, &note.text);
        }
        one(&mut text, record, &element);
    }
    for note in notes {
        text.note(note.kind, &note.text);
    }
    ends(&mut text, record);
    totals::write(&mut text, record);
    text.0
}

/// A text that grows line by line.
#[derive(Debug, Default)]
struct Text(String);

impl Text {
    fn line(&mut self, indent: usize, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{:indent$}{line}", "");
    }

    /// Writes bytes to the left and their reason to the right.
    fn pair(&mut self, left: &str, right: &str) {
        if right.is_empty() {
            self.line(10, left);
        } else if left.chars().count() > 44 {
            self.line(10, left);
            self.line(56, right);
        } else {
            self.line(10, &format!("{left:<45} {right}"));
        }
    }

    fn note(&mut self, kind: NoteKind, text: &str) {
        match kind {
            NoteKind::Step => {
                self.line(0, "");
                self.line(0, &format!("== {text}"));
            }
            NoteKind::Other => {
                self.line(0, "");
                self.line(0, &format!("   ({text})"));
            }
        }
    }
}

fn one(text: &mut Text, record: &Record, element: &Element) {
    let (arrow, who) = match element.direction {
        Direction::Up => ("-->", "ann sends"),
        Direction::Down => ("<--", "the server sends"),
    };
    let connection = if record.connections.len() > 1 {
        format!(" on connection {}", element.connection)
    } else {
        String::new()
    };
    text.line(0, "");
    text.line(
        0,
        &format!(
            "{:>9.3} {arrow} {who}{connection}: {}, {}, for {}",
            element.at.as_secs_f64() * 1e3,
            element.title(),
            bytes(element.bytes.len() as u64),
            element.purpose().name()
        ),
    );
    for span in &element.spans {
        let part = element.bytes_of(span);
        text.line(
            4,
            &format!("@{} {} {}", span.start, span.layer.name(), bytes(span.len)),
        );
        match span.layer {
            Layer::HttpHead if !is_head(part, record.way) => old::hash(text, record, element, part),
            Layer::HttpHead => heads::write(text, part),
            Layer::WsHead if element.what == What::OldFrame => old::head(text, part),
            Layer::WsHead => frames::head(text, part, element.direction),
            Layer::WsMask => frames::mask(text, part),
            Layer::Payload if element.what == What::Frame => {
                frames::content(text, element, span, "");
            }
            Layer::Envelope if element.what == What::Frame => {
                frames::content(text, element, span, ENVELOPE);
            }
            Layer::Chunk => chunk(text, part),
            Layer::TextFrame => text.pair(&visible(part), text_frame(part)),
            Layer::Envelope => text.pair(&visible(part), ENVELOPE),
            Layer::Batch => text.pair(
                &visible(part),
                "around the events of a poll's answer, or an answer to a draft",
            ),
            _ => text.pair(&visible(part), ""),
        }
    }
}

fn chunk(text: &mut Text, part: &[u8]) {
    let reason = match part {
        b"\r\n" => "the chunk's end (RFC 9112, section 7.1)".to_owned(),
        [b'0', b'\r', ..] => "the last chunk: the answer ends (RFC 9112, section 7.1)".to_owned(),
        size => {
            let digits = visible(&size[..size.len().saturating_sub(2)]);
            let len = usize::from_str_radix(&digits, 16).unwrap_or_default();
            format!("hexadecimal {digits}: {len} bytes follow (RFC 9112, section 7.1)")
        }
    };
    text.pair(&visible(part), &reason);
}

fn text_frame(part: &[u8]) -> &'static str {
    match part {
        b"\n" => "a line end: an NDJSON line is over, or (alone) a heartbeat",
        b"\n\n" => "a blank line: the event is over",
        [b':', ..] => "a comment: nobody acts on it, and so it is a heartbeat",
        [b'i', b'd', ..] => "id: where an EventSource goes on after a break; data: the event",
        _ => "around the event",
    }
}

fn ends(text: &mut Text, record: &Record) {
    text.line(0, "");
    for connection in &record.connections {
        let [client, server] = connection.ended.map(|at| {
            at.map_or("never".to_owned(), |at| {
                format!("{:.3} ms", at.as_secs_f64() * 1e3)
            })
        });
        text.line(
            0,
            &format!(
                "connection {}: asked for at {:.3} ms, there at {:.3} ms; ann's end {client}, the server's {server}",
                connection.number,
                connection.dialled.as_secs_f64() * 1e3,
                connection.opened.as_secs_f64() * 1e3,
            ),
        );
    }
}

fn bytes(count: u64) -> String {
    match count {
        1 => "1 byte".to_owned(),
        _ => format!("{count} bytes"),
    }
}

/// Returns bytes in a readable form: text as it is, line ends as `\r\n`, and bytes that are not
/// text in hexadecimal.
fn visible(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text
            .chars()
            .map(|char| match char {
                '\r' => "\\r".to_owned(),
                '\n' => "\\n".to_owned(),
                char if char.is_control() => format!("\\x{:02x}", u32::from(char)),
                char => char.to_string(),
            })
            .collect(),
        Err(_) => hex(bytes),
    }
}

fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}
