//! The search for the end of a file's last complete line.
//!
//! A process that was killed in the middle of a line leaves an incomplete line that may even parse
//! (`12` of `1234`), so a last line without a line end is not read. But if the first line ends with
//! two bytes, another program wrote the file; as some programs write no line end at the end of a
//! file, the last line is then read.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use super::Lines;

const BLOCK: u64 = 1 << 16;

/// The end of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The last line has its end.
    Whole,
    /// The last line, of this number, is incomplete, and not read.
    Cut(u64),
    /// The last line has no end, and is read.
    Open,
}

/// Returns a reader of the file's complete lines, and how the file ends.
pub(super) fn whole_lines<F: Read + Seek>(mut file: F) -> io::Result<(Lines<F>, Ending)> {
    let length = file.seek(SeekFrom::End(0))?;
    let end = end_of_lines(&mut file, length)?;
    file.rewind()?;
    let lines = |file| BufReader::with_capacity(BLOCK as usize, file).take(end);
    if end == length {
        return Ok((lines(file), Ending::Whole));
    }
    let mut reader = lines(file);
    if has_line_ends_of_two_bytes(&mut reader)? {
        let mut file = reader.into_inner();
        file.rewind()?;
        return Ok((file.take(length), Ending::Open));
    }
    let line = count(&mut reader)? + 1;
    let mut file = reader.into_inner();
    file.rewind()?;
    Ok((file.take(end), Ending::Cut(line)))
}

/// Returns the position after the last line end, or 0 if there is none.
fn end_of_lines(file: &mut (impl Read + Seek), length: u64) -> io::Result<u64> {
    let mut to = length;
    let mut block = Vec::new();
    while to > 0 {
        let from = to.saturating_sub(BLOCK);
        block.resize((to - from) as usize, 0);
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(&mut block)?;
        if let Some(at) = block.iter().rposition(|&byte| byte == b'\n') {
            return Ok(from + at as u64 + 1);
        }
        to = from;
    }
    Ok(0)
}

/// Returns whether the first line ends with a carriage return and a line feed. This program ends
/// lines with a line feed alone.
fn has_line_ends_of_two_bytes(reader: &mut impl BufRead) -> io::Result<bool> {
    let begin = reader.fill_buf()?;
    let end = begin.iter().position(|&byte| byte == b'\n');
    Ok(end.is_some_and(|end| begin[..end].ends_with(b"\r")))
}

fn count(reader: &mut impl BufRead) -> io::Result<u64> {
    let mut lines = 0;
    loop {
        let block = reader.fill_buf()?;
        if block.is_empty() {
            return Ok(lines);
        }
        lines += block.split(|&byte| byte == b'\n').count() as u64 - 1;
        let length = block.len();
        reader.consume(length);
    }
}
