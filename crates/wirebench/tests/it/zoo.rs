//! `wirebench proxies`: what it finds of real proxies.

use std::fs;

use crate::{
    fixture::{column, ended, text, wirebench},
    proxies::is_there,
};

/// One proxy that does not come up is a row that says why, and the others are looked at.
#[test]
fn the_zoo_goes_on_where_a_proxy_does_not_come_up() {
    let folder = tempfile::tempdir().unwrap();
    let caddy = folder.path().join("caddy");
    fs::write(&caddy, "#!/bin/sh\necho the moon is wrong >&2\nexit 1\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&caddy, mode).unwrap();
    let output = wirebench()
        .args(["proxies", "--only", "caddy", "--most", "1", "--csv"])
        .env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()))
        .output()
        .unwrap();
    ended(&output, 3);
    let table = text(&output.stdout);
    let rows: Vec<&str> = table
        .lines()
        .filter(|row| row.starts_with("caddy "))
        .collect();
    assert_eq!(rows.len(), 2, "{table}");
    assert!(
        rows.iter().all(|row| row.contains("the moon is wrong")),
        "{table}"
    );
}

/// The zoo tells nginx's default settings from right ones.
#[test]
fn the_zoo_tells_default_settings_from_right_ones() {
    if !is_there("nginx", "nginx") || !is_there("haproxy", "haproxy") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = wirebench()
        .args([
            "proxies",
            "--only",
            "nginx,haproxy",
            "--most",
            "16",
            "--out",
        ])
        .arg(folder.path())
        .output()
        .unwrap();
    ended(&output, 0);
    let file = folder.path().join("proxies.csv");
    let columns = |name: &str| column(&file, name);
    let rows: Vec<String> = columns("proxy")
        .iter()
        .zip(columns("way"))
        .map(|(proxy, way)| format!("{proxy} {way}"))
        .collect();
    let of = |name: &str, row: &str| {
        let at = rows.iter().position(|own| own == row).expect(row);
        columns(name)[at].clone()
    };
    let socket = "WebSocket";
    assert_eq!(
        of("passes", &format!("nginx default {socket}")),
        "status 426"
    );
    for proxy in ["none", "nginx right", "haproxy default", "haproxy right"] {
        for way in [
            socket,
            "Stream (NDJSON)",
            "Stream (SSE)",
            "Long poll",
            "POST",
        ] {
            assert_eq!(
                of("passes", &format!("{proxy} {way}")),
                "yes",
                "{proxy} {way}"
            );
        }
    }
    let stream = "Stream (NDJSON)";
    let kept = of("head, ms", &format!("nginx default {stream}"));
    assert!(kept.starts_with("not in"), "{kept}");
    let bytes: f64 = of("first event, bytes", &format!("nginx default {stream}"))
        .parse()
        .unwrap();
    assert!((2_000.0..64_000.0).contains(&bytes), "{bytes}");
    let cut: f64 = of("cut at silence, s", &format!("nginx right {stream}"))
        .parse()
        .unwrap();
    assert!((0.9..3.9).contains(&cut), "{cut}");
    // The page and the settings to copy.
    for name in [
        "index.html",
        "proxies.json",
        "proxies.md",
        "nginx-right-nginx.conf",
    ] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    let settings = wirebench()
        .args(["proxies", "--settings", "nginx"])
        .output()
        .unwrap();
    let settings = text(&settings.stdout);
    assert!(
        settings.contains("proxy_set_header Upgrade $http_upgrade;"),
        "{settings}"
    );
    assert!(settings.contains("proxy_buffering off;"), "{settings}");
}
