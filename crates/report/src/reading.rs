//! Reading CSV that may be cut short, foreign or wrong in places, row by row.
//!
//! Never fails: what cannot be believed is left out and complained of by file,
//! line and column, and the rest is read. No more than one row is held here.

mod cut;
mod header;
mod words;

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use csv::StringRecord;
use serde::Deserialize;

use self::{header::Header, words::unreadable};
use crate::{column::Record, complaint::Complaint};

/// Rows of one file that are complained of one by one; of more only the number
/// is told.
const TOLD: u64 = 20;

/// A row as it passes, borrowed from the line that it was read from.
pub(crate) trait Passing {
    /// The rows of the file, with their columns.
    type Of: Record;
    /// One of them.
    type Row<'r>: Deserialize<'r>;

    /// As [`Record::impossible`].
    fn impossible(row: &Self::Row<'_>) -> Option<(&'static str, String)>;
}

/// Rows that are kept.
impl<R: Record> Passing for R {
    type Of = R;
    type Row<'r> = R;

    fn impossible(row: &R) -> Option<(&'static str, String)> {
        row.impossible()
    }
}

/// All rows of a file.
pub(crate) fn all<R: Record>(path: &Path, complaints: &mut Vec<Complaint>) -> Vec<R> {
    let mut rows = Vec::new();
    each::<R>(path, complaints, |row| {
        rows.push(row);
        Ok(())
    });
    rows
}

/// Shows each believable row of a file to `take`, which may refuse it with the
/// column and the reason.
pub(crate) fn each<P: Passing>(
    path: &Path,
    complaints: &mut Vec<Complaint>,
    take: impl FnMut(P::Row<'_>) -> Result<(), (&'static str, String)>,
) {
    let file = P::Of::FILE;
    match File::open(path).and_then(cut::whole_lines) {
        Ok((lines, cut)) => {
            if let Some(line) = cut {
                let what = "the last line is cut short; left out";
                complaints.push(Complaint::line(file, line, what));
            }
            rows::<P>(lines, complaints, take);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            complaints.push(Complaint::file(file, "the file is missing"));
        }
        Err(error) => {
            complaints.push(Complaint::file(file, format!("cannot be read: {error}")));
        }
    }
}

fn rows<P: Passing>(
    lines: impl Read,
    complaints: &mut Vec<Complaint>,
    mut take: impl FnMut(P::Row<'_>) -> Result<(), (&'static str, String)>,
) {
    let file = P::Of::FILE;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .buffer_capacity(1 << 16)
        .from_reader(lines);
    let Some(header) = Header::read::<P::Of, _>(&mut reader, complaints) else {
        return;
    };
    let mut record = StringRecord::new();
    let mut refused = 0;
    loop {
        let wrong = match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                let to = reader.position().line();
                row::<P>(&header, &record, (line, to), &mut take)
            }
            Err(error) if error.is_io_error() => {
                let what = format!("cannot be read any further: {error}");
                complaints.push(Complaint::file(file, what));
                break;
            }
            Err(error) => Err(unreadable(file, &header.columns, &record, &error)),
        };
        if let Err(complaint) = wrong {
            refused += 1;
            if refused <= TOLD {
                complaints.push(complaint);
            }
        }
    }
    if refused > TOLD {
        let what = format!("{} more rows are left out", refused - TOLD);
        complaints.push(Complaint::file(file, what));
    }
}

/// Reads one record; `lines` are its first and the one after its last.
fn row<P: Passing>(
    header: &Header,
    record: &StringRecord,
    lines: (u64, u64),
    take: &mut impl FnMut(P::Row<'_>) -> Result<(), (&'static str, String)>,
) -> Result<(), Complaint> {
    let file = P::Of::FILE;
    let wrong = |column: &str, why: &str| {
        let what = format!("{why}; the row is left out");
        Complaint::line(file, lines.0, what).in_column(column)
    };
    if record.len() != header.columns.len() {
        return Err(words::wrong_length(
            file,
            record.len(),
            header.columns.len(),
            lines,
        ));
    }
    if let Some(column) = header.beyond_counting(record) {
        return Err(wrong(
            column,
            "is larger than anything that is counted here",
        ));
    }
    let row: P::Row<'_> = record
        .deserialize(Some(&header.columns))
        .map_err(|error| unreadable(file, &header.columns, record, &error))?;
    if let Some((column, why)) = P::impossible(&row) {
        return Err(wrong(column, &why));
    }
    take(row).map_err(|(column, why)| wrong(column, &why))
}

/// A reader of a file's whole lines.
type Lines = io::Take<BufReader<File>>;
