//! The findings about one proxy with one kind of settings over one way to read.

use std::time::Duration;

use sheet::{Column, Entry, Sheet};

/// The findings over one way. A figure that was not looked for, or cannot be, is empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Finding {
    /// The proxy and its settings, such as `nginx right`; `none` without a proxy.
    pub(crate) proxy: String,
    /// The version of the proxy.
    pub(crate) version: String,
    /// The way to read, or `post`.
    pub(crate) way: String,
    /// The answer to whether the way works at all.
    pub(crate) passes: Passes,
    /// The time from when the server wrote the head of a stream until it came out.
    pub(crate) head: Seen,
    /// The time from when the server wrote one event until it came out.
    pub(crate) first: Seen,
    /// The bytes that the server had sent of a stream when the first of them came out.
    pub(crate) first_bytes: Option<u64>,
    /// The time after which a silent exchange ended.
    pub(crate) cut: Seen,
    /// The bytes that the proxy added to an event, or to a poll and its answer.
    pub(crate) added_bytes: Option<f64>,
    /// The median time of an event on its way, or of a poll or POST and its answer, in
    /// microseconds.
    pub(crate) takes_us: Option<f64>,
    /// The median time without the proxy.
    pub(crate) direct_us: Option<f64>,
    /// The bytes that the server could send to a reader that does not read.
    pub(crate) swallowed: Option<Swallowed>,
    /// A remark; empty if there is none.
    pub(crate) note: String,
}

/// The answer to whether a way works through a proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Passes {
    /// Nobody looked.
    #[default]
    Unknown,
    /// It works.
    Yes,
    /// It does not, and this is what came instead.
    No(String),
}

/// A sign that was waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Nobody looked, or it cannot be.
    #[default]
    Unknown,
    /// It came after this time.
    After(Duration),
    /// It did not come within this time.
    Not(Duration),
}

/// The bytes that were sent to a reader that does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Swallowed {
    /// The bytes.
    pub(crate) bytes: u64,
    /// True if the server was slowed in the end; false if all that a probe sends was taken.
    pub(crate) is_bounded: bool,
}

/// Returns the findings as a table.
pub(crate) fn sheet(findings: &[Finding]) -> Sheet {
    let mut sheet = Sheet::new([
        Column::words("proxy"),
        Column::words("way"),
        Column::words("passes"),
        Column::numbers("head, ms"),
        Column::numbers("first event, ms"),
        Column::numbers("first event, bytes"),
        Column::numbers("cut at silence, s"),
        Column::numbers("added, B"),
        Column::numbers("takes, us"),
        Column::numbers("added, us"),
        Column::numbers("taken of a flood, KiB"),
        Column::words("note"),
    ]);
    for found in findings {
        sheet.push(row(found));
    }
    sheet
}

fn row(found: &Finding) -> [Entry; 12] {
    let added_us = found.takes_us.zip(found.direct_us);
    let added_us = added_us.map(|(takes, direct)| takes - direct);
    [
        Entry::from(found.proxy.as_str()),
        Entry::from(found.way.as_str()),
        Entry::from(match &found.passes {
            Passes::Unknown => "",
            Passes::Yes => "yes",
            Passes::No(why) => why.as_str(),
        }),
        found.head.entry(1e3),
        found.first.entry(1e3),
        number(found.first_bytes.map(|bytes| bytes as f64), 0),
        found.cut.entry(1.0),
        number(found.added_bytes, 1),
        number(found.takes_us, 0),
        number(added_us, 0),
        match found.swallowed {
            None => Entry::from(""),
            Some(Swallowed { bytes, is_bounded }) => {
                let kib = (bytes >> 10) as f64;
                // A least number is told in words to programs too, as what did not come is.
                if is_bounded {
                    Entry::number(kib.to_string(), kib)
                } else {
                    Entry::from(format!("> {kib}"))
                }
            }
        },
        Entry::from(found.note.as_str()),
    ]
}

fn number(value: Option<f64>, digits: usize) -> Entry {
    value.map_or_else(
        || Entry::from(""),
        |value| Entry::number(format!("{value:.digits$}"), value),
    )
}

impl Seen {
    /// Returns the cell for it: a number in `units` a second, or words.
    fn entry(self, units: f64) -> Entry {
        match self {
            Self::Unknown => Entry::from(""),
            Self::After(time) => {
                let value = time.as_secs_f64() * units;
                Entry::number(format!("{value:.1}"), value)
            }
            Self::Not(time) => {
                let value = time.as_secs_f64() * units;
                Entry::from(format!("not in {value:.0}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_come_is_told_from_what_nobody_waited_for() {
        let found = Finding {
            proxy: "nginx default".to_owned(),
            way: "sse".to_owned(),
            passes: Passes::No("426".to_owned()),
            head: Seen::Not(Duration::from_secs(1)),
            first: Seen::After(Duration::from_millis(12)),
            added_bytes: Some(-5.25),
            takes_us: Some(300.0),
            direct_us: Some(100.0),
            swallowed: Some(Swallowed {
                bytes: 8 << 20,
                is_bounded: false,
            }),
            ..Finding::default()
        };
        let slowed = Finding {
            swallowed: Some(Swallowed {
                bytes: 300 << 10,
                is_bounded: true,
            }),
            ..Finding::default()
        };
        let csv = sheet(&[found, slowed]).csv();
        let lines: Vec<&str> = csv.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "nginx default,sse,426,not in 1000,12,,,-5.25,300,200,> 8192,",
                ",,,,,,,,,,300,",
            ]
        );
    }
}
