//! A lesson's crowds: the browser's part played by the crate `experiment`.

use std::{fs, io, path::Path, time::Duration};

use anyhow::Context;
use claims::{Evidence, Fact};
use lessons::{Crowd, CrowdReading, Figure, Lesson, OfCrowd};
use swarm::Target;

use super::experiment::Work;
use crate::{
    child::{Process, ServeOptions},
    folder,
    session::no_room,
};

/// The file of facts, beside the page.
const FACTS: &str = "crowds.csv";

/// Measures what the checks ask of their crowds. Returns a fact for each check, by the crowd's
/// name. If the lab is continued, the facts of an earlier call are kept.
pub(super) fn measure(lesson: &Lesson, work: &Work<'_>) -> anyhow::Result<Evidence> {
    let mut seen = Evidence::default();
    let file = work.folder.join(FACTS);
    if work.resumes && file.exists() {
        seen.facts = Evidence::read_facts(&file)?;
        return Ok(seen);
    }
    for check in &lesson.experiment.check {
        let Figure::Crowd(of) = &check.figure else {
            continue;
        };
        let mut crowds = lesson.experiment.crowd.iter();
        let crowd = crowds
            .find(|crowd| crowd.name == of.crowd)
            .with_context(|| format!("the lesson has no crowd {:?}", of.crowd))?;
        if work.interrupt.seen() {
            // Facts about some of the crowds are not kept; all are measured again.
            return Ok(Evidence::default());
        }
        seen.facts.push(fact(crowd, of)?);
    }
    if !seen.facts.is_empty() {
        folder::replace(&file, |draft| Ok(seen.write_facts(draft)?))
            .with_context(|| no_room(work.go_on))?;
    }
    Ok(seen)
}

/// Removes what an earlier call saw.
pub(super) fn clear(folder: &Path) -> anyhow::Result<()> {
    let file = folder.join(FACTS);
    match fs::remove_file(&file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", file.display()))
        }
        _ => Ok(()),
    }
}

fn fact(crowd: &Crowd, of: &OfCrowd) -> anyhow::Result<Fact> {
    // Each reader is a socket, here and at the server.
    rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    let server = Process::serve(&scenario::Server::default(), &ServeOptions::default())?;
    // Another port of the same server is a link before it that adds nothing.
    let links = (1..crowd.ports)
        .map(|_| Process::link(&link::Settings::default(), server.address))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let addresses = [server.address].into_iter();
    let addresses = addresses.chain(links.iter().map(|link| link.address));
    let ports: Vec<_> = addresses
        .map(|address| Target {
            http2: crowd.http2,
            ..Target::at(address)
        })
        .collect();
    let readers = experiment::Crowd {
        transport: crowd.transport.parse()?,
        readers: crowd.readers as usize,
        cap: crowd.cap as usize,
        hold: Duration::from_secs_f64(crowd.hold.unwrap_or_default()),
    };
    let (value, unit) = match of.read {
        CrowdReading::Heard => (experiment::heard(&ports, readers)? as f64, "readers"),
        CrowdReading::DraftMs => {
            let took = experiment::draft(&ports, readers)?;
            (took.as_secs_f64() * 1e3, "ms")
        }
    };
    for link in links {
        link.stop();
    }
    server.stop();
    Ok(Fact {
        subject: crowd.name.clone(),
        quantity: of.read.name().to_owned(),
        value,
        unit: unit.to_owned(),
    })
}
