//! Several servers behind a proxy or links, and under TLS.

use std::{fs, path::Path, process::Stdio};

use crate::{
    fixture::{children, column, lost_nothing, run, until},
    proxies::{is_there, sets},
};

/// Returns the settings of a short run with two servers, and more.
fn two<'a>(more: &[&'a str]) -> Vec<&'a str> {
    sets(&[&["server.store=redis", "server.nodes=2"], more].concat())
}

/// Returns the number of sockets that a process has.
fn sockets(pid: i32) -> usize {
    let files = fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten();
    let links = files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok());
    links
        .filter(|link| link.to_string_lossy().starts_with("socket:"))
        .count()
}

/// Runs some ways through a proxy before two servers; nothing is lost.
fn all_is_heard(kind: &str, balance: &str, words: &str) {
    if !is_there(kind, kind) || !is_there("redis-server", "redis-server") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let proxy =
        format!("proxy={{ kind = \"{kind}\", settings = \"right\", balance = \"{balance}\" }}");
    let output = run(
        "scenarios/quick.toml",
        &out,
        &two(&[&proxy, "swarm.presence=true"]),
    )
    .args(["--only", "websocket,sse,long_poll,short_poll"])
    .output()
    .unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    assert_eq!(column(&runs, "nodes"), ["2"; 4]);
    assert_eq!(column(&runs, "proxy"), [words; 4]);
    let manifest = fs::read(out.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let config = &manifest["proxies"][format!("{words}, several servers")]["config"];
    assert!(
        config
            .as_str()
            .is_some_and(|text| text.contains("@SERVERS@")),
        "{manifest}"
    );
}

#[test]
fn nginx_leads_to_two_servers_in_turn() {
    all_is_heard("nginx", "round_robin", "nginx right");
}

#[test]
fn nginx_leads_each_person_to_the_same_server() {
    all_is_heard("nginx", "sticky", "nginx right sticky");
}

#[test]
fn haproxy_leads_to_two_servers_either_way() {
    all_is_heard("haproxy", "round_robin", "haproxy right");
    all_is_heard("haproxy", "sticky", "haproxy right sticky");
}

#[test]
fn people_behind_a_proxy_are_at_both_servers() {
    if !is_there("nginx", "nginx") || !is_there("redis-server", "redis-server") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let proxy = "proxy={ kind = \"nginx\", settings = \"right\" }";
    let sets = two(&[proxy, "traffic.measure=60s"]);
    let mut child = run("scenarios/quick.toml", &folder.path().join("run"), &sets)
        .args(["--only", "websocket"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Of twenty readers each has about ten, and a few sockets of its own.
    until("both servers have readers", || {
        let servers = children(child.id(), "serve");
        let have = servers.iter().filter(|pid| sockets(**pid) > 8).count();
        (servers.len() == 2 && have == 2).then_some(())
    });
    crate::fixture::signal(
        i32::try_from(child.id()).unwrap(),
        nix::sys::signal::Signal::SIGINT,
    );
    child.wait().unwrap();
}

/// Runs two ways over two servers with this setting; nothing is lost.
fn runs_with(setting: &str, out: &Path) -> bool {
    if !is_there("redis-server", "redis-server") {
        return false;
    }
    let output = run("scenarios/quick.toml", out, &two(&[setting]))
        .args(["--only", "websocket,sse"])
        .output()
        .unwrap();
    lost_nothing(&output, out);
    assert_eq!(column(&out.join("runs.csv"), "nodes"), ["2"; 2]);
    true
}

#[test]
fn two_servers_under_tls_show_one_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    if runs_with("server.tls=1.3", &out) {
        let tls = column(&out.join("runs.csv"), "tls");
        assert!(tls.iter().all(|tls| tls.starts_with("1.3")), "{tls:?}");
    }
}

#[test]
fn each_of_two_servers_has_a_link_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    if runs_with("link.delay=20ms", &out) {
        let runs = out.join("runs.csv");
        let p50 = column(&runs, "p50_us");
        let is_late = |p50: &String| p50.parse::<u64>().is_ok_and(|p50| p50 >= 40_000);
        assert!(p50.iter().all(is_late), "{p50:?}");
        assert_eq!(column(&runs, "read_delay_us"), ["20000"; 2]);
    }
}
