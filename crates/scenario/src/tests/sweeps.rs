//! Lists and ranges: how many cells, with which values, under which labels.

use std::collections::BTreeSet;

use proptest::prelude::*;
use wire::Protocol;

use super::{SMALL, study};
use crate::{
    StoreKind, TransportEntry,
    plan::{Plan, Variant},
};

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
}

#[test]
fn a_list_in_a_transport_makes_variants_not_cells() {
    let study = study(
        SMALL,
        &[
            "transport.0.interval=[\"1s\", \"5s\"]",
            "transport.0.keep_alive=[true, false]",
        ],
    )
    .expect("a scenario");
    let variants: Vec<String> = study
        .plans()
        .iter()
        .map(|plan| plan.variant.to_string())
        .collect();
    assert_eq!(variants, ["1s", "1s close", "5s", "5s close", "-"]);
    assert_eq!(study.cells.len(), 1);
}

/// Keep-alive or anything else for one side only would decide a comparison by itself.
#[test]
fn every_way_is_given_the_same_unless_its_variant_says_otherwise() {
    let text = format!(
        "{SMALL}[[transport]]\nkind = \"long_poll\"\n\
         [[transport]]\nkind = \"http_stream\"\nframing = [\"ndjson\", \"sse\"]\n"
    );
    let study = |overrides: &[&str]| study(&text, overrides).expect("a scenario").plans();
    for profile in ["minimal", "browser"] {
        let plans = study(&[&format!("headers.profile={profile}"), "traffic.speak=post"]);
        assert_eq!(plans.len(), 5);
        let packing = |plan: &Plan| {
            let named = plan.read_headers.iter();
            let mut lines = named.filter(|(name, _)| name.eq_ignore_ascii_case("accept-encoding"));
            lines.next().map(|(_, value)| value.clone())
        };
        for plan in &plans {
            assert!(plan.variant.keeps_connections(), "{}", plan.id());
            assert_eq!(packing(plan), packing(&plans[0]), "{}", plan.id());
            assert_eq!(
                (&plan.swarm, &plan.traffic, &plan.headers, &plan.say_headers),
                (
                    &plans[0].swarm,
                    &plans[0].traffic,
                    &plans[0].headers,
                    &plans[0].say_headers
                ),
                "{}",
                plan.id()
            );
        }
    }
    let names = |plans: Vec<Plan>| -> Vec<String> {
        let names = plans.iter().map(|plan| plan.variant.to_string());
        names.collect()
    };
    let (same, other) = (
        names(study(&[])),
        names(study(&["transport.2.keep_alive=false"])),
    );
    let differ = same.iter().zip(&other).filter(|(one, two)| one != two);
    assert_eq!(differ.count(), 1, "{same:?} and {other:?}");
}

#[test]
fn a_list_of_protocols_makes_variants_that_differ_in_name() {
    let text = SMALL.replace(
        "kind = \"websocket\"",
        "kind = \"websocket\"\nprotocol = [\"plain\", \"socket_io\", \"sockjs\"]\n\
         [[transport]]\nkind = [\"http_stream\", \"sse\"]\nprotocol = \"sockjs\"",
    );
    let plans = study(&text, &[]).expect("a scenario").plans();
    let named = |plan: &Plan| (plan.variant.transport().name(), plan.variant.to_string());
    let named: Vec<_> = plans.iter().skip(1).map(named).collect();
    let expected = [
        ("websocket", "-"),
        ("websocket", "socket_io"),
        ("websocket", "sockjs"),
        ("http_stream", "sockjs"),
        ("http_stream", "sse sockjs"),
    ];
    assert_eq!(
        named,
        expected.map(|(transport, variant)| (transport, variant.to_owned()))
    );
    for plan in plans {
        let entry = TransportEntry::from(plan.variant.clone());
        assert_eq!(entry.variant(), plan.variant);
    }
}

#[test]
fn a_list_of_compressions_makes_variants_that_ask_for_them() {
    let text = SMALL.replace(
        "kind = \"websocket\"",
        "kind = \"websocket\"\ncompression = [\"none\", \"deflate\", \"deflate_context\"]\n\
         [[transport]]\nkind = \"sse\"\ncompression = [\"gzip\", \"br\"]\n\
         [[transport]]\nkind = \"long_poll\"\nkeep_alive = false\ncompression = \"gzip\"",
    );
    let browser = "headers.profile=\"browser\"";
    for overrides in [&[][..], &[browser]] {
        let plans = study(&text, overrides).expect("a scenario").plans();
        let asked = |plan: &Plan| {
            // A browser accepts codings of an upgrade as well, which has no content.
            let is_it = |name: &str| match plan.variant.way() {
                wire::Way::Websocket => name.eq_ignore_ascii_case("sec-websocket-extensions"),
                _ => name.eq_ignore_ascii_case("accept-encoding"),
            };
            let lines = plan.read_headers.iter().filter(|(name, _)| is_it(name));
            let values: Vec<&str> = lines.map(|(_, value)| value.as_str()).collect();
            (plan.variant.to_string(), values.join(" & "))
        };
        let asked: Vec<_> = plans.iter().skip(2).map(asked).collect();
        let without = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        let expected = [
            ("deflate", without),
            ("deflate_context", "permessage-deflate"),
            ("sse gzip", "gzip"),
            ("sse br", "br"),
            ("hold 25s close gzip", "gzip"),
        ];
        let expected = expected.map(|(one, other)| (one.to_owned(), other.to_owned()));
        assert_eq!(asked, expected);
        for plan in plans {
            let entry = TransportEntry::from(plan.variant.clone());
            assert_eq!(entry.variant(), plan.variant);
            assert!(plan.variant.keeps_connections() || plan.variant.way().polls());
        }
    }
}

#[test]
fn framings_of_a_page_are_named_as_such_or_as_kinds() {
    let text = SMALL.replace(
        "kind = \"websocket\"",
        "kind = \"long_poll\"\nframing = \"jsonp\"\nhold = [\"2s\", \"25s\"]\n\
         [[transport]]\nkind = \"iframe\"\n\
         [[transport]]\nkind = \"http_stream\"\nframing = [\"ndjson\", \"sse\"]",
    );
    let plans: Vec<Plan> = study(&text, &["transport.0.interval=1s"]).unwrap().plans();
    let named = plans.iter().map(|plan| plan.variant.to_string());
    let mut named: Vec<String> = named.collect();
    named.sort();
    named.dedup();
    let expected = [
        "1s",
        "hold 25s jsonp",
        "hold 2s jsonp",
        "iframe",
        "ndjson",
        "sse",
    ];
    assert_eq!(named, expected);
    for plan in plans {
        let entry = TransportEntry::from(plan.variant.clone());
        assert_eq!(entry.variant(), plan.variant);
        let in_page = matches!(plan.variant, Variant::Jsonp { .. } | Variant::Iframe);
        assert_eq!(plan.variant.protocol() == Protocol::InPage, in_page);
    }
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
const KEYS: [&str; 16] = [
    "repeats",
    "swarm.clients",
    "swarm.rooms",
    "swarm.readers_per_room",
    "swarm.ramp",
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
