//! Results folders that are written, read back, cut short, foreign or wrong.

use std::{fs, path::Path};

use results::{LadderRow, Reading, Rows, Store, StoreError};

use crate::{fixture, rows};

/// Returns the rows of one run of the fixture.
fn one_run(all: &Rows) -> Rows {
    let is_it = |transport: &str, repeat: u32| transport == "websocket" && repeat == 1;
    let mut rows = all.clone();
    rows.runs.retain(|row| is_it(&row.transport, row.repeat));
    rows.ladder.retain(|row| is_it(&row.transport, row.repeat));
    rows.ledger.retain(|row| is_it(&row.transport, row.repeat));
    rows.timeline
        .retain(|row| is_it(&row.transport, row.repeat));
    rows
}

/// Copies the fixture, so that the copy can be damaged.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"] {
        fs::copy(fixture("one_cell").join(file), folder.path().join(file)).expect("copied");
    }
    folder
}

fn edit(folder: &Path, file: &str, change: impl FnOnce(String) -> String) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).expect("the file");
    fs::write(&path, change(text)).expect("written");
}

fn read(folder: &Path) -> Reading {
    Store::open(folder).expect("a folder").read()
}

fn complaints(reading: &Reading) -> Vec<String> {
    reading.complaints.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = rows("one_cell");
    let store = Store::create(folder.path().join("new/run")).expect("made");
    assert_eq!(store.read().complaints, []);
    store.append(&all).expect("written");
    let reading = store.read();
    assert_eq!(complaints(&reading), [""; 0]);
    assert_eq!(reading.rows, all);
}

#[test]
fn csv_to_the_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::create(folder.path()).expect("made");
    let mut rows = one_run(&rows("one_cell"));
    rows.ladder.truncate(2);
    rows.timeline.truncate(1);
    "said \"no\", twice".clone_into(&mut rows.runs[0].error);
    rows.runs[0].server_cpu_us_per_delivery = None;
    store.append(&rows).expect("written");
    let text = |file: &str| fs::read_to_string(folder.path().join(file)).expect("the file");
    insta::assert_snapshot!(
        "csv",
        ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"]
            .map(text)
            .join("\n")
    );
}

#[test]
fn the_header_is_written_once_over_two_sessions() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = one_run(&rows("one_cell"));
    Store::create(folder.path())
        .expect("made")
        .append(&rows)
        .expect("written");
    let mut second = rows.clone();
    second.runs[0].repeat = 2;
    second.ladder.clear();
    Store::create(folder.path())
        .expect("goes on")
        .append(&second)
        .expect("written");
    let reading = read(folder.path());
    assert_eq!(reading.rows.runs.len(), 2);
    assert_eq!(reading.rows.ladder, rows.ladder);
}

#[test]
fn no_folder_and_missing_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = Store::open(folder.path().join("nothing"));
    assert!(matches!(missing, Err(StoreError::NoFolder(_))));
    let copied = copy();
    fs::remove_file(copied.path().join("timeline.csv")).expect("removed");
    let reading = read(copied.path());
    assert_eq!(complaints(&reading), ["timeline.csv: the file is missing"]);
    assert_eq!(reading.rows.runs, rows("one_cell").runs);
}

#[test]
fn a_last_line_that_was_cut_short_is_never_read() {
    // The cut is within the last number, so that the line would still parse.
    let copied = copy();
    edit(copied.path(), "ladder.csv", |text| {
        text[..text.len() - 3].to_owned()
    });
    let reading = read(copied.path());
    assert_eq!(
        complaints(&reading),
        ["ladder.csv, line 505: the last line is cut short; left out"]
    );
    assert_eq!(reading.rows.ladder.len(), 503);
}

#[test]
fn encodings_and_line_ends_of_other_programs_are_read() {
    let written: [fn(String) -> Vec<u8>; 9] = [
        |text| text.replace('\n', "\r").into_bytes(),
        |text| {
            let text = text.replace(',', "\t").replace('\n', "\r\n");
            let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        },
        |text| text.replace(",,", ",NaN,").into_bytes(),
        // No line end after the last line.
        |text| text.trim_end().replace('\n', "\r\n").into_bytes(),
        |text| text.trim_end().replace('\n', "\r").into_bytes(),
        |text| {
            let line = |line: &str| format!(" {} \n", line.replace(',', " , "));
            text.lines().map(line).collect::<String>().into_bytes()
        },
        |text| {
            let text = text.replace(',', ";").replace('\n', "\r\n");
            format!("sep=;\r\n{text}").into_bytes()
        },
        |text| {
            let text = format!("sep=\t\n{}", text.replace(',', "\t"));
            let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
            units.flat_map(u16::to_be_bytes).collect()
        },
        // Decimal commas, and commas between columns.
        |text| {
            let field = |field: &str| {
                if field.contains('.') {
                    format!("\"{}\"", field.replace('.', ","))
                } else {
                    field.to_owned()
                }
            };
            let line = |line: &str| {
                let fields: Vec<String> = line.split(',').map(field).collect();
                fields.join(",") + "\n"
            };
            text.lines().map(line).collect::<String>().into_bytes()
        },
    ];
    for write in written {
        let copied = copy();
        let path = copied.path().join("ladder.csv");
        let text = fs::read_to_string(&path).expect("the file");
        fs::write(&path, write(text)).expect("written");
        let reading = read(copied.path());
        assert_eq!(reading.rows.ladder, rows("one_cell").ladder);
    }
}

/// Checks that lines are counted with the one that names the delimiter, and that a folder with such
/// files is continued in this program's own form.
#[test]
fn a_line_that_names_the_delimiter_is_counted_and_goes_when_the_folder_is_used_again() {
    let copied = copy();
    let named = |text: String| format!("sep=;\n{}", text.replace(',', ";"));
    edit(copied.path(), "runs.csv", named);
    edit(copied.path(), "ladder.csv", |text| {
        let text = named(text);
        text[..text.len() - 3].to_owned()
    });
    edit(copied.path(), "timeline.csv", |_| {
        "sep=;\ncity;people\n".to_owned()
    });
    let reading = read(copied.path());
    assert_eq!(
        complaints(&reading),
        [
            "ladder.csv, line 506: the last line is cut short; left out",
            "timeline.csv, line 2: none of its columns is known: this is another program's file; \
             left out"
        ]
    );
    assert_eq!(reading.rows.runs, rows("one_cell").runs);
    fs::remove_file(copied.path().join("timeline.csv")).expect("removed");
    Store::create(copied.path()).expect("goes on");
    let text = fs::read_to_string(copied.path().join("runs.csv")).expect("the file");
    assert!(text.starts_with("scenario,"), "{text}");
    assert_eq!(read(copied.path()).rows.runs, rows("one_cell").runs);
}

#[test]
fn a_killed_run_is_cut_off_when_the_folder_is_used_again() {
    let copied = copy();
    let whole = rows("one_cell");
    // The rows in the other files were written completely, the row in runs.csv only in part.
    edit(copied.path(), "runs.csv", |text| {
        text[..text.len() - 40].to_owned()
    });
    let left_out = "rows of runs that runs.csv does not have; left out";
    let before = complaints(&read(copied.path()));
    assert!(
        before.iter().any(|complaint| complaint.ends_with(left_out)),
        "{before:?}"
    );
    let store = Store::create(copied.path()).expect("goes on");
    let reading = store.read();
    assert_eq!(complaints(&reading), [""; 0]);
    assert_eq!(reading.rows.runs, whole.runs[..whole.runs.len() - 1]);
    let last = one_run_of(&whole);
    store.append(&last).expect("written again");
    assert_eq!(store.read().rows, whole);
}

#[test]
fn rows_that_another_program_spoiled_are_kept_beside_the_file() {
    let copied = copy();
    let file = |name: &str| copied.path().join(name);
    edit(copied.path(), "runs.csv", |text| {
        text.replacen(
            "synthetic,short_poll,250ms,-,1,100",
            "synthetic,short_poll,250ms,-,1,x",
            1,
        )
    });
    let spoiled = fs::read(file("runs.csv")).expect("the file");
    let ladder = fs::read(file("ladder.csv")).expect("the file");
    Store::create(copied.path()).expect("goes on");
    assert_eq!(
        fs::read(file("runs.csv.before-1")).expect("a copy"),
        spoiled
    );
    assert_eq!(
        fs::read(file("ladder.csv.before-1")).expect("a copy"),
        ladder
    );
    assert!(fs::read(file("runs.csv")).expect("the file").len() < spoiled.len());
    assert!(fs::read(file("ladder.csv")).expect("the file").len() < ladder.len());
    Store::create(copied.path()).expect("goes on again");
    assert!(
        !file("runs.csv.before-2").exists(),
        "nothing else was left out"
    );
}

/// Returns the rows of the fixture's last run.
fn one_run_of(all: &Rows) -> Rows {
    let last = all.runs.last().expect("runs").clone();
    let is_it = |row: &LadderRow| {
        (&row.transport, &row.variant, row.repeat) == (&last.transport, &last.variant, last.repeat)
    };
    Rows {
        ladder: all
            .ladder
            .iter()
            .filter(|row| is_it(row))
            .cloned()
            .collect(),
        ledger: all
            .ledger
            .iter()
            .filter(|row| row.transport == last.transport && row.repeat == last.repeat)
            .cloned()
            .collect(),
        timeline: all
            .timeline
            .iter()
            .filter(|row| row.transport == last.transport && row.repeat == last.repeat)
            .cloned()
            .collect(),
        runs: vec![last],
    }
}

#[test]
fn a_foreign_file_is_left_out_and_never_added_to() {
    let copied = copy();
    edit(copied.path(), "ladder.csv", |_| {
        "city,population\nUlm,126000\n".to_owned()
    });
    let reading = read(copied.path());
    assert_eq!(
        complaints(&reading),
        [
            "ladder.csv, line 1: none of its columns is known: this is another program's file; left out"
        ]
    );
    assert!(matches!(
        Store::create(copied.path()),
        Err(StoreError::OtherColumns(_))
    ));
    let text = fs::read_to_string(copied.path().join("ladder.csv")).expect("the file");
    assert_eq!(text, "city,population\nUlm,126000\n");
}

#[test]
fn columns_of_another_version() {
    let copied = copy();
    edit(copied.path(), "ledger.csv", |text| {
        text.replacen("bytes,count", "octets,count", 1)
    });
    edit(copied.path(), "timeline.csv", |text| {
        text.replacen("p99_us", "p98_us", 1)
    });
    let reading = read(copied.path());
    assert_eq!(
        complaints(&reading),
        [
            "ledger.csv, line 1, column octets: is not known to this version; ignored",
            "ledger.csv, line 1, column bytes: is missing; the file is left out",
            "timeline.csv, line 1, column p98_us: is not known to this version; ignored",
            "timeline.csv, line 1, column p99_us: is missing; taken as empty",
        ]
    );
    assert!(reading.rows.ledger.is_empty());
    assert!(
        reading
            .rows
            .timeline
            .iter()
            .all(|row| row.p99_us.is_none() && row.p50_us.is_some())
    );
}

/// Checks that there is one complaint for all columns of a kind, however many were added since.
#[test]
fn a_folder_of_a_much_older_version() {
    let copied = copy();
    edit(copied.path(), "runs.csv", |text| {
        let header = text.lines().next().expect("a header");
        let kept = header
            .split(',')
            .take_while(|name| *name != "staleness_p50_us")
            .count();
        let lines = text.lines().map(|line| {
            let fields: Vec<&str> = line.split(',').take(kept).collect();
            fields.join(",") + ",x,x\n"
        });
        let text: String = lines.collect();
        text.replacen(",x,x", ",old,older", 1)
    });
    let reading = read(copied.path());
    insta::assert_snapshot!("older_version", complaints(&reading).join("\n"));
    assert!(
        reading
            .complaints
            .iter()
            .all(|complaint| !complaint.is_loss)
    );
    assert_eq!(reading.rows.runs.len(), rows("one_cell").runs.len());
}

/// The columns that stand behind those of latency between shards.
const NEWER: [&str; 13] = [
    "reconnect_attempts_peak_per_s",
    "undisturbed_p50_us",
    "undisturbed_p99_us",
    "first_delivery_us",
    "gap_p50_us",
    "gap_p99_us",
    "back_server_cpu_us",
    "back_server_cpu_peak_us",
    "envelope",
    "agent",
    "server_bytes_up",
    "server_bytes_down",
    "swarm_io",
];

/// Checks that a file which lacks only the columns that were added last is an earlier version's,
/// and that one which lacks another column is not.
#[test]
fn a_file_of_an_earlier_version_is_as_it_should_be() {
    let without = |lacks: fn(&str) -> bool| {
        let copied = copy();
        edit(copied.path(), "runs.csv", |text| {
            let mut lines = csv::ReaderBuilder::new();
            let mut lines = lines.has_headers(false).from_reader(text.as_bytes());
            let lines: Vec<csv::StringRecord> = lines.records().map(Result::unwrap).collect();
            let is_kept: Vec<bool> = lines[0].iter().map(|name| !lacks(name)).collect();
            let mut kept = csv::Writer::from_writer(Vec::new());
            for line in &lines {
                let fields = line.iter().zip(&is_kept);
                let fields = fields.filter_map(|(field, is_kept)| is_kept.then_some(field));
                kept.write_record(fields).unwrap();
            }
            String::from_utf8(kept.into_inner().unwrap()).unwrap()
        });
        complaints(&read(copied.path()))
    };
    assert_eq!(
        without(|name| {
            let is_group = name.starts_with("cross_shard_") || name.starts_with("agent_");
            is_group || NEWER.contains(&name)
        }),
        Vec::<String>::new()
    );
    assert_eq!(
        without(|name| name == "staleness_p50_us"),
        ["runs.csv, line 1, column staleness_p50_us: is missing; taken as empty"]
    );
}

#[test]
fn values_that_cannot_be() {
    let copied = copy();
    edit(copied.path(), "ladder.csv", |text| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[1] = "websocket,-,-,1,due,NaN,100,5".to_owned();
        lines[2] = "websocket,-,-,1,due,0.5,-100,5".to_owned();
        lines[3] = "websocket,-,-,1,due,1.5,100,5".to_owned();
        lines[4] = "websocket,-,-,1,noon,0.5,100,5".to_owned();
        lines[5] = "websocket,-,-,1,due,0.5,100".to_owned();
        lines.join("\n") + "\n"
    });
    let reading = read(copied.path());
    insta::assert_snapshot!("impossible_values", complaints(&reading).join("\n"));
    assert_eq!(reading.rows.ladder.len(), 504 - 5);
}

#[test]
fn bytes_that_are_no_text() {
    let copied = copy();
    let path = copied.path().join("timeline.csv");
    let mut bytes = fs::read(&path).expect("the file");
    let second_line = bytes
        .iter()
        .position(|&byte| byte == b'\n')
        .expect("a line")
        + 1;
    bytes[second_line] = 0xFF;
    fs::write(&path, bytes).expect("written");
    let reading = read(copied.path());
    assert_eq!(reading.complaints.len(), 1, "{:?}", reading.complaints);
    assert_eq!(reading.complaints[0].line, Some(2));
    fs::write(copied.path().join("runs.csv"), [0xFF, 0xFE, b'\n', 0]).expect("written");
    assert!(read(copied.path()).rows.runs.is_empty());
}
