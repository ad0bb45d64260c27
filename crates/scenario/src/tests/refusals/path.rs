//! Mistakes in what stands between people and server: a link, or a proxy.

use super::*;

/// Checks that a scenario with these values is refused in words that name the problem and a remedy.
fn assert_told(overrides: &[&str], problem: &str, remedy: &str) {
    let told = said(SMALL, overrides);
    assert!(
        told.contains(problem) && told.contains(remedy),
        "{overrides:?}: {told}"
    );
}

#[test]
fn a_link_that_cannot_be() {
    for (overrides, problem, remedy) in [
        (
            &["link.workers=0"][..],
            "link.workers: no workers",
            "1 is the least",
        ),
        (
            &["link.cut.after=0s"],
            "link.cut.after: 0s would end",
            "leave it out",
        ),
        (&["link.cut.idle=2days"], "longer than a day", "would work"),
        (
            &["link.cut.aftr=1s"],
            "did you mean \"after\"?",
            "after, idle",
        ),
        (
            &["link.workers=3", "server.tls=1.3"],
            "link.workers: under TLS the link sees connections",
            "wirebench link --tls",
        ),
        (
            &["link.cut.idle=3s", "server.tls=1.3"],
            "link.cut: under TLS the link sees connections",
            "no polls",
        ),
    ] {
        assert_told(overrides, problem, remedy);
    }
}

/// Checks that a link may cut, and have workers, under TLS where each connection is one exchange.
#[test]
fn under_tls_connections_are_cut_that_are_exchanges() {
    let of = |transport: &str, more: &[&str]| {
        let cut = [
            "server.tls=1.3",
            "link.cut.after=5s",
            "link.workers=3",
            transport,
        ];
        study(SMALL, &[&cut[..], more].concat()).is_ok()
    };
    let socket = "transport=[{ kind = \"websocket\" }]";
    let both = "transport=[{ kind = \"websocket\" }, { kind = \"http_stream\" }]";
    let readers = &["link.side=readers", "traffic.speak=post"][..];
    // Those who speak on their WebSockets have no other connection.
    assert!(of(socket, &[]));
    assert!(of(both, readers));
    for (transport, more) in [
        (both, &["traffic.speak=post"][..]),
        (both, &["traffic.speak=same"]),
        ("transport=[{ kind = \"long_poll\" }]", readers),
        (
            "transport=[{ kind = \"websocket\", protocol = \"sockjs\" }]",
            readers,
        ),
    ] {
        assert!(!of(transport, more), "{transport} {more:?}");
    }
}

#[test]
fn a_proxy_that_cannot_be() {
    let nginx = "proxy.kind=nginx";
    let own = "proxy.kind=command";
    for (overrides, problem, remedy) in [
        (
            &["proxy.settings=right"][..],
            "proxy.kind is missing",
            "write kind",
        ),
        (
            &["proxy.kind=nginxx"],
            "did you mean \"nginx\"?",
            "hitch, command",
        ),
        (
            &[nginx, "proxy.settings=./none.conf"],
            "cannot read",
            "\"right\" and \"none\"",
        ),
        (
            &["proxy.kind=caddy", "proxy.settings=websocket_lines"],
            "\"websocket_lines\" are lines of nginx, and the proxy is caddy",
            "kind = \"nginx\"",
        ),
        (
            &[nginx, "proxy.command=nginx"],
            "by its own name",
            "kind = \"command\"",
        ),
        (
            &[nginx, "server.tls=1.3"],
            "server.tls: the proxy",
            "tls = false",
        ),
        (
            &["proxy.kind=hitch", "link.workers=3"],
            "link.buffer: under TLS",
            "another kind",
        ),
        (&[own], "does not say what to start", "@PORT@"),
        (
            &[own, "proxy.command=relay @PROT@"],
            "@PROT@ is no hole",
            "@UPSTREAM@",
        ),
        (
            &[own, "proxy.command=relay @PORT@"],
            "has no @UPSTREAM@",
            "by @PORT@",
        ),
        (
            &[own, "proxy.command=relay @CONFIG@"],
            "there is none",
            "./mine.conf",
        ),
        (
            &[
                own,
                "proxy.command=a @PORT@ @UPSTREAM@",
                "proxy.settings=right",
            ],
            "nobody knows",
            "by its path",
        ),
    ] {
        assert_told(overrides, problem, remedy);
    }
}

#[test]
fn a_proxy_that_is_left_out_needs_nothing() {
    let overrides = [
        "proxy.kind=nginx",
        "proxy.settings=[\"none\", \"default\", \"sse_lines\", \"right\"]",
    ];
    let study = study(SMALL, &overrides).expect("a scenario");
    let words = study.cells.iter().map(|cell| {
        let proxy = cell.scenario.proxy.as_ref().expect("a proxy");
        (cell.label.clone(), proxy.is_there().then(|| proxy.words()))
    });
    let expected = [
        ("settings=none", None),
        ("settings=default", Some("nginx default")),
        ("settings=sse_lines", Some("nginx sse_lines")),
        ("settings=right", Some("nginx right")),
    ];
    let expected = expected.map(|(label, words)| (label.to_owned(), words.map(str::to_owned)));
    assert_eq!(words.collect::<Vec<_>>(), expected);
}
