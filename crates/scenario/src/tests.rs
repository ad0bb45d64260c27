//! A scenario from text to plans, by example.

mod departures;
mod refusals;
mod shipped;
mod sweeps;
mod target;
mod variants;

use super::{ScenarioError, Study};
use crate::plan::Speak;

/// The least that is a scenario, with a few keys to get wrong.
const SMALL: &str = "\
name = \"small\"
question = \"Does it work?\"

[swarm]
clients = 100

[traffic]
rate = 4
speak = \"same\"
[[transport]]
kind = \"short_poll\"
interval = \"500ms\"

[[transport]]
kind = \"websocket\"
";

fn study(text: &str, overrides: &[&str]) -> Result<Study, ScenarioError> {
    let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
    Study::from_text("small.toml", text, &overrides)
}

/// Ways to read are compared with the same way up for all.
#[test]
fn who_speaks_does_so_by_post_unless_it_is_said_otherwise() {
    let text = SMALL.replace("speak = \"same\"\n", "");
    let said = |text: &str| {
        study(text, &[]).expect("a scenario").plans()[0]
            .traffic
            .speak
    };
    assert_eq!((said(&text), said(SMALL)), (Speak::Post, Speak::Same));
}

#[test]
fn what_is_left_out_is_filled_in_and_reads_back_the_same() {
    let scenario = study(SMALL, &[])
        .expect("a scenario")
        .cells
        .remove(0)
        .scenario;
    let written = toml::to_string(&scenario).expect("every value has a TOML form");
    insta::assert_snapshot!(written, @r#"
    name = "small"
    question = "Does it work?"
    motive = ""
    expect = ""
    seed = 1
    repeats = 1

    [swarm]
    clients = 100
    rooms = 1
    ramp = "2s"
    connect_within = "30s"
    shards = 1
    tabs = 1
    presence = false
    accounting = "all"

    [server]
    threads = 1
    log = 200
    coalesce = true
    tls = false
    http = "1.1"
    tls_resumption = true

    [traffic]
    publishers = 1
    rate = 4.0
    arrivals = "constant"
    speak = "same"
    pacing = "open"
    payload = 100
    coherent_within = "1s"
    settle = "1s"
    measure = "10s"
    drain = "10s"

    [headers]
    profile = "minimal"
    lines = []
    cookie = 0

    [[transport]]
    kind = "short_poll"
    interval = "500ms"
    keep_alive = true

    [[transport]]
    kind = "websocket"
    "#);
    let again = study(&written, &[]).expect("what was written is a scenario again");
    assert_eq!(again.cells[0].scenario, scenario);
}

#[test]
fn every_notation_reads_back_the_same() {
    let text = format!(
        "{SMALL}\n[headers]\nlines = [\"X-Token: 1\"]\ncookie = 40\n\
         [link]\ndelay = \"50ms\"\nrate = \"2mbit\"\nbuffer = \"4KiB\"\nstall_every = \"10s\"\nstall_for = \"1s 400ms\"\n\
         [server]\nstall = {{ after = \"2s\", for = \"1s 400ms\" }}\n\
         [objective]\nlost = 0\nwebsocket.p99 = \"< 50ms\"\n"
    );
    let overrides = [
        "traffic.arrivals={ burst = 20 }",
        "traffic.payload={ min = 10, max = 500 }",
        "traffic.pacing={ in_flight = 4 }",
        "traffic.coherent_within=200ms",
    ];
    let study = study(&text, &overrides).expect("a scenario");
    let scenario = &study.cells[0].scenario;
    let written = toml::to_string(scenario).expect("every value has a TOML form");
    let again = self::study(&written, &[]).expect("what was written is a scenario again");
    assert_eq!(again.cells[0].scenario, *scenario);
    let json = serde_json::to_string(&study).expect("a manifest can hold it");
    assert!(
        json.contains("\"payload\":{\"min\":10,\"max\":500}"),
        "{json}"
    );
}

#[test]
fn overrides_are_values_lists_words_and_places_in_lists() {
    let overrides = [
        "swarm.clients = 500",
        "headers.profile=browser",
        "traffic.rate=[1, 2]",
        "transport.0.interval=2s",
    ];
    let study = study(SMALL, &overrides).expect("a scenario");
    let labels: Vec<&str> = study.cells.iter().map(|cell| cell.label.as_str()).collect();
    assert_eq!(labels, ["rate=1", "rate=2"]);
    let plans = study.plans();
    assert!(
        plans
            .iter()
            .all(|plan| plan.swarm.clients == 500 && plan.headers.profile == "browser")
    );
    assert!(plans.iter().any(|plan| plan.variant.to_string() == "2s"));
}

#[test]
fn one_cell_once_runs_in_file_order() {
    let plans = study(SMALL, &[]).expect("a scenario").plans();
    let names: Vec<&str> = plans
        .iter()
        .map(|plan| plan.variant.transport().name())
        .collect();
    assert_eq!(names, ["short_poll", "websocket"]);
    assert_eq!(plans[0].cell, "-");
}

#[test]
fn repeats_are_spread_over_the_run_and_transports_share_a_seed() {
    let overrides = ["repeats=5", "swarm.clients=[10, 20, 30]"];
    let study = study(SMALL, &overrides).expect("a scenario");
    let plans = study.plans();
    assert_eq!(plans.len(), 5 * 3 * 2);
    for (index, plan) in plans.iter().enumerate() {
        assert_eq!(plan.repeat, index / 6 + 1, "repeat after repeat");
        assert_eq!(
            study.cell_of(plan).scenario.swarm.clients,
            plan.swarm.clients
        );
        for other in &plans {
            let same = (&plan.cell, plan.repeat) == (&other.cell, other.repeat);
            assert_eq!(plan.seed == other.seed, same);
        }
    }
    let order = |repeat: usize| -> Vec<(String, String)> {
        let of_it = plans.iter().filter(|plan| plan.repeat == repeat);
        of_it
            .map(|plan| (plan.cell.clone(), plan.variant.to_string()))
            .collect()
    };
    assert_ne!(order(1), order(2), "each repeat is shuffled anew");
    assert_eq!(study.plans(), plans, "by the seed, so the same each time");
}

#[test]
fn who_only_speaks_is_no_client_and_posts_whatever_the_transport() {
    let overrides = [
        "traffic.speak=post_close",
        "traffic.pacing=closed",
        "traffic.publishers=200",
        "headers.profile=browser",
    ];
    let plans = study(SMALL, &overrides).expect("a scenario").plans();
    for plan in &plans {
        assert_eq!((plan.swarm.clients, plan.publish_only()), (100, 200));
        assert!(!plan.speaks_and_listens(0));
        assert!(
            plan.say_headers
                .iter()
                .any(|(name, _)| name == "content-type")
        );
        assert_eq!(plan.traffic.pacing.label(), "closed");
    }
    assert_eq!(plans.len(), 2);
}

#[test]
fn modes_can_be_swept_like_anything_else() {
    let overrides = [
        "traffic.speak=[\"same\", \"post\"]",
        "traffic.pacing=[\"open\", { in_flight = 4 }]",
        "server.coalesce=[true, false]",
    ];
    let refused = study(SMALL, &overrides).expect_err("in flight needs listening speakers");
    assert!(refused.to_string().contains("cell"), "{refused}");
    let study = study(SMALL, &overrides[1..]).expect("a scenario");
    let labels: Vec<&str> = study.cells.iter().map(|cell| cell.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "coalesce=true pacing=open",
            "coalesce=true pacing=in_flight:4",
            "coalesce=false pacing=open",
            "coalesce=false pacing=in_flight:4"
        ]
    );
}

#[test]
fn pages_of_other_origins_are_told_from_the_server_s_own() {
    let origins = |overrides: &[&str]| {
        let plans = study(SMALL, overrides).expect("a scenario").plans();
        plans[0].other_origins().into_iter().collect::<Vec<_>>()
    };
    let profile = |name: &str| format!("headers.profile=\"{name}\"");
    assert!(origins(&[]).is_empty());
    assert!(origins(&[&profile("browser")]).is_empty());
    let ticker = profile("kaazing-2009");
    assert_eq!(origins(&[&ticker]), ["http://www.example.com"]);
    let own = r#"headers.lines=["Origin: https://a.test:81", "Referer: https://b.test/x"]"#;
    assert_eq!(origins(&[own]), ["https://a.test:81", "https://b.test"]);
}
