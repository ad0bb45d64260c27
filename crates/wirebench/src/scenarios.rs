//! `wirebench scenarios`: what there is, with each one's question.

use std::{io::Write, path::PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;
use swarm::scenario::Study;

use crate::{Ended, args, run};

#[derive(Debug, Serialize)]
struct Listed {
    file: PathBuf,
    name: String,
    question: String,
    runs: usize,
    seconds: u64,
}

/// Prints every scenario of a folder, in the order of file names.
pub(crate) fn list(options: &args::Scenarios) -> anyhow::Result<Ended> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(&options.folder)
        .with_context(|| {
            format!(
                "cannot read {}; name another folder with --folder",
                options.folder.display()
            )
        })?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("no .toml file in {}", options.folder.display());
    }
    let listed = files
        .into_iter()
        .map(look)
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut out = std::io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&listed)?)?;
        return Ok(Ended::Well);
    }
    for scenario in &listed {
        let time = humantime::format_duration(std::time::Duration::from_secs(scenario.seconds));
        writeln!(out, "{:<14} {}", scenario.name, scenario.question)?;
        writeln!(
            out,
            "{:<14} {} runs, about {time}: wirebench run {}\n",
            "",
            scenario.runs,
            scenario.file.display()
        )?;
    }
    Ok(Ended::Well)
}

fn look(file: PathBuf) -> anyhow::Result<Listed> {
    let study = Study::load(&file, &[])?;
    let plans = study.plans();
    Ok(Listed {
        name: study.name.clone(),
        question: study.question.clone(),
        runs: plans.len(),
        seconds: run::estimate(&plans).as_secs(),
        file,
    })
}
