//! The command-line options of `wirebench advise`.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::{Deserialize, Serialize};

use super::Lang;
use crate::only::Only;

#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "switches, as typed")]
pub(crate) struct Advise {
    /// A TOML file with the numbers of your application, whose keys are the flags below with _ for -;
    /// or the name of one that comes with the program, such as fleet-config
    #[arg(value_name = "WORKLOAD", conflicts_with = "from")]
    pub(crate) workload: Option<PathBuf>,
    /// Take the numbers from a capture of your traffic (pcap, pcapng, HAR) or from the runs of a
    /// results folder, and say where each is from; flags go before them
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Keys of TLS (SSLKEYLOGFILE) that open the capture
    #[arg(long, value_name = "FILE", requires = "from")]
    pub(crate) keys: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) inputs: WorkloadInputs,
    /// Only these ways to read, such as `websocket,long_poll`; `sse` and `ndjson` name streams
    #[arg(long, value_delimiter = ',', value_name = "TRANSPORTS")]
    pub(crate) only: Vec<Only>,
    /// A price file of your own, in place of the one that comes with the program
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
    /// Print the price file that comes with the program, to edit
    #[arg(long, exclusive = true)]
    pub(crate) print_prices: bool,
    /// Measure what this machine's server takes for loads up to this workload's, for about a minute
    /// and a half, and keep it for later advice
    #[arg(long, conflicts_with_all = ["prove", "scenario"])]
    pub(crate) calibrate: bool,
    /// The file that calibrations are kept in [default: in the cache folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) calibration: Option<PathBuf>,
    /// Write a page with sliders for these numbers, which needs no network
    #[arg(long, value_name = "FILE")]
    pub(crate) page: Option<PathBuf>,
    /// Write a scenario of this workload; beyond the calibration also one of the nearest run, as
    /// FILE-nearest.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// Run the nearest scenario that this machine can make, and print what was predicted beside
    /// what was measured
    #[arg(long)]
    pub(crate) prove: bool,
    /// Runs of each way for --prove, of which the median is compared
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=99), value_name = "N", requires = "prove")]
    pub(crate) repeats: u32,
    /// Folder for the results of --prove [default: results/run-advised-TIME]
    #[arg(long, value_name = "DIR", requires = "prove")]
    pub(crate) out: Option<PathBuf>,
    /// Language of the tables, and of the page of --prove
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
    /// Print Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Print a line for each figure as CSV
    #[arg(long, conflicts_with_all = ["markdown", "prove"])]
    pub(crate) csv: bool,
    /// Print each figure as JSON
    #[arg(long, conflicts_with_all = ["markdown", "csv"])]
    pub(crate) json: bool,
}

/// The numbers of an application as they were given, on the command line or in a file. What was
/// not given is `None`.
#[derive(Debug, Clone, Default, PartialEq, ClapArgs, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "Your application")]
pub(crate) struct WorkloadInputs {
    /// People who read at the same time
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) readers: Option<f64>,
    /// Rooms (channels, documents, games) that they are spread over [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) rooms: Option<f64>,
    /// Messages a second in each room, said by somebody who does not read, such as your back end
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) messages_per_room: Option<f64>,
    /// Messages a second that each reader says to its room: 0.1 for one in ten seconds
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) messages_per_reader: Option<f64>,
    /// Bytes of text in a message [default: 100]
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true)]
    pub(crate) payload: Option<f64>,
    /// Round trip between reader and server, in milliseconds [default: 50]
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    pub(crate) round_trip_ms: Option<f64>,
    /// Messages come by chance (poisson) or evenly (constant) [default: poisson]
    #[arg(long, value_name = "WORD")]
    pub(crate) arrivals: Option<String>,
    /// Bytes of header lines on each request beside those that HTTP demands, line ends included
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true)]
    pub(crate) header_bytes: Option<f64>,
    /// Bytes of a cookie's value on each request
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true)]
    pub(crate) cookie_bytes: Option<f64>,
    /// Header profile, such as browser, in place of --header-bytes [default: minimal]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// TLS between reader and server: off, 1.2 or 1.3 [default: off]
    #[arg(long, value_name = "VERSION")]
    pub(crate) tls: Option<String>,
    /// Version of HTTP: 1.1 or 2 [default: 1.1]
    #[arg(long, value_name = "VERSION")]
    pub(crate) http: Option<String>,
    /// Proxy before the server: none, nginx, haproxy, caddy, varnish or hitch [default: none]
    #[arg(long, value_name = "PROXY")]
    pub(crate) proxy: Option<String>,
    /// Settings of the proxy: default, the least that passes requests on, or right [default: right]
    #[arg(long, value_name = "WORD")]
    pub(crate) proxy_settings: Option<String>,
    /// Seconds of silence after which the proxy ends an exchange [default: 60 with a proxy]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub(crate) proxy_idle_s: Option<f64>,
    /// Exchanges that a pool of workers carries at once, as PHP-FPM does [default: no limit]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) workers: Option<f64>,
    /// Files that the server may have open [default: 1024, the usual soft limit]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) open_files: Option<f64>,
    /// Times in a day that a reader connects anew [default: 10]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) reconnects_a_day: Option<f64>,
    /// Hours of a day in which a reader is connected [default: 24]
    #[arg(long, value_name = "HOURS", allow_negative_numbers = true)]
    pub(crate) hours_a_day: Option<f64>,
    /// Share of the readers whose tab is in the background, from 0 to 1 [default: 0]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub(crate) background_tabs: Option<f64>,
    /// Tabs that one person has open at once [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) tabs: Option<f64>,
    /// Intervals of short polls, in seconds [default: 1,5,30]
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "S,…",
        allow_negative_numbers = true
    )]
    pub(crate) intervals_s: Option<Vec<f64>>,
    /// Seconds for which a long poll is held [default: 25]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub(crate) hold_s: Option<f64>,
    /// Seconds for which a phone's radio stays awake after the last thing that moved [default: 11.6,
    /// LTE]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub(crate) radio_tail_s: Option<f64>,
    /// Seconds that a run of the scenario measures [default: enough for its slowest way]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub(crate) measure_s: Option<f64>,
}

impl WorkloadInputs {
    /// Returns whether nothing was given.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns these inputs with those of `beneath` where nothing was given. Of two keys that say
    /// the same in two ways, one that was given replaces both, and no proxy has no settings.
    pub(crate) fn over(self, beneath: Self) -> Self {
        let says_rate = self.messages_per_room.is_some() || self.messages_per_reader.is_some();
        let kept = |rate: Option<f64>| rate.filter(|_| !says_rate);
        let says_lines = self.header_bytes.is_some() || self.profile.is_some();
        let has_no_proxy = self.proxy.as_deref() == Some("none");
        Self {
            readers: self.readers.or(beneath.readers),
            rooms: self.rooms.or(beneath.rooms),
            messages_per_room: self
                .messages_per_room
                .or_else(|| kept(beneath.messages_per_room)),
            messages_per_reader: self
                .messages_per_reader
                .or_else(|| kept(beneath.messages_per_reader)),
            payload: self.payload.or(beneath.payload),
            round_trip_ms: self.round_trip_ms.or(beneath.round_trip_ms),
            arrivals: self.arrivals.or(beneath.arrivals),
            header_bytes: self
                .header_bytes
                .or(beneath.header_bytes.filter(|_| !says_lines)),
            cookie_bytes: self.cookie_bytes.or(beneath.cookie_bytes),
            profile: self.profile.or(beneath.profile.filter(|_| !says_lines)),
            tls: self.tls.or(beneath.tls),
            http: self.http.or(beneath.http),
            proxy: self.proxy.or(beneath.proxy),
            proxy_settings: self
                .proxy_settings
                .or(beneath.proxy_settings.filter(|_| !has_no_proxy)),
            proxy_idle_s: self.proxy_idle_s.or(beneath.proxy_idle_s),
            workers: self.workers.or(beneath.workers),
            open_files: self.open_files.or(beneath.open_files),
            reconnects_a_day: self.reconnects_a_day.or(beneath.reconnects_a_day),
            hours_a_day: self.hours_a_day.or(beneath.hours_a_day),
            background_tabs: self.background_tabs.or(beneath.background_tabs),
            tabs: self.tabs.or(beneath.tabs),
            intervals_s: self.intervals_s.or(beneath.intervals_s),
            hold_s: self.hold_s.or(beneath.hold_s),
            radio_tail_s: self.radio_tail_s.or(beneath.radio_tail_s),
            measure_s: self.measure_s.or(beneath.measure_s),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_replaces_all_that_says_the_same() {
        let word = |word: &str| Some(word.to_owned());
        let taken = WorkloadInputs {
            messages_per_room: Some(2.0),
            header_bytes: Some(40.0),
            proxy: word("nginx"),
            proxy_settings: word("default"),
            ..WorkloadInputs::default()
        };
        let given = WorkloadInputs {
            profile: word("browser"),
            proxy: word("none"),
            ..WorkloadInputs::default()
        };
        let expected = WorkloadInputs {
            messages_per_room: Some(2.0),
            ..given.clone()
        };
        assert_eq!(given.over(taken.clone()), expected);
        let profile = WorkloadInputs {
            header_bytes: None,
            profile: word("browser"),
            ..taken.clone()
        };
        assert_eq!(taken.clone().over(profile), taken);
    }
}
