//! A browser's export (HAR): the same exchanges, of which sizes and times are stated.

mod entry;
mod model;
mod times;

use std::{
    collections::HashMap,
    io::{BufRead, Read},
};

use model::{Document, Entry};

use crate::{CaptureError, Captured, Remark, judge, remark::CountedRemark};

/// The longest HAR that is read.
const LONGEST: u64 = 512 << 20;
/// The mark at the beginning of a text that some programs write.
const BYTE_ORDER: &[u8] = b"\xef\xbb\xbf";

/// Returns whether a file begins as a JSON text does.
pub(crate) fn is_text(first: &[u8]) -> bool {
    let first = first.strip_prefix(BYTE_ORDER).unwrap_or(first);
    matches!(first.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The facts that could not be told of some entries.
#[derive(Debug, Default)]
struct Lacks {
    bad: u64,
    cached: u64,
    unsized_heads: u64,
    unsized_bodies: u64,
    no_texts: u64,
}

/// Reads a HAR.
pub(crate) fn read(file: impl BufRead) -> Result<Captured, CaptureError> {
    let mut text = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LONGEST {
        return Err(CaptureError::LongHar(LONGEST));
    }
    let json = text.strip_prefix(BYTE_ORDER).unwrap_or(&text);
    let document: Document = serde_json::from_slice(json)?;
    let mut lacks = Lacks::default();
    let mut lanes: HashMap<String, usize> = HashMap::new();
    let mut exchanges = Vec::new();
    for raw in &document.log.entries {
        let Ok(entry) = serde_json::from_str::<Entry>(raw.get()) else {
            lacks.bad += 1;
            continue;
        };
        if entry
            .from_cache
            .as_ref()
            .is_some_and(|cache| !cache.is_null())
        {
            lacks.cached += 1;
            continue;
        }
        // Entries without a connection's name have one each.
        let name = entry.connection.as_ref().filter(|name| !name.is_null());
        let name = name.map_or_else(|| format!("entry {}", exchanges.len()), ToString::to_string);
        let next = lanes.len();
        let lane = *lanes.entry(name).or_insert(next);
        match entry::exchange(&entry, lane, &mut lacks) {
            Some(exchange) => exchanges.push(exchange),
            None => lacks.bad += 1,
        }
    }
    let mut remarks = lacks.remarks();
    if document.log.entries.is_empty() {
        remarks.push(Remark::NothingCaptured);
    }
    Ok(Captured {
        conversations: judge::conversations(exchanges),
        remarks,
        totals: None,
    })
}

impl Lacks {
    fn remarks(&self) -> Vec<Remark> {
        let all: [(u64, CountedRemark); 5] = [
            (self.bad, Remark::BadEntries),
            (self.cached, Remark::Cached),
            (self.unsized_heads, Remark::UnsizedHeads),
            (self.unsized_bodies, Remark::UnsizedBodies),
            (self.no_texts, Remark::NoTexts),
        ];
        let some = all.into_iter().filter(|(count, _)| *count > 0);
        some.map(|(count, remark)| remark(count)).collect()
    }
}
