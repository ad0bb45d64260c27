//! The numbers of an application from a results folder: those of the runs in it.

use std::path::Path;

use analysis::series::milliseconds;
use anyhow::{Context, bail};
use results::{RunRow, Store};

use super::{ExtractedNumbers, HOLDS, numbers::nearest};
use crate::{advise::workload::short, args::WorkloadInputs};

/// Returns the numbers that the runs of a folder have in common; `given` are those that need not be
/// taken from it.
pub(super) fn taken(folder: &Path, given: &WorkloadInputs) -> anyhow::Result<ExtractedNumbers> {
    let shown = folder.display();
    let store = Store::open(folder).with_context(|| format!("cannot read {shown}"))?;
    let (runs, _) = store.runs();
    let Some(first) = runs.first() else {
        bail!("{shown} has no run to take numbers from; name a folder that `run` left");
    };
    for key in KEYS {
        let is_given = (key.is_given)(given);
        let values: Vec<String> = runs.iter().map(key.of).collect();
        if let Some(other) = values.iter().find(|value| **value != values[0])
            && !is_given
        {
            bail!(
                "the runs in {shown} have {} {} and {other}; say which with --{}",
                key.name,
                values[0],
                key.flag
            );
        }
    }
    let inputs =
        of_run(first).with_context(|| format!("{shown} is no workload to be advised on"))?;
    let mut taken = told(&inputs, first);
    ways(&mut taken, &runs);
    Ok(taken)
}

/// Returns the numbers of a run, each with the column that it stands in.
fn told(inputs: &WorkloadInputs, run: &RunRow) -> ExtractedNumbers {
    let column = |name: &str| format!("column `{name}` of runs.csv");
    let number = |value: Option<f64>| short(value.unwrap_or_default());
    let mut taken = ExtractedNumbers::new(inputs.clone(), Vec::new());
    taken.told(
        "readers",
        &["readers"],
        number(inputs.readers),
        column("clients"),
    );
    taken.told("rooms", &["rooms"], number(inputs.rooms), column("rooms"));
    let rate = column("rate_per_s");
    match inputs.messages_per_reader {
        Some(rate_of_reader) => taken.told(
            "messages a second of a reader",
            &["messages-per-reader", "messages-per-room"],
            short(rate_of_reader),
            format!("{rate}, over the readers of a room, who say them (column `speak`)"),
        ),
        None => taken.told(
            "messages a second in a room",
            &["messages-per-room", "messages-per-reader"],
            number(inputs.messages_per_room),
            rate,
        ),
    }
    taken.told(
        "bytes of text",
        &["payload"],
        number(inputs.payload),
        column("payload_bytes"),
    );
    taken.told(
        "round trip, ms",
        &["round-trip-ms"],
        number(inputs.round_trip_ms),
        format!("twice {}", column("read_delay_us")),
    );
    match &inputs.profile {
        Some(profile) => taken.told(
            "header profile",
            &["profile", "header-bytes"],
            profile,
            column("headers"),
        ),
        None => taken.told(
            "bytes of header lines",
            &["header-bytes", "profile"],
            number(inputs.header_bytes),
            column("read_line_bytes"),
        ),
    }
    taken.told("TLS", &["tls"], tls(run), column("tls"));
    taken.told("HTTP", &["http"], http(run), column("http"));
    taken
}

/// Adds the intervals and the hold of the polls among the runs.
fn ways(taken: &mut ExtractedNumbers, runs: &[RunRow]) {
    let column = "column `variant` of runs.csv";
    let mut intervals = seconds(runs, "short_poll");
    intervals.sort_by(f64::total_cmp);
    intervals.dedup();
    if intervals.is_empty() {
        taken.untold(
            "intervals, s",
            &["intervals-s"],
            "no short poll among the runs: 1, 5 and 30 are taken",
        );
    } else {
        let words: Vec<String> = intervals.iter().map(|one| short(*one)).collect();
        taken.told("intervals, s", &["intervals-s"], words.join(", "), column);
        taken.inputs.intervals_s = Some(intervals);
    }
    let hold = seconds(runs, "long_poll").into_iter().reduce(f64::max);
    match hold {
        Some(hold) => {
            let (hold, said) = nearest(hold, &HOLDS);
            let hold = hold.round();
            let from = format!("{column}{said}");
            taken.told("hold, s", &["hold-s"], short(hold), from);
            taken.inputs.hold_s = Some(hold);
        }
        None => taken.untold(
            "hold, s",
            &["hold-s"],
            "no long poll among the runs: 25 is taken",
        ),
    }
}

/// Returns the durations in the variants of one transport, in seconds. A duration may be of several
/// words, such as `1s 500ms`.
fn seconds(runs: &[RunRow], transport: &str) -> Vec<f64> {
    let of_it = runs.iter().filter(|run| run.transport == transport);
    let times = of_it.map(|run| milliseconds(&run.variant));
    let times = times.filter(|time| *time > 0);
    times.map(|time| time as f64 / 1e3).collect()
}

/// A column in which runs may differ, and the flag that decides.
struct Key {
    name: &'static str,
    flag: &'static str,
    of: fn(&RunRow) -> String,
    is_given: fn(&WorkloadInputs) -> bool,
}

const KEYS: [Key; 11] = [
    Key {
        name: "readers",
        flag: "readers",
        of: |run| run.clients.to_string(),
        is_given: |inputs| inputs.readers.is_some(),
    },
    Key {
        name: "rooms",
        flag: "rooms",
        of: |run| run.rooms.to_string(),
        is_given: |inputs| inputs.rooms.is_some(),
    },
    Key {
        name: "messages a second",
        flag: "messages-per-room",
        of: |run| run.rate_per_s.to_string(),
        is_given: gives_rate,
    },
    Key {
        name: "speakers (column `speak`)",
        flag: "messages-per-room",
        of: |run| speaker(run).to_owned(),
        is_given: gives_rate,
    },
    Key {
        name: "arrivals",
        flag: "arrivals",
        of: |run| run.arrivals.clone(),
        is_given: |inputs| inputs.arrivals.is_some(),
    },
    Key {
        name: "header profiles",
        flag: "profile",
        of: |run| profile(run).to_owned(),
        is_given: |inputs| inputs.profile.is_some() || inputs.header_bytes.is_some(),
    },
    Key {
        name: "payloads",
        flag: "payload",
        of: |run| run.payload_bytes.to_string(),
        is_given: |inputs| inputs.payload.is_some(),
    },
    Key {
        name: "delays (us)",
        flag: "round-trip-ms",
        of: |run| run.read_delay_us.unwrap_or_default().to_string(),
        is_given: |inputs| inputs.round_trip_ms.is_some(),
    },
    Key {
        name: "TLS",
        flag: "tls",
        of: |run| tls(run).to_owned(),
        is_given: |inputs| inputs.tls.is_some(),
    },
    Key {
        name: "HTTP",
        flag: "http",
        of: |run| http(run).to_owned(),
        is_given: |inputs| inputs.http.is_some(),
    },
    Key {
        name: "proxy",
        flag: "proxy",
        of: |run| run.proxy.clone(),
        is_given: |inputs| inputs.proxy.is_some(),
    },
];

const fn gives_rate(inputs: &WorkloadInputs) -> bool {
    inputs.messages_per_room.is_some() || inputs.messages_per_reader.is_some()
}

fn tls(run: &RunRow) -> &str {
    run.tls.split_whitespace().next().unwrap_or("off")
}

fn http(run: &RunRow) -> &str {
    match run.http.as_str() {
        "" => "1.1",
        version => version,
    }
}

/// Returns `same` if readers say the messages, as the column does, and `post` if others do.
fn speaker(run: &RunRow) -> &'static str {
    match run.speak.as_str() {
        "same" => "same",
        _ => "post",
    }
}

fn profile(run: &RunRow) -> &str {
    match run.headers.as_str() {
        "" => "minimal",
        name => name,
    }
}

fn of_run(run: &RunRow) -> anyhow::Result<WorkloadInputs> {
    let arrivals = match run.arrivals.as_str() {
        word @ ("poisson" | "constant") => Some(word.to_owned()),
        "" => None,
        other => bail!("its messages come as {other}; only poisson and constant are covered"),
    };
    let in_a_room = run.clients as f64 / run.rooms.max(1) as f64;
    let (room, reader) = if speaker(run) == "same" {
        (None, Some(run.rate_per_s / in_a_room))
    } else {
        (Some(run.rate_per_s), None)
    };
    let mut proxy = run.proxy.split_whitespace().map(str::to_owned);
    let lines = run.read_line_bytes.unwrap_or_default();
    let is_minimal = profile(run) == "minimal";
    Ok(WorkloadInputs {
        readers: Some(run.clients as f64),
        rooms: Some(run.rooms as f64),
        messages_per_room: room,
        messages_per_reader: reader,
        payload: Some(run.payload_bytes as f64),
        round_trip_ms: Some(run.read_delay_us.unwrap_or_default() as f64 * 2.0 / 1e3),
        arrivals,
        header_bytes: is_minimal.then_some(lines as f64),
        profile: (!is_minimal).then(|| run.headers.clone()),
        tls: Some(tls(run).to_owned()),
        http: Some(http(run).to_owned()),
        proxy: proxy.next(),
        proxy_settings: proxy.next(),
        ..WorkloadInputs::default()
    })
}

#[cfg(test)]
mod tests {
    use results::Rows;

    use super::*;

    fn folder(runs: Vec<RunRow>) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::create(folder.path()).expect("a store");
        let rows = Rows {
            runs,
            ..Rows::default()
        };
        store.append(&rows).expect("written");
        folder
    }

    fn run(transport: &str, clients: u64) -> RunRow {
        RunRow {
            scenario: "a".to_owned(),
            transport: transport.to_owned(),
            variant: "-".to_owned(),
            cell: format!("clients={clients}"),
            repeat: 1,
            clients,
            rooms: 10,
            rate_per_s: 5.0,
            payload_bytes: 300,
            read_delay_us: Some(40_000),
            arrivals: "poisson".to_owned(),
            speak: "same".to_owned(),
            tls: "1.3 ChaCha20".to_owned(),
            http: "1.1".to_owned(),
            ..RunRow::default()
        }
    }

    #[test]
    fn what_runs_have_in_common_is_taken_over() {
        let folder = folder(vec![run("websocket", 100)]);
        let inputs = taken(folder.path(), &WorkloadInputs::default())
            .expect("taken")
            .inputs;
        assert_eq!(inputs.messages_per_reader, Some(0.5));
        assert_eq!(inputs.round_trip_ms, Some(80.0));
        assert_eq!(inputs.tls.as_deref(), Some("1.3"));
        assert_eq!((inputs.proxy, inputs.payload), (None, Some(300.0)));
    }

    #[test]
    fn where_runs_differ_somebody_has_to_say() {
        let folder = folder(vec![run("websocket", 100), run("websocket", 200)]);
        let refused = taken(folder.path(), &WorkloadInputs::default()).expect_err("differ");
        let told = format!("{refused:#}");
        assert!(
            told.contains("100 and 200; say which with --readers"),
            "{told}"
        );
        let given = WorkloadInputs {
            readers: Some(100.0),
            ..WorkloadInputs::default()
        };
        assert!(taken(folder.path(), &given).is_ok());
    }

    #[test]
    fn runs_that_differ_in_words_are_no_one_workload() {
        let changes: [fn(&mut RunRow); 3] = [
            |run| "post".clone_into(&mut run.speak),
            |run| "constant".clone_into(&mut run.arrivals),
            |run| "browser".clone_into(&mut run.headers),
        ];
        let flags = ["messages-per-room", "arrivals", "profile"];
        for (change, flag) in changes.into_iter().zip(flags) {
            let mut other = run("websocket", 100);
            other.repeat = 2;
            change(&mut other);
            let folder = folder(vec![run("websocket", 100), other]);
            let refused = taken(folder.path(), &WorkloadInputs::default()).expect_err(flag);
            let told = format!("{refused:#}");
            assert!(told.contains(&format!("say which with --{flag}")), "{told}");
        }
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        let empty = folder(Vec::new());
        assert!(taken(empty.path(), &WorkloadInputs::default()).is_err());
        let bursts = folder(vec![RunRow {
            arrivals: "burst 20".to_owned(),
            ..run("websocket", 100)
        }]);
        let refused = taken(bursts.path(), &WorkloadInputs::default()).expect_err("bursts");
        assert!(format!("{refused:#}").contains("only poisson and constant"));
    }

    #[test]
    fn polls_give_their_interval_and_their_hold_and_every_number_its_column() {
        let poll = |transport: &str, variant: &str| RunRow {
            variant: variant.to_owned(),
            ..run(transport, 100)
        };
        let folder = folder(vec![
            poll("short_poll", "2s"),
            poll("short_poll", "500ms close"),
            poll("short_poll", "1s 500ms"),
            poll("long_poll", "hold 40s"),
            poll("long_poll", "hold 1m 30s gzip"),
        ]);
        let given = WorkloadInputs::default();
        let taken = taken(folder.path(), &given).expect("taken");
        assert_eq!(taken.inputs.intervals_s, Some(vec![0.5, 1.5, 2.0]));
        assert_eq!(taken.inputs.hold_s, Some(90.0));
        let table = taken.sheet(&given).markdown();
        assert!(table.contains("column `clients` of runs.csv"), "{table}");
        assert!(taken.missing(&given).is_empty(), "{table}");
    }
}
