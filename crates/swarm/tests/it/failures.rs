//! Tests that failures are counted, and that what was measured is kept.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use swarm::{
    StartError, Target,
    outcome::{Notice, Phase},
    plan::Variant,
};

use crate::fixture::{Server, each_variant, plan, run};

#[test]
fn a_server_that_dies_in_mid_run_ends_it_and_what_was_heard_is_kept() {
    each_variant(|mut plan, server| {
        plan.traffic.measure = Duration::from_mins(2);
        let began = Instant::now();
        let running = swarm::start(plan.clone(), Target::at(server.address)).unwrap();
        let heard_some = |notice| matches!(notice, Notice::Second(second) if second.delivered > 0);
        assert!(running.notices.iter().any(heard_some));
        server.kill();
        let outcome = running.finish();
        assert!(
            began.elapsed() < Duration::from_mins(1),
            "{variant:?}",
            variant = plan.variant
        );
        let reason = "nobody is connected any more";
        assert_eq!(outcome.ended_early, Some(reason.into()));
        assert!(outcome.delivered > 0);
        assert!(outcome.expected >= outcome.delivered);
        // What never came is in the histograms too.
        assert_eq!(outcome.due.len(), outcome.delivered + outcome.lost());
        // Each of the twelve failed at least once, in two ways at most.
        assert!(
            outcome.failures.values().sum::<u64>() >= 12,
            "{:?}",
            outcome.failures
        );
    });
}

#[test]
fn nobody_listens_at_the_target() {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let running = swarm::start(plan(Variant::Websocket), Target::at(address)).unwrap();
    let outcome = running.finish();
    assert!(outcome.ended_early.is_some());
    assert_eq!(
        outcome.failures,
        [("cannot connect: connection refused".to_owned(), 12)].into()
    );
    assert_eq!(outcome.delivered, 0);
}

#[test]
fn a_stopped_run_keeps_what_it_measured() {
    each_variant(|mut plan, server| {
        plan.traffic.measure = Duration::from_mins(2);
        let running = swarm::start(plan, Target::at(server.address)).unwrap();
        let a_second = |notice| matches!(notice, Notice::Second(_));
        assert!(running.notices.iter().any(a_second));
        running.stop("enough");
        running.stopper().stop("more than enough");
        let outcome = running.finish();
        assert_eq!(outcome.ended_early, Some("enough".into()));
        assert_eq!(outcome.failures, [].into());
        assert!(outcome.delivered > 0);
        assert_eq!(outcome.delivered, outcome.expected);
        assert!(outcome.measured >= Duration::from_secs(1));
    });
}

#[test]
fn a_run_can_be_stopped_before_it_measures() {
    let server = Server::start();
    let mut plan = plan(Variant::Websocket);
    plan.swarm.ramp = Duration::from_secs(100);
    let running = swarm::start(plan, Target::at(server.address)).unwrap();
    let connects = |notice| matches!(notice, Notice::Phase(Phase::Connect));
    assert!(running.notices.iter().any(connects));
    running.stop("enough");
    let outcome = running.finish();
    assert_eq!(outcome.ended_early, Some("enough".into()));
    assert_eq!((outcome.expected, outcome.delivered), (0, 0));
}

#[test]
fn a_run_that_is_stopped_while_it_settles_has_no_window() {
    let server = Server::start();
    let mut plan = plan(Variant::Websocket);
    plan.traffic.settle = Duration::from_mins(1);
    let running = swarm::start(plan, Target::at(server.address)).unwrap();
    let settles = |notice| matches!(notice, Notice::Phase(Phase::Settle));
    assert!(running.notices.iter().any(settles));
    running.stop("enough");
    let outcome = running.finish();
    assert_eq!(outcome.ended_early, Some("enough".into()));
    assert_eq!((outcome.expected, outcome.delivered), (0, 0));
    let lengths = (outcome.measured, outcome.window);
    assert_eq!(lengths, (Duration::ZERO, Duration::ZERO));
}

#[test]
fn a_draft_that_the_server_refuses_is_lost_and_counted() {
    each_variant(|mut plan, server| {
        plan.traffic.rate = 2.0;
        plan.traffic.settle = Duration::ZERO;
        plan.traffic.drain = Duration::from_millis(200);
        plan.traffic.payload = swarm::plan::Payload {
            min: 70_000,
            max: 70_000,
        };
        let (outcome, _) = run(&plan, &server);
        assert_eq!((outcome.expected, outcome.delivered), (24, 0));
        assert_eq!((outcome.drafts_due, outcome.drafts_said), (2, 0));
        assert_eq!((outcome.due.len(), outcome.sent.len()), (24, 24));
        assert_eq!(
            outcome.failures.values().sum::<u64>(),
            2,
            "{:?}",
            outcome.failures
        );
    });
}

#[test]
fn the_impossible_is_refused_with_what_would_work() {
    let target = Target::at("127.0.0.1:1".parse().unwrap());
    let refuse = |change: &dyn Fn(&mut swarm::plan::Plan)| {
        let mut plan = plan(Variant::Websocket);
        change(&mut plan);
        swarm::start(plan, target.clone()).unwrap_err()
    };
    assert!(matches!(
        refuse(&|plan| plan.swarm.clients = 0),
        StartError::None("clients")
    ));
    assert!(matches!(
        refuse(&|plan| plan.swarm.rooms = Some(13)),
        StartError::EmptyRooms { .. }
    ));
    assert!(matches!(
        refuse(&|plan| plan.traffic.publishers = 0),
        StartError::Publishers { .. }
    ));
    assert!(matches!(
        refuse(&|plan| plan.traffic.publishers = 13),
        StartError::Publishers { .. }
    ));
    assert!(matches!(
        refuse(&|plan| plan.traffic.rate = f64::NAN),
        StartError::Rate(_)
    ));
    assert!(matches!(
        refuse(&|plan| plan.traffic.rate = 1e12),
        StartError::TooManyDrafts(_)
    ));
    assert!(matches!(
        refuse(&|plan| plan.traffic.payload.min = 0),
        StartError::Payload(0, _)
    ));
    let bad_header =
        |plan: &mut swarm::plan::Plan| plan.read_headers = vec![("a b".into(), "c".into())];
    assert!(matches!(refuse(&bad_header), StartError::Header(_)));
    let error = refuse(&|plan| plan.swarm.clients = 100_000_000);
    assert!(matches!(error, StartError::Descriptors { .. }));
    assert!(error.to_string().contains("fewer clients"), "{error}");
}
