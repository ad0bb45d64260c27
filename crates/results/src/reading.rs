//! The reader of CSV files that may be cut short, foreign or partly wrong, row by row.
//!
//! Reading never fails: what cannot be believed is left out, with a complaint that names the file,
//! line and column, and the rest is read. No more than one row is held in memory here.

mod cut;
mod ends;
mod header;
mod recode;
mod touched;
mod words;

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::Path,
};

use csv::StringRecord;
use serde::Deserialize;

use self::{cut::Ending, ends::Lines as Ends, header::Header, words::unreadable};
use crate::{column::Record, complaint::Complaint};

/// The number of rows of one file that get a complaint each; further ones are only counted.
const SHOWN: u64 = 20;

/// A row that is borrowed from the line that it was read from.
pub(crate) trait RowSource {
    /// The type of the file's rows, which defines the columns.
    type Of: Record;
    /// The type of one borrowed row.
    type Row<'r>: Deserialize<'r>;

    /// Returns the first column that holds an impossible value, and the reason, as
    /// [`Record::impossible`] does.
    fn impossible(row: &Self::Row<'_>) -> Option<(&'static str, String)>;
}

/// Rows that are owned, so that they can be kept.
impl<R: Record> RowSource for R {
    type Of = R;
    type Row<'r> = R;

    fn impossible(row: &R) -> Option<(&'static str, String)> {
        row.impossible()
    }
}

/// Returns all rows of a file.
pub(crate) fn all<R: Record>(path: &Path, complaints: &mut Vec<Complaint>) -> Vec<R> {
    let mut rows = Vec::new();
    each::<R>(path, complaints, |row| {
        rows.push(row);
        Ok(())
    });
    rows
}

/// Passes each believable row of a file within a results folder to `take`. Returns complaints about
/// what was left out, or was read in another form than it is written.
pub fn each_row<R: Record>(folder: &Path, mut take: impl FnMut(R)) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    each::<R>(&folder.join(R::FILE), &mut complaints, |row| {
        take(row);
        Ok(())
    });
    complaints
}

/// Passes each believable row of a file to `take`, which may refuse it with the column and the
/// reason.
pub(crate) fn each<P: RowSource>(
    path: &Path,
    complaints: &mut Vec<Complaint>,
    take: impl FnMut(P::Row<'_>) -> Result<(), (&'static str, String)>,
) {
    let file = P::Of::FILE;
    match open(path) {
        Ok(opened) => {
            if let Some(line) = opened.cut {
                let what = "the last line is cut short; left out";
                complaints.push(Complaint::line(file, line, what));
            }
            rows::<P>(opened, complaints, take);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            complaints.push(Complaint::file(file, "the file is missing"));
        }
        Err(error) => {
            complaints.push(Complaint::file(file, format!("cannot be read: {error}")));
        }
    }
}

/// A file that was opened.
struct Opened {
    /// The complete lines, each with its end.
    lines: Box<dyn BufRead>,
    /// The number of the incomplete last line, if there is one.
    cut: Option<u64>,
    /// True if the file itself has the end of its last line.
    is_ended: bool,
    /// True if another program wrote the file in its own encoding, or with its own line ends.
    is_recoded: bool,
}

/// Opens a file. A file in another encoding, or with the line ends of another system, is read as the
/// text that it was. Where another program wrote no line end behind the last line, it is added, so
/// that lines are counted right.
fn open(path: &Path) -> io::Result<Opened> {
    let mut file = File::open(path)?;
    if let Some(mut text) = recode::recoded(&mut file)? {
        let is_ended = text.ends_with('\n');
        if !is_ended {
            text.push('\n');
        }
        return Ok(Opened {
            lines: Box::new(Cursor::new(text)),
            cut: None,
            is_ended,
            is_recoded: true,
        });
    }
    let (lines, ending) = cut::whole_lines(file)?;
    let is_open = ending == Ending::Open;
    Ok(Opened {
        lines: if is_open {
            Box::new(lines.chain(&b"\n"[..]))
        } else {
            Box::new(lines)
        },
        cut: match ending {
            Ending::Cut(line) => Some(line),
            Ending::Whole | Ending::Open => None,
        },
        is_ended: ending == Ending::Whole,
        is_recoded: false,
    })
}

fn rows<P: RowSource>(
    opened: Opened,
    complaints: &mut Vec<Complaint>,
    mut take: impl FnMut(P::Row<'_>) -> Result<(), (&'static str, String)>,
) {
    let file = P::Of::FILE;
    let further = |error: &dyn std::fmt::Display| {
        Complaint::file(file, format!("cannot be read any further: {error}"))
    };
    let (lines, form) = match Ends::open(opened.lines) {
        Ok(lines) => lines,
        Err(error) => return complaints.push(further(&error)),
    };
    let may_drop = opened.is_ended && (opened.is_recoded || lines.has_returns());
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(form.delimiter)
        .buffer_capacity(1 << 16)
        .from_reader(lines);
    let Some(header) = Header::read::<P::Of, _>(&mut reader, form.header, complaints) else {
        return;
    };
    let mut record = StringRecord::new();
    let (mut refused, mut touched) = (0, 0);
    loop {
        let wrong = match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let from = (reader.position().line(), form.delimiter, may_drop);
                row::<P>(&header, &mut record, from, &mut take)
                    .map(|is_touched| touched += u64::from(is_touched))
            }
            Err(error) if error.is_io_error() => {
                complaints.push(further(&error));
                break;
            }
            Err(error) => {
                let line = line_of(&record, reader.position().line());
                Err(unreadable(file, &header.columns, &record, &error, line))
            }
        };
        if let Err(complaint) = wrong {
            refused += 1;
            if refused <= SHOWN {
                complaints.push(complaint);
            }
        }
    }
    if refused > SHOWN {
        let what = format!("{} more rows are left out", refused - SHOWN);
        complaints.push(Complaint::file(file, what));
    }
    complaints.extend(told(file, touched));
}

/// Returns a complaint that values were written in another form and read all the same.
fn told(file: &'static str, touched: u64) -> Option<Complaint> {
    let what = match touched {
        0 => return None,
        1 => "1 row is written as a spreadsheet writes it; read as it was meant".to_owned(),
        many => {
            format!("{many} rows are written as a spreadsheet writes them; read as they were meant")
        }
    };
    Some(Complaint::file(file, what).harmless())
}

/// Returns the line on which a record begins, as an editor counts; `to` is the line after its last.
/// The line is counted backwards from `to`, because empty lines may precede the record.
fn line_of(record: &StringRecord, to: u64) -> u64 {
    let bytes = record.as_slice().bytes();
    let within = bytes.filter(|byte| *byte == b'\n').count() as u64;
    to.saturating_sub(1 + within)
}

/// Reads one record, after which line `to` begins. Returns whether it was read in another form than
/// it is written. If the file `may_drop` fields, a record may lack empty ones at its end: Excel writes
/// none for sixteen rows in which the last columns are empty.
fn row<P: RowSource>(
    header: &Header,
    record: &mut StringRecord,
    (to, delimiter, may_drop): (u64, u8, bool),
    take: &mut impl FnMut(P::Row<'_>) -> Result<(), (&'static str, String)>,
) -> Result<bool, Complaint> {
    let file = P::Of::FILE;
    let wanted = header.columns.len();
    let is_longer = record.len() > wanted && record.iter().skip(wanted).all(str::is_empty);
    if is_longer {
        record.truncate(wanted);
    }
    if record.iter().all(str::is_empty) {
        return Ok(false);
    }
    let is_shorter = may_drop && header.may_end_at(record.len());
    while is_shorter && record.len() < wanted {
        record.push_field("");
    }
    if record.len() != wanted {
        let lines = (line_of(record, to), to);
        return Err(words::wrong_length(file, record.len(), wanted, lines));
    }
    match believed::<P>(header, record, to, take) {
        Ok(()) => Ok(is_longer || is_shorter),
        Err(complaint) => match touched::mended(record, header, delimiter) {
            Some(mended) => believed::<P>(header, &mended, to, take).map(|()| true),
            None => Err(complaint),
        },
    }
}

/// Reads a record that has the right number of fields, and checks its values.
fn believed<P: RowSource>(
    header: &Header,
    record: &StringRecord,
    to: u64,
    take: &mut impl FnMut(P::Row<'_>) -> Result<(), (&'static str, String)>,
) -> Result<(), Complaint> {
    let file = P::Of::FILE;
    let wrong = |column: &str, why: &str| {
        let what = format!("{why}; the row is left out");
        Complaint::line(file, line_of(record, to), what).in_column(column)
    };
    if let Some(column) = header.beyond_counting(record) {
        return Err(wrong(
            column,
            "is larger than anything that is counted here",
        ));
    }
    let row: P::Row<'_> = record
        .deserialize(Some(&header.columns))
        .map_err(|error| unreadable(file, &header.columns, record, &error, line_of(record, to)))?;
    if let Some((column, why)) = P::impossible(&row) {
        return Err(wrong(column, &why));
    }
    take(row).map_err(|(column, why)| wrong(column, &why))
}

/// Returns the names of a file's columns, whichever delimiter separates them.
pub(crate) fn columns_of(path: &Path) -> io::Result<Vec<String>> {
    let mut reader = reader(path)?;
    let header = header::named_alone(reader.headers()?);
    let names = header.iter().filter(|name| !name.is_empty());
    Ok(names.map(str::to_owned).collect())
}

/// Returns a reader of a CSV file, in this program's form or as a spreadsheet
/// writes it.
///
/// # Errors
/// Fails if the file cannot be opened or read.
pub fn reader(path: &Path) -> io::Result<csv::Reader<impl io::Read + use<>>> {
    let mut file = File::open(path)?;
    let text: Box<dyn BufRead> = match recode::recoded(&mut file)? {
        Some(text) => Box::new(Cursor::new(text)),
        None => Box::new(BufReader::new(file)),
    };
    let (lines, form) = Ends::open(text)?;
    Ok(csv::ReaderBuilder::new()
        .delimiter(form.delimiter)
        .from_reader(lines))
}

/// A reader of the complete lines of a text.
type Lines<F> = io::Take<BufReader<F>>;
