//! The charts of connections that are lost and made in the course of a run.

use std::collections::BTreeSet;

use report::figure;
use results::RunRow;

use crate::rows;

/// Checks that connections are drawn where readers made some in the window, and only there; and
/// that another number of them is another drawing.
#[test]
fn connections_are_drawn_where_some_are_made() {
    let drawn = |made: u64| {
        let mut rows = rows("one_cell");
        for second in &mut rows.timeline {
            let is_cut = second.second == 3;
            second.connected = Some(if is_cut { 60 } else { 100 });
            second.connections = Some(if is_cut { made } else { 0 });
        }
        let figures = figure::all(&rows).expect("figures");
        let mut found = figures.into_iter();
        found
            .find(|figure| figure.name == "connections_over_time")
            .map(|figure| figure.svg)
    };
    let forty = drawn(40).expect("a figure");
    assert!(forty.contains("most 40/s") && forty.contains("least 60"));
    assert_ne!(Some(forty), drawn(41));
    assert_eq!(drawn(0), None);
}

/// Checks that each cell of a sweep has the figure of its connections, where some are made.
#[test]
fn each_cell_of_a_sweep_shows_how_readers_come_back() {
    let of_connections = |made: u64| {
        let mut rows = rows("delays");
        let cells: BTreeSet<String> = rows.runs.iter().map(|run| run.cell.clone()).collect();
        let templates = crate::rows("one_cell").timeline;
        let of_run = |run: &RunRow| {
            let mut seconds = templates[..20].to_vec();
            for (at, second) in (0..).zip(&mut seconds) {
                second.transport.clone_from(&run.transport);
                second.variant.clone_from(&run.variant);
                second.cell.clone_from(&run.cell);
                (second.repeat, second.second) = (run.repeat, at);
                (second.connected, second.connections) = (Some(100), Some(made));
            }
            seconds
        };
        rows.timeline = rows.runs.iter().flat_map(of_run).collect();
        for run in &mut rows.runs {
            run.comebacks = Some(made);
        }
        let figures = figure::all(&rows).expect("figures").into_iter();
        let names = figures.map(|figure| figure.name);
        let found = names.filter(|name| name.starts_with("connections_over_time."));
        (cells.len(), found.count())
    };
    let (cells, drawn) = of_connections(7);
    assert!(cells > 2, "{cells}");
    assert_eq!(drawn, cells);
    assert_eq!(of_connections(0).1, 0);
}
