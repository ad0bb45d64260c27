//! Encodings and line ends that other programs write: UTF-16, as a spreadsheet saves "Unicode
//! text", and carriage returns alone, as a spreadsheet on a Macintosh may save CSV.

use std::{
    fs::File,
    io::{self, Read, Seek},
};

/// The length of the beginning of a file that tells its encoding and line ends, in bytes.
const LOOKED_AT: u64 = 1 << 16;

/// Returns the text of a file as this program would write it, or `None` if the file can be read as
/// it is. In either case the file is at its beginning.
pub(super) fn recoded(file: &mut File) -> io::Result<Option<String>> {
    let mut begin = Vec::new();
    file.by_ref().take(LOOKED_AT).read_to_end(&mut begin)?;
    file.rewind()?;
    let unit = match begin.first_chunk() {
        Some([0xFF, 0xFE]) => Some(u16::from_le_bytes as fn([u8; 2]) -> u16),
        Some([0xFE, 0xFF]) => Some(u16::from_be_bytes as fn([u8; 2]) -> u16),
        _ => None,
    };
    let has_returns_alone = begin.contains(&b'\r') && !begin.contains(&b'\n');
    if unit.is_none() && !has_returns_alone {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    file.rewind()?;
    let text = match unit {
        Some(unit) => from_utf16(&bytes[2..], unit),
        None => String::from_utf8(bytes).ok(),
    };
    Ok(text.map(|text| with_line_feeds(&text)))
}

/// Decodes UTF-16. Returns `None` if the bytes are not UTF-16.
fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    rest.is_empty().then(|| String::from_utf16(&units).ok())?
}

/// Returns the text with line feeds.
fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(bytes: &[u8]) -> Option<String> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        file.rewind().expect("rewound");
        let text = recoded(&mut file).expect("read");
        assert_eq!(file.stream_position().expect("a position"), 0);
        text
    }

    #[test]
    fn encodings_and_line_ends_of_other_programs() {
        let text = "a\tb\r\n1\t\u{e9}\u{1f600}\r\n";
        let units = || text.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        let plain = Some("a\tb\n1\t\u{e9}\u{1f600}\n".to_owned());
        assert_eq!(read(&[b"\xFF\xFE", &little[..]].concat()), plain);
        assert_eq!(read(&[b"\xFE\xFF", &big[..]].concat()), plain);
        assert_eq!(read(b"a,b\r1,2\r"), Some("a,b\n1,2\n".to_owned()));
        assert_eq!(read(b"a,b\r1,2"), Some("a,b\n1,2".to_owned()));
        assert_eq!(read(b"a,b\r\n1,2\r\n"), None);
        assert_eq!(read(b"a,b\n1,2\n"), None);
        assert_eq!(read(b""), None);
        assert_eq!(read(b"\xFF\xFEa"), None, "half a unit");
    }
}
