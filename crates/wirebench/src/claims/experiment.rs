//! Experiments that are no chat: the crate `experiment`, with the processes around
//! it, and its facts as a file.

use std::{collections::BTreeSet, path::Path, time::Duration};

use anyhow::bail;
use claims::{Evidence, Fact};
use experiment::Seen;
use scenario::Study;
use swarm::Target;
use wire::Compression;

use super::{ClaimFile, FACTS};
use crate::{child::Process, folder};

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
        _ => bail!(
            "no experiment is called {name:?}; there are kaazing, framing, frames, deflate, calls"
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

/// Measures each number of calls with and without the cap, several times. The settings become facts
/// as well, so that they are part of the judgement.
fn calls() -> anyhow::Result<Vec<Seen>> {
    let server = Process::serve(
        &scenario::Server::default(),
        Compression::None,
        &BTreeSet::new(),
    )?;
    let settings = link::Settings {
        delay: DELAY,
        connect_rtt: true,
        ..link::Settings::default()
    };
    let link = Process::link(&settings, server.address)?;
    let target = Target::at(link.address);
    let set = |quantity, value, unit| Seen {
        subject: "setting".to_owned(),
        quantity,
        value,
        unit,
    };
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
