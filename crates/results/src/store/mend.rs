//! The repair of a folder that a killed run left, so that it can be continued. A file with
//! unfinished rows is rewritten without them, completely or not at all.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    path::Path,
};

use super::{Store, StoreError, io_error, writer_to};
use crate::{
    column::{Record, RunKey},
    complaint::Complaint,
    reading,
};

/// A CSV writer into a file.
type Writer = csv::Writer<fs::File>;

impl Store {
    /// Rewrites the file so that it holds its header and only complete, believable rows of known
    /// runs. The old file is kept beside it if `must_be_kept`, or if the file itself is spoiled.
    pub(super) fn tidy<R: Record>(
        &self,
        is_known: impl Fn(RunKey<'_>) -> bool,
        must_be_kept: bool,
    ) -> Result<(), StoreError> {
        let path = self.path::<R>();
        let mut complaints = Vec::new();
        let mut orphans = 0;
        reading::each::<R>(&path, &mut complaints, |row| {
            orphans += u64::from(!is_known(row.run()));
            Ok(())
        });
        if !self.is_untidy::<R>(orphans > 0 || !complaints.is_empty())? {
            return Ok(());
        }
        if must_be_kept || is_spoiled(&complaints) {
            self.keep_copy::<R>()?;
        }
        self.replace::<R>(|writer| {
            let mut written = Ok(());
            reading::each::<R>(&path, &mut Vec::new(), |row| {
                if written.is_ok() && is_known(row.run()) {
                    written = writer.serialize(row);
                }
                Ok(())
            });
            written
        })
    }

    /// Returns whether the file must be rewritten, or an error if it is of another version.
    pub(super) fn is_untidy<R: Record>(&self, has_bad_rows: bool) -> Result<bool, StoreError> {
        let path = self.path::<R>();
        let error = |source| io_error(&path, source);
        let columns = R::fields().columns;
        let Some(header) = header_of(&path).map_err(error)? else {
            return Ok(true);
        };
        if header == columns.join(",") {
            return Ok(has_bad_rows);
        }
        // The file has the same columns in another order, or as a spreadsheet writes them.
        let mut named = reading::columns_of(&path).map_err(error)?;
        let mut known = columns.to_vec();
        named.sort_unstable();
        known.sort_unstable();
        if named.iter().ne(known.iter()) {
            return Err(StoreError::OtherColumns(path));
        }
        Ok(true)
    }

    /// Copies the file beside itself before rows are left out of it: `runs.csv` to
    /// `runs.csv.before-1`, or to the next number that is free.
    pub(super) fn keep_copy<R: Record>(&self) -> Result<(), StoreError> {
        let path = self.path::<R>();
        if !path.exists() {
            return Ok(());
        }
        let beside = |number: u32| path.with_extension(format!("csv.before-{number}"));
        let free = (1..u32::MAX).map(beside).find(|copy| !copy.exists());
        let copy = free.unwrap_or_else(|| beside(u32::MAX));
        fs::copy(&path, copy).map_err(|source| io_error(&path, source))?;
        Ok(())
    }

    /// Rewrites the file, completely or not at all: the old file stays until the new one is
    /// complete. The header is written even if there is no row, so that an empty file still shows
    /// what it is.
    pub(super) fn replace<R: Record>(
        &self,
        rows: impl FnOnce(&mut Writer) -> Result<(), csv::Error>,
    ) -> Result<(), StoreError> {
        let path = self.path::<R>();
        let partial = path.with_extension("csv.partial");
        let error = |source| StoreError::Row {
            file: R::FILE,
            source,
        };
        let file = fs::File::create(&partial).map_err(|source| io_error(&partial, source))?;
        let mut writer = writer_to(file);
        writer.write_record(R::fields().columns).map_err(error)?;
        rows(&mut writer).map_err(error)?;
        writer
            .flush()
            .and_then(|()| fs::rename(&partial, &path))
            .map_err(|source| io_error(&path, source))
    }
}

/// Returns whether somebody else changed a file: a killed run leaves lines that are cut short and
/// rows without a run, but no value that cannot be believed.
pub(super) fn is_spoiled(complaints: &[Complaint]) -> bool {
    complaints
        .iter()
        .any(|complaint| complaint.is_loss && complaint.column.is_some())
}

/// Returns the file's first line, if the file exists and that line is complete.
fn header_of(path: &Path) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    match fs::File::open(path) {
        Ok(file) => BufReader::new(file).read_until(b'\n', &mut line)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let whole = line.last() == Some(&b'\n');
    // A carriage return is kept, so that a file with such line ends is rewritten.
    let text = String::from_utf8_lossy(&line);
    Ok(whole.then(|| text.strip_suffix('\n').unwrap_or(&text).to_owned()))
}
