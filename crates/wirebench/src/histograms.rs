//! `latency.hlog`: the whole latency histograms of every run, in HdrHistogram's
//! own log format (1.3, payloads V2 with DEFLATE), so that other tools read them.
//!
//! A line is one clock of one run; its tag names both. It is written before the run's row of
//! `runs.csv`. Lines that a killed program left without a row are therefore recognised by that
//! file, and removed before the next line is added.

use std::{
    collections::HashSet,
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use hdrhistogram::{
    Histogram,
    serialization::{
        V2DeflateSerializer,
        interval_log::{IntervalLogWriterBuilder, Tag},
    },
};
use results::RunRow;

/// The log's name within a results folder.
pub(crate) const FILE: &str = "latency.hlog";

/// The divisor of the column of maxima, which is for people: nanoseconds become milliseconds.
const NANOS_IN_MAX: f64 = 1e6;

/// The latencies of one run, in nanoseconds, measured from the time when drafts were due and from
/// the time when they were sent.
#[derive(Debug)]
pub(crate) struct Latencies {
    /// The time at which *measure* began.
    pub(crate) began: SystemTime,
    /// The duration of *measure*.
    pub(crate) measured: Duration,
    pub(crate) due: Histogram<u64>,
    pub(crate) sent: Histogram<u64>,
}

/// The log of one results folder.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
}

impl Log {
    /// Begins a log, or goes on with the one that is there: lines of runs that
    /// are not among the `finished` are taken out, and a line without its end.
    pub(crate) fn open(folder: &Path, finished: &[RunRow]) -> anyhow::Result<Self> {
        let path = folder.join(FILE);
        let partial = folder.join("latency.hlog.part");
        let known: HashSet<String> = finished.iter().map(run_tag).collect();
        // Whole or not at all: the old file stays until the new one is complete.
        let written = File::create(&partial).and_then(|file| {
            let mut out = BufWriter::new(file);
            match File::open(&path) {
                Ok(old) => keep(BufReader::new(old), &known, &mut out)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    out.write_all(head(SystemTime::now()).as_bytes())?;
                }
                Err(error) => return Err(error),
            }
            out.flush()
        });
        written
            .and_then(|()| fs::rename(&partial, &path))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path })
    }

    /// Adds both clocks of a finished run.
    pub(crate) fn append(&self, run: &RunRow, latencies: &Latencies) -> anyhow::Result<()> {
        let lines = lines(run, latencies).context("cannot encode a histogram")?;
        OpenOptions::new()
            .append(true)
            .open(&self.path)
            .and_then(|mut file| file.write_all(&lines).and_then(|()| file.flush()))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Returns the header of a log.
fn head(now: SystemTime) -> String {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!(
        "#[Logged by wirebench {}: latencies in nanoseconds, a tag for each run and clock]\n\
         #[Histogram log format version 1.3]\n\
         #[StartTime: {:.3} (seconds since epoch), {}]\n\
         \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
        env!("CARGO_PKG_VERSION"),
        since.as_secs_f64(),
        humantime::format_rfc3339_seconds(now),
    )
}

/// Copies the lines that are whole and not of an unknown run.
fn keep(mut old: impl BufRead, known: &HashSet<String>, out: &mut impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    while old.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        let is_known = match text.strip_prefix("Tag=") {
            None => true,
            Some(rest) => rest
                .split_once(";clock=")
                .is_some_and(|(tag, _)| known.contains(tag)),
        };
        if is_known && text.ends_with('\n') {
            out.write_all(&line)?;
        }
        line.clear();
    }
    Ok(())
}

fn lines(run: &RunRow, latencies: &Latencies) -> anyhow::Result<Vec<u8>> {
    let began = latencies
        .began
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut text = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let mut writer = IntervalLogWriterBuilder::new()
        .with_max_value_divisor(NANOS_IN_MAX)
        .begin_log_with(&mut text, &mut serializer)?;
    for (clock, histogram) in [("due", &latencies.due), ("sent", &latencies.sent)] {
        let tag = format!("{};clock={clock}", run_tag(run));
        writer.write_histogram(histogram, began, latencies.measured, Tag::new(&tag))?;
    }
    // The writer begins with a comment about its divisor each time; only histograms are added.
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    Ok(lines
        .filter(|line| line.starts_with(b"Tag="))
        .flatten()
        .copied()
        .collect())
}

/// Returns the tag of a run: `transport=websocket;variant=-;cell=clients=10%20rate=4;repeat=1`.
fn run_tag(run: &RunRow) -> String {
    format!(
        "transport={};variant={};cell={};repeat={}",
        encoded(&run.transport),
        encoded(&run.variant),
        encoded(&run.cell),
        run.repeat
    )
}

/// Encodes a text for a tag: characters that a tag may not contain (blanks, commas, ends of lines)
/// and those that separate its own fields are escaped as in a URL.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            ' ' | ',' | ';' | '%' | '\r' | '\n' => {
                let _ = write!(encoded, "%{:02X}", u32::from(letter));
            }
            letter => encoded.push(letter),
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
