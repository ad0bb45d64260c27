//! Tests of the ways in which a results folder can be wrong: which complaint is made, and that the
//! rest is drawn and nothing panics.

use std::{fs, path::Path};

use analysis::{
    CellTable, digest,
    model::{self, prediction},
};
use report::{figure, html, table};
use results::Store;

use crate::fixture;

const FILES: [&str; 4] = ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"];

/// A file, a function that spoils it, the first complaint and the number of complaints.
struct Case {
    file: &'static str,
    spoil: fn(&[u8]) -> Vec<u8>,
    says: &'static str,
    complaints: usize,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the fixture is text")
}

/// Returns the bytes with one line, counted from 1, replaced.
fn with_line(bytes: &[u8], number: usize, line: &str) -> Vec<u8> {
    let text = text(bytes);
    let mut lines: Vec<&str> = text.lines().collect();
    lines[number - 1] = line;
    (lines.join("\n") + "\n").into_bytes()
}

const CASES: [Case; 17] = [
    Case {
        file: "timeline.csv",
        spoil: |bytes| [b"\xEF\xBB\xBF", bytes].concat(),
        says: "",
        complaints: 0,
    },
    Case {
        file: "runs.csv",
        spoil: |bytes| text(bytes).replace('\n', "\r\n").into_bytes(),
        says: "",
        complaints: 0,
    },
    Case {
        file: "ladder.csv",
        spoil: |_| Vec::new(),
        says: "ladder.csv, line 1: the file is empty, without even the names of its columns; left out",
        complaints: 1,
    },
    Case {
        file: "ladder.csv",
        spoil: |bytes| bytes[..bytes.len() / 2].to_vec(),
        says: "the last line is cut short; left out",
        complaints: 1,
    },
    Case {
        file: "ledger.csv",
        spoil: |bytes| text(bytes).replace(',', "|").into_bytes(),
        says: "ledger.csv, line 1: none of its columns is known",
        complaints: 1,
    },
    Case {
        file: "ledger.csv",
        spoil: |bytes| bytes.iter().flat_map(|&byte| [byte, 0]).collect(),
        says: "ledger.csv",
        complaints: 2,
    },
    Case {
        file: "timeline.csv",
        spoil: |_| {
            (0..4_000_u32)
                .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
                .collect()
        },
        says: "timeline.csv, line 1",
        complaints: 2,
    },
    Case {
        file: "ladder.csv",
        spoil: |bytes| with_line(bytes, 3, "\"websocket,-,-,1,due,0.5,100,5"),
        says: "lines: a quotation mark is never closed; left out",
        complaints: 1,
    },
    Case {
        file: "ladder.csv",
        spoil: |bytes| with_line(bytes, 3, "websocket,-,-,1,due,0.5,1e3,5"),
        says: "ladder.csv, line 3, column latency_us: is \"1e3\"; it must be a whole number of 0 or more; the row is left out",
        complaints: 1,
    },
    Case {
        file: "ladder.csv",
        spoil: |bytes| with_line(bytes, 3, "websocket,-,-,1,due,inf,100,5"),
        says: "ladder.csv, line 3, column quantile: is inf; it must be a number from 0 to 1; the row is left out",
        complaints: 1,
    },
    Case {
        file: "ladder.csv",
        spoil: |bytes| {
            with_line(
                bytes,
                3,
                "websocket,-,-,1,due,0.5,100,99999999999999999999999",
            )
        },
        says: "ladder.csv, line 3, column count: is larger than anything that is counted here; the row is left out",
        complaints: 1,
    },
    Case {
        file: "ladder.csv",
        spoil: |bytes| with_line(bytes, 3, "websocket,-,-,,due,0.5,100,5"),
        says: "ladder.csv, line 3, column repeat: is empty; it must be a whole number of 0 or more; the row is left out",
        complaints: 1,
    },
    Case {
        file: "runs.csv",
        spoil: |bytes| text(bytes).replacen(",true,", ",yes,", 1).into_bytes(),
        says: "column valid: is \"yes\"; it must be true or false; the row is left out",
        complaints: 4,
    },
    Case {
        file: "runs.csv",
        spoil: |bytes| {
            [
                bytes,
                text(bytes).lines().nth(1).unwrap_or_default().as_bytes(),
                b"\n",
            ]
            .concat()
        },
        says: "column repeat: and what stands before it: there is a row of this run already; the row is left out",
        complaints: 1,
    },
    Case {
        file: "ledger.csv",
        spoil: |bytes| {
            [
                bytes,
                text(bytes).lines().nth(1).unwrap_or_default().as_bytes(),
                b"\n",
            ]
            .concat()
        },
        says: "column layer: and what stands before it: the run has this account already; the row is left out",
        complaints: 1,
    },
    Case {
        file: "timeline.csv",
        spoil: |bytes| {
            text(bytes)
                .replacen("bytes_up", "bytes_down", 1)
                .into_bytes()
        },
        says: "timeline.csv, line 1, column bytes_down: is there twice; the file is left out",
        complaints: 2,
    },
    Case {
        file: "timeline.csv",
        spoil: |bytes| {
            text(bytes)
                .replace("websocket,", "websocket,9")
                .into_bytes()
        },
        says: "rows of runs that runs.csv does not have; left out",
        complaints: 1,
    },
];

fn spoiled(case: &Case) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in FILES {
        let mut bytes = fs::read(fixture("one_cell").join(file)).expect("the fixture");
        if file == case.file {
            bytes = (case.spoil)(&bytes);
        }
        fs::write(folder.path().join(file), bytes).expect("written");
    }
    folder
}

fn complaints(folder: &Path) -> Vec<String> {
    let digest = digest::of_folder(&Store::open(folder).expect("a folder"));
    digest.complaints.iter().map(ToString::to_string).collect()
}

#[test]
fn each_is_named_and_the_rest_is_drawn() {
    for (number, case) in CASES.iter().enumerate() {
        let folder = spoiled(case);
        let said = complaints(folder.path());
        assert_eq!(said.len(), case.complaints, "case {number}: {said:#?}");
        let first = said.first().map_or("", String::as_str);
        assert!(first.contains(case.says), "case {number}: {first}");
        let digest = digest::of_folder(&Store::open(folder.path()).expect("a folder"));
        let comparison = CellTable::of(&digest);
        assert!(
            table::terminal(&comparison, 200).contains("WebSocket"),
            "case {number}"
        );
        let figures = figure::all_of(&comparison).expect("what can be drawn");
        assert!(
            figures
                .iter()
                .any(|figure| figure.name == "requests_per_message")
        );
        let page = html::page(folder.path(), None).expect("a page");
        assert!(page.contains("class=\"doubt\""), "case {number}");
    }
}

/// Checks two ways of reading, one that keeps every row and one that keeps none.
#[test]
fn both_ways_of_reading_complain_alike() {
    // The account that is there twice is seen by the one that adds up.
    let other = CASES.iter().filter(|case| !case.says.contains("account"));
    for case in other {
        let folder = spoiled(case);
        let reading = Store::open(folder.path()).expect("a folder").read();
        let said: Vec<String> = reading.complaints.iter().map(ToString::to_string).collect();
        assert_eq!(said, complaints(folder.path()));
    }
}

#[test]
fn of_many_bad_rows_the_first_are_told_and_the_others_counted() {
    let case = Case {
        file: "ladder.csv",
        spoil: |bytes| text(bytes).replace(",due,", ",noon,").into_bytes(),
        says: "",
        complaints: 0,
    };
    let said = complaints(spoiled(&case).path());
    assert_eq!(said.len(), 21, "{said:#?}");
    assert_eq!(said[20], "ladder.csv: 484 more rows are left out");
}

#[test]
fn columns_in_another_order_mean_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    for file in FILES {
        let mut reader = csv_of(&fixture("one_cell").join(file));
        for row in &mut reader {
            row.reverse();
        }
        let lines: Vec<String> = reader.iter().map(|row| row.join(",")).collect();
        fs::write(folder.path().join(file), lines.join("\n") + "\n").expect("written");
    }
    let reading = Store::open(folder.path()).expect("a folder").read();
    assert_eq!(reading.complaints, []);
    assert_eq!(reading.rows, crate::rows("one_cell"));
}

#[test]
fn predictions_that_a_spreadsheet_saved_are_shown_as_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    for file in FILES {
        let from = fixture("one_cell").join(file);
        fs::copy(from, folder.path().join(file)).expect("copied");
    }
    let digest = digest::of_folder(&Store::open(folder.path()).expect("a folder"));
    prediction::write(model::compare_all(&digest), folder.path()).expect("written");
    let page = || html::page(folder.path(), None).expect("a page");
    let before = page();
    assert!(before.contains("Predicted and measured"));
    let file = folder.path().join(prediction::FILE);
    let text = fs::read_to_string(&file).expect("the file");
    let text = text
        .replace(",true,", ",TRUE,")
        .replace(",false,", ",FALSE,")
        .replace('\n', "\r\n");
    fs::write(&file, format!("\u{feff}{text}")).expect("written");
    assert!(page() == before);
}

fn csv_of(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).expect("the fixture");
    text.lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

/// Checks what a spreadsheet or a data frame makes of a file that is opened and saved.
#[test]
fn what_a_spreadsheet_did_is_read_as_it_was_meant() {
    type Change = fn(&[u8]) -> Vec<u8>;
    let changes: [(&str, Change); 6] = [
        ("a mark, CRLF, capitals", |bytes| {
            let text = text(bytes)
                .replace(",true,", ",TRUE,")
                .replace(",false,", ",FALSE,");
            format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes()
        }),
        ("semicolons", |bytes| {
            text(bytes).replace(',', ";").into_bytes()
        }),
        ("tabs", |bytes| text(bytes).replace(',', "\t").into_bytes()),
        ("blank columns and lines", |bytes| {
            let text = text(bytes).replace('\n', ",,\n");
            let commas = text.lines().next().unwrap().matches(',').count();
            format!("{text}{}\n\n", ",".repeat(commas)).into_bytes()
        }),
        ("columns the other way round", |bytes| {
            let turned = text(bytes)
                .lines()
                .map(|line| line.split(',').rev().collect::<Vec<_>>().join(",") + "\n")
                .collect::<String>();
            turned.into_bytes()
        }),
        ("fractions and an index", |bytes| {
            let lines: Vec<String> = text(bytes)
                .lines()
                .enumerate()
                .map(|(number, line)| {
                    if number == 0 {
                        return format!(",{line}\n");
                    }
                    let float = |field: &str| match field.parse::<u64>() {
                        Ok(count) => format!("{count}.0"),
                        Err(_) => field.to_owned(),
                    };
                    let fields: Vec<String> = line.split(',').map(float).collect();
                    format!("{number},{}\n", fields.join(","))
                })
                .collect();
            lines.concat().into_bytes()
        }),
    ];
    for (what, spoil) in changes {
        for file in ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"] {
            let read = |spoil: Change| {
                let case = Case {
                    file,
                    spoil,
                    says: "",
                    complaints: 0,
                };
                Store::open(spoiled(&case).path()).expect("a folder").read()
            };
            let (as_it_was, touched) = (read(<[u8]>::to_vec), read(spoil));
            assert!(as_it_was.rows == touched.rows, "{what}, {file}");
            let losses: Vec<_> = touched
                .complaints
                .iter()
                .filter(|one| one.is_loss)
                .collect();
            assert!(losses.is_empty(), "{what}, {file}: {losses:?}");
        }
    }
}
