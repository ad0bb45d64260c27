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

/// Checks what is known of the lines that articles show for nginx.
fn the_lines_of_articles(found: &Findings) {
    let (socket, sse) = ("WebSocket", "Stream (SSE)");
    for (settings, over_socket, over_sse) in [
        ("default", "status 426", "kept back"),
        ("websocket_lines", "yes", "yes"),
        ("sse_lines", "status 426", "yes"),
        ("both_lines", "yes", "yes"),
    ] {
        let passes = |way: &str| found.of("passes", &format!("nginx {settings} {way}"));
        assert_eq!(passes(socket), over_socket, "{settings}");
        assert_eq!(passes(sse), over_sse, "{settings}");
        assert_eq!(passes("Long poll"), "yes", "{settings}");
        // None of them keeps a connection to the server.
        let note = found.of("note", &format!("nginx {settings} Short poll"));
        assert_eq!(note, "a connection to the server for each", "{settings}");
    }
    let note = |settings: &str| found.of("note", &format!("nginx {settings} {socket}"));
    assert_eq!(note("default"), "the upgrade is not passed on");
    assert_eq!(note("sse_lines"), "the upgrade is not passed on");
    assert_eq!(found.of("note", "nginx right Short poll"), "");
    // Where nginx asks in HTTP/1.1 and gathers answers, events pass it, but not the head alone, and
    // it takes all that a reader does not.
    let gathered = |name: &str| found.of(name, &format!("nginx websocket_lines {sse}"));
    assert!(gathered("head, ms").starts_with("not in"));
    assert!(gathered("taken of a flood, KiB").starts_with('>'));
    let of_both = found.of("head, ms", &format!("nginx both_lines {sse}"));
    assert!(of_both.parse::<f64>().is_ok(), "{of_both}");
    the_upgrade_without_a_version(found);
}

/// Checks what the lines for an upgrade do alone: they ask in the version that is nginx's own.
fn the_upgrade_without_a_version(found: &Findings) {
    let row = "nginx upgrade_lines WebSocket";
    let (passes, note) = (found.of("passes", row), found.of("note", row));
    let stream = found.of("passes", "nginx upgrade_lines Stream (SSE)");
    // From 1.29.7 on nginx asks in HTTP/1.1 by itself.
    let expected = if passes == "yes" {
        ["yes", "", "yes"]
    } else {
        let note = "the upgrade is passed on in HTTP/1.0";
        ["status 426", note, "kept back"]
    };
    assert_eq!([passes, note, stream], expected);
}

/// Checks that the zoo tells nginx's default settings from right ones, and from those that articles
/// show.
#[test]
fn the_zoo_tells_default_settings_from_right_ones() {
    if !is_there("nginx", "nginx") || !is_there("haproxy", "haproxy") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = wirebench()
        .args(["proxies", "--only", "nginx,haproxy", "--most", "16"])
        .args(["--lang", "zh"])
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
    the_lines_of_articles(&found);
    // The page and the settings to copy.
    for name in [
        "index.html",
        "proxies.json",
        "proxies.md",
        "nginx-right-nginx.conf",
        "nginx-websocket_lines-nginx.conf",
    ] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    let page = fs::read_to_string(folder.path().join("index.html")).unwrap();
    assert!(page.contains("<html lang=\"zh-CN\">"), "{page}");
    assert!(page.contains("静默 60 秒就被切断"), "{page}");
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
        "# nginx, websocket_lines: ",
        "# lacks proxy_read_timeout 3600s; what is silent for 60 s is cut",
    ] {
        assert!(settings.contains(line), "{settings}");
    }
}
