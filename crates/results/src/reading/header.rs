//! The first line of a file: whether the file is one of this program's, and which columns it has.

use std::io::Read;

use csv::{Reader, StringRecord};

use crate::{column::Record, complaint::Complaint, fields::Shape};

/// The number of digits that a count may have: enough for a petabyte, or for thirty years in
/// microseconds, and few enough that sums over ten thousand runs do not overflow.
const DIGITS: usize = 15;

/// The columns of a file that can be read.
pub(super) struct Header {
    pub(super) columns: StringRecord,
    /// The kind of value that each column holds; `None` for an unknown column.
    pub(super) shapes: Vec<Option<Shape>>,
    /// True for each column that may be empty.
    pub(super) optional: Vec<bool>,
}

impl Header {
    /// Reads the header, which is on this line. Returns `None` if the rows under it cannot be
    /// read. Complains of columns that are missing, unknown or duplicated.
    pub(super) fn read<R: Record, I: Read>(
        reader: &mut Reader<I>,
        line: u64,
        complaints: &mut Vec<Complaint>,
    ) -> Option<Self> {
        let columns = match reader.headers() {
            Ok(columns) => named_alone(columns),
            Err(error) => {
                let what = if error.is_io_error() {
                    format!("cannot be read: {error}")
                } else {
                    "is not text in UTF-8; the file is left out".to_owned()
                };
                complaints.push(Complaint::line(R::FILE, line, what));
                return None;
            }
        };
        serves::<R>(&columns, line, complaints).then(|| Self {
            shapes: columns
                .iter()
                .map(|column| R::fields().shape(column))
                .collect(),
            optional: columns
                .iter()
                .map(|column| R::fields().is_optional(column))
                .collect(),
            columns,
        })
    }

    /// Returns whether a record of this many fields lacks only such as may be empty.
    pub(super) fn may_end_at(&self, length: usize) -> bool {
        let mut lacking = self.optional.iter().zip(&self.shapes).skip(length);
        length < self.columns.len()
            && lacking.all(|(is_optional, shape)| *is_optional || shape.is_none())
    }

    /// Returns the first column that holds a number with more digits than a count may have.
    pub(super) fn beyond_counting(&self, record: &StringRecord) -> Option<&str> {
        let is_beyond =
            |text: &str| text.len() > DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = |at: usize| {
            matches!(
                self.shapes.get(at),
                Some(Some(Shape::Count | Shape::Fraction))
            )
        };
        let at =
            (0..record.len()).find(|&at| is_number(at) && record.get(at).is_some_and(is_beyond))?;
        self.columns.get(at)
    }
}

/// Returns the names of the columns without blanks around them, and without the nameless
/// columns that a spreadsheet leaves at the end.
pub(super) fn named_alone(columns: &StringRecord) -> StringRecord {
    let mut names: Vec<&str> = columns.iter().map(str::trim).collect();
    while names.len() > 1 && names.last() == Some(&"") {
        names.pop();
    }
    StringRecord::from(names)
}

fn serves<R: Record>(columns: &StringRecord, line: u64, complaints: &mut Vec<Complaint>) -> bool {
    let mut complain = |what: &str| complaints.push(Complaint::line(R::FILE, line, what));
    if columns.is_empty() || (columns.len() == 1 && columns[0].is_empty()) {
        complain("the file is empty, without even the names of its columns; left out");
        return false;
    }
    let known = R::fields().columns;
    let missing = |column: &&&str| !columns.iter().any(|header| header == **column);
    let lacking: Vec<&str> = known.iter().filter(missing).copied().collect();
    if lacking.len() == known.len() {
        complain("none of its columns is known: this is another program's file; left out");
        return false;
    }
    named::<R>(columns, &lacking, line, complaints)
}

/// Complains of columns that are unknown, duplicated or missing. Returns whether the file can be
/// read.
fn named<R: Record>(
    columns: &StringRecord,
    lacking: &[&str],
    line: u64,
    complaints: &mut Vec<Complaint>,
) -> bool {
    let of = |columns: &[&str], what: &str| of_columns((R::FILE, line), columns, what);
    let unknown: Vec<&str> = columns
        .iter()
        // A column without a name comes from a spreadsheet, or is the index of a data frame.
        .filter(|column| !column.is_empty() && R::fields().shape(column).is_none())
        .collect();
    let twice: Vec<&str> = columns
        .iter()
        .enumerate()
        .filter(|(at, column)| columns.iter().take(*at).any(|other| other == *column))
        .map(|(_, column)| column)
        .filter(|column| R::fields().shape(column).is_some())
        .collect();
    let (optional, needed): (Vec<&str>, Vec<&str>) = lacking
        .iter()
        .partition(|column| R::fields().is_optional(column));
    let unknown_count = unknown.len();
    let unknown = of(&unknown, "not known to this version; ignored");
    complaints.extend(unknown.map(Complaint::harmless));
    complaints.extend(of(&twice, "there twice; the file is left out"));
    complaints.extend(of(&needed, "missing; the file is left out"));
    if !is_of_earlier_version(R::fields().columns, lacking) || unknown_count > 0 {
        let optional = of(&optional, "missing; taken as empty");
        complaints.extend(optional.map(Complaint::harmless));
    }
    twice.is_empty() && needed.is_empty()
}

/// Returns whether these are the columns that were added last. New columns come at the end, so that
/// a file without them was written by an earlier version, and nothing is wrong with it.
fn is_of_earlier_version(known: &[&str], lacking: &[&str]) -> bool {
    known.ends_with(lacking)
}

/// Returns one complaint for all columns with the same problem, because another version may have
/// forty other columns.
fn of_columns(
    (file, line): (&'static str, u64),
    columns: &[&str],
    what: &str,
) -> Option<Complaint> {
    /// The largest number of columns that are listed by name.
    const SHOWN: usize = 8;
    let complaint = |what: String| Complaint::line(file, line, what);
    match columns {
        [] => None,
        [column] => Some(complaint(format!("is {what}")).in_column(*column)),
        many => {
            let told = many[..many.len().min(SHOWN)].join(", ");
            let rest = match many.len().saturating_sub(SHOWN) {
                0 => String::new(),
                rest => format!(" and {rest} more"),
            };
            let count = many.len();
            Some(complaint(format!(
                "{count} columns are {what}: {told}{rest}"
            )))
        }
    }
}
