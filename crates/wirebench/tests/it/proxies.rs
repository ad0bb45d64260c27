//! Real proxies in the path: what they pass, what they do not, and that none of them is left.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use nix::sys::signal::Signal;

use crate::fixture::{
    MINIATURE, children, column, ended, is_alive, lost_nothing, run, signal, text, until, wirebench,
};

/// Returns whether a proxy is installed. If it is not, says so, or fails where all must be there.
#[expect(clippy::print_stderr, reason = "a check that is left out says so")]
pub(crate) fn is_there(program: &str, package: &str) -> bool {
    let folders = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let found = folders
        .split(':')
        .any(|folder| Path::new(folder).join(program).is_file());
    if !found {
        assert!(
            std::env::var_os("WIREBENCH_REQUIRE").is_none(),
            "{program} is missing; install {package}"
        );
        eprintln!("SKIPPED: {program} is missing, so nothing went through it; install {package}");
    }
    found
}

/// Returns the settings of a short run, and more.
pub(crate) fn sets<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&MINIATURE[..], more].concat()
}

/// Returns the keeper of a run's proxy, and all processes that it and these have started.
fn processes(run: u32) -> Vec<i32> {
    let mut found = children(run, "keep");
    let mut at = 0;
    while let Some(&parent) = found.get(at) {
        let file = format!("/proc/{parent}/task/{parent}/children");
        let list = fs::read_to_string(file).unwrap_or_default();
        found.extend(
            list.split_whitespace()
                .filter_map(|pid| pid.parse::<i32>().ok()),
        );
        at += 1;
    }
    found
}

/// Runs every way through a proxy with right settings. Nothing is lost, and the proxy's own columns
/// and its place in the manifest are filled.
fn all_is_heard(kind: &str, program: &str) {
    if !is_there(program, kind) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let kind_set = format!("proxy.kind={kind}");
    let sets = sets(&[&kind_set, "proxy.settings=right"]);
    let output = run("scenarios/quick.toml", &out, &sets).output().unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    assert_eq!(column(&runs, "transport").len(), 5);
    let words = format!("{kind} right");
    assert!(column(&runs, "proxy").iter().all(|proxy| *proxy == words));
    for measured in [
        "proxy_cpu_us_per_delivery",
        "proxy_rss_bytes",
        "server_bytes_up",
        "server_bytes_down",
    ] {
        let values = column(&runs, measured);
        let positive = |value: &String| value.parse::<f64>().is_ok_and(|value| value > 0.0);
        assert!(values.iter().all(positive), "{kind} {measured}: {values:?}");
    }
    let paths = column(&runs, "path");
    assert!(paths.iter().all(|path| path.contains(&words)), "{paths:?}");
    // Heads are the proxy's: no formula claims to know them.
    let predicted = fs::read_to_string(out.join("predictions.csv")).unwrap();
    assert_eq!(predicted.lines().count(), 1, "{predicted}");
    let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let kept = &manifest["proxies"][&words];
    let says = |key: &str| kept[key].as_str().unwrap_or_default().to_owned();
    assert!(
        says("version").contains(|c: char| c.is_ascii_digit()),
        "{kept}"
    );
    assert!(says("config").contains("@UPSTREAM"), "{kept}");
}

#[test]
fn every_way_through_nginx_set_right() {
    all_is_heard("nginx", "nginx");
}

#[test]
fn every_way_through_haproxy_set_right() {
    all_is_heard("haproxy", "haproxy");
}

#[test]
fn every_way_through_caddy_and_varnish_and_hitch_set_right() {
    all_is_heard("caddy", "caddy");
    all_is_heard("varnish", "varnishd");
    all_is_heard("hitch", "hitch");
}

/// Compares the two sides of nginx. Without it, what people and server count differs by what crosses
/// at the edges of the window: a message or two, of 50. With it, each answer has 46 bytes more on the
/// people's side (`Server: nginx/1.22.1`, `Connection: keep-alive`), and each frame has none.
#[test]
fn the_servers_side_differs_by_the_lines_of_nginx() {
    if !is_there("nginx", "nginx") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = sets(&[
        "proxy.kind=nginx",
        "proxy.settings=[\"none\", \"right\"]",
        "traffic.measure=5s",
        "traffic.payload=30",
    ]);
    let output = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "long_poll,websocket"])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    let numbers = |name: &str| -> Vec<f64> {
        let values = column(&runs, name);
        let numbers = values.iter().map(|value| value.parse::<f64>());
        let numbers: Result<_, _> = numbers.collect();
        numbers.unwrap_or_else(|_| panic!("{name}: {values:?}"))
    };
    let [up, down] = ["bytes_up", "bytes_down"].map(numbers);
    let [server_up, server_down] = ["server_bytes_up", "server_bytes_down"].map(numbers);
    let delivered = numbers("delivered");
    let (ways, proxies) = (column(&runs, "transport"), column(&runs, "proxy"));
    assert_eq!(ways.len(), 4);
    for row in 0..ways.len() {
        let answers_are_longer = ways[row] == "long_poll" && !proxies[row].is_empty();
        let range = if answers_are_longer {
            30.0..80.0
        } else {
            -20.0..20.0
        };
        let added = (down[row] - server_down[row]) / delivered[row];
        let which = format!("{} {:?}: {added}", ways[row], proxies[row]);
        assert!(range.contains(&added), "{which}");
        // Requests may lose their `Connection` on the way, and gain nothing.
        let (people, server) = (up[row], server_up[row]);
        assert!(server < people * 1.2 && server > people * 0.7, "{which}");
    }
}

#[test]
fn an_upgrade_that_is_not_passed_on_is_an_error_row_and_polls_go_on() {
    if !is_there("nginx", "nginx") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let output = run("scenarios/quick.toml", &out, &sets(&["proxy.kind=nginx"]))
        .args(["--only", "websocket,short_poll"])
        .output()
        .unwrap();
    ended(&output, 3);
    let runs = out.join("runs.csv");
    let rows = column(&runs, "transport")
        .into_iter()
        .zip(column(&runs, "error"));
    for (transport, error) in rows {
        let refused = error.contains("20 x answered with status 426");
        assert_eq!(refused, transport == "websocket", "{transport}: {error}");
    }
    let polls = column(&runs, "transport")
        .iter()
        .position(|way| way == "short_poll");
    let delivered = column(&runs, "delivered");
    assert_eq!(
        delivered[polls.unwrap()],
        column(&runs, "expected")[polls.unwrap()]
    );
}

/// Runs a chat through the lines that articles show: each lets some ways through, and the others are
/// error rows that say what came instead.
#[test]
fn the_lines_of_articles_let_half_of_the_ways_through() {
    if !is_there("nginx", "nginx") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (settings, refused, reason) in [
        ("websocket_lines", "http_stream", "not connected in time"),
        ("sse_lines", "websocket", "answered with status 426"),
    ] {
        let out = folder.path().join(settings);
        let setting = format!("proxy.settings={settings}");
        let sets = sets(&["proxy.kind=nginx", &setting, "swarm.connect_within=1s"]);
        let output = run("scenarios/quick.toml", &out, &sets)
            .args(["--only", "websocket,sse"])
            .output()
            .unwrap();
        ended(&output, 3);
        let runs = out.join("runs.csv");
        let ways = column(&runs, "transport");
        assert_eq!(ways.len(), 2, "{settings}");
        let words = format!("nginx {settings}");
        assert!(column(&runs, "proxy").iter().all(|proxy| *proxy == words));
        let (delivered, expected) = (column(&runs, "delivered"), column(&runs, "expected"));
        for (row, error) in column(&runs, "error").iter().enumerate() {
            let (way, is_refused) = (&ways[row], ways[row] == refused);
            assert_eq!(
                error.contains(reason),
                is_refused,
                "{settings} {way}: {error}"
            );
            let is_whole = delivered[row] == expected[row];
            assert!(is_refused || is_whole, "{settings} {way}: {error}");
        }
    }
}

#[test]
fn a_stream_that_is_kept_back_is_given_up_and_its_row_says_so() {
    if !is_there("nginx", "nginx") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = sets(&["proxy.kind=nginx", "swarm.connect_within=1s"]);
    let output = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "sse"])
        .output()
        .unwrap();
    ended(&output, 3);
    let runs = out.join("runs.csv");
    let error = &column(&runs, "error")[0];
    assert!(error.contains("20 x not connected in time"), "{error}");
    assert_eq!(column(&runs, "opened_readers"), ["0"]);
    assert_eq!(column(&runs, "delivered"), ["0"]);
}

/// Checks that a run that is interrupted, one that is killed, and one that ends leave no process of
/// a proxy.
#[test]
fn no_process_is_left() {
    if !is_there("nginx", "nginx") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let long = [
        "proxy.kind=nginx",
        "proxy.settings=right",
        "traffic.measure=60s",
    ];
    for how in [Signal::SIGINT, Signal::SIGKILL] {
        let out = folder.path().join(how.as_str());
        let mut child = run("scenarios/quick.toml", &out, &sets(&long))
            .args(["--only", "websocket"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The keeper, the master and its worker.
        let all = until("the proxy", || {
            let all = processes(child.id());
            (all.len() >= 3).then_some(all)
        });
        signal(i32::try_from(child.id()).unwrap(), how);
        child.wait().unwrap();
        until("the proxy's end", || {
            let alive = all.iter().any(|pid| is_alive(*pid));
            (!alive).then_some(())
        });
    }
}

/// Checks that a proxy that ends in mid-run ends the run, and takes its workers with it.
#[test]
fn a_proxy_that_is_killed_makes_an_error_row() {
    if !is_there("nginx", "nginx") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let long = [
        "proxy.kind=nginx",
        "proxy.settings=right",
        "traffic.measure=60s",
    ];
    let mut child = run("scenarios/quick.toml", &out, &sets(&long))
        .args(["--only", "websocket"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The run is under way, with the proxy up, once it tells of its progress.
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains(" measure ")));
    let all = processes(child.id());
    assert!(all.len() >= 3, "{all:?}");
    signal(all[1], Signal::SIGKILL);
    // Whoever prints into a pipe needs somebody who reads.
    said.for_each(drop);
    let output = child.wait_with_output().unwrap();
    ended(&output, 3);
    let error = &column(&out.join("runs.csv"), "error")[0];
    assert!(error.contains("the proxy (nginx right) ended"), "{error}");
    assert!(!all.iter().any(|pid| is_alive(*pid)), "{all:?}");
}

#[test]
fn a_proxy_that_dies_is_told_with_what_it_said() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |name: &str, script: &str, sets: &[&str]| {
        let program = folder.path().join(name);
        fs::write(&program, script).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&program, mode).unwrap();
        let command = format!("proxy.command={} @PORT@ @UPSTREAM@", program.display());
        let sets = [&MINIATURE[..], &["proxy.kind=command", &command], sets].concat();
        let output = run(
            "scenarios/quick.toml",
            &folder.path().join(format!("{name}-run")),
            &sets,
        )
        .args(["--only", "short_poll"])
        .output()
        .unwrap();
        (output.status.code(), text(&output.stderr))
    };
    let (code, said) = refused("dies", "#!/bin/sh\necho no such port $1 >&2\nexit 3\n", &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("the proxy (command dies) did not come up"),
        "{said}"
    );
    assert!(said.contains("no such port"), "{said}");
    let missing = run(
        "scenarios/quick.toml",
        &folder.path().join("missing"),
        &[
            "proxy.kind=command",
            "proxy.command=no-such-proxy @PORT@ @UPSTREAM@",
        ],
    );
    refuses(
        missing,
        "there is no program \"no-such-proxy\"",
        folder.path(),
    );
}

/// Asserts that a run is refused before anything is made.
fn refuses(mut command: std::process::Command, words: &str, folder: &Path) {
    let output = command.output().unwrap();
    ended(&output, 1);
    let said = text(&output.stderr);
    assert!(said.contains(words), "{said}");
    assert!(!folder.join("missing").exists(), "a run was begun");
}

#[test]
fn a_proxy_that_is_not_installed_is_refused_with_its_package() {
    let folder = tempfile::tempdir().unwrap();
    // Caddy is in no folder that is looked at beside those of the path.
    let mut command = run(
        "scenarios/quick.toml",
        &folder.path().join("missing"),
        &["proxy.kind=caddy"],
    );
    command.env("PATH", folder.path());
    refuses(command, "on Debian: apt-get install caddy", folder.path());
    let mut command = wirebench();
    command
        .args(["proxies", "--only", "caddy"])
        .env("PATH", folder.path());
    refuses(command, "on Debian: apt-get install caddy", folder.path());
}
