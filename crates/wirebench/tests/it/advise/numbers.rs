//! The numbers of advice: from a file, a folder, a capture, what others measured, or a page; and what
//! is refused.

use std::fs;

use serde_json::Value;

use crate::fixture::{ended, text, wirebench};

#[test]
fn numbers_come_from_a_file_or_a_folder_and_flags_go_before_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    fs::write(
        &file,
        "readers = 5000\nrooms = 100\nmessages_per_reader = 0.1\n",
    )
    .unwrap();
    let advised = |arguments: &[&str]| {
        let output = wirebench().arg("advise").args(arguments).output().unwrap();
        ended(&output, 0);
        text(&output.stdout)
    };
    let of_file = advised(&[
        file.to_str().unwrap(),
        "--messages-per-room",
        "2",
        "--markdown",
    ]);
    assert!(
        of_file.starts_with("5000 readers in 100 rooms, 2 messages a second"),
        "{of_file}"
    );
    assert!(
        of_file.contains("| latency, median, ms |") && of_file.contains("Durable Objects"),
        "{of_file}"
    );
    let csv = advised(&["--from", "results/comparison", "--readers", "100", "--csv"]);
    assert!(csv.starts_with("way,figure,unit,value,rests on\n"), "{csv}");
    let prices = advised(&["--print-prices"]);
    let own = folder.path().join("own.toml");
    fs::write(&own, prices.replace("USD", "EUR")).unwrap();
    let billed = advised(&[
        file.to_str().unwrap(),
        "--prices",
        own.to_str().unwrap(),
        "--csv",
    ]);
    assert!(billed.contains("EUR a month"), "{billed}");
}

#[test]
fn what_cannot_be_advised_on_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none.toml");
    fs::write(&none, "currency = \"USD\"\n").unwrap();
    let none = none.to_str().unwrap();
    let base = ["--readers", "10", "--messages-per-room", "1"];
    let with = |more: &[&'static str]| [&base[..], more].concat();
    for (arguments, told) in [
        (vec![], "give --readers N"),
        (with(&["--messages-per-reader", "1"]), "keep one of them"),
        (with(&["--rooms", "11"]), "leave rooms empty"),
        (with(&["--readers", "-3"]), "cannot be used multiple times"),
        (with(&["--payload", "-3"]), "give 1 to 65536"),
        (with(&["--profile", "nobody"]), "nobody"),
        (with(&["--from", "results/nowhere"]), "results/nowhere"),
        (
            with(&["--calibration", "nowhere.toml"]),
            "--calibrate writes one",
        ),
    ] {
        let output = wirebench().arg("advise").args(&arguments).output().unwrap();
        let said = text(&output.stderr);
        assert!(
            !output.status.success() && said.contains(told),
            "{arguments:?}: {said}"
        );
    }
    let output = wirebench()
        .arg("advise")
        .args(base)
        .args(["--prices", none])
        .output()
        .unwrap();
    ended(&output, 1);
    assert!(
        text(&output.stderr).contains("no [[plan]]"),
        "{}",
        text(&output.stderr)
    );
}

const POLLS: &str = "crates/capture/tests/fixture/short-poll.har";

fn advise(arguments: &[&str]) -> std::process::Output {
    wirebench().arg("advise").args(arguments).output().unwrap()
}

#[test]
fn numbers_come_from_a_capture_and_each_says_where_from() {
    let output = advise(&["--from", POLLS, "--markdown"]);
    ended(&output, 0);
    let said = text(&output.stdout);
    for words in [
        "| readers | 1 | conversations at once (short poll each 2.00 s)",
        "| intervals, s | 2 |",
        "give --rooms",
        "Short poll, 2s",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // A flag goes before the file, and the table says so.
    let output = advise(&[
        "--from",
        POLLS,
        "--readers",
        "500",
        "--rooms",
        "10",
        "--json",
    ]);
    ended(&output, 0);
    let advice: Value = serde_json::from_slice(&output.stdout).unwrap();
    let told = advice["workload"].as_str().unwrap();
    assert!(told.starts_with("500 readers in 10 rooms"), "{told}");
    let taken = advice["taken"].as_array().unwrap();
    let of = |number: &str| taken.iter().find(|line| line["number"] == number).unwrap();
    assert_eq!(of("readers")["from"], "--readers");
    assert_eq!(of("TLS")["value"], "1.3");
    assert!(text(&output.stderr).contains("give --round-trip-ms"));
}

#[test]
fn packets_under_tls_are_opened_by_the_secrets_in_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("life.pcapng");
    let output = wirebench()
        .args(["trace", "websocket", "--tls", "1.3", "--pcapng"])
        .arg(&file)
        .output()
        .unwrap();
    ended(&output, 0);
    let file = file.to_str().unwrap();
    let output = advise(&["--from", file, "--messages-per-room", "1", "--markdown"]);
    ended(&output, 0);
    let said = text(&output.stdout);
    for words in [
        "| readers | 1 | conversations at once (WebSocket)",
        "| TLS | 1.3 | the server's first message |",
        "| 1 | --messages-per-room |",
        "| HTTP | 1.1 | the requests |",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn what_a_capture_does_not_tell_is_named_with_its_flag() {
    let output = advise(&["--from", "crates/capture/tests/fixture/unsized.har"]);
    ended(&output, 1);
    let (told, refused) = (text(&output.stdout), text(&output.stderr));
    assert!(
        told.contains("no conversation reads again and again"),
        "{told}"
    );
    assert!(
        refused.contains("how many people read? give --readers"),
        "{refused}"
    );
    assert!(refused.contains("heads have no size"), "{refused}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.csv");
    fs::write(&file, "a,b\n").unwrap();
    for (arguments, words) in [
        (vec!["--from", file.to_str().unwrap()], "has no runs in it"),
        (vec!["--from", "README.md"], "neither pcap, pcapng nor HAR"),
        (
            vec!["--from", "results/comparison", "--keys", "README.md"],
            "leave --keys out",
        ),
        (vec!["--keys", "README.md"], "--from"),
    ] {
        let output = advise(&arguments);
        let said = text(&output.stderr);
        assert!(
            !output.status.success() && said.contains(words),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn a_workload_of_others_stands_beside_what_they_measured() {
    let output = advise(&["london-buses", "--markdown"]);
    ended(&output, 0);
    let said = text(&output.stdout);
    assert!(
        said.contains("https://github.com/pengrubin/london-live-2d/pull/7"),
        "{said}"
    );
    assert!(
        said.contains("| what they say |") && said.contains("14.6 MB an hour"),
        "{said}"
    );
    let refused = advise(&["nobody-knows-it"]);
    ended(&refused, 1);
    assert!(text(&refused.stderr).contains("workloads/london-buses"));
}

#[test]
fn a_page_with_sliders_is_written_and_served() {
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sliders.html");
    let base = [
        "--readers",
        "50",
        "--messages-per-room",
        "1",
        "--only",
        "websocket",
    ];
    let file_name = file.to_str().unwrap();
    let output = advise(&[&base[..], &["--page", file_name, "--csv"]].concat());
    ended(&output, 0);
    let page = fs::read_to_string(&file).unwrap();
    assert!(page.contains("function reckon(") && page.contains("\"title\":[\"WebSocket\""));
    let serving = crate::fixture::Serving::start(&[]);
    let address = serving.url.strip_prefix("http://").unwrap();
    let get = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        text(&answer)
    };
    let served = get("/advise");
    assert!(served.starts_with("HTTP/1.1 200"), "{served}");
    assert!(served.contains("script-src 'self'") && served.contains("src=\"/advise/page.js\""));
    assert!(served.contains("\"title\":[\"Long poll\""));
    assert!(get("/advise/page.js").contains("function reckon("));
    assert!(get("/advise/page.css").contains("text/css"));
}
