//! The bodies of messages of HTTP/1.1 (RFC 9112, section 6): where they end, and their content.

use std::ops::Range;

use memchr::memmem;

use crate::head::Head;

/// The longest size line of a chunk.
const LONGEST_LINE: usize = 4096;

/// The length of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Bytes(u64),
    Chunked,
    /// To the end of the connection.
    Open,
}

/// A body that was read.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// The number of its bytes, framing included.
    pub(crate) len: usize,
    /// The runs of content, in bytes from the body's beginning; a chunk each.
    pub(crate) parts: Vec<Range<usize>>,
    pub(crate) is_chunked: bool,
    /// True if all of it was there.
    pub(crate) is_whole: bool,
    /// True if the framing is broken.
    pub(crate) is_broken: bool,
}

impl Body {
    /// Returns the content.
    pub(crate) fn content(&self, bytes: &[u8]) -> Vec<u8> {
        let parts = self.parts.iter();
        parts
            .filter_map(|part| bytes.get(part.clone()))
            .flatten()
            .copied()
            .collect()
    }
}

/// Returns the length of a request's body.
pub(crate) fn of_request(head: &Head) -> Length {
    stated(head).unwrap_or(Length::Bytes(0))
}

/// Returns the length of an answer's body.
pub(crate) fn of_answer(head: &Head, status: u16, method: &str) -> Length {
    if method == "HEAD" || status < 200 || matches!(status, 204 | 304) {
        return Length::Bytes(0);
    }
    if method == "CONNECT" && status < 300 {
        // A tunnel (RFC 9110, section 9.3.6).
        return Length::Bytes(0);
    }
    stated(head).unwrap_or(Length::Open)
}

fn stated(head: &Head) -> Option<Length> {
    if head.has("transfer-encoding", "chunked") {
        return Some(Length::Chunked);
    }
    let length = head.field("content-length")?;
    length.trim().parse().ok().map(Length::Bytes)
}

/// Reads a body at the beginning of `bytes`. `is_end` says that no more bytes come, in good order.
pub(crate) fn read(length: Length, bytes: &[u8], is_end: bool) -> Body {
    let plain = |len: usize, is_whole| Body {
        len,
        parts: (len > 0).then_some(0..len).into_iter().collect(),
        is_whole,
        ..Body::default()
    };
    match length {
        Length::Bytes(len) => {
            let there = len.min(bytes.len() as u64);
            plain(there as usize, there == len)
        }
        Length::Open => plain(bytes.len(), is_end),
        Length::Chunked => chunks(bytes),
    }
}

fn chunks(bytes: &[u8]) -> Body {
    let mut body = Body {
        is_chunked: true,
        ..Body::default()
    };
    loop {
        let rest = &bytes[body.len..];
        let Some((line, size)) = size_line(rest, &mut body.is_broken) else {
            break;
        };
        if size == 0 {
            body.trailers(&rest[line..], line);
            return body;
        }
        let begin = body.len + line;
        let there = size.min((bytes.len() - begin) as u64) as usize;
        if there > 0 {
            body.parts.push(begin..begin + there);
        }
        let after = &bytes[begin + there..];
        if (there as u64) < size || after.len() < 2 {
            break;
        }
        if after[..2] != *b"\r\n" {
            body.is_broken = true;
            break;
        }
        body.len = begin + there + 2;
    }
    // All that is left belongs to a body whose end was not seen.
    body.len = bytes.len();
    body
}

impl Body {
    /// Reads the trailer section behind the last size line.
    fn trailers(&mut self, bytes: &[u8], line: usize) {
        let end = if bytes.starts_with(b"\r\n") {
            Some(2)
        } else {
            memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
        };
        self.is_whole = end.is_some();
        self.len += line + end.unwrap_or(bytes.len());
    }
}

/// Returns the length of a size line and the size.
fn size_line(bytes: &[u8], is_broken: &mut bool) -> Option<(usize, u64)> {
    let within = &bytes[..bytes.len().min(LONGEST_LINE)];
    let Some(end) = memmem::find(within, b"\r\n") else {
        *is_broken = bytes.len() >= LONGEST_LINE;
        return None;
    };
    let digits = within[..end].split(|&byte| matches!(byte, b';' | b' ' | b'\t'));
    let digits = digits.into_iter().next().unwrap_or_default();
    let size = str::from_utf8(digits)
        .ok()
        .filter(|digits| !digits.starts_with('+'));
    let size = size.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    *is_broken = size.is_none();
    size.map(|size| (end + 2, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_found_and_their_end() {
        let bytes = b"5\r\nhello\r\n1;a=b\r\nx\r\n0\r\nA: b\r\n\r\nHTTP/1.1";
        let body = read(Length::Chunked, bytes, false);
        assert_eq!(body.content(bytes), b"hellox");
        assert!(body.is_whole && !body.is_broken);
        assert_eq!(&bytes[body.len..], b"HTTP/1.1");
    }

    #[test]
    fn what_is_cut_is_not_whole_and_what_is_wrong_is_broken() {
        for cut in 0..21 {
            let bytes = &b"5\r\nhello\r\n1\r\nx\r\n0\r\n\r\n"[..cut];
            let body = read(Length::Chunked, bytes, true);
            assert!(!body.is_whole && !body.is_broken, "{cut}");
            assert_eq!(body.len, cut);
        }
        for wrong in ["g\r\n", "\r\n", "+1\r\nx\r\n", "1\r\nxy\r\n"] {
            assert!(
                read(Length::Chunked, wrong.as_bytes(), true).is_broken,
                "{wrong}"
            );
        }
    }
}
