//! Changes that a spreadsheet may make to a file as a whole: line ends, and the delimiter between
//! columns.

use std::io::{self, BufRead, Read};

/// The possible delimiters. This program writes commas; a spreadsheet set to a language with
/// decimal commas writes semicolons.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

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
    /// Looks at the beginning of a file. Also returns the delimiter between its columns.
    pub(super) fn open(mut inner: R) -> io::Result<(Self, u8)> {
        let begin = inner.fill_buf()?;
        let header = begin
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let count = |delimiter: u8| header.split(|byte| *byte == delimiter).count();
        // Ties go to the first delimiter, so that a file with a single column is read with commas.
        let delimiter = DELIMITERS
            .into_iter()
            .rev()
            .max_by_key(|delimiter| count(*delimiter))
            .unwrap_or(b',');
        let looks = begin.contains(&b'\r');
        let lines = Self {
            inner,
            looks,
            held: false,
        };
        Ok((lines, delimiter))
    }
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
        let delimiter = |text: &str| Lines::open(text.as_bytes()).expect("a text").1;
        assert_eq!(delimiter("a,b,c\n1;2;3;4;5\n"), b',');
        assert_eq!(delimiter("a;b;c\n1,2\n"), b';');
        assert_eq!(delimiter("a\tb\n"), b'\t');
        assert_eq!(delimiter("a\n"), b',');
        assert_eq!(delimiter(""), b',');
    }
}
