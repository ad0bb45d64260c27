//! Complaints: statements about what cannot be believed in a results folder, by file, line and
//! column.

use std::fmt;

/// An error in a file. The rest of the folder is read all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The name of the file within the folder.
    pub file: &'static str,
    /// The line in the file, counted from 1 (the header).
    pub line: Option<u64>,
    /// The name of the column.
    pub column: Option<String>,
    /// The error, and what was done about it.
    pub what: String,
    /// True if data was left out because of it. A column of another version is reported, but
    /// nothing is lost.
    pub is_loss: bool,
}

impl Complaint {
    /// Makes a complaint about a whole file.
    #[must_use]
    pub fn file(file: &'static str, what: impl Into<String>) -> Self {
        Self {
            file,
            line: None,
            column: None,
            what: what.into(),
            is_loss: true,
        }
    }

    /// Makes a complaint about a line, counted from 1.
    #[must_use]
    pub fn line(file: &'static str, line: u64, what: impl Into<String>) -> Self {
        Self {
            file,
            line: Some(line),
            column: None,
            what: what.into(),
            is_loss: true,
        }
    }

    pub(crate) fn harmless(mut self) -> Self {
        self.is_loss = false;
        self
    }

    /// Adds the name of the column.
    #[must_use]
    pub fn in_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }
}

/// A complaint that is displayed as the end of a sentence; empty if there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because(pub Option<Complaint>);

impl fmt::Display for Because {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(complaint) => write!(formatter, " ({complaint})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(formatter, ", column {column}")?;
        }
        write!(formatter, ": {}", self.what)
    }
}
