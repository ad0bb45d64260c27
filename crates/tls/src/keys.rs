//! The secrets of a client's connections, in the form in which other programs read them.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

/// A list of secrets in the form of SSLKEYLOGFILE (draft-ietf-tls-keylogfile, section 2): a line
/// for each, with its label, the client's random number and the secret in hexadecimal. Whoever has
/// it can read all that the connections carried.
#[derive(Clone, Default)]
pub struct KeyLog {
    lines: Arc<Mutex<String>>,
}

impl KeyLog {
    /// Returns the lines so far.
    #[must_use]
    pub fn lines(&self) -> String {
        // A thread that panicked has written whole lines or none.
        let lines = self.lines.lock();
        lines
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

impl rustls::KeyLog for KeyLog {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", Digits(client_random), Digits(secret));
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
}
