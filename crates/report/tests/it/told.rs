//! Tests of the page beside the main table: receivers, connections, memory, the generator; and
//! swept values that are no plain numbers.

use analysis::{CellTable, digest};
use report::{figure, html, table};
use results::Rows;

use crate::{fixture, rows};

/// Returns a section of the page, as texts with bars between them.
fn section(page: &str, id: &str) -> String {
    let from = page.find(&format!("<section id=\"{id}\">")).expect(id);
    let to = page[from..].find("</section>").expect("its end");
    let mut text = String::new();
    let mut inside = false;
    for letter in page[from..from + to].chars() {
        match letter {
            '<' => {
                inside = true;
                if !text.ends_with('|') {
                    text.push('|');
                }
            }
            '>' => inside = false,
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    text.replace('|', " | ")
}

fn page(name: &str) -> String {
    html::page(&fixture(name), None).expect("a page")
}

#[test]
fn receivers_connections_and_the_generator() {
    let page = page("one_cell");
    for id in ["receivers", "connection", "generator"] {
        insta::assert_snapshot!(format!("told_{id}"), section(&page, id));
    }
}

#[test]
fn memory_by_regression() {
    let found = section(&page("sweep"), "connection");
    let from = found.find("Memory by regression").expect("the table");
    insta::assert_snapshot!("told_memory", found[from..].to_owned());
    let text = table::markdown(&CellTable::of(&digest::of_rows(&rows("sweep"))));
    let note = text.lines().find(|line| line.contains("by regression"));
    let note = note.expect("a note");
    assert!(
        note.contains("WebSocket at 0.25 messages/s in each room 9.12 KiB"),
        "{note}"
    );
}

/// Rows as an older version left them: the columns are there, and empty.
#[test]
fn an_older_folder_has_no_such_sections() {
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"] {
        let text = std::fs::read_to_string(fixture("one_cell").join(file)).expect("a file");
        // Columns that are newer than the version in question begin here.
        let header = text.lines().next().expect("a header");
        let kept = header
            .split(',')
            .take_while(|name| *name != "first_p50_us")
            .count();
        let older: Vec<String> = text
            .lines()
            .map(|line| line.split(',').take(kept).collect::<Vec<_>>().join(","))
            .collect();
        std::fs::write(folder.path().join(file), older.join("\n") + "\n").expect("written");
    }
    let page = html::page(folder.path(), None).expect("a page");
    assert!(!page.contains("id=\"receivers\"") && !page.contains("id=\"generator\""));
    // The figures that an older version had are shown nevertheless.
    assert!(section(&page, "connection").contains("900 µs"));
}

/// Returns the synthetic sweep with its rates renamed.
fn renamed(value: fn(&str) -> &'static str) -> Rows {
    let mut swept = rows("sweep");
    swept.runs.retain(|run| run.cell.starts_with("clients=10 "));
    for run in &mut swept.runs {
        let rate = run.cell.rsplit('=').next().unwrap_or_default();
        run.cell = value(rate).to_owned();
    }
    (swept.ladder, swept.ledger, swept.timeline) = (Vec::new(), Vec::new(), Vec::new());
    swept
}

#[test]
fn durations_are_to_scale_and_texts_have_places() {
    let delays = renamed(|rate| match rate {
        "0.25" => "link.delay=0ms",
        "1" => "link.delay=20ms",
        "4" => "link.delay=100ms",
        "16" => "link.delay=1s",
        _ => "link.delay=1500ms",
    });
    let kept = std::env::var_os("WIREBENCH_FIGURES").map(std::path::PathBuf::from);
    let folder = tempfile::tempdir().expect("a folder");
    let out = |name: &str| {
        kept.clone()
            .unwrap_or_else(|| folder.path().to_owned())
            .join(name)
    };
    let svg = |rows: &Rows, name: &str| {
        let figures = figure::all(rows).expect("figures");
        let found = figures.into_iter().find(|figure| figure.name == name);
        found.expect("the figure").svg
    };
    crate::draw_all(&delays, &out("times"));
    let bytes = svg(&delays, "by_cell_bytes");
    assert!(bytes.contains("one-way delay, ms"));
    let places: Vec<usize> = ["20", "100", "1,000", "1,500"]
        .map(|tick| bytes.find(&format!(">\n{tick}\n</text>")).expect(tick))
        .into();
    assert!(
        places.is_sorted(),
        "in the order of their lengths: {places:?}"
    );
    assert!(svg(&delays, "crossover_bytes").contains("ms of one-way delay"));

    let profiles = renamed(|rate| match rate {
        "0.25" | "1" => "headers.profile=minimal",
        "4" => "headers.profile=curl",
        _ => "headers.profile=browser",
    });
    crate::draw_all(&profiles, &out("texts"));
    let bytes = svg(&profiles, "by_factor_bytes");
    let heading = "a bar for each header profile";
    assert!(bytes.contains(heading) && bytes.contains("\ncurl\n</text>"));
    let figures = figure::all(&profiles).expect("figures");
    let has_line = |name: &str| name.starts_with("crossover") || name.starts_with("by_cell");
    let mut names = figures.iter().map(|figure| figure.name.as_str());
    assert!(!names.any(has_line), "texts have no between");
}

/// Returns the drawing of a figure.
fn svg_of(rows: &Rows, name: &str) -> String {
    let figures = figure::all(rows).expect("figures");
    let found = figures.into_iter().find(|figure| figure.name == name);
    found.expect(name).svg
}

/// Checks that the paths of a way stand side by side in their order, each under its name.
#[test]
fn paths_have_a_bar_each() {
    let paths = renamed(|rate| match rate {
        "0.25" => "http=1.1 tls=false",
        "1" => "http=1.1 tls=1.3",
        "4" => "http=2 tls=false",
        _ => "http=2 tls=1.3",
    });
    let svg = svg_of(&paths, "by_factor_bytes");
    let names = [
        "HTTP/1.1, no TLS",
        "HTTP/1.1, TLS 1.3",
        "HTTP/2, no TLS",
        "HTTP/2, TLS 1.3",
    ];
    let place = |name: &str| svg.find(&format!(">\n{name}\n</text>")).expect(name);
    assert!(names.map(place).is_sorted());
    assert!(svg.contains("a bar for each version of HTTP and version of TLS"));
    let silent = "nothing arrived";
    assert!(!svg.contains(silent));

    let mut failed = paths;
    for run in &mut failed.runs {
        if run.cell == "http=2 tls=false" {
            (run.delivered, run.valid) = (0, false);
        }
    }
    assert!(svg_of(&failed, "by_factor_bytes").contains(silent));
}

/// Checks that without a proxy comes first, whatever the letters say, and that what is not valid is
/// compared with nothing.
#[test]
fn bars_are_compared_with_what_has_least_in_its_path() {
    let mut settings = renamed(|rate| match rate {
        "0.25" => "settings=default",
        "1" => "settings=none",
        _ => "settings=right",
    });
    let place = |svg: &str, name: &str| svg.find(&format!(">\n{name}\n</text>")).expect(name);
    // What was not repeated has its ratio with a question mark.
    let ratios = |svg: &str| svg.matches('\u{d7}').count() + svg.matches(" ?\n").count();
    let whole = svg_of(&settings, "by_factor_bytes");
    let names = ["no proxy", "default settings", "right settings"];
    assert!(names.map(|name| place(&whole, name)).is_sorted());
    for run in &mut settings.runs {
        run.valid &= run.cell != "settings=default";
    }
    let doubted = svg_of(&settings, "by_factor_bytes");
    assert!(ratios(&doubted) < ratios(&whole), "{doubted}");
    for run in &mut settings.runs {
        run.valid &= run.cell != "settings=none";
    }
    // One ratio in the words above the chart.
    assert_eq!(ratios(&svg_of(&settings, "by_factor_bytes")), 1);
}

/// Checks that the bytes of a library are held against those of the same way without it.
#[test]
fn a_library_is_held_against_the_plain_way() {
    let mut rows = rows("one_cell");
    let is_socket = |transport: &str| transport == "websocket";
    let runs = rows.runs.iter().filter(|run| is_socket(&run.transport));
    let mut spoken: Vec<_> = runs.cloned().collect();
    for run in &mut spoken {
        "socket_io".clone_into(&mut run.variant);
    }
    let accounts = rows.ledger.iter().filter(|row| is_socket(&row.transport));
    let mut wrapped: Vec<_> = accounts.cloned().collect();
    for row in &mut wrapped {
        "socket_io".clone_into(&mut row.variant);
        if (row.layer.as_str(), row.direction.as_str()) == ("ws_head", "down") {
            row.bytes += 20 * row.count;
        }
    }
    rows.runs.extend(spoken);
    rows.ledger.extend(wrapped);
    let svg = svg_of(&rows, "library_adds");
    assert!(svg.contains("= 0 B + 24 B, +20 B"), "{svg}");
    assert!(svg.contains("= 0 B + 4 B\n"), "{svg}");
}
