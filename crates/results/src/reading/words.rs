//! Descriptions of the error in a row, for a person who looks at the file.

use csv::{DeserializeErrorKind, ErrorKind, StringRecord};

use crate::complaint::Complaint;

/// The length of the longest value that is quoted in full, in characters.
const SHOWN: usize = 40;

/// Returns a complaint about a row that cannot be read: it is not text in UTF-8, or a value has the
/// wrong type.
pub(super) fn unreadable(
    file: &'static str,
    columns: &StringRecord,
    record: &StringRecord,
    error: &csv::Error,
    line: u64,
) -> Complaint {
    let mut complaint = Complaint::file(file, format!("{error}; the row is left out"));
    complaint.line = Some(line);
    match error.kind() {
        ErrorKind::Utf8 { err, .. } => {
            complaint.column = columns.get(err.field()).map(str::to_owned);
            "is not text in UTF-8; the row is left out".clone_into(&mut complaint.what);
        }
        ErrorKind::Deserialize { err, .. } => {
            let at = err.field().and_then(|field| usize::try_from(field).ok());
            complaint.column = at.and_then(|at| columns.get(at)).map(str::to_owned);
            let why = why(err.kind(), at.and_then(|at| record.get(at)));
            complaint.what = format!("{why}; the row is left out");
        }
        _ => {}
    }
    complaint
}

fn why(kind: &DeserializeErrorKind, value: Option<&str>) -> String {
    let is = match value {
        None | Some("") => "is empty".to_owned(),
        Some(value) if value.chars().count() > SHOWN => {
            let start: String = value.chars().take(SHOWN).collect();
            format!("is {start:?}...")
        }
        Some(value) => format!("is {value:?}"),
    };
    match kind {
        DeserializeErrorKind::ParseInt(_) => {
            format!("{is}; it must be a whole number of 0 or more")
        }
        DeserializeErrorKind::ParseFloat(_) => format!("{is}; it must be a number of 0 or more"),
        DeserializeErrorKind::ParseBool(_) => format!("{is}; it must be true or false"),
        other => format!("{is}: {other}"),
    }
}

/// Returns a complaint about a row with too few or too many values; `lines` are its first line and
/// the line after its last.
pub(super) fn wrong_length(
    file: &'static str,
    has: usize,
    of: usize,
    (line, to): (u64, u64),
) -> Complaint {
    let spans = to.saturating_sub(line);
    let why = if spans > 1 {
        format!(" over {spans} lines: a quotation mark is never closed")
    } else {
        String::new()
    };
    Complaint::line(
        file,
        line,
        format!("has {has} of {of} fields{why}; left out"),
    )
}
