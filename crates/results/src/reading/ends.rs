//! Changes that a spreadsheet may make to a file as a whole: line ends, the delimiter between columns,
//! and a first line that names the delimiter (`sep=;`).

use std::io::{self, BufRead, Read};

/// The possible delimiters. This program writes commas; a spreadsheet set to a language with
/// decimal commas writes semicolons.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The beginning of a line that names the delimiter, which stands before the names of the columns.
const NAMES_DELIMITER: &[u8] = b"sep=";

/// The form in which a file has its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) delimiter: u8,
    /// The line that has the names of the columns, as an editor counts.
    pub(super) header: u64,
}

/// The text of a file with line ends of one byte, so that lines are counted as an editor counts
/// them.
pub(super) struct Lines<R> {
    inner: R,
    /// True if the beginning of the file contains a carriage return.
    looks: bool,
    /// True if a carriage return was read, but not yet the byte after it.
    held: bool,
}

impl<R: BufRead> Lines<R> {
    /// Looks at the beginning of a file. Also returns the form of its columns.
    pub(super) fn open(mut inner: R) -> io::Result<(Self, Form)> {
        let begin = inner.fill_buf()?;
        let looks = begin.contains(&b'\r');
        let mut lines = begin.split(|byte| *byte == b'\n');
        let first = lines.next().unwrap_or_default();
        let declared = named_delimiter(first);
        let (line, header) = if declared.is_some() {
            (lines.next(), 2)
        } else {
            (Some(first), 1)
        };
        let named = declared.and_then(Named::of_use);
        let form = Form {
            delimiter: delimiter_of(line.unwrap_or_default(), named),
            header,
        };
        let skipped = match header {
            1 => 0,
            _ => first.strip_suffix(b"\r").unwrap_or(first).len(),
        };
        // The end of that line stays, so that lines are counted right: an empty line is no row.
        inner.consume(skipped);
        let lines = Self {
            inner,
            looks,
            held: false,
        };
        Ok((lines, form))
    }

    /// Returns whether another program wrote the file: this one ends no line with a carriage return.
    pub(super) const fn has_returns(&self) -> bool {
        self.looks
    }
}

/// Returns the delimiter between the names of the columns; `named` is the one that the line before
/// names. A spreadsheet that does not know such a line may write it back with other delimiters in
/// the file, so the delimiter that separates most names counts.
fn delimiter_of(header: &[u8], named: Option<u8>) -> u8 {
    let count = |delimiter: u8| header.split(|byte| *byte == delimiter).count();
    // Ties go to the first, so that a file with a single column is read with commas.
    named
        .into_iter()
        .chain(DELIMITERS)
        .rev()
        .max_by_key(|delimiter| count(*delimiter))
        .unwrap_or(b',')
}

/// The byte behind `sep=`, if there is one.
struct Named(Option<u8>);

impl Named {
    /// Returns the delimiter, if it is one that can separate columns.
    fn of_use(self) -> Option<u8> {
        self.0
            .filter(|byte| byte.is_ascii() && !matches!(byte, b'"' | b'\r'))
    }
}

/// Returns what a line says if it names the delimiter and nothing else.
fn named_delimiter(line: &[u8]) -> Option<Named> {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (begin, rest) = line.split_at_checked(NAMES_DELIMITER.len())?;
    let is_named =
        begin.eq_ignore_ascii_case(NAMES_DELIMITER) && !rest.iter().any(u8::is_ascii_alphanumeric);
    is_named.then(|| Named(rest.first().copied()))
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if !self.looks {
            return self.inner.read(to);
        }
        loop {
            let from = self.inner.fill_buf()?;
            if to.is_empty() || (from.is_empty() && !self.held) {
                return Ok(0);
            }
            if self.held {
                self.held = false;
                if from.first() != Some(&b'\n') {
                    to[0] = b'\r';
                    return Ok(1);
                }
            }
            let end = from
                .iter()
                .position(|byte| *byte == b'\r')
                .unwrap_or(from.len());
            let count = end.min(to.len());
            to[..count].copy_from_slice(&from[..count]);
            // The carriage return is consumed only if all bytes before it were copied.
            self.held = count == end && end < from.len();
            let taken = count + usize::from(self.held);
            self.inner.consume(taken);
            if count > 0 {
                return Ok(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn read(text: &str, block: usize) -> String {
        let reader = BufReader::with_capacity(block, text.as_bytes());
        let (mut lines, _) = Lines::open(reader).expect("a text");
        lines.looks = true;
        let mut read = String::new();
        lines.read_to_string(&mut read).expect("read");
        read
    }

    #[test]
    fn line_ends_of_two_bytes_become_one_wherever_a_block_ends() {
        for block in 1..9 {
            assert_eq!(
                read("a,b\r\nc\r\n\r\nd\n", block),
                "a,b\nc\n\nd\n",
                "{block}"
            );
            assert_eq!(read("a\rb\r\r\nc\r", block), "a\rb\r\nc\r", "{block}");
        }
    }

    #[test]
    fn what_stands_between_columns() {
        let delimiter = |text: &str| Lines::open(text.as_bytes()).expect("a text").1.delimiter;
        assert_eq!(delimiter("a,b,c\n1;2;3;4;5\n"), b',');
        assert_eq!(delimiter("a;b;c\n1,2\n"), b';');
        assert_eq!(delimiter("a\tb\n"), b'\t');
        assert_eq!(delimiter("a\n"), b',');
        assert_eq!(delimiter(""), b',');
    }

    #[test]
    fn a_line_that_names_the_delimiter_is_no_row_and_is_counted() {
        for (text, delimiter, rest) in [
            ("sep=;\na;b\n", b';', "\na;b\n"),
            ("SEP=;\r\na;b\r\n", b';', "\na;b\n"),
            ("\u{feff}sep=;\na;b\n", b';', "\na;b\n"),
            ("\"sep=;\"\na;b\n", b';', "\na;b\n"),
            ("sep=|\na|b\n", b'|', "\na|b\n"),
            ("sep=\t\na\tb\n", b'\t', "\na\tb\n"),
            ("sep=,\na,b\n", b',', "\na,b\n"),
            ("sep=;\na\n", b';', "\na\n"),
            // A spreadsheet that does not know such a line writes it back like this.
            ("sep=;,,\na,b,c\n", b',', "\na,b,c\n"),
            ("sep=\na;b\n", b';', "\na;b\n"),
            ("sep=\u{ff1b}\na,b\n", b',', "\na,b\n"),
        ] {
            let (mut lines, form) = Lines::open(text.as_bytes()).expect("a text");
            let header = 2;
            assert_eq!(form, Form { delimiter, header }, "{text:?}");
            let mut read = String::new();
            lines.read_to_string(&mut read).expect("read");
            assert_eq!(read, rest, "{text:?}");
        }
        for text in ["sep=a,b\n1,2\n", "separator,b\n", "se", "\"\n"] {
            let (_, form) = Lines::open(text.as_bytes()).expect("a text");
            assert_eq!(form.header, 1, "{text:?}");
        }
    }
}
