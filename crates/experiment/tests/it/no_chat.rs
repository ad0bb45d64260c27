//! An answer's tokens and an agent's turns: how they end when they are asked to, and their bytes.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use experiment::{Agent, Arm, Asked, ExperimentError, Patience, Source, take};
use scenario::{Study, plan::Plan};

/// Returns the plans of a scenario that comes with the program, with these values.
fn plans(name: &str, sets: &[&str]) -> Vec<Plan> {
    let file = format!("{}/../../scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    Study::load(file.as_ref(), &sets).unwrap().plans()
}

/// Checks that an answer ends when it is asked to also where tokens come so fast that no read waits.
#[test]
fn an_answer_ends_when_it_is_asked_to() {
    let plan = plans("tokens", &["traffic.rate=1000"]).remove(0);
    let asked = Asked::of(&plan).unwrap();
    let source = Source::start(&asked).unwrap();
    let read = asked.read(&source, source.address, &|| true);
    assert!(matches!(read, Err(ExperimentError::Stopped)), "{read:?}");
}

/// Checks that turns end when they are asked to also in the midst of one that nobody answers.
#[test]
fn turns_end_when_they_are_asked_to_though_nobody_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let agent = Agent::start().unwrap();
    for arm in [Arm::new(false, true, false), Arm::new(true, true, false)] {
        let looks = AtomicUsize::new(0);
        let stopped = || looks.fetch_add(1, Ordering::Relaxed) > 0;
        let address = silent.local_addr().unwrap();
        let taken = take(&agent, address, arm, 1, Patience::default(), &stopped);
        assert!(matches!(taken, Err(ExperimentError::Stopped)), "{taken:?}");
    }
}

/// Checks that a turn that nobody answers ends when its time is over, and says so.
#[test]
fn a_turn_that_nobody_answers_ends_when_its_time_is_over() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let agent = Agent::start().unwrap();
    let patience = Patience {
        least: Duration::from_millis(300),
        ..Patience::default()
    };
    for arm in [Arm::new(false, true, false), Arm::new(true, true, false)] {
        let taken = take(&agent, address, arm, 1, patience, &|| false);
        let told = taken.expect_err("nobody answers").to_string();
        assert_eq!(told, "turn 1 had no whole answer after 300.0ms");
    }
}

/// Checks for each way, envelope and compression that the content and what is around it are all that
/// the socket counted, and are the sizes of the tokens where those say it.
#[test]
fn content_and_what_is_around_it_are_all_bytes() {
    let plans = plans(
        "tokens-compression",
        &["answer.tokens=20", "traffic.rate=1000"],
    );
    assert_eq!(plans.len(), 36);
    let mut held = 0;
    for plan in &plans {
        let asked = Asked::of(plan).unwrap();
        let source = Source::start(&asked).unwrap();
        let read = asked.read(&source, source.address, &|| false).unwrap();
        let [_, down] = read.bytes;
        assert_eq!(
            read.content_bytes + read.framing_bytes,
            down,
            "{}",
            plan.id()
        );
        assert_eq!(read.latencies.len(), 20, "{}", plan.id());
        assert_eq!(read.sent.len(), 20, "{}", plan.id());
        let mut both = read.sent.iter().zip(&read.latencies);
        assert!(both.clone().all(|(sent, due)| sent <= due));
        // What the source waited for, it had ready a little late.
        let is_less = both.any(|(sent, due)| sent < due);
        assert_eq!(is_less, !read.late.is_empty(), "{}", plan.id());
        if let Some(expected) = read.expected_bytes {
            assert_eq!(expected, down, "{}", plan.id());
            held += 1;
        }
    }
    assert_eq!(held, 9, "three ways that stay, in three envelopes");
}

/// Checks that the parts of the bytes are those that the sockets counted, in each manner and
/// direction.
#[test]
fn the_parts_of_the_bytes_are_those_of_the_sockets() {
    let agent = Agent::start().unwrap();
    for (is_socket, is_kept, sends_whole) in
        (0..8).map(|bits| (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0))
    {
        let arm = Arm::new(is_socket, is_kept, sends_whole);
        let taken = take(&agent, agent.address, arm, 3, Patience::default(), &|| {
            false
        })
        .unwrap();
        assert_eq!(taken.parts_bytes(), taken.bytes, "{arm:?}");
        assert_eq!(taken.setup_bytes != [0, 0], is_socket, "{arm:?}");
        let again = if sends_whole { 3_000 } else { 0 };
        assert_eq!(taken.history_bytes, again, "{arm:?}");
    }
}
