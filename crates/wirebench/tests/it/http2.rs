//! HTTP/2 as a user meets it: curl, runs over it, a target that does not speak it.

use std::{
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::Command,
    thread,
};

use crate::fixture::{MINIATURE, Serving, column, ended, lost_nothing, run, text};

/// Returns the output of `curl` for these arguments: the answer, and behind it the status and the version.
fn curl(arguments: &[&str]) -> String {
    let output = Command::new("curl")
        .args(["--silent", "--max-time", "60", "--no-buffer"])
        .args(["--write-out", " %{http_code} over %{http_version}"])
        .args(arguments)
        .output()
        .expect("curl is there");
    assert!(output.status.success(), "{}", text(&output.stdout));
    text(&output.stdout)
}

#[test]
fn curl_speaks_http_2_by_prior_knowledge_and_by_alpn() {
    let draft = "{\"from\":\"ann\",\"text\":\"hello\"}";
    for (serve, speak) in [
        (&["--threads", "1"][..], &["--http2-prior-knowledge"][..]),
        (&["--threads", "1", "--tls"], &["--http2", "--insecure"]),
    ] {
        let serving = Serving::start(serve);
        let ask = |path: &str, more: &[&str]| {
            let url = format!("{}{path}", serving.url);
            curl(&[speak, more, &[url.as_str()]].concat())
        };
        let said = ask("/rooms/lobby/messages", &["--data", draft]);
        assert_eq!(said, "{\"seq\":1} 201 over 2");
        for path in ["/poll?after=0", "/long-poll?after=0"] {
            let said = ask(&format!("/rooms/lobby{path}"), &[]);
            assert!(said.starts_with("{\"events\":[{\"seq\":1,"), "{said}");
            assert!(said.ends_with(" 200 over 2"), "{said}");
        }
        let head = ask("/rooms/lobby/stream", &["--head"]);
        assert!(head.starts_with("HTTP/2 200"), "{head}");
        assert!(ask("/", &[]).ends_with(" 200 over 2"));
        assert!(ask("/nothing", &[]).ends_with(" 404 over 2"));
        // Who asks for HTTP/1.1 gets it, as before.
        let url = format!("{}/rooms/lobby/poll?after=0", serving.url);
        let said = curl(&["--http1.1", "--insecure", &url]);
        assert!(said.ends_with(" 200 over 1.1"), "{said}");
    }
}

#[test]
fn a_run_over_http_2_is_whole_and_its_frames_are_as_predicted() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let versions = "server.http=[\"1.1\",\"2\"]";
    let sets = [&MINIATURE[..], &[versions, "traffic.speak=same"]].concat();
    let output = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "long_poll,http_stream,websocket"])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    let cells = column(&runs, "cell");
    assert!(cells.len() >= 4, "{cells:?}");
    for (cell, http) in cells.iter().zip(column(&runs, "http")) {
        assert_eq!(cell.strip_prefix("http="), Some(http.as_str()));
    }
    assert!(column(&runs, "tabs").iter().all(|tabs| tabs == "1"));
    let ledger = out.join("ledger.csv");
    for (cell, layer) in column(&ledger, "cell").iter().zip(column(&ledger, "layer")) {
        let is_new = layer.starts_with("h2_");
        assert!(!is_new || cell == "http=2", "{layer} in {cell}");
        assert!(layer != "chunk" || cell == "http=1.1", "{layer} in {cell}");
    }
    let predictions = out.join("predictions.csv");
    let [quantities, predicted, measured] =
        ["quantity", "predicted", "measured"].map(|name| column(&predictions, name));
    let frames = || (0..quantities.len()).filter(|row| quantities[*row] == "h2_frame");
    for row in frames() {
        assert_eq!(predicted[row], measured[row]);
    }
    // Runs that are in doubt are not predicted.
    let valids = column(&runs, "valid");
    let any_is_valid = (valids.iter().zip(column(&runs, "http")))
        .any(|(valid, http)| valid == "true" && http == "2");
    assert!(
        frames().count() > 0 || !any_is_valid,
        "no frame was predicted"
    );
    assert_socket_pays_a_frame(&predictions);
}

/// Checks that all bytes of a WebSocket are predicted over both versions, with a frame of nine bytes for
/// each message over the second.
fn assert_socket_pays_a_frame(predictions: &Path) {
    let [transports, cells, quantities, predicted, within] =
        ["transport", "cell", "quantity", "predicted", "within"]
            .map(|name| column(predictions, name));
    let down = |cell: &str| {
        (0..cells.len()).find(|row| {
            (transports[*row].as_str(), cells[*row].as_str()) == ("websocket", cell)
                && quantities[*row] == "bytes_down_per_delivery"
        })
    };
    // Runs that are in doubt are not predicted.
    let (Some(old), Some(new)) = (down("http=1.1"), down("http=2")) else {
        return;
    };
    let bytes = |row: usize| predicted[row].parse::<f64>().unwrap();
    assert!((bytes(new) - bytes(old) - 9.0).abs() < 0.01, "{new} {old}");
    assert_eq!(within[new], "true", "{predicted:?}");
}

#[test]
fn a_target_of_http_1_1_is_an_error_row_with_the_reason() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer_in_http_1_1(stream));
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [&MINIATURE[..], &["server.http=2", "traffic.drain=1s"]].concat();
    let output = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "long_poll", "--target", &url])
        .output()
        .unwrap();
    ended(&output, 3);
    let runs = out.join("runs.csv");
    let errors = column(&runs, "error").join("\n");
    assert!(errors.contains("does not speak HTTP/2"), "{errors}");
    assert_eq!(column(&runs, "delivered"), ["0"]);
}

fn answer_in_http_1_1(mut stream: std::net::TcpStream) {
    let mut asked = [0; 1024];
    let _ = stream.read(&mut asked);
    let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    while stream.read(&mut asked).is_ok_and(|count| count > 0) {}
}
