//! What cannot be believed in a results folder, by file, line and column.

use std::fmt;

/// One thing wrong with a file. The rest of the folder is read all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Name of the file within the folder.
    pub file: &'static str,
    /// Line in the file, from 1 (the header).
    pub line: Option<u64>,
    /// Name of the column.
    pub column: Option<String>,
    /// What is wrong, and what was done about it.
    pub what: String,
}

impl Complaint {
    pub(crate) fn file(file: &'static str, what: impl Into<String>) -> Self {
        Self {
            file,
            line: None,
            column: None,
            what: what.into(),
        }
    }

    pub(crate) fn line(file: &'static str, line: u64, what: impl Into<String>) -> Self {
        Self {
            file,
            line: Some(line),
            column: None,
            what: what.into(),
        }
    }

    pub(crate) fn in_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
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
