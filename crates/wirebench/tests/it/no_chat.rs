//! Runs that are no chat: an answer's tokens and an agent's turns, by the names of their scenarios.

use crate::fixture::{column, ended, lost_nothing, run, text, wirebench};

fn numbers(values: &[String]) -> Vec<f64> {
    values.iter().map(|value| value.parse().unwrap()).collect()
}

#[test]
fn tokens_have_a_pace_and_a_price_in_each_envelope() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = ["answer.tokens=150", "traffic.rate=1000"];
    let output = run("tokens", &out, &sets).output().unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    let [ways, variants, envelopes, down, connected] = [
        "transport",
        "variant",
        "envelope",
        "bytes_down",
        "connect_bytes_down",
    ]
    .map(|name| column(&runs, name));
    assert_eq!(ways.len(), 12, "three envelopes over four ways");
    for pace in ["first_delivery_us", "gap_p99_us", "gap_p50_us"] {
        assert!(
            column(&runs, pace).iter().all(|us| !us.is_empty()),
            "{pace}"
        );
    }
    let polls = |way: &String| way == "long_poll";
    for (way, connected) in ways.iter().zip(&connected) {
        assert_eq!(polls(way), connected == "0", "{way} {connected}");
    }
    // The bytes of 150 tokens, half of them of four bytes and half of five.
    let of = |way: &str, variant: &str, envelope: &str| {
        let mut rows = (0..ways.len()).filter(|&at| {
            (ways[at].as_str(), variants[at].as_str()) == (way, variant)
                && envelopes[at] == envelope
        });
        down[rows.next().unwrap()].parse::<u64>().unwrap()
    };
    assert_eq!(of("websocket", "-", "raw"), 75 * (4 + 5) + 150 * 2);
    assert_eq!(
        of("websocket", "-", "openai"),
        75 * (4 + 5) + 150 * (218 + 4)
    );
    assert_eq!(of("http_stream", "ndjson", "raw"), 75 * (4 + 5) + 150 * 6);
    assert_eq!(
        of("http_stream", "sse", "raw"),
        75 * (4 + 5) + 150 * (8 + 5)
    );
    // What only a chat has is empty.
    for (name, value) in [
        ("settle_ms", ""),
        ("coherent_within_ms", ""),
        ("host_bytes", "1"),
    ] {
        let cells = column(&runs, name);
        assert!(cells.iter().all(|cell| cell == value), "{name}: {cells:?}");
    }
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("When the tokens came"));
    let plotted = wirebench().arg("plot").arg(&out).output().unwrap();
    ended(&plotted, 0);
}

#[test]
fn the_parts_of_an_agents_turns_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = ["agent.turns=[1, 4]", "link.delay=5ms"];
    let output = run("agent-turns", &out, &sets).output().unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    let whole = numbers(&column(&runs, "agent_whole_ms"));
    assert_eq!(
        whole.len(),
        16,
        "two numbers of turns, two manners twice, two ways"
    );
    let [setup, history, framing, waiting] = ["setup", "history", "framing", "waiting"]
        .map(|part| numbers(&column(&runs, &format!("agent_{part}_ms"))));
    for (at, whole) in whole.iter().enumerate() {
        let sum = setup[at] + history[at] + framing[at] + waiting[at];
        assert!((sum - whole).abs() <= 0.05 * whole, "{sum} {whole}");
        assert!(waiting[at] > 0.0 && framing[at] > 0.0);
    }
    let bytes = ["setup", "history", "framing", "content"]
        .map(|part| numbers(&column(&runs, &format!("agent_{part}_bytes"))));
    let sockets = ["bytes_up", "bytes_down"].map(|name| numbers(&column(&runs, name)));
    let agents = column(&runs, "agent");
    for (at, agent) in agents.iter().enumerate() {
        let sum: f64 = bytes.iter().map(|part| part[at]).sum();
        assert!(
            (sum - sockets[0][at] - sockets[1][at]).abs() < 0.5,
            "{agent}"
        );
        let again = if agent.ends_with("whole history") && agent.starts_with('4') {
            6_000.0
        } else {
            0.0
        };
        assert!(
            (bytes[1][at] - again).abs() < 0.5,
            "{agent}: {}",
            bytes[1][at]
        );
    }
    assert!(column(&runs, "host_bytes").iter().all(|bytes| bytes == "9"));
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("What the turns are made of"));
}

#[test]
fn what_belongs_to_a_chat_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let said = |scenario: &str, set: &str| {
        let output = run(scenario, &out, &[set]).output().unwrap();
        assert_ne!(output.status.code(), Some(0), "{set}");
        text(&output.stderr)
    };
    assert!(said("tokens", "swarm.clients=2").contains("have one reader"));
    assert!(said("tokens", "traffic.publishers=0").contains("at equal distances"));
    assert!(said("agent-turns", "agent.turns=0").contains("there are 1 to"));
    assert!(said("agent-turns", "churn={ rate = 1.0 }").contains("belongs to a chat"));
    assert!(said("tokens", "reconnect.base=1s").contains("belongs to a chat"));
    assert!(said("agent-turns", "link.cut.after=5s").contains("would end the only connection"));
    for (more, words) in [
        (["--target", "http://127.0.0.1:9"], "leave out --target"),
        (["--processes", "2"], "leave out --processes"),
    ] {
        let output = run("tokens", &out, &[]).args(more).output().unwrap();
        assert_ne!(output.status.code(), Some(0), "{more:?}");
        assert!(text(&output.stderr).contains(words), "{more:?}");
    }
    assert!(!out.exists(), "nothing is left of a run that was refused");
}
