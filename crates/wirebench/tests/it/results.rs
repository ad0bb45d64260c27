//! Tests of the files of a run, and of drawing them again.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
};

use crate::fixture::{
    MINIATURE, Serving, column, ended, lost_nothing, repository, run, text, wirebench,
};

fn figures(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder.join("figures"))
        .expect("figures")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(path).unwrap(),
            )
        })
        .collect()
}

#[test]
fn a_run_leaves_its_files_and_plot_draws_them_again() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let output = run("scenarios/quick.toml", &out, &MINIATURE)
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    assert!(text(&output.stdout).contains("WebSocket"), "a table");
    let runs = out.join("runs.csv");
    assert_eq!(
        column(&runs, "transport"),
        [
            "short_poll",
            "long_poll",
            "http_stream",
            "http_stream",
            "websocket"
        ]
    );
    assert_eq!(column(&runs, "expected"), ["200"; 5]);
    assert_eq!(column(&runs, "delivered"), ["200"; 5]);
    for file in [
        "manifest.json",
        "ladder.csv",
        "ledger.csv",
        "timeline.csv",
        "latency.hlog",
        "predictions.csv",
        "report.html",
    ] {
        assert!(out.join(file).is_file(), "{file}");
    }
    for told in [
        "first_p50_us",
        "last_p50_us",
        "staleness_p50_us",
        "coherence",
        "exchange_events",
        "last_same_share",
        "batch_max",
        "swarm_cpu_share",
        "setup_bytes_per_client",
        "silence_bytes_per_client_hour",
        "server_rss_added_bytes",
        "server_threads",
        "server_voluntary_switches",
    ] {
        let values = column(&runs, told);
        assert!(
            values.len() == 5 && values.iter().all(|value| !value.is_empty()),
            "{told}: {values:?}"
        );
    }
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["ended"], "complete");
    assert!(manifest["clock"]["step_ns"].as_u64().unwrap() > 0);
    assert_eq!(manifest["plans"].as_array().unwrap().len(), 5);

    let drawn = figures(&out);
    assert!(
        drawn.len() >= 12,
        "six figures, each as SVG and PNG: {:?}",
        drawn.keys()
    );
    fs::remove_dir_all(out.join("figures")).unwrap();
    ended(&wirebench().arg("plot").arg(&out).output().unwrap(), 0);
    let again = figures(&out);
    assert!(drawn == again, "same CSV, same bytes");
}

#[test]
fn a_server_that_runs_already_is_driven_and_left_running() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let mut serving = Serving::start(&[]);
    let output = run("scenarios/quick.toml", &out, &MINIATURE)
        .args(["--only", "websocket", "--quiet", "--target", &serving.url])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    assert_eq!(text(&output.stdout).trim(), out.to_string_lossy());
    assert_eq!(column(&out.join("runs.csv"), "delivered"), ["200"]);
    assert_eq!(
        column(&out.join("runs.csv"), "server_rss_bytes_per_client"),
        [""]
    );
    assert!(
        serving.child.try_wait().unwrap().is_none(),
        "the server goes on"
    );
}

#[test]
fn every_scenario_runs_in_miniature() {
    let folder = tempfile::tempdir().unwrap();
    let entries = fs::read_dir(repository().join("scenarios")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "toml")
    });
    assert!(files.len() > 10, "the scenarios are there");
    // A miniature mostly waits for its time to pass: some at once cost no more.
    let some = files.len().div_ceil(4);
    thread::scope(|scope| {
        for files in files.chunks(some) {
            scope.spawn(|| files.iter().for_each(|file| miniature(file, folder.path())));
        }
    });
}

fn miniature(file: &Path, folder: &Path) {
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    let out = folder.join(&name);
    // What a scenario sweeps is swept no more: one cell, one repeat.
    let mut sets = MINIATURE.to_vec();
    if name == "idle" {
        // Silence is the point of it.
        sets.retain(|set| !set.starts_with("traffic.rate"));
        sets.push("headers.profile=minimal");
    }
    if name == "messenger" {
        // Twenty people do not fill a hundred rooms.
        sets.extend(["swarm.rooms=4", "traffic.payload=60"]);
    }
    if name == "customer-service" {
        // Two clerks of ten rooms.
        sets.push("swarm.rooms_per_clerk=5");
    }
    if name == "groups" {
        sets.push("swarm.room_sizes=[2, 3, 5]");
    }
    if name == "burst" {
        sets.push("traffic.arrivals={ burst = 5 }");
    }
    if ["reconnect-storm", "resume"].contains(&name.as_str()) {
        sets.push("cut={ kind = \"reset\", after = \"300ms\" }");
        sets.push("reconnect={ base = \"100ms\" }");
    }
    if name == "event-source" {
        sets.push("cut={ kind = \"reset\", after = \"100ms\" }");
    }
    if name == "eviction" {
        sets.push("server.full=evict");
    }
    if name == "churn" {
        sets.push("churn={ rate = 10, away = \"200ms\", changes = true }");
    }
    if name == "proxies" {
        // Proxies have tests of their own, which say what must be installed.
        sets.push("proxy.settings=none");
    }
    if name == "nodes" {
        // Several servers have tests of their own, likewise.
        sets.extend(["server.store=memory", "server.nodes=1", "swarm.rooms=1"]);
    }
    if name == "compression" {
        sets.push("traffic.text=corpus");
    }
    if name == "open-and-closed" {
        sets.push("server.stall={ after = \"300ms\", for = \"200ms\" }");
    }
    if name.starts_with("tokens") && name != "tokens-chat" {
        sets.extend([
            "swarm.clients=1",
            "answer.tokens=20",
            "answer.envelope=openai",
        ]);
    }
    if name == "agent-turns" {
        sets.extend(["swarm.clients=1", "agent.turns=2", "agent.connection=new"]);
        sets.extend(["agent.history=whole", "link.delay=1ms"]);
    }
    let only = match name.as_str() {
        // The same ways and compressions as those of `compression`.
        "tokens-chat" => "websocket",
        _ => "long_poll,http_stream,websocket",
    };
    let output = run(file, &out, &sets)
        .args(["--only", only])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
}
