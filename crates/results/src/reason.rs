//! The reasons for which a run may not be believed, as codes that a program can use.
//!
//! The codes stand in the column `reasons`, beside the sentences for people in `error`. Files that
//! are older than this column have only the sentences; this module is the only place that derives
//! the codes from them.

use std::fmt;

use crate::RunRow;

/// A kind of reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The generator's drafts left late against their schedule.
    Late,
    /// The generator took more of the processors than it may.
    Busy,
    /// The generator was kept from running by something else.
    Starved,
    /// Expected deliveries never came.
    Lost,
    /// Readers got an event twice.
    Duplicated,
    /// Readers got an event after a newer one.
    Reordered,
    /// The server could no longer give events that readers asked for.
    Missed,
    /// Drafts were due that the server never took.
    Unsaid,
    /// Exchanges or connections failed.
    Failed,
    /// Bytes belong to no account, or the accounts differ from the sockets.
    Unaccounted,
    /// The delivered data differs from what was published.
    Altered,
    /// Somebody ended the run (Ctrl-C).
    Interrupted,
    /// The run ended early for another cause: the server died, or nobody was left.
    Ended,
    /// A reason that this version does not know.
    Unknown,
}

impl Reason {
    /// All reasons, in the order in which they are reported.
    pub const ALL: [Self; 14] = [
        Self::Interrupted,
        Self::Ended,
        Self::Lost,
        Self::Duplicated,
        Self::Reordered,
        Self::Missed,
        Self::Unsaid,
        Self::Altered,
        Self::Failed,
        Self::Unaccounted,
        Self::Late,
        Self::Busy,
        Self::Starved,
        Self::Unknown,
    ];

    /// Returns the code that is written in `reasons`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Busy => "busy",
            Self::Starved => "starved",
            Self::Lost => "lost",
            Self::Duplicated => "duplicated",
            Self::Reordered => "reordered",
            Self::Missed => "missed",
            Self::Unsaid => "unsaid",
            Self::Failed => "failed",
            Self::Unaccounted => "unaccounted",
            Self::Altered => "altered",
            Self::Interrupted => "interrupted",
            Self::Ended => "ended",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the reason with this code, or `Unknown` for a code of a later version.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|reason| reason.code() == code)
            .unwrap_or(Self::Unknown)
    }

    /// Returns whether the reason casts doubt on the generator, so that the run gives no evidence
    /// about the server.
    #[must_use]
    pub const fn doubts_the_generator(self) -> bool {
        matches!(self, Self::Late | Self::Busy | Self::Starved)
    }

    /// Returns the reasons of a run, each once; the list is empty for a valid run.
    #[must_use]
    pub fn of(run: &RunRow) -> Vec<Self> {
        let mut reasons: Vec<Self> = if run.reasons.is_empty() {
            run.error.split("; ").filter_map(Self::from_words).collect()
        } else {
            run.reasons
                .split_whitespace()
                .map(Self::from_code)
                .collect()
        };
        if reasons.is_empty() && !run.valid {
            reasons.push(Self::Unknown);
        }
        let known = reasons.clone();
        let mut place = 0..;
        reasons.retain(|reason| {
            let place = place.next().unwrap_or_default();
            !known[..place].contains(reason)
        });
        reasons
    }

    /// Returns the codes of `reasons`, each once, separated by blanks.
    #[must_use]
    pub fn codes(reasons: impl IntoIterator<Item = Self>) -> String {
        let mut codes: Vec<&str> = Vec::new();
        for reason in reasons {
            if !codes.contains(&reason.code()) {
                codes.push(reason.code());
            }
        }
        codes.join(" ")
    }

    /// Derives the reason from one sentence of an older file. Returns `None` for the second half of
    /// a sentence that itself contains a semicolon.
    fn from_words(words: &str) -> Option<Self> {
        const BEGINNINGS: [(&str, Reason); 7] = [
            ("ended early: Ctrl-C", Reason::Interrupted),
            ("ended early: ", Reason::Ended),
            ("the generator was late", Reason::Late),
            ("the generator was busy", Reason::Busy),
            ("the generator took", Reason::Busy),
            ("the generator was starved", Reason::Starved),
            ("the accounts differ", Reason::Unaccounted),
        ];
        if words.is_empty() || words == "more shards would spread it" {
            return None;
        }
        if let Some((_, reason)) = BEGINNINGS.iter().find(|known| words.starts_with(known.0)) {
            return Some(*reason);
        }
        let counted = words.split_once(' ').and_then(|(count, what)| {
            count.parse::<u64>().ok()?;
            Some(match what {
                "lost" => Self::Lost,
                "duplicated" => Self::Duplicated,
                "reordered" => Self::Reordered,
                "missed" => Self::Missed,
                "drafts never said" => Self::Unsaid,
                _ if what.starts_with("x ") => Self::Failed,
                _ if what.starts_with("bytes belong to no account") => Self::Unaccounted,
                _ => Self::Unknown,
            })
        });
        Some(counted.unwrap_or(Self::Unknown))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(reasons: &str, error: &str) -> RunRow {
        RunRow {
            valid: error.is_empty() && reasons.is_empty(),
            reasons: reasons.to_owned(),
            error: error.to_owned(),
            ..RunRow::default()
        }
    }

    #[test]
    fn codes_are_read_as_they_are_written() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), reason);
        }
        assert_eq!(Reason::from_code("melted"), Reason::Unknown);
        let written = Reason::codes([Reason::Failed, Reason::Late, Reason::Failed]);
        assert_eq!(written, "failed late");
        let read = Reason::of(&run(&written, "any words"));
        assert_eq!(read, [Reason::Failed, Reason::Late]);
        assert_eq!(Reason::of(&run("", "")), []);
    }

    #[test]
    fn sentences_of_older_files() {
        for (error, reasons) in [
            (
                "ended early: Ctrl-C; 3 lost",
                &[Reason::Interrupted, Reason::Lost][..],
            ),
            (
                "ended early: the server ended: exit status 1",
                &[Reason::Ended],
            ),
            (
                "1 duplicated; 2 reordered; 3 missed",
                &[Reason::Duplicated, Reason::Reordered, Reason::Missed],
            ),
            (
                "4 drafts never said; 2 x answered with status 500; 1 x closed by the server",
                &[Reason::Unsaid, Reason::Failed],
            ),
            (
                "the accounts differ from the sockets' count by 1 of 2 bytes; 7 bytes belong to no account (x)",
                &[Reason::Unaccounted],
            ),
            (
                "the generator was late: 12.0 ms at p99, the limit is 10 ms",
                &[Reason::Late],
            ),
            (
                "the generator was busy: a thread of it took 90 % of a processor, the limit is 80 %; more shards would spread it",
                &[Reason::Busy],
            ),
            (
                "the generator took 75 % of the machine, the limit is 70 %",
                &[Reason::Busy],
            ),
            ("the server died | signal 9", &[Reason::Unknown]),
        ] {
            assert_eq!(Reason::of(&run("", error)), reasons, "{error}");
        }
        let silent = RunRow::default();
        assert_eq!(
            Reason::of(&silent),
            [Reason::Unknown],
            "not valid, and nobody says why"
        );
    }

    #[test]
    fn only_doubts_of_the_generator_are_such() {
        let doubts = Reason::ALL
            .into_iter()
            .filter(|reason| reason.doubts_the_generator());
        assert_eq!(Reason::codes(doubts), "late busy starved");
    }
}
