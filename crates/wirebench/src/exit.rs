//! The exit codes of the program, in one table: whoever runs it in a script may rely on them. A test
//! holds the page `docs/src/exit-codes.md` against it.

use std::{fmt::Write as _, process::ExitCode};

/// The way in which the program ended, as its exit code tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All that was asked for was done, and nothing is wrong with it.
    Well,
    /// The command could not do what it was asked.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// The command did its work, and what came out is not valid, not complete or not good enough.
    NotPassed,
    /// Standard output was closed from the start, or it could not be written to.
    NotPrinted,
    /// A signal ended it; what was measured is kept.
    Interrupted,
    /// The reader of standard output left, as after a pipe to `head`.
    NobodyReads,
}

impl Exit {
    /// All exit codes, in the order of the table.
    pub(crate) const ALL: [Self; 7] = [
        Self::Well,
        Self::Failed,
        Self::Usage,
        Self::NotPassed,
        Self::NotPrinted,
        Self::Interrupted,
        Self::NobodyReads,
    ];

    /// Returns the number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotPassed => 3,
            // EX_IOERR of sysexits.h.
            Self::NotPrinted => 74,
            // 128 and the number of a signal, as in shells: SIGINT is 2 and SIGPIPE 13.
            Self::Interrupted => 130,
            Self::NobodyReads => 141,
        }
    }

    /// Returns the meaning in words.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Well => "everything was done, and nothing is wrong with it",
            Self::Failed => "it could not be done; standard error says why, and what would help",
            Self::Usage => "the command line makes no sense",
            Self::NotPassed => {
                "it was done, and a run is not valid, an objective is not met, a gate does not \
                 pass, or something in a folder was left out"
            }
            Self::NotPrinted => {
                "standard output is closed or cannot be written to, so that something was not printed"
            }
            Self::Interrupted => {
                "Ctrl-C, SIGTERM or SIGHUP ended it; what was measured is kept, and --resume goes on"
            }
            Self::NobodyReads => "nobody reads standard output any more, as after a pipe to head",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Returns the table for the end of `wirebench --help` and of the manual.
pub(crate) fn table() -> String {
    let mut text = "Exit codes:\n".to_owned();
    for exit in Exit::ALL {
        let _ = writeln!(text, "  {:>3}  {}", exit.code(), exit.meaning());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_same_table() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/exit-codes.md");
        let page = std::fs::read_to_string(page).expect("the page");
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
        let expected: Vec<String> = Exit::ALL
            .iter()
            .map(|exit| format!("| {} | {} |", exit.code(), exit.meaning()))
            .collect();
        assert_eq!(rows[2..2 + expected.len()], expected);
    }

    #[test]
    fn each_code_is_there_once() {
        for (at, exit) in Exit::ALL.into_iter().enumerate() {
            let others = Exit::ALL[..at].iter();
            assert!(others.clone().all(|other| other.code() != exit.code()));
            assert!(table().contains(exit.meaning()));
        }
    }
}
