//! A life as a file that Wireshark opens (pcapng, draft-ietf-opsawg-pcapng).

use std::time::{Duration, UNIX_EPOCH};

use crate::{
    NoteKind, Record,
    packet::{Packet, packets},
};

/// The comment in the file, which states that it is not a capture.
const COMMENT: &str = "Rebuilt, not captured: written by wirebench from the bytes that crossed a \
    client's socket. The bytes of HTTP and WebSocket and their times are real; segments, \
    acknowledgements, sequence numbers and all headers of TCP and IP are made up around them.";

const SECTION_HEADER: u32 = 0x0A0D_0D0A;
const INTERFACE: u32 = 1;
const DECRYPTION_SECRETS: u32 = 0xA;
/// The type of secrets that are a log of TLS keys.
const TLS_KEY_LOG: u32 = 0x544c_534b;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER: u32 = 0x1A2B_3C4D;
/// Raw IP: packets begin with the IP header (`LINKTYPE_RAW`).
const RAW_IP: u16 = 101;

const OPTION_COMMENT: u16 = 1;
const OPTION_INTERFACE_NAME: u16 = 2;
const OPTION_APPLICATION: u16 = 4;

/// Returns the packets of all connections of a life, rebuilt from its bytes.
#[must_use]
pub fn pcapng(record: &Record) -> Vec<u8> {
    let mut file = Vec::new();
    block(&mut file, SECTION_HEADER, &section());
    block(&mut file, INTERFACE, &interface());
    if !record.secrets.is_empty() {
        // Before the packets that they open (section 4.7).
        block(&mut file, DECRYPTION_SECRETS, &secrets(&record.secrets));
    }
    let mut all: Vec<Packet> = record.connections.iter().flat_map(packets).collect();
    all.sort_by_key(|packet| packet.at);
    let steps = record.notes.iter();
    let mut steps = steps.filter(|note| note.kind == NoteKind::Step).peekable();
    for packet in &all {
        // A step is noted at its first packet.
        let mut comment = None;
        while let Some(step) = steps.next_if(|step| step.at <= packet.at) {
            comment = Some(step.text.as_str());
        }
        let body = enhanced(record, packet, comment);
        block(&mut file, ENHANCED_PACKET, &body);
    }
    file
}

fn section() -> Vec<u8> {
    let mut body = Vec::new();
    body.extend_from_slice(&BYTE_ORDER.to_le_bytes());
    // Version 1.0, and a length that is not stated.
    body.extend_from_slice(&1_u16.to_le_bytes());
    body.extend_from_slice(&0_u16.to_le_bytes());
    body.extend_from_slice(&u64::MAX.to_le_bytes());
    option(&mut body, OPTION_COMMENT, COMMENT);
    option(&mut body, OPTION_APPLICATION, "wirebench trace");
    end_of_options(&mut body);
    body
}

fn interface() -> Vec<u8> {
    let mut body = Vec::new();
    body.extend_from_slice(&RAW_IP.to_le_bytes());
    body.extend_from_slice(&0_u16.to_le_bytes());
    // No limit to a packet's length.
    body.extend_from_slice(&0_u32.to_le_bytes());
    option(
        &mut body,
        OPTION_INTERFACE_NAME,
        "rebuilt from a client's sockets",
    );
    end_of_options(&mut body);
    body
}

fn secrets(lines: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for word in [TLS_KEY_LOG, lines.len() as u32] {
        body.extend_from_slice(&word.to_le_bytes());
    }
    body.extend_from_slice(lines.as_bytes());
    pad(&mut body);
    body
}

fn enhanced(record: &Record, packet: &Packet, comment: Option<&str>) -> Vec<u8> {
    let began = record
        .began
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    // Microseconds, which is what an interface without another word counts in.
    let time = (began + packet.at).as_micros() as u64;
    let len = packet.bytes.len() as u32;
    let mut body = Vec::new();
    for word in [0, (time >> 32) as u32, time as u32, len, len] {
        body.extend_from_slice(&word.to_le_bytes());
    }
    body.extend_from_slice(&packet.bytes);
    pad(&mut body);
    if let Some(comment) = comment {
        option(&mut body, OPTION_COMMENT, comment);
        end_of_options(&mut body);
    }
    body
}

fn option(body: &mut Vec<u8>, code: u16, text: &str) {
    body.extend_from_slice(&code.to_le_bytes());
    body.extend_from_slice(&(text.len() as u16).to_le_bytes());
    body.extend_from_slice(text.as_bytes());
    pad(body);
}

fn end_of_options(body: &mut Vec<u8>) {
    body.extend_from_slice(&[0; 4]);
}

/// Pads a block: every field begins at a multiple of four bytes.
fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let total = (12 + body.len()) as u32;
    file.extend_from_slice(&kind.to_le_bytes());
    file.extend_from_slice(&total.to_le_bytes());
    file.extend_from_slice(body);
    file.extend_from_slice(&total.to_le_bytes());
}
