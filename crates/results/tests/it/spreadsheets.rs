//! Files that a spreadsheet has saved: fields that it drops, and lines as an editor counts them.

use std::fs;

use results::{Reading, Store};

use crate::{fixture, rows};

/// The number of rows, the header among them, in which Excel keeps all fields.
const KEPT: usize = 16;

/// Reads a copy of the fixture in which one file is changed.
fn saved(file: &str, change: &dyn Fn(&str) -> String) -> Reading {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"] {
        let text = fs::read_to_string(fixture("one_cell").join(name)).expect("the file");
        let text = if name == file { change(&text) } else { text };
        fs::write(folder.path().join(name), text).expect("written");
    }
    Store::open(folder.path()).expect("a folder").read()
}

/// Drops empty fields at the end of rows, as Excel does where the last columns of sixteen rows are
/// empty.
fn dropped(text: &str, end: &str) -> String {
    let lines = text.lines().enumerate().map(|(number, line)| {
        let is_kept = number < KEPT;
        let line = if is_kept {
            line
        } else {
            line.trim_end_matches(',')
        };
        line.to_owned() + end
    });
    lines.collect()
}

#[test]
fn empty_fields_that_a_spreadsheet_drops_at_the_end_of_rows_are_empty() {
    let all = rows("one_cell");
    let count = all.timeline.len() + 1 - KEPT;
    for end in ["\r\n", "\r"] {
        let reading = saved("timeline.csv", &|text| dropped(text, end));
        assert_eq!(reading.rows, all, "{end:?}");
        let told: Vec<String> = reading.complaints.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [format!(
                "timeline.csv: {count} rows are written as a spreadsheet writes them; read as they \
                 were meant"
            )]
        );
    }
}

/// Checks that a row is not made whole where it may have been cut: in a file of this program's own, in
/// one that has no line end at its end, and where a field is gone that must be there.
#[test]
fn a_row_that_may_be_cut_is_left_out() {
    let own = saved("timeline.csv", &|text| dropped(text, "\n"));
    let cut = saved("timeline.csv", &|text| {
        dropped(text, "\r\n").trim_end().to_owned()
    });
    for reading in [own, cut] {
        assert_eq!(reading.rows.timeline.len(), KEPT - 1);
        let first = reading.complaints[0].to_string();
        assert_eq!(
            first,
            "timeline.csv, line 17: has 12 of 14 fields; left out"
        );
    }
    let needed = saved("ladder.csv", &|text| {
        let text = text.replace('\n', "\r\n");
        text.replacen(",0.100000,26289,3000", ",0.100000,26289", 1)
    });
    let said: Vec<String> = needed.complaints.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["ladder.csv, line 3: has 7 of 8 fields; left out"]);
}

#[test]
fn the_last_row_is_named_by_its_line_where_no_line_end_is_behind_it() {
    for end in ["\r\n", "\r"] {
        let reading = saved("ladder.csv", &|text| {
            text.trim_end().replace('\n', end) + "x"
        });
        let said: Vec<String> = reading.complaints.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 1, "{said:?}");
        let begin = "ladder.csv, line 505, column count: is ";
        assert!(said[0].starts_with(begin), "{said:?}");
    }
}
