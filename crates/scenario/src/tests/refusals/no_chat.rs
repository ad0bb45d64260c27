//! Runs that are no chat, with what only a chat has, or without an end.

use super::{SMALL, said};

/// The overrides of an answer that is right.
const ANSWER: [&str; 3] = [
    "swarm.clients=1",
    "transport=[{ kind = \"websocket\" }]",
    "answer.tokens=5",
];
/// The overrides of an agent's turns that are right.
const AGENT: [&str; 3] = [
    "swarm.clients=1",
    "transport=[{ kind = \"websocket\" }]",
    "agent.turns=5",
];

fn told(right: [&str; 3], more: &[&str]) -> String {
    said(SMALL, &[&right[..], more].concat())
}

#[test]
fn what_only_a_chat_has() {
    for (right, elsewhere) in [(ANSWER, "tokens-chat"), (AGENT, "scenarios tls and http2")] {
        let fine = told(right, &["link.delay=10ms"]);
        assert!(fine.starts_with("no error"), "{fine}");
        for (more, key, remedy) in [
            (
                "reconnect.base=1s",
                "reconnect: belongs to a chat",
                "leave it out",
            ),
            (
                "headers.cookie=40",
                "headers: belongs to a chat",
                "leave it out",
            ),
            (
                "server.log=500",
                "server: belongs to a chat",
                "leave it out",
            ),
            ("server.tls=1.3", "server.tls: belongs to a chat", elsewhere),
            ("server.http=2", "server.http: belongs to a chat", elsewhere),
            (
                "link.cut.after=5s",
                "link.cut: would end",
                "stalls would work",
            ),
            (
                "link.reset_after=5s",
                "link.reset_after: would end",
                "stalls would work",
            ),
            (
                "link.idle_cut=5s",
                "link.idle_cut: would end",
                "stalls would work",
            ),
        ] {
            let told = told(right, &[more]);
            assert!(
                told.contains(key) && told.contains(remedy),
                "{more}: {told}"
            );
        }
        let told = told(right, &["traffic.speak=post", "link.side=readers"]);
        assert!(
            told.contains("link.side: ") && told.contains("side = \"both\""),
            "{told}"
        );
    }
}

#[test]
fn ways_that_carry_neither() {
    for (right, transport, problem, remedy) in [
        (
            ANSWER,
            "{ kind = \"short_poll\" }",
            "tokens are not streamed",
            "long_poll",
        ),
        (
            ANSWER,
            "{ kind = \"long_poll\", hold = \"5s\" }",
            "tokens are not",
            "no other keys",
        ),
        (
            ANSWER,
            "{ kind = \"long_poll\", keep_alive = false }",
            "tokens are not",
            "no other",
        ),
        (
            AGENT,
            "{ kind = \"long_poll\" }",
            "turns are not taken",
            "kind = \"sse\"",
        ),
        (
            AGENT,
            "{ kind = \"websocket\", compression = \"deflate\" }",
            "turns are not taken",
            "without compression",
        ),
    ] {
        let transport = format!("transport=[{transport}]");
        let told = told(right, &[transport.as_str()]);
        assert!(
            told.contains(problem) && told.contains(remedy),
            "{transport}: {told}"
        );
    }
    let fine = told(ANSWER, &["transport=[{ kind = \"long_poll\" }]"]);
    assert!(fine.starts_with("no error"), "{fine}");
}

#[test]
fn answers_and_turns_without_end() {
    for (right, more, problem, remedy) in [
        (
            AGENT,
            &["agent.turns=1001"][..],
            "1 to 1000 of them",
            "20 would work",
        ),
        (
            ANSWER,
            &["answer.tokens=0"],
            "1 to 100000 of them",
            "500 would work",
        ),
        (
            ANSWER,
            &["answer.tokens=100000", "traffic.rate=1"],
            "100000 tokens at 1 a second take",
            "tokens = 14400 would work",
        ),
        (
            ANSWER,
            &["traffic.publishers=2", "traffic.speak=post"],
            "from one source",
            "publishers = 1",
        ),
        (
            ANSWER,
            &["traffic.arrivals=poisson"],
            "equal distances",
            "constant",
        ),
        (
            ANSWER,
            &["traffic.pacing=closed"],
            "equal distances",
            "pacing = \"open\"",
        ),
    ] {
        let told = told(right, more);
        assert!(
            told.contains(problem) && told.contains(remedy),
            "{more:?}: {told}"
        );
    }
}
