//! The secrets of a client's connections, in the form in which other programs read them.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::{Arc, Mutex},
};

/// A list of secrets in the form of SSLKEYLOGFILE (draft-ietf-tls-keylogfile, section 2): a line
/// for each, with its label, the client's random number and the secret in hexadecimal. Whoever has
/// it can read all that the connections carried.
#[derive(Clone, Default)]
pub struct KeyLog {
    lines: Arc<Mutex<String>>,
    /// The file to which lines go; without one they are kept here.
    file: Option<Arc<File>>,
}

impl KeyLog {
    /// Returns a log that adds its lines to the end of a file. A file that is made for it can be
    /// read by its owner alone. A line that the disk does not take is missing from it, and harms no
    /// connection.
    ///
    /// # Errors
    /// Fails if the file cannot be opened for writing.
    pub fn to_file(file: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        owner_alone(options.append(true).create(true));
        let file = options.open(file)?;
        Ok(Self {
            file: Some(Arc::new(file)),
            ..Self::default()
        })
    }

    /// Returns the lines that were kept so far.
    #[must_use]
    pub fn lines(&self) -> String {
        // A thread that panicked has written whole lines or none.
        let lines = self.lines.lock();
        lines
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

/// Lets its owner alone read a file that is made.
#[cfg(unix)]
fn owner_alone(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;

    options.mode(0o600);
}

/// Does nothing: a file has the rights of its folder on Windows.
#[cfg(not(unix))]
fn owner_alone(_options: &mut OpenOptions) {}

impl rustls::KeyLog for KeyLog {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", Digits(client_random), Digits(secret));
        if let Some(file) = &self.file {
            // One write for a line, so that those of several threads and processes stay whole.
            let _ = file.as_ref().write_all(line.as_bytes());
            return;
        }
        let lines = self.lines.lock();
        lines
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push_str(&line);
    }
}

/// A log of secrets is not shown by accident.
impl fmt::Debug for KeyLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyLog(..)")
    }
}

/// A view of bytes as hexadecimal digits.
struct Digits<'a>(&'a [u8]);

impl fmt::Display for Digits<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.0.iter();
        bytes.try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use rustls::KeyLog as _;

    use super::*;

    #[test]
    fn a_secret_is_a_line_of_three_words() {
        let log = KeyLog::default();
        log.log("CLIENT_RANDOM", &[0, 0xab], &[0x1f]);
        log.clone().log("EXPORTER_SECRET", &[2], &[3, 4]);
        assert_eq!(
            log.lines(),
            "CLIENT_RANDOM 00ab 1f\nEXPORTER_SECRET 02 0304\n"
        );
        assert_eq!(format!("{log:?}"), "KeyLog(..)");
    }

    #[test]
    fn a_file_is_gone_on_with_and_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.log");
        for number in [1, 2] {
            let log = KeyLog::to_file(&path).unwrap();
            log.log("CLIENT_RANDOM", &[0, 0xab], &[number]);
            assert_eq!(log.lines(), "");
        }
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "CLIENT_RANDOM 00ab 01\nCLIENT_RANDOM 00ab 02\n");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(KeyLog::to_file(folder.path()).is_err());
    }
}
