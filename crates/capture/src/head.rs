//! The heads of requests and answers of HTTP/1.1, line by line.

use std::borrow::Cow;

use memchr::memmem;

use crate::stream::Run;

/// The longest head that is read, in bytes; the longest that [`dissect`] reads.
const LONGEST: usize = 64 * 1024;

/// The lines of a head that are compared with those of another.
const MOST_COMPARED: usize = 500;

/// A head: its lines with their ends, without the blank one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) lines: Vec<Vec<u8>>,
    /// The number of its bytes, the blank line included.
    pub(crate) len: usize,
}

impl Head {
    /// Reads the head at the beginning of `bytes`, if all of it is there.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let within = &bytes[..bytes.len().min(LONGEST)];
        let mut lines = Vec::new();
        let mut at = 0;
        for line in within.split_inclusive(|&byte| byte == b'\n') {
            if line.last() != Some(&b'\n') {
                return None;
            }
            at += line.len();
            if matches!(line, b"\n" | b"\r\n") && !lines.is_empty() {
                return Some(Self { lines, len: at });
            }
            lines.push(line.to_vec());
        }
        None
    }

    /// Makes a head of a first line and fields, as HTTP/1.1 would write them.
    pub(crate) fn written<'a>(
        first: &str,
        fields: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let first = format!("{first}\r\n").into_bytes();
        let fields = fields.map(|(name, value)| format!("{name}: {value}\r\n").into_bytes());
        let lines: Vec<_> = std::iter::once(first).chain(fields).collect();
        let len = lines.iter().map(Vec::len).sum::<usize>() + 2;
        Self { lines, len }
    }

    /// Returns the words of the first line.
    fn words(&self) -> impl Iterator<Item = String> {
        let first = self.lines.first().map_or(&[][..], Vec::as_slice);
        let first = String::from_utf8_lossy(first).trim_end().to_owned();
        let words: Vec<_> = first.splitn(3, ' ').map(str::to_owned).collect();
        words.into_iter()
    }

    /// Returns method and target of a request.
    pub(crate) fn request(&self) -> Option<(String, String)> {
        let mut words = self.words();
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let is_request = is_method(method.as_bytes()) && version.starts_with("HTTP/1.");
        is_request.then_some((method, target))
    }

    /// Returns the status of an answer.
    pub(crate) fn status(&self) -> Option<u16> {
        let mut words = self.words();
        let (version, status) = (words.next()?, words.next()?);
        let status = version
            .starts_with("HTTP/1.")
            .then(|| status.parse().ok())?;
        status.filter(|status| (100..1000).contains(status))
    }

    /// Returns the value of the first field of this name.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        self.values(name).next().map(Cow::into_owned)
    }

    /// Returns the values of all fields of this name. A blank in front of the colon is no part of the
    /// name: some servers send one (RFC 9112, section 5.1).
    fn values(&self, name: &str) -> impl Iterator<Item = Cow<'_, str>> {
        self.lines.iter().skip(1).filter_map(move |line| {
            let colon = memchr::memchr(b':', line)?;
            let is_it = line[..colon]
                .trim_ascii_end()
                .eq_ignore_ascii_case(name.as_bytes());
            is_it.then(|| String::from_utf8_lossy(line[colon + 1..].trim_ascii()))
        })
    }

    /// Returns the values of a field that is a list, of all lines that it stands on.
    pub(crate) fn list(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self.values(name).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Returns whether one of the tokens of a field, parameters aside, is this word.
    pub(crate) fn has(&self, name: &str, word: &str) -> bool {
        self.field(name).is_some_and(|value| {
            let tokens = value.split(',').filter_map(|token| token.split(';').next());
            tokens
                .map(str::trim)
                .any(|token| token.eq_ignore_ascii_case(word))
        })
    }

    /// Returns the number of bytes of lines that also stand in the head before this one.
    pub(crate) fn repeated(&self, before: &Self) -> u64 {
        let mut left: Vec<&Vec<u8>> = before.lines.iter().take(MOST_COMPARED).collect();
        let mut bytes = 0;
        for line in self.lines.iter().take(MOST_COMPARED) {
            if let Some(index) = left.iter().position(|other| *other == line) {
                left.swap_remove(index);
                bytes += line.len() as u64;
            }
        }
        bytes
    }
}

/// Returns whether a word may be a method: a token without small letters, which nobody uses (RFC 9110,
/// sections 5.6.2 and 9.1).
fn is_method(word: &[u8]) -> bool {
    let is_of_token = |byte: &u8| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(byte)
    };
    word.first().is_some_and(u8::is_ascii_uppercase) && word.iter().all(is_of_token)
}

/// Returns where the first request from `from` on begins: at the beginning of a segment, because
/// the capture may have begun within a body.
pub(crate) fn first_request(side: &Run, from: usize) -> Option<usize> {
    first(side, from, |bytes| {
        let line = &bytes[..bytes.len().min(16)];
        let method = line.split(|&byte| byte == b' ').next().unwrap_or(line);
        let begins = (3..=11).contains(&method.len()) && is_method(method);
        let end = memchr::memchr(b'\n', &bytes[..bytes.len().min(LONGEST)]);
        begins && end.is_some_and(|end| memmem::find(&bytes[..end], b" HTTP/1.").is_some())
    })
}

/// Returns where the first answer from `from` on begins, likewise.
pub(crate) fn first_answer(side: &Run, from: usize) -> Option<usize> {
    first(side, from, |bytes| bytes.starts_with(b"HTTP/1."))
}

/// Returns whether bytes are the beginning of an answer's head whose end is not among them.
pub(crate) fn is_cut_answer(bytes: &[u8]) -> bool {
    let begins = b"HTTP/1.".iter().zip(bytes).all(|(a, b)| a == b);
    begins && !bytes.is_empty() && memmem::find(bytes, b"\r\n\r\n").is_none()
}

fn first(side: &Run, from: usize, is_it: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let first = side.marks.partition_point(|mark| mark.0 < from);
    let mut places = side.marks[first..].iter().map(|mark| mark.0);
    places.find(|&place| is_it(&side.bytes[place..]))
}
