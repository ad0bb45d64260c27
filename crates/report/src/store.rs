//! A results folder: rows appended after each run, and read back.
//!
//! What was measured must survive whatever comes next, so each run is written
//! with one call per file, `runs.csv` last: a run that is in `runs.csv` is
//! whole in the other files too, and a line without its end was never finished.

use std::{
    collections::HashSet,
    fs::{self, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use crate::{
    column::{Record, RunKey},
    complaint::Complaint,
    reading,
    row::{LadderRow, LedgerRow, Rows, RunRow, TimelineRow},
};

/// Why a folder cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder is not there.
    #[error("{} is not a folder; name one that `wirebench run` wrote", .0.display())]
    NoFolder(PathBuf),
    /// A file or folder cannot be made, written or read.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A row cannot be written as CSV.
    #[error("cannot write a row of {file}: {source}")]
    Row {
        /// Which file.
        file: &'static str,
        /// What the CSV writer says.
        source: csv::Error,
    },
    /// The folder has rows of another version, to which nothing may be added.
    #[error("{}: its columns are not those of this version; choose another folder", .0.display())]
    OtherColumns(PathBuf),
}

/// A results folder.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
}

/// What a folder holds, as far as it can be believed.
#[derive(Debug, Default)]
pub struct Reading {
    /// The rows.
    pub rows: Rows,
    /// What was left out of them, and why.
    pub complaints: Vec<Complaint>,
}

impl Store {
    /// Makes the folder, or goes on in one that is there: what a killed run left
    /// unfinished is cut off, finished runs are kept.
    ///
    /// # Errors
    /// When the folder cannot be made or written, or holds another version's rows.
    pub fn create(dir: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let store = Self { dir: dir.into() };
        fs::create_dir_all(&store.dir).map_err(|source| io_error(&store.dir, source))?;
        let Reading { rows, complaints } = store.read();
        store.tidy(&rows.ladder, &complaints)?;
        store.tidy(&rows.ledger, &complaints)?;
        store.tidy(&rows.timeline, &complaints)?;
        store.tidy(&rows.runs, &complaints)?;
        Ok(store)
    }

    /// An existing folder, to be read.
    ///
    /// # Errors
    /// When it is no folder. What is wrong inside shows in [`Store::read`].
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let dir = dir.into();
        if dir.is_dir() {
            Ok(Self { dir })
        } else {
            Err(StoreError::NoFolder(dir))
        }
    }

    /// The folder's path.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Adds the rows of one or more finished runs.
    ///
    /// # Errors
    /// When a file cannot be written, for example on a full disk.
    pub fn append(&self, rows: &Rows) -> Result<(), StoreError> {
        self.append_to(&rows.ladder)?;
        self.append_to(&rows.ledger)?;
        self.append_to(&rows.timeline)?;
        self.append_to(&rows.runs)
    }

    /// Reads what is there. A file that is missing or foreign, and each row that
    /// cannot be believed, is left out and complained of.
    #[must_use]
    pub fn read(&self) -> Reading {
        let mut complaints = Vec::new();
        let runs: Vec<RunRow> = self.read_file(&mut complaints);
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

    fn path<R: Record>(&self) -> PathBuf {
        self.dir.join(R::FILE)
    }

    /// Leaves the file with its header and only whole, believable rows.
    fn tidy<R: Record>(&self, rows: &[R], complaints: &[Complaint]) -> Result<(), StoreError> {
        let path = self.path::<R>();
        match header_of(&path).map_err(|source| io_error(&path, source))? {
            Some(header) if header != R::COLUMNS.join(",") => {
                return Err(StoreError::OtherColumns(path));
            }
            Some(_) if complaints.iter().all(|complaint| complaint.file != R::FILE) => {
                return Ok(());
            }
            _ => {}
        }
        // Whole or not at all: the old file stays until the new one is complete.
        let partial = path.with_extension("csv.partial");
        fs::write(&partial, to_csv(rows, true)?).map_err(|source| io_error(&partial, source))?;
        fs::rename(&partial, &path).map_err(|source| io_error(&path, source))
    }

    fn append_to<R: Record>(&self, rows: &[R]) -> Result<(), StoreError> {
        let path = self.path::<R>();
        let text = to_csv(rows, false)?;
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
        let mut rows: Vec<R> = self.read_file(complaints);
        let all = rows.len();
        rows.retain(|row| known.contains(&row.run()));
        if rows.len() < all {
            let orphans = all - rows.len();
            let what = format!("{orphans} rows of runs that runs.csv does not have; left out");
            complaints.push(Complaint::file(R::FILE, what));
        }
        rows
    }

    fn read_file<R: Record>(&self, complaints: &mut Vec<Complaint>) -> Vec<R> {
        match fs::read(self.path::<R>()) {
            Ok(text) => reading::parse(&text, complaints),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                complaints.push(Complaint::file(R::FILE, "the file is missing"));
                Vec::new()
            }
            Err(error) => {
                complaints.push(Complaint::file(R::FILE, format!("cannot be read: {error}")));
                Vec::new()
            }
        }
    }
}

fn io_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io {
        path: path.to_owned(),
        source,
    }
}

/// The file's first line, if the file is there and that line is whole.
fn header_of(path: &Path) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    match fs::File::open(path) {
        Ok(file) => BufReader::new(file).read_until(b'\n', &mut line)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let whole = line.last() == Some(&b'\n');
    Ok(whole.then(|| String::from_utf8_lossy(&line).trim_end().to_owned()))
}

/// Rows as CSV text. The header is written even when there is no row, so that
/// an empty file still says what it is.
fn to_csv<R: Record>(rows: &[R], header: bool) -> Result<Vec<u8>, StoreError> {
    let error = |source| StoreError::Row {
        file: R::FILE,
        source,
    };
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    if header {
        writer.write_record(R::COLUMNS).map_err(error)?;
    }
    for row in rows {
        writer.serialize(row).map_err(error)?;
    }
    writer
        .into_inner()
        .map_err(|failed| error(failed.into_error().into()))
}
