//! TLS as a user meets it: runs under it, curl, targets that are trusted and others.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use crate::fixture::{MINIATURE, Serving, column, ended, lost_nothing, run, text};

/// Runs `curl` with these arguments; returns its exit code, and the status and body of the answer.
fn curl(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--max-time",
            "60",
            "--write-out",
            "%{http_code}",
        ])
        .args(arguments)
        .output()
        .expect("curl is there");
    (output.status.code(), text(&output.stdout))
}

#[test]
fn a_run_under_tls_is_whole_and_its_records_are_as_predicted() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [&MINIATURE[..], &["server.tls=[false,\"1.2\",\"1.3\"]"]].concat();
    let output = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "websocket,long_poll"])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    let cells = column(&runs, "cell");
    assert_eq!(cells.len(), 6);
    for (cell, tls) in cells.iter().zip(column(&runs, "tls")) {
        let expected = match cell.as_str() {
            "tls=false" => "off",
            cell => cell.strip_prefix("tls=").expect("the swept key"),
        };
        assert_eq!(tls, expected, "{cell}");
    }
    let predictions = out.join("predictions.csv");
    let quantities = column(&predictions, "quantity");
    let [cells, predicted, measured] =
        ["cell", "predicted", "measured"].map(|name| column(&predictions, name));
    let mut seen = 0;
    for (row, _) in quantities
        .iter()
        .enumerate()
        .filter(|(_, one)| *one == "tls_record")
    {
        assert_eq!(predicted[row], measured[row], "{}", cells[row]);
        let bytes: f64 = predicted[row].parse().unwrap();
        let expected = if cells[row] == "tls=1.3" { 22.0 } else { 29.0 };
        assert!((bytes - expected).abs() < 1e-9, "{}: {bytes}", cells[row]);
        seen += 1;
    }
    // A run that doubts itself on a busy machine is not compared.
    let rows = column(&runs, "tls").into_iter().zip(column(&runs, "valid"));
    let valid = rows.filter(|(tls, valid)| tls != "off" && valid == "true");
    assert!(seen > 0 || valid.count() == 0, "no record was predicted");
}

#[test]
fn curl_speaks_each_version_to_a_certificate_made_on_the_spot() {
    let serving = Serving::start(&["--tls", "--threads", "1"]);
    assert!(serving.url.starts_with("https://"), "{}", serving.url);
    let poll = format!("{}/rooms/lobby/poll?after=0", serving.url);
    for version in [&["--tlsv1.3"][..], &["--tlsv1.2", "--tls-max", "1.2"]] {
        let (code, said) = curl(&[&["--insecure", poll.as_str()][..], version].concat());
        assert_eq!(code, Some(0), "{said}");
        assert!(
            said.starts_with("{\"events\":[") && said.ends_with("200"),
            "{said}"
        );
    }
    // Nobody vouches for it.
    assert_eq!(curl(&[&poll]).0, Some(60));
    let plain = poll.replace("https", "http");
    let (code, said) = curl(&[&plain]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("use_tls") && said.ends_with("400"), "{said}");
}

#[test]
fn a_target_is_trusted_for_a_reason_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str| {
        let [certificate, key] = ["cert", "key"].map(|kind| {
            let file = folder.path().join(format!("{name}-{kind}.pem"));
            file.display().to_string()
        });
        let output = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
            ])
            .args(["-nodes", "-days", "2", "-subj", "/CN=chat"])
            .args(["-addext", "subjectAltName=DNS:localhost"])
            .args(["-keyout", &key, "-out", &certificate])
            .output()
            .expect("openssl is there");
        ended(&output, 0);
        (certificate, key)
    };
    let ((certificate, key), (another, _)) = (made("own"), made("another"));
    let shown = [
        "--tls-cert",
        &certificate,
        "--tls-key",
        &key,
        "--tls-version",
        "1.3",
    ];
    let serving = Serving::start(&shown);
    let by_name = serving.url.replace("127.0.0.1", "localhost");
    let cases: [(&str, &[&str], &[&str], &str); 5] = [
        (&by_name, &["--ca", &certificate], &[], ""),
        (&serving.url, &["--insecure"], &[], ""),
        (&by_name, &["--ca", &another], &[], "not trusted"),
        (
            &serving.url,
            &["--ca", &certificate],
            &[],
            "for another name",
        ),
        (
            &by_name,
            &["--ca", &certificate],
            &["server.tls=1.2"],
            "does not offer the version",
        ),
    ];
    for (place, (url, trust, more, reason)) in cases.into_iter().enumerate() {
        let out = folder.path().join(place.to_string());
        let sets = [&MINIATURE[..], &["traffic.drain=1s"], more].concat();
        let output = run("scenarios/quick.toml", &out, &sets)
            .args(["--only", "websocket", "--target", url])
            .args(trust)
            .output()
            .unwrap();
        let runs = out.join("runs.csv");
        if reason.is_empty() {
            lost_nothing(&output, &out);
            assert_eq!(column(&runs, "tls"), ["1.3"], "{url}");
        } else {
            ended(&output, 3);
            let errors = column(&runs, "error").join("\n");
            assert!(errors.contains(reason), "{url}: {errors}");
            assert_eq!(column(&runs, "delivered"), ["0"], "{url}");
        }
    }
}

#[test]
fn what_is_about_tls_needs_tls() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(&[]);
    let out = folder.path().join("run");
    let cases: [(&[&str], &[&str], &str); 3] = [
        (&["--insecure"], &[], "--target must name"),
        (
            &["--insecure", "--target", &serving.url],
            &[],
            "write https://",
        ),
        (
            &["--target", &serving.url],
            &["server.tls=1.3"],
            "reached in the clear",
        ),
    ];
    for (arguments, sets, reason) in cases {
        let mut command = run("scenarios/quick.toml", &out, sets);
        let output = command.args(arguments).output().unwrap();
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains(reason), "{said}");
    }
    let mut child = crate::fixture::wirebench()
        .args(["serve", "--listen", "127.0.0.1:0", "--tls-version", "1.3"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    assert!(said.contains("add --tls"), "{said}");
    child.wait().unwrap();
}
