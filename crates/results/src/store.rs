//! A results folder, to which rows are appended after each run, and from which they are read back.
//!
//! Results must survive whatever happens later, so each run is written with one call for each file,
//! `runs.csv` last: a run that is in `runs.csv` is complete in the other files too, and a line
//! without a line end belongs to a write that was not finished.

mod mend;
mod pass;

use std::{
    collections::HashSet,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{
    column::{Record, RunKey},
    complaint::Complaint,
    reading,
    row::{LadderRow, LedgerRow, Rows, RunRow, TimelineRow},
};

/// The reasons for which a folder cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder does not exist.
    #[error("{} is not a folder; name one that `wirebench run` wrote", .0.display())]
    NoFolder(PathBuf),
    /// A file or folder cannot be created, written or read.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The path of the file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A row cannot be written as CSV.
    #[error("cannot write a row of {file}: {source}")]
    Row {
        /// The name of the file.
        file: &'static str,
        /// The error of the CSV writer.
        source: csv::Error,
    },
    /// The folder has rows of another version, to which rows cannot be added.
    #[error("{}: its columns are not those of this version; choose another folder", .0.display())]
    OtherColumns(PathBuf),
}

/// A results folder.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
}

/// The contents of a folder, as far as they can be believed.
#[derive(Debug, Default)]
pub struct Reading {
    /// The rows.
    pub rows: Rows,
    /// The complaints about the rows that were left out.
    pub complaints: Vec<Complaint>,
}

impl Store {
    /// Creates the folder, or continues one that exists: rows of a run that was killed before it
    /// was finished are removed, and finished runs are kept.
    ///
    /// # Errors
    /// Fails if the folder cannot be created or written, or holds rows of another version.
    pub fn create(dir: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let store = Self { dir: dir.into() };
        fs::create_dir_all(&store.dir).map_err(|source| io_error(&store.dir, source))?;
        let (runs, complaints) = store.runs();
        let known: HashSet<RunKey<'_>> = runs.iter().map(Record::run).collect();
        let is_known = |key: RunKey<'_>| known.contains(&key);
        let is_spoiled = mend::is_spoiled(&complaints);
        store.tidy::<LadderRow>(is_known, is_spoiled)?;
        store.tidy::<LedgerRow>(is_known, is_spoiled)?;
        store.tidy::<TimelineRow>(is_known, is_spoiled)?;
        if store.is_untidy::<RunRow>(!complaints.is_empty())? {
            if is_spoiled {
                store.keep_copy::<RunRow>()?;
            }
            store.replace::<RunRow>(|writer| {
                let mut rows = runs.iter();
                rows.try_for_each(|row| writer.serialize::<&RunRow>(row))
            })?;
        }
        Ok(store)
    }

    /// Opens an existing folder for reading.
    ///
    /// # Errors
    /// Fails if it is not a folder. Errors in the files are reported by [`Store::read`].
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let dir = dir.into();
        if dir.is_dir() {
            Ok(Self { dir })
        } else {
            Err(StoreError::NoFolder(dir))
        }
    }

    /// Returns the path of the folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Appends the rows of one or more finished runs: all of them or none.
    ///
    /// # Errors
    /// Fails if a file cannot be written, for example because the disk is full.
    pub fn append(&self, rows: &Rows) -> Result<(), StoreError> {
        let files = [
            self.path::<LadderRow>(),
            self.path::<LedgerRow>(),
            self.path::<TimelineRow>(),
            self.path::<RunRow>(),
        ];
        let lengths = files
            .each_ref()
            .map(|path| fs::metadata(path).map(|of| of.len()));
        let written = self
            .append_to(&rows.ladder)
            .and_then(|()| self.append_to(&rows.ledger))
            .and_then(|()| self.append_to(&rows.timeline))
            .and_then(|()| self.append_to(&rows.runs));
        if written.is_err() {
            for (path, length) in files.iter().zip(lengths) {
                // If the truncation fails too, the next `create` finds and removes the unfinished
                // rows.
                let _ = length
                    .and_then(|length| OpenOptions::new().write(true).open(path)?.set_len(length));
            }
        }
        written
    }

    /// Reads all rows of the folder. A file that is missing or foreign, and each row that cannot be
    /// believed, is left out with a complaint. All rows are held in memory; [`Store::digest`]
    /// summarises a large folder without that.
    #[must_use]
    pub fn read(&self) -> Reading {
        let (runs, mut complaints) = self.runs();
        let known: HashSet<RunKey<'_>> = runs.iter().map(Record::run).collect();
        let ladder: Vec<LadderRow> = self.read_part(&known, &mut complaints);
        let ledger: Vec<LedgerRow> = self.read_part(&known, &mut complaints);
        let timeline: Vec<TimelineRow> = self.read_part(&known, &mut complaints);
        Reading {
            rows: Rows {
                runs,
                ladder,
                ledger,
                timeline,
            },
            complaints,
        }
    }

    /// Reads `runs.csv` alone. Also returns complaints about what was left out. Of two rows of one
    /// run the later is left out.
    #[must_use]
    pub fn runs(&self) -> (Vec<RunRow>, Vec<Complaint>) {
        let mut complaints = Vec::new();
        let mut known = HashSet::new();
        let mut runs: Vec<RunRow> = Vec::new();
        reading::each::<RunRow>(&self.path::<RunRow>(), &mut complaints, |row| {
            let (transport, variant, cell, repeat) = row.run();
            let key = [transport, variant, cell].map(str::to_owned);
            if !known.insert((key, repeat)) {
                let why = "and what stands before it: there is a row of this run already";
                return Err(("repeat", why.to_owned()));
            }
            runs.push(row);
            Ok(())
        });
        (runs, complaints)
    }

    fn path<R: Record>(&self) -> PathBuf {
        self.dir.join(R::FILE)
    }

    fn append_to<R: Record>(&self, rows: &[R]) -> Result<(), StoreError> {
        let path = self.path::<R>();
        let text = to_csv(rows)?;
        OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.flush()))
            .map_err(|source| io_error(&path, source))
    }

    fn read_part<R: Record>(
        &self,
        known: &HashSet<RunKey<'_>>,
        complaints: &mut Vec<Complaint>,
    ) -> Vec<R> {
        let mut rows: Vec<R> = reading::all(&self.path::<R>(), complaints);
        let all = rows.len();
        rows.retain(|row| known.contains(&row.run()));
        complaints.extend(orphans(R::FILE, (all - rows.len()) as u64));
        rows
    }
}

/// Returns a complaint about rows of runs that `runs.csv` does not have.
fn orphans(file: &'static str, count: u64) -> Option<Complaint> {
    (count > 0).then(|| {
        let what = format!("{count} rows of runs that runs.csv does not have; left out");
        Complaint::file(file, what)
    })
}

fn io_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io {
        path: path.to_owned(),
        source,
    }
}

fn writer_to<W: Write>(to: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().has_headers(false).from_writer(to)
}

/// Returns rows as CSV text, without a header.
fn to_csv<R: Record>(rows: &[R]) -> Result<Vec<u8>, StoreError> {
    let error = |source| StoreError::Row {
        file: R::FILE,
        source,
    };
    let mut writer = writer_to(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(error)?;
    }
    writer
        .into_inner()
        .map_err(|failed| error(failed.into_error().into()))
}
