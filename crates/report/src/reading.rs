//! Reading CSV text that may be cut short, foreign or wrong in places.
//!
//! Never fails: what cannot be believed is left out and complained of by file,
//! line and column, and the rest is read.

use crate::{column::Record, complaint::Complaint};

/// Reads one file's text. Never fails: what cannot be read is complained of.
pub(crate) fn parse<R: Record>(text: &[u8], complaints: &mut Vec<Complaint>) -> Vec<R> {
    let text = whole_lines::<R>(text, complaints);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let headers = match reader.headers() {
        Ok(headers) => headers.clone(),
        Err(error) => {
            let what = format!("the header is not text ({error}); the file is left out");
            complaints.push(Complaint::line(R::FILE, 1, what));
            return Vec::new();
        }
    };
    if !header_serves::<R>(&headers, complaints) {
        return Vec::new();
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        match record.map_err(|error| unreadable::<R>(&headers, &error)) {
            Ok(record) => match read_row::<R>(&headers, &record) {
                Ok(row) => rows.push(row),
                Err(complaint) => complaints.push(complaint),
            },
            Err(complaint) => complaints.push(complaint),
        }
    }
    rows
}

/// A process that was killed in the middle of a line leaves one that may even
/// parse (`12` of `1234`), so a last line without its end is never read.
fn whole_lines<'a, R: Record>(text: &'a [u8], complaints: &mut Vec<Complaint>) -> &'a [u8] {
    let end = text
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    if end < text.len() {
        let line = text[..end].split_inclusive(|&byte| byte == b'\n').count() as u64 + 1;
        let what = "the last line is cut short; left out";
        complaints.push(Complaint::line(R::FILE, line, what));
    }
    &text[..end]
}

/// Whether rows under this header can be read; complains of each column that is
/// missing or unknown.
fn header_serves<R: Record>(headers: &csv::StringRecord, complaints: &mut Vec<Complaint>) -> bool {
    let missing = |column: &&&str| !headers.iter().any(|header| header == **column);
    let lacking: Vec<&str> = R::COLUMNS.iter().filter(missing).copied().collect();
    if lacking.len() == R::COLUMNS.len() {
        let what = "none of its columns is known: this is another program's file; left out";
        complaints.push(Complaint::line(R::FILE, 1, what));
        return false;
    }
    for header in headers {
        if !R::COLUMNS.contains(&header) {
            let what = "is not known to this version; ignored";
            complaints.push(Complaint::line(R::FILE, 1, what).in_column(header));
        }
    }
    let mut serves = true;
    for column in lacking {
        let optional = R::OPTIONAL.contains(&column);
        serves &= optional;
        let what = if optional {
            "is missing; taken as empty"
        } else {
            "is missing; the file is left out"
        };
        complaints.push(Complaint::line(R::FILE, 1, what).in_column(column));
    }
    serves
}

fn read_row<R: Record>(
    headers: &csv::StringRecord,
    record: &csv::StringRecord,
) -> Result<R, Complaint> {
    let line = record.position().map_or(0, csv::Position::line);
    if record.len() != headers.len() {
        let what = format!("has {} of {} fields; left out", record.len(), headers.len());
        return Err(Complaint::line(R::FILE, line, what));
    }
    let row: R = record
        .deserialize(Some(headers))
        .map_err(|error| unreadable::<R>(headers, &error))?;
    match row.impossible() {
        None => Ok(row),
        Some((column, why)) => {
            Err(
                Complaint::line(R::FILE, line, format!("{why}; the row is left out"))
                    .in_column(column),
            )
        }
    }
}

fn unreadable<R: Record>(headers: &csv::StringRecord, error: &csv::Error) -> Complaint {
    let mut complaint = Complaint::file(R::FILE, format!("{error}; the row is left out"));
    complaint.line = error.position().map(csv::Position::line);
    if let csv::ErrorKind::Deserialize { err, .. } = error.kind() {
        complaint.what = format!("{}; the row is left out", err.kind());
        complaint.column = err
            .field()
            .and_then(|field| headers.get(usize::try_from(field).ok()?))
            .map(str::to_owned);
    }
    complaint
}
