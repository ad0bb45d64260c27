//! Lists and ranges: how many cells, with which values, under which labels.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{SMALL, study};
use crate::StoreKind;

fn labels(overrides: &[&str]) -> Vec<String> {
    let study = study(SMALL, overrides).unwrap_or_else(|error| panic!("{error}"));
    study.cells.into_iter().map(|cell| cell.label).collect()
}

#[test]
fn the_first_in_the_file_varies_slowest() {
    assert_eq!(
        labels(&["traffic.rate=[1, 4]", "swarm.clients=[10, 100]"]),
        [
            "clients=10 rate=1",
            "clients=10 rate=4",
            "clients=100 rate=1",
            "clients=100 rate=4"
        ]
    );
}

#[test]
fn a_log_range_of_whole_numbers_has_each_once() {
    let doubled = "traffic.publishers={ from = 1, to = 64, steps = 7, scale = \"log\" }";
    let values = ["1", "2", "4", "8", "16", "32", "64"].map(|value| format!("publishers={value}"));
    assert_eq!(labels(&[doubled]), values);
    let rounded = "traffic.publishers={ from = 1, to = 4, steps = 6, scale = \"log\" }";
    assert_eq!(
        labels(&[rounded]),
        [
            "publishers=1",
            "publishers=2",
            "publishers=3",
            "publishers=4"
        ]
    );
}

#[test]
fn the_store_of_a_server_can_be_swept_and_is_written_down_only_if_it_is_not_usual() {
    assert_eq!(
        labels(&["server.store=[\"memory\", \"disk\"]"]),
        ["store=memory", "store=disk"]
    );
    let study = study(SMALL, &[]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(study.cells[0].scenario.server.store, StoreKind::Memory);
    let written = serde_json::to_string(&study).expect("JSON");
    assert!(!written.contains("\"store\""), "{written}");
    let wrong = study_with("server.store=\"tape\"");
    assert!(
        wrong.contains("memory") && wrong.contains("disk"),
        "{wrong}"
    );
}

/// Returns why a scenario with this override is refused.
fn study_with(set: &str) -> String {
    super::study(SMALL, &[set])
        .expect_err("refused")
        .to_string()
}

#[test]
fn fractions_durations_and_falling_ranges() {
    assert_eq!(
        labels(&["traffic.rate={ from = 0.5, to = 2.0, steps = 3, scale = \"log\" }"]),
        ["rate=0.5", "rate=1", "rate=2"]
    );
    assert_eq!(
        labels(&["link.delay={ from = \"120ms\", to = \"100ms\", steps = 3 }"]),
        ["delay=120ms", "delay=110ms", "delay=100ms"]
    );
    assert_eq!(
        labels(&["swarm.ramp={ from = \"1s\", to = \"2s\", steps = 3 }"]),
        ["ramp=1s", "ramp=1s500ms", "ramp=2s"]
    );
}

#[test]
fn versions_of_tls_beside_none() {
    use crate::Tls;
    let swept = study(SMALL, &["server.tls=[false, \"1.2\", 1.3]"]).unwrap();
    let of = |cell: &crate::Cell| (cell.label.clone(), cell.scenario.server.tls);
    assert_eq!(
        swept.cells.iter().map(of).collect::<Vec<_>>(),
        [
            ("tls=false".to_owned(), Tls::Off),
            ("tls=1.2".to_owned(), Tls::V1_2),
            ("tls=1.3".to_owned(), Tls::V1_3)
        ]
    );
}

#[test]
fn versions_of_http() {
    use crate::Http;
    let posts = "transport=[{ kind = \"long_poll\" }]";
    let swept = study(SMALL, &[posts, "server.http=[1.1, \"2\"]"]).unwrap();
    let versions: Vec<_> = swept
        .cells
        .iter()
        .map(|cell| cell.scenario.server.http)
        .collect();
    assert_eq!(versions, [Http::V1_1, Http::V2]);
    let swept = study(SMALL, &[posts, "server.http=2", "swarm.tabs=[1, 6]"]).unwrap();
    let tabs: Vec<_> = swept
        .cells
        .iter()
        .map(|cell| cell.scenario.swarm.tabs)
        .collect();
    assert_eq!(tabs, [1, 6]);
}

#[test]
fn tabs_over_both_versions_of_http() {
    use crate::Http;
    let posts = "transport=[{ kind = \"long_poll\" }, { kind = \"websocket\" }]";
    let both = "server.http=[\"1.1\", \"2\"]";
    let sets = [posts, both, "swarm.tabs=[1, 8]", "traffic.speak=post"];
    let swept = study(SMALL, &sets).unwrap();
    let cell = |cell: &crate::Cell| {
        let scenario = &cell.scenario;
        (scenario.server.http == Http::V2, scenario.swarm.tabs)
    };
    let mut cells: Vec<_> = swept.cells.iter().map(cell).collect();
    cells.sort_unstable();
    let each = |is_http2| [1, 8].map(|tabs| (is_http2, tabs));
    assert_eq!(cells, [each(false), each(true)].concat());
    assert!(swept.check_plans(&swept.plans()).is_ok());
}

#[test]
fn tables_words_and_names_that_clash() {
    assert_eq!(
        labels(&[
            "traffic.arrivals=[\"constant\", { burst = 20 }]",
            "headers.profile=[\"minimal\", \"browser\"]"
        ]),
        [
            "arrivals=constant profile=minimal",
            "arrivals=constant profile=browser",
            "arrivals=burst:20 profile=minimal",
            "arrivals=burst:20 profile=browser"
        ]
    );
    assert_eq!(
        labels(&["traffic.rate=[4]", "link.rate=[\"1mbit\"]"]),
        ["traffic.rate=4 link.rate=1mbit"]
    );
    assert_eq!(
        labels(&["traffic.payload={ min = 1, max = 9 }"]),
        ["-"],
        "sizes, not a sweep"
    );
    assert_eq!(
        labels(&["headers.lines=[\"A: 1\", \"B: 2\"]"]),
        ["-"],
        "lines, not a sweep"
    );
    assert_eq!(
        labels(&["swarm.room_sizes=[20, 30]"]),
        ["-"],
        "sizes of rooms, not a sweep"
    );
}

#[test]
fn a_cell_s_rooms_follow_its_clients() {
    let study = study(
        SMALL,
        &["swarm.clients=[100, 400]", "swarm.readers_per_room=20"],
    )
    .expect("a scenario");
    let rooms: Vec<usize> = study
        .cells
        .iter()
        .map(|cell| cell.scenario.swarm.room_count())
        .collect();
    assert_eq!(rooms, [5, 20]);
    assert_eq!(
        study.cells[1].swept,
        [("swarm.clients".to_owned(), "400".to_owned())]
    );
}

proptest! {
    #[test]
    fn cells_are_the_product(
        clients in prop::collection::btree_set(1_usize..10_000, 1..6),
        rates in prop::collection::btree_set(1_usize..100, 1..6),
        steps in 1_usize..6,
    ) {
        let overrides = [
            format!("swarm.clients={clients:?}").replace(['{', '}'], "").replace('=', "=[") + "]",
            format!("traffic.rate={rates:?}").replace(['{', '}'], "").replace('=', "=[") + "]",
            format!("traffic.payload={{ from = 1, to = 1000, steps = {steps} }}"),
        ];
        let overrides: Vec<&str> = overrides.iter().map(String::as_str).collect();
        let labels = labels(&overrides);
        let distinct: BTreeSet<&String> = labels.iter().collect();
        prop_assert_eq!(labels.len(), clients.len() * rates.len() * steps);
        prop_assert_eq!(labels.len(), distinct.len());
    }

    #[test]
    fn no_text_and_no_override_makes_it_panic(
        text in ".{0,200}",
        key in "[a-z.0-9]{0,20}",
        value in ".{0,40}",
    ) {
        let _ = study(&text, &[]);
        let _ = study(SMALL, &[&format!("{key}={value}")]);
    }

    #[test]
    fn whatever_passes_the_checks_makes_plans(
        overrides in prop::collection::vec((prop::sample::select(&KEYS), prop::sample::select(&VALUES)), 1..5),
    ) {
        let overrides: Vec<String> = overrides.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let overrides: Vec<&str> = overrides.iter().map(String::as_str).collect();
        if let Ok(study) = study(SMALL, &overrides) {
            let _ = study.check(1024);
            let variants = study.cells[0].scenario.transport.len();
            prop_assert_eq!(study.plans().len(), study.cells.len() * study.repeats * variants);
        }
    }
}

/// Keys to be given any of [`VALUES`], fitting or not.
const KEYS: [&str; 19] = [
    "repeats",
    "swarm.clients",
    "swarm.rooms",
    "swarm.readers_per_room",
    "swarm.room_sizes",
    "swarm.rooms_per_clerk",
    "swarm.ramp",
    "swarm.connect_within",
    "server.log",
    "traffic.publishers",
    "traffic.rate",
    "traffic.arrivals",
    "traffic.payload",
    "traffic.drain",
    "headers.cookie",
    "link.delay",
    "link.stall_for",
    "link.stall_every",
    "transport.0.interval",
];

const VALUES: [&str; 14] = [
    "0",
    "1",
    "7",
    "9223372036854775807",
    "-1",
    "1e308",
    "1e-300",
    "0s",
    "500000000000years",
    "1ns",
    "[1, 5, 25]",
    "{ from = 1, to = 9000000000000000000, steps = 3, scale = \"log\" }",
    "{ burst = 3 }",
    "{ min = 1, max = 50 }",
];
