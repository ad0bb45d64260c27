//! The content of a message: how many messages it brought, in each of the ways in which they can
//! be counted, and what compression saved.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::Read,
};

use serde_json::Value;

use crate::library;

/// The most bytes that are made of compressed content.
const MOST_DECODED: u64 = 64 << 20;
/// The most codings, one in the other, that are undone.
const MOST_CODINGS: usize = 3;
/// The longest JSON text that is looked into.
const LONGEST_JSON: usize = 1 << 20;
/// The depth to which lists are looked for within objects.
const DEEPEST: u32 = 4;

/// The content of a message, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Brought {
    /// The bytes of content as they were sent.
    pub(crate) coded: u64,
    /// The bytes after decoding, if that could be done.
    pub(crate) plain: Option<u64>,
    /// True if the content is compressed.
    pub(crate) is_coded: bool,
    /// A fingerprint of the content, by which repetitions are known.
    pub(crate) mark: u64,
    /// The members of the lists in a JSON text; 1 for any other content, 0 for none.
    pub(crate) items: u64,
    /// True if the text is JSON with one list, which has only objects in it, or nothing.
    pub(crate) is_batch: bool,
    /// Server-sent events with data.
    pub(crate) events: u64,
    /// Lines that are not blank.
    pub(crate) lines: u64,
    /// True if there are lines and each is a JSON text.
    pub(crate) is_ndjson: bool,
    /// Messages in packets of Engine.IO and in frames of SockJS.
    pub(crate) engine_io: u64,
    pub(crate) sockjs: u64,
}

impl Brought {
    /// Counts content in the codings that a head names, in the order in which they were applied (RFC
    /// 9110, section 8.4).
    pub(crate) fn of(content: &[u8], codings: Option<&str>) -> Self {
        let codings = names(codings.unwrap_or_default());
        let coded = content.len() as u64;
        let mut brought = if codings.is_empty() {
            Self::counted(content)
        } else {
            match plain(&codings, content) {
                Some(plain) => Self::counted(&plain),
                None => Self {
                    items: u64::from(coded > 0),
                    mark: fingerprint(content),
                    ..Self::default()
                },
            }
        };
        brought.coded = coded;
        brought.is_coded = !codings.is_empty();
        brought
    }

    fn counted(content: &[u8]) -> Self {
        let (items, is_batch) = items(content);
        let (lines, is_ndjson) = lines(content);
        Self {
            plain: Some(content.len() as u64),
            mark: fingerprint(content),
            items,
            is_batch,
            events: events(content),
            lines,
            is_ndjson,
            engine_io: library::engine_io(content),
            sockjs: library::sockjs_frames(content),
            ..Self::default()
        }
    }

    /// Returns the bytes that compression saved; negative if it added some.
    pub(crate) fn saved(&self) -> i64 {
        match self.plain {
            Some(plain) if self.is_coded => plain.cast_signed() - self.coded.cast_signed(),
            _ => 0,
        }
    }

    /// Returns whether the content could not be decoded.
    pub(crate) const fn is_undecoded(&self) -> bool {
        self.is_coded && self.plain.is_none() && self.coded > 0
    }
}

fn fingerprint(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish()
}

/// Returns the codings of a list, in small letters; `identity` is none.
pub(crate) fn names(codings: &str) -> Vec<String> {
    codings
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !matches!(name.as_str(), "" | "identity"))
        .collect()
}

/// Returns content without its codings, of which the last was applied last.
fn plain(codings: &[String], content: &[u8]) -> Option<Vec<u8>> {
    let (last, before) = codings.split_last()?;
    if codings.len() > MOST_CODINGS {
        return None;
    }
    let mut plain = decoded(last, content)?;
    for coding in before.iter().rev() {
        plain = decoded(coding, &plain)?;
    }
    Some(plain)
}

/// Decodes as much as there is. A stream that is cut gives what came before.
fn decoded(coding: &str, content: &[u8]) -> Option<Vec<u8>> {
    match coding {
        "gzip" | "x-gzip" => drained(flate2::read::MultiGzDecoder::new(content)),
        "deflate" => drained(flate2::read::ZlibDecoder::new(content))
            .or_else(|| drained(flate2::read::DeflateDecoder::new(content))),
        "br" => drained(brotli_decompressor::Decompressor::new(content, 4096)),
        _ => None,
    }
}

fn drained(reader: impl Read) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let result = reader.take(MOST_DECODED + 1).read_to_end(&mut plain);
    let is_some = result.is_ok() || !plain.is_empty();
    (is_some && plain.len() as u64 <= MOST_DECODED).then_some(plain)
}

/// Returns the number of messages in the answer to a poll, and whether `dissect` can find them as
/// the objects of one list.
fn items(content: &[u8]) -> (u64, bool) {
    let text = content.trim_ascii();
    if text.is_empty() {
        return (0, false);
    }
    if text.len() > LONGEST_JSON || !matches!(text[0], b'{' | b'[' | b'n') {
        return (1, false);
    }
    match serde_json::from_slice::<Value>(text) {
        Err(_) => (1, false),
        Ok(Value::Null) => (0, true),
        Ok(Value::Object(members)) if members.is_empty() => (0, true),
        Ok(value) => {
            let mut lists = Vec::new();
            collect(&value, DEEPEST, &mut lists);
            let members = lists.iter().map(|list| list.len() as u64).sum();
            let is_batch = lists.len() == 1 && lists[0].iter().all(Value::is_object);
            if lists.is_empty() {
                (1, false)
            } else {
                (members, is_batch)
            }
        }
    }
}

/// Finds the lists within objects, but not within lists.
fn collect<'a>(value: &'a Value, depth: u32, lists: &mut Vec<&'a Vec<Value>>) {
    match value {
        Value::Array(list) => lists.push(list),
        Value::Object(members) if depth > 0 => {
            for member in members.values() {
                collect(member, depth - 1, lists);
            }
        }
        _ => {}
    }
}

/// Returns the number of server-sent events with data (WHATWG HTML, section 9.2.6).
fn events(content: &[u8]) -> u64 {
    let mut events = 0;
    let mut has_data = false;
    for line in content.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            events += u64::from(std::mem::take(&mut has_data));
        } else {
            has_data |= line.starts_with(b"data:") || line == b"data";
        }
    }
    events
}

/// Returns the number of lines that are not blank, and whether there is at least one and each that
/// is whole is a JSON text.
fn lines(content: &[u8]) -> (u64, bool) {
    let mut count = 0;
    let mut is_json = true;
    for line in content.split_inclusive(|&byte| byte == b'\n') {
        let is_whole = line.ends_with(b"\n");
        let text = line.trim_ascii();
        if text.is_empty() || !is_whole {
            continue;
        }
        count += 1;
        is_json = is_json
            && matches!(text[0], b'{' | b'[')
            && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
    }
    (count, is_json && count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_polls_are_counted_by_their_lists() {
        for (text, expected) in [
            ("", (0, false)),
            ("{}", (0, true)),
            ("null", (0, true)),
            ("[]", (0, true)),
            (r#"{"events":[],"next":7}"#, (0, true)),
            (r#"{"events":[{"a":1},{"b":2}],"next":7}"#, (2, true)),
            (r#"{"data":{"items":["a"]}}"#, (1, false)),
            (r#"{"a":[{}],"b":[{}]}"#, (2, false)),
            (r#"{"state":"on"}"#, (1, false)),
            ("on", (1, false)),
            ("{broken", (1, false)),
        ] {
            assert_eq!(items(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn streams_are_counted_by_what_they_bring() {
        assert_eq!(
            events(b": hello\n\ndata: a\ndata: b\n\nid: 7\n\ndata: c\r\n\r\ndata: half"),
            2
        );
        assert_eq!(lines(b"{\"a\":1}\n\n[2]\r\n{\"half\":"), (2, true));
        assert_eq!(lines(b"{\"a\":1}\nhello\n"), (2, false));
        assert_eq!(lines(b"{}"), (0, false));
    }

    #[test]
    fn compression_is_undone_and_what_cannot_be_is_said() {
        use std::io::Write;
        let text = b"{\"events\":[{\"a\":1}]}".repeat(50);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&text).unwrap();
        let coded = encoder.finish().unwrap();
        let brought = Brought::of(&coded, Some("gzip"));
        assert_eq!(brought.plain, Some(1_000));
        assert_eq!(brought.saved() + coded.len().cast_signed() as i64, 1_000);
        let half = Brought::of(&coded[..coded.len() - 9], Some("gzip"));
        assert!(half.plain.is_some_and(|plain| plain > 0 && plain <= 1_000));
        let lie = Brought::of(&text, Some("gzip"));
        assert!(lie.is_undecoded() && lie.saved() == 0);
        assert!(Brought::of(&text, Some("zstd")).is_undecoded());
        assert!(!Brought::of(&text, Some("identity")).is_coded);
        for codings in ["identity, gzip", "GZIP,identity", "x-gzip", ", gzip ,"] {
            assert_eq!(Brought::of(&coded, Some(codings)), brought, "{codings}");
        }
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&coded).unwrap();
        let twice = encoder.finish().unwrap();
        let undone = Brought::of(&twice, Some("gzip, deflate"));
        assert_eq!((undone.plain, undone.items), (Some(1_000), brought.items));
        assert!(Brought::of(&twice, Some("deflate, gzip")).is_undecoded());
        assert!(Brought::of(&coded, Some("gzip, gzip, gzip, gzip")).is_undecoded());
        assert!(!Brought::of(&text, Some("identity, identity")).is_coded);
    }
}
