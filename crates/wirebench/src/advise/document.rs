//! A workload as a scenario: the same text is predicted, written with `--scenario` and run with
//! `--prove`.

use std::time::Duration;

use anyhow::Context;
use humantime::format_duration;
use scenario::{Http, Study, Tls};
use wire::{Exchange, Way};

use super::workload::{Workload, short};

/// The name of the scenario, and of what errors call its file.
pub(super) const NAME: &str = "advised";
const FILE: &str = "advised.toml";
/// The beginning of the reason that a scenario of this command gives for itself.
const MOTIVE: &str = "motive = \"Written by `wirebench advise`: ";
/// The header line that is made up, without its value.
const FILLING: &str = "X-Fill: ";
/// The time to wait for the last arrivals beyond an interval.
const DRAIN: Duration = Duration::from_secs(5);

/// One way to read, with the parameters that a workload gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) way: Way,
    /// The interval of a short poll.
    pub(super) interval: Option<Duration>,
}

impl Choice {
    /// Returns the ways that a workload is told about, in the order of presentation.
    pub(super) fn all(workload: &Workload) -> Vec<Self> {
        let polls = workload.intervals.iter().map(|interval| Self {
            way: Way::ShortPoll,
            interval: Some(*interval),
        });
        let others = Way::ALL.into_iter().filter(|way| *way != Way::ShortPoll);
        let others = others.map(|way| Self {
            way,
            interval: None,
        });
        polls.chain(others).collect()
    }

    /// Returns the name of the way in tables.
    pub(super) fn title(self) -> String {
        let title = self.way.properties().title;
        match self.interval {
            Some(interval) => format!("{title}, {}", format_duration(interval)),
            None => title.to_owned(),
        }
    }

    /// Returns the lines that ask for it.
    fn entry(self, workload: &Workload) -> String {
        let kind = self.way.transport().name();
        let parameter = match (self.way.exchange(), self.way.framing()) {
            (Exchange::Immediate, _) => {
                let interval = self.interval.unwrap_or(Duration::from_secs(1));
                format!("interval = \"{}\"\n", format_duration(interval))
            }
            (Exchange::Held, _) => format!("hold = \"{}\"\n", format_duration(workload.hold)),
            (Exchange::Open, Some(framing)) => format!("framing = \"{framing}\"\n"),
            (Exchange::Open, None) => String::new(),
        };
        format!("\n[[transport]]\nkind = \"{kind}\"\n{parameter}")
    }

    /// Returns whether this way is predicted over the workload's version of HTTP, so that a run can be
    /// held against it.
    pub(super) fn is_runnable(self, workload: &Workload) -> bool {
        workload.http == Http::V1_1 || self.way != Way::Websocket
    }
}

/// Returns the scenario of a workload over these ways, with its proxy or without.
pub(super) fn text(workload: &Workload, choices: &[Choice], with_proxy: bool) -> String {
    let mut text = format!(
        "name = \"{NAME}\"\nquestion = \"What does this application cost over each way to \
         read?\"\n{MOTIVE}{}.\"\n",
        workload.told()
    );
    text += &people(workload);
    text += &messages(workload, choices);
    text += &requests(workload);
    if !workload.round_trip.is_zero() {
        let delay = format_duration(workload.round_trip / 2);
        text.extend([format!("\n[link]\ndelay = \"{delay}\"\n")]);
    }
    if let Some(proxy) = workload
        .proxy
        .filter(|_| with_proxy && takes_proxy(workload))
    {
        let settings = if proxy.is_right { "right" } else { "default" };
        let kind = proxy.kind.name();
        text.extend([format!(
            "\n[proxy]\nkind = \"{kind}\"\nsettings = \"{settings}\"\n"
        )]);
    }
    for choice in choices {
        text += &choice.entry(workload);
    }
    text
}

/// Returns whether a text is a scenario that this command wrote, by its first lines.
pub(super) fn is_ours(text: &str) -> bool {
    let mut lines = text.lines();
    let is_named = lines.next() == Some(format!("name = \"{NAME}\"").as_str());
    is_named && lines.nth(1).is_some_and(|line| line.starts_with(MOTIVE))
}

/// Returns whether a run can put the workload's proxy before the server: one that ends TLS is
/// reached by TLS, any other in the clear.
pub(super) fn takes_proxy(workload: &Workload) -> bool {
    let is_sealed = workload.tls != Tls::Off;
    let ends_tls = workload.proxy.is_some_and(|proxy| proxy.kind.ends_tls());
    is_sealed == ends_tls && workload.http == Http::V1_1
}

/// Writes `[swarm]` and `[server]`.
fn people(workload: &Workload) -> String {
    let usual = Duration::from_millis(if workload.readers > 1_000 { 5_000 } else { 500 });
    let ramp = format_duration(workload.ramp.unwrap_or(usual));
    let log = workload.log();
    let ends_tls = workload.proxy.is_some_and(|proxy| proxy.kind.ends_tls());
    let tls = workload.tls.version().filter(|_| !ends_tls);
    let tls = tls.map_or_else(String::new, |version| format!("tls = \"{version}\"\n"));
    format!(
        "\n[swarm]\nclients = {}\nrooms = {}\nramp = \"{ramp}\"\n\n[server]\nlog = {log}\nhttp = \
         \"{}\"\n{tls}",
        workload.readers,
        workload.rooms,
        workload.http.version(),
    )
}

/// Writes `[traffic]`.
fn messages(workload: &Workload, choices: &[Choice]) -> String {
    let slowest = choices.iter().filter_map(|choice| choice.interval).max();
    let drain = slowest.unwrap_or_default() + workload.round_trip + DRAIN;
    format!(
        "\n[traffic]\npublishers = 1\nrate = {}\narrivals = \"{}\"\nspeak = \"{}\"\npayload = \
         {}\nsettle = \"{}\"\nmeasure = \"{}\"\ndrain = \"{}\"\n",
        workload.room_rate,
        if workload.is_poisson {
            "poisson"
        } else {
            "constant"
        },
        if workload.speaks { "same" } else { "post" },
        workload.payload,
        format_duration(workload.settle),
        format_duration(workload.measure),
        format_duration(drain),
    )
}

/// Writes `[headers]`.
fn requests(workload: &Workload) -> String {
    // As TOML quotes it: a profile may be a path with anything in it.
    let profile = toml::Value::String(workload.profile.clone());
    let mut text = format!("\n[headers]\nprofile = {profile}\n");
    if workload.header_bytes > 0 {
        let filling = workload.header_bytes - FILLING.len() - "\r\n".len();
        text.extend([format!("lines = [\"{FILLING}{}\"]\n", "x".repeat(filling))]);
    }
    if workload.cookie_bytes > 0 {
        text.extend([format!("cookie = {}\n", workload.cookie_bytes)]);
    }
    text
}

/// Reads the scenario of a workload over these ways, without its proxy, which no formula knows.
pub(super) fn study(workload: &Workload, choices: &[Choice]) -> anyhow::Result<Study> {
    read(workload, &text(workload, choices, false))
}

/// Reads the scenario of a workload from its text.
pub(super) fn read(workload: &Workload, text: &str) -> anyhow::Result<Study> {
    Study::from_text(FILE, text, &[])
        .with_context(|| format!("no scenario can have this workload ({})", workload.told()))
}

/// Returns a workload that this machine can run: rooms of the same size as far as they fit, and
/// messages as often, with fewer rooms.
pub(super) fn within(workload: &Workload, most_readers: usize) -> Workload {
    let in_a_room = (workload.readers / workload.rooms).clamp(1, most_readers);
    let rooms = (most_readers / in_a_room).clamp(1, workload.rooms);
    Workload {
        readers: in_a_room * rooms,
        rooms,
        ..workload.clone()
    }
}

/// Returns the rate as a person writes it, for messages about a workload that was made smaller.
pub(super) fn told_smaller(of: &Workload, smaller: &Workload) -> Option<String> {
    (of.readers != smaller.readers).then(|| {
        format!(
            "a run with {} readers in {} rooms instead of {} in {}, and as many messages in each \
             room ({} a second)",
            smaller.readers,
            smaller.rooms,
            of.readers,
            of.rooms,
            short(of.room_rate)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::WorkloadInputs;

    fn workload(lines: &str) -> Workload {
        let inputs: WorkloadInputs = toml::from_str(lines).expect("inputs");
        Workload::of(&inputs).expect("a workload")
    }

    #[test]
    fn a_workload_becomes_a_scenario_that_can_be_read() {
        let workload = workload(
            "readers = 50\nrooms = 5\nmessages_per_reader = 0.5\nround_trip_ms = 80\n\
             header_bytes = 300\ncookie_bytes = 1024\ntls = \"1.3\"\nintervals_s = [0.5, 30]",
        );
        let choices = Choice::all(&workload);
        let study = study(&workload, &choices).expect("a scenario");
        let plans = study.plans();
        assert_eq!(plans.len(), choices.len());
        let scenario = &study.cells[0].scenario;
        assert_eq!(
            scenario.link.as_ref().expect("a link").delay,
            Duration::from_millis(40)
        );
        let line = |(name, value): &(String, String)| name.len() + value.len() + 4;
        let lines: usize = plans[0].read_headers.iter().map(line).sum();
        assert_eq!(lines, 300 + 1024 + "Cookie: \r\n".len());
        assert!((scenario.traffic.rate - 5.0).abs() < 1e-12);
        let titles: Vec<String> = choices.iter().map(|choice| choice.title()).collect();
        assert_eq!(titles[..2], ["Short poll, 500ms", "Short poll, 30s"]);
    }

    #[test]
    fn a_proxy_stands_in_what_is_written_where_a_run_can_have_it() {
        let lines = "readers = 5\nmessages_per_room = 1\nproxy = \"nginx\"\n";
        let plain = workload(lines);
        let choices = Choice::all(&plain);
        assert!(text(&plain, &choices, true).contains("[proxy]\nkind = \"nginx\""));
        assert!(!text(&plain, &choices, false).contains("[proxy]"));
        let sealed = workload(&format!("{lines}tls = \"1.3\""));
        assert!(!text(&sealed, &choices, true).contains("[proxy]"));
        let hitch = lines.replace("nginx", "hitch") + "tls = \"1.3\"";
        let written = text(&workload(&hitch), &choices, true);
        assert!(written.contains("kind = \"hitch\"") && !written.contains("tls ="));
        Study::from_text(FILE, &written, &[]).expect("a scenario");
    }

    #[test]
    fn what_is_too_large_for_one_machine_keeps_its_rooms() {
        let large = workload("readers = 5000\nrooms = 100\nmessages_per_room = 5");
        let small = within(&large, 120);
        assert_eq!((small.readers, small.rooms), (100, 2));
        assert!((small.room_rate - 5.0).abs() < 1e-12);
        let one = within(&workload("readers = 5000\nmessages_per_room = 5"), 120);
        assert_eq!((one.readers, one.rooms), (120, 1));
        assert_eq!(within(&small, 120), small);
        assert!(told_smaller(&large, &small).is_some());
        assert!(told_smaller(&small, &small).is_none());
    }
}
