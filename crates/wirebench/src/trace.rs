//! `wirebench trace`: one person's whole life on the wire, explained and drawn.

use std::{fs, io::Write, path::Path};

use anyhow::Context;
use scenario::{ScenarioError, Study};
use trace::{Record, Settings, Traced};

use crate::{Ended, args, progress};

/// Makes a trace, prints its listing, and writes the requested files.
pub(crate) fn trace(options: &args::Trace) -> anyhow::Result<Ended> {
    let mut settings = settings(options.way, &options.profile)?;
    settings.message.clone_from(&options.message);
    settings.link.clone_from(&options.link);
    settings.seed = options.seed;
    settings.tls = options.tls;
    let record = record(&settings)?;
    let text = format!(
        "{}\n{}",
        trace::listing(&record),
        trace::sequence::text(&record)
    );
    match &options.text {
        Some(file) => write(file, text.as_bytes())?,
        None => write!(crate::output::stdout(), "{text}")?,
    }
    if let Some(file) = &options.svg {
        write(file, trace::sequence::svg(&record).as_bytes())?;
    }
    if let Some(file) = &options.pcapng {
        write(file, &trace::pcapng(&record))?;
        progress::say(&format!(
            "{}: packets rebuilt from the socket's bytes, not captured",
            file.display()
        ));
    }
    if let Some(file) = &options.keys {
        write(file, record.secrets.as_bytes())?;
    }
    Ok(Ended::Well)
}

/// Makes a trace on a runtime of its own.
pub(crate) fn record(settings: &Settings) -> anyhow::Result<Record> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    Ok(runtime.block_on(trace::record(settings))?)
}

/// Returns settings with the header lines of a profile, chosen by the rules of a run.
pub(crate) fn settings(way: impl Into<Traced>, profile: &str) -> anyhow::Result<Settings> {
    let way = way.into();
    let kind = way.nearest().key();
    let scenario = format!(
        "name = \"trace\"\nquestion = \"\"\n[swarm]\nclients = 1\n[headers]\nprofile = {profile:?}\n\
         [[transport]]\nkind = \"{kind}\"\n"
    );
    let study = Study::from_text("--profile", &scenario, &[]).map_err(|error| match error {
        // The user has not seen the lines of this scenario, so the error leaves them out.
        ScenarioError::Value { problem, .. } | ScenarioError::Impossible { problem, .. } => {
            anyhow::anyhow!("--profile: {problem}")
        }
        other => other.into(),
    })?;
    let plan = study.plans().into_iter().next();
    let plan = plan.context("a scenario of one transport has one plan")?;
    Ok(Settings {
        read_headers: plan.read_headers,
        say_headers: plan.say_headers,
        ..Settings::new(way)
    })
}

fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}
