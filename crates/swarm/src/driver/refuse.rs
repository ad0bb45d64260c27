//! The reasons why a run does not begin, each with what would have to change.

use std::io;

use wire::Carrier;

use crate::{
    draft,
    part::Part,
    plan::{Pacing, Plan, Speak},
    schedule,
    target::Target,
};

/// The reason why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A count that must be at least one is zero.
    #[error("the plan has no {0}; at least one is needed")]
    None(&'static str),
    /// Rooms would be empty.
    #[error("{rooms} rooms for {clients} people; use at most {clients} rooms")]
    EmptyRooms {
        /// Rooms of the plan.
        rooms: usize,
        /// People of the plan.
        clients: usize,
    },
    /// Drafts without anybody to say them, or more speakers than people.
    #[error(
        "{publishers} publishers in a room of {people} people; use 1 to {people}, or a rate of 0"
    )]
    Publishers {
        /// Publishers of a room in the plan.
        publishers: usize,
        /// People in the smallest room.
        people: usize,
    },
    /// The rate is no number of drafts a second.
    #[error("a rate of {0} drafts a second; use 0 or more")]
    Rate(f64),
    /// A text would be empty.
    #[error("a payload of {0} to {1} bytes; use at least 1, and the smaller bound first")]
    Payload(usize, usize),
    /// The run has more drafts than a tag can number.
    #[error(
        "about {0:.0} drafts; a run can have {most} (lower the rate, or measure for less time)",
        most = draft::MOST_DRAFTS
    )]
    TooManyDrafts(f64),
    /// A line of the header profile is no header.
    #[error("{0:?} is no HTTP header line")]
    Header(String),
    /// The description of a foreign server cannot be used.
    #[error("[target]: {0}")]
    Foreign(String),
    /// The plan needs connections that HTTP/2 does not have.
    #[error("over HTTP/2 there are no connections for one question or draft; use HTTP/1.1")]
    Http2,
    /// Readers cannot be tabs that share the connections of a browser.
    #[error(
        "over HTTP/1.1 the tabs of a browser cannot share its connections with {0}; use HTTP/2, or one \
         tab"
    )]
    Tabs(&'static str),
    /// The process may not open enough sockets.
    #[error(
        "the plan needs {need} descriptors and this process may open {limit} (hard limit): \
         {remedy}raise the limit (ulimit -Hn, or LimitNOFILE= in systemd)"
    )]
    Descriptors {
        /// Descriptors that the plan needs.
        need: u64,
        /// The hard limit.
        limit: u64,
        /// The number of clients by which the plan must shrink to fit, in words; empty if
        /// no number would fit.
        remedy: String,
    },
    /// The plan wants to read by `io_uring`, and this process cannot.
    #[error("io_uring cannot be had: {0}; use swarm.io = \"epoll\" or \"auto\"")]
    NoUring(io::Error),
    /// A part cannot do what the plan asks for.
    #[error("several processes cannot share a run with {0}; run it in one")]
    Part(&'static str),
    /// There are more parts than people.
    #[error("{parts} parts of {clients} clients; use at most {clients}")]
    EmptyPart {
        /// The number of parts.
        parts: usize,
        /// People of the plan.
        clients: usize,
    },
    /// The operating system refused something.
    #[error("cannot {0}: {1}")]
    System(&'static str, io::Error),
}

/// Returns whether all that a plan does can go over HTTP/2.
pub(super) fn goes_over_http2(plan: &Plan) -> bool {
    plan.variant.keeps_connections() && plan.traffic.speak != Speak::PostClose
}

/// Refuses what does not go over connections of HTTP/1.1 that several tabs use in turn.
pub(super) fn check_tabs(plan: &Plan, target: &Target) -> Result<(), StartError> {
    let (tabs, variant) = (plan.swarm.tabs, &plan.variant);
    if tabs <= 1 || target.http2 || variant.way().carrier() == Carrier::Frame {
        // A WebSocket is none of the connections that tabs share.
        return Ok(());
    }
    let most = variant.most_tabs(&plan.traffic);
    let comes_back = plan.cut.is_some() || plan.reconnect.is_some() || plan.churn.is_some();
    let cannot = [
        (
            most.is_some_and(|most| tabs > most),
            "streams that leave none of them",
        ),
        (
            !variant.keeps_connections(),
            "a connection for each question",
        ),
        (variant.protocol().is_library(), "a library's sessions"),
        (plan.foreign.is_some(), "a described [target]"),
        (comes_back, "[cut], [reconnect] or [churn]"),
        (!target.nodes.is_empty(), "several servers"),
    ];
    match cannot.into_iter().find(|(is_so, _)| *is_so) {
        Some((_, what)) => Err(StartError::Tabs(what)),
        None => Ok(()),
    }
}

/// Returns the advice to leave out some of the clients, if any would stay, or to divide them.
pub(super) fn fewer(missing: u64, plan: &Plan, part: Part) -> String {
    let missing = missing * part.of() as u64;
    if missing < plan.swarm.clients as u64 {
        format!("use {missing} fewer clients or more processes (--processes, --shard), or ")
    } else {
        String::new()
    }
}

/// Refuses what needs one clock, or one process that knows all.
pub(super) fn check_part(plan: &Plan, part: Part) -> Result<(), StartError> {
    let needs_one = [
        (
            matches!(plan.traffic.pacing, Pacing::InFlight { .. }),
            "pacing = { in_flight = .. }, whose drafts wait for each other",
        ),
        (
            plan.cut.is_some() || plan.reconnect.is_some(),
            "[cut] or [reconnect]",
        ),
        (plan.foreign.is_some(), "a described [target]"),
        (plan.swarm.tabs > 1, "swarm.tabs"),
    ];
    for (is_so, what) in needs_one {
        if is_so {
            return Err(StartError::Part(what));
        }
    }
    if part.of() > plan.swarm.clients {
        return Err(StartError::EmptyPart {
            parts: part.of(),
            clients: plan.swarm.clients,
        });
    }
    Ok(())
}

/// Refuses a plan that cannot be run.
pub(super) fn check(plan: &Plan) -> Result<(), StartError> {
    for (count, what) in [
        (plan.swarm.clients, "clients"),
        (plan.rooms(), "rooms"),
        (plan.swarm.shards, "shards"),
    ] {
        if count == 0 {
            return Err(StartError::None(what));
        }
    }
    if plan.rooms() > plan.swarm.clients {
        return Err(StartError::EmptyRooms {
            rooms: plan.rooms(),
            clients: plan.swarm.clients,
        });
    }
    if !plan.traffic.rate.is_finite() || plan.traffic.rate < 0.0 {
        return Err(StartError::Rate(plan.traffic.rate));
    }
    let people = plan.swarm.fewest_in_a_room();
    let nobody_speaks = plan.traffic.rate > 0.0 && plan.traffic.publishers == 0;
    let too_many = plan.traffic.speak == Speak::Same && plan.traffic.publishers > people;
    if nobody_speaks || too_many {
        return Err(StartError::Publishers {
            publishers: plan.traffic.publishers,
            people,
        });
    }
    if plan.traffic.payload.min == 0 || plan.traffic.payload.max < plan.traffic.payload.min {
        return Err(StartError::Payload(
            plan.traffic.payload.min,
            plan.traffic.payload.max,
        ));
    }
    let drafts = schedule::estimate(plan);
    // Poisson arrivals may be a little more than the estimate.
    if drafts > 0.9 * draft::MOST_DRAFTS as f64 {
        return Err(StartError::TooManyDrafts(drafts));
    }
    Ok(())
}
