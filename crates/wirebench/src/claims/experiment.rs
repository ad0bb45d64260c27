//! Experiments that are no chat: the crate `experiment`, with the processes around
//! it, and its facts as a file.

use std::{path::Path, time::Duration};

use anyhow::bail;
use claims::{Evidence, Fact};
use experiment::Seen;
use scenario::Study;
use swarm::Target;

use super::{ClaimFile, FACTS};
use crate::{
    child::{Process, ServeOptions},
    folder,
};

/// The length of the published ticker's message, in bytes.
const TICKER: usize = 21;
/// The messages of a thesis that compares framings: its smallest and its largest, and
/// the largest that has the shortest head.
const THESIS: [usize; 3] = [30, 125, 5_000];
/// The payload lengths around each step of a frame head's length.
const FRAMES: [usize; 5] = [21, 125, 126, 65_535, 65_536];
/// The chunk lengths around each step of a size line's length.
const CHUNKS: [usize; 8] = [1, 15, 16, 255, 256, 4_095, 4_096, 65_535];
/// The numbers of calls wanted at once, and the number of connections that a browser opens to a
/// host.
const CALLS: [usize; 3] = [1, 10, 50];
const CAP: usize = 6;
/// The one-way delay of the link before the calls' server.
const DELAY: Duration = Duration::from_millis(50);
/// The number of times that the calls are repeated, because the claim is decided by a ratio.
const REPEATS: usize = 5;

/// The streams that each tab of a browser keeps open.
const TAB_STREAMS: [usize; 3] = [1, 2, 3];
/// The tokens of one answer of a model.
const TOKENS: usize = 500;
/// The polls of an editor that is alone, and of one with others: the interval and the one-way
/// delay, in milliseconds, and the number of polls. With these delays an answer takes as long as
/// the published counts leave for it.
const SLEPT: [(u64, u64, usize); 2] = [(4_000, 143, 4), (1_000, 66, 12)];
/// The numbers of an agent's turns; and the one-way delays before its server, in milliseconds, each
/// with its repeats: the shorter a time, the more a busy machine adds to it.
const TURNS: [usize; 4] = [1, 8, 20, 40];
const DELAYS: [(u64, usize); 3] = [(0, 3), (25, 3), (100, 1)];

/// Runs an experiment by name and leaves its facts in the folder `within`.
pub(super) fn run(name: &str, claim_file: &ClaimFile, within: &Path) -> anyhow::Result<()> {
    let seen = match name {
        "kaazing" => {
            let study = Study::load(&claim_file.path, &[])?;
            experiment::kaazing(&study.cells[0].profile, TICKER)?
        }
        "framing" => framing()?,
        "frames" => frames(&THESIS)?,
        "deflate" => experiment::hello("Hello")?,
        "calls" => calls()?,
        "tokens" => experiment::envelopes(TOKENS)?,
        "slept" => slept()?,
        "turns" => turns()?,
        "tabs" => tabs()?,
        _ => bail!(
            "no experiment is called {name:?}; there are kaazing, framing, frames, deflate, calls, \
             tokens, slept, turns, tabs"
        ),
    };
    let evidence = Evidence {
        facts: seen.into_iter().map(fact).collect(),
        ..Evidence::default()
    };
    folder::replace(
        &within.join(FACTS),
        |draft| Ok(evidence.write_facts(draft)?),
    )
}

fn fact(seen: Seen) -> Fact {
    Fact {
        subject: seen.subject,
        quantity: seen.quantity.to_owned(),
        value: seen.value,
        unit: seen.unit.to_owned(),
    }
}

fn framing() -> anyhow::Result<Vec<Seen>> {
    let mut seen = frames(&FRAMES)?;
    seen.extend(experiment::chunks(&CHUNKS)?);
    seen.extend(experiment::handshake()?);
    Ok(seen)
}

fn frames(sizes: &[usize]) -> anyhow::Result<Vec<Seen>> {
    let server = Process::echo()?;
    let seen = experiment::frames(server.address, sizes)?;
    server.stop();
    Ok(seen)
}

/// Puts a link of this one-way delay before an address.
fn delayed(milliseconds: u64, to: std::net::SocketAddr) -> anyhow::Result<Process> {
    let settings = link::Settings {
        delay: Duration::from_millis(milliseconds),
        connect_rtt: true,
        ..link::Settings::default()
    };
    Process::link(&settings, to)
}

/// Measures polls that sleep after the answer beside polls that keep to a schedule, each interval
/// behind a link of its own.
fn slept() -> anyhow::Result<Vec<Seen>> {
    let server = Process::serve(&scenario::Server::default(), &ServeOptions::default())?;
    let mut seen = Vec::new();
    for (interval, delay, polls) in SLEPT {
        let link = delayed(delay, server.address)?;
        let interval = Duration::from_millis(interval);
        seen.extend(experiment::slept(link.address, interval, polls)?);
        link.stop();
    }
    server.stop();
    Ok(seen)
}

/// Opens tabs of a browser until one hangs, over both versions of HTTP.
fn tabs() -> anyhow::Result<Vec<Seen>> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    let server = Process::serve(&scenario::Server::default(), &ServeOptions::default())?;
    let mut target = Target::at(server.address);
    let mut seen = vec![set("cap", CAP as f64, "connections")];
    for http2 in [false, true] {
        target.http2 = http2;
        for streams in TAB_STREAMS {
            seen.extend(experiment::tabs(&target, CAP, streams)?);
        }
    }
    server.stop();
    Ok(seen)
}

/// Returns a setting of an experiment as a fact, so that it is part of the judgement.
fn set(quantity: &'static str, value: f64, unit: &'static str) -> Seen {
    Seen {
        subject: "setting".to_owned(),
        quantity,
        value,
        unit,
    }
}

/// Takes an agent's turns in each manner, behind links of each delay.
fn turns() -> anyhow::Result<Vec<Seen>> {
    let agent = experiment::Agent::start()?;
    let mut seen = Vec::new();
    for (delay, repeats) in DELAYS {
        let link = delayed(delay, agent.address)?;
        let label = delay.to_string();
        for turns in TURNS.repeat(repeats) {
            for arm in experiment::Arm::ALL {
                seen.extend(experiment::turns(&agent, link.address, arm, turns, &label)?);
            }
        }
        link.stop();
    }
    Ok(seen)
}

/// Measures each number of calls with and without the cap, several times. The settings become facts
/// as well, so that they are part of the judgement.
fn calls() -> anyhow::Result<Vec<Seen>> {
    let server = Process::serve(&scenario::Server::default(), &ServeOptions::default())?;
    let settings = link::Settings {
        delay: DELAY,
        connect_rtt: true,
        ..link::Settings::default()
    };
    let link = Process::link(&settings, server.address)?;
    let target = Target::at(link.address);
    let delay = settings.delay.as_secs_f64() * 1e3;
    let mut seen = vec![
        set("delay", delay, "ms"),
        set("cap", CAP as f64, "connections"),
    ];
    for _ in 0..REPEATS {
        for calls in CALLS {
            seen.extend(experiment::calls(&target, calls, CAP)?);
            if calls > CAP {
                let unlimited = experiment::calls(&target, calls, calls)?;
                seen.extend(unlimited.into_iter().take(1));
            }
        }
    }
    Ok(seen)
}
