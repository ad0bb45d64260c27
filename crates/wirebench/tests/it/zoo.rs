//! `wirebench proxies`: what it finds of real proxies.

use std::{fs, path::PathBuf};

use crate::{
    fixture::{column, ended, text, wirebench},
    proxies::is_there,
};

/// Checks that one proxy that does not come up is a row that says why, and the others are looked
/// at.
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

/// The rows of `proxies.csv`.
struct Findings(PathBuf);

impl Findings {
    /// Returns a column of the row of a proxy and a way, such as `nginx default WebSocket`.
    fn of(&self, name: &str, row: &str) -> String {
        let column = |name: &str| column(&self.0, name);
        let rows = column("proxy").into_iter().zip(column("way"));
        let mut names = rows.map(|(proxy, way)| format!("{proxy} {way}"));
        let at = names.position(|own| own == row).expect(row);
        column(name)[at].clone()
    }

    /// Returns the same column as a number.
    fn number(&self, name: &str, row: &str) -> f64 {
        self.of(name, row).parse().unwrap()
    }
}

/// Checks that the zoo tells nginx's default settings from right ones.
#[test]
fn the_zoo_tells_default_settings_from_right_ones() {
    if !is_there("nginx", "nginx") || !is_there("haproxy", "haproxy") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = wirebench()
        .args(["proxies", "--only", "nginx,haproxy", "--most", "16"])
        .arg("--out")
        .arg(folder.path())
        .output()
        .unwrap();
    ended(&output, 0);
    let found = Findings(folder.path().join("proxies.csv"));
    let (socket, stream) = ("WebSocket", "Stream (NDJSON)");
    assert_eq!(found.of("passes", "nginx default WebSocket"), "status 426");
    for proxy in ["none", "nginx right", "haproxy default", "haproxy right"] {
        for way in [socket, stream, "Stream (SSE)", "Long poll", "POST"] {
            let row = format!("{proxy} {way}");
            assert_eq!(found.of("passes", &row), "yes", "{row}");
        }
    }
    let by_default = format!("nginx default {stream}");
    let kept = found.of("head, ms", &by_default);
    assert!(kept.starts_with("not in"), "{kept}");
    let bytes = found.number("first event, bytes", &by_default);
    assert!((2_000.0..64_000.0).contains(&bytes), "{bytes}");
    let cut = found.number("cut at silence, s", &format!("nginx right {stream}"));
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
}

#[test]
fn the_right_settings_of_a_proxy_can_be_copied() {
    let settings = wirebench()
        .args(["proxies", "--settings", "nginx"])
        .output()
        .unwrap();
    let settings = text(&settings.stdout);
    for line in [
        "proxy_set_header Upgrade $http_upgrade;",
        "proxy_buffering off;",
    ] {
        assert!(settings.contains(line), "{settings}");
    }
}
