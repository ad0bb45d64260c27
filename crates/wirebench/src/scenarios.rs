//! `wirebench scenarios`: the list of scenarios, each with its question, and copies of those that
//! come with the program.

mod export;

use std::{
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use scenario::{ScenarioError, Study, shipped};
use serde::Serialize;

use crate::{Ended, args, calibration, objectives, shell};

#[derive(Debug, Serialize)]
struct Listed {
    /// The command that answers its question.
    #[serde(skip)]
    command: &'static str,
    /// The name by which `run` takes it, or its file.
    file: PathBuf,
    name: String,
    question: String,
    runs: usize,
    seconds: u64,
}

/// Loads a scenario with some of its values replaced, or says what else there is.
pub(crate) fn load(file: &Path, overrides: &[String]) -> anyhow::Result<Study> {
    let study = Study::load(file, overrides).map_err(|error| {
        let advice = match &error {
            ScenarioError::Unreadable { source, .. } if source.kind() == ErrorKind::NotFound => {
                instead_of(file)
            }
            ScenarioError::Unreadable { .. } => LISTED.to_owned(),
            _ => return error.into(),
        };
        anyhow::anyhow!("{error}; {advice}")
    })?;
    objectives::check(&study, file)?;
    Ok(study)
}

const LISTED: &str = "`wirebench scenarios` lists what there is";

/// Returns the advice for a scenario that is missing: the names that are most like it.
fn instead_of(missing: &Path) -> String {
    match shipped::nearest(missing).as_slice() {
        [] => LISTED.to_owned(),
        [one] => format!("did you mean {one}, which comes with wirebench? {LISTED}"),
        names => format!(
            "did you mean one of {}, which come with wirebench? {LISTED}",
            names.join(", ")
        ),
    }
}

/// Prints every scenario that comes with the program, or those of a folder, in the order of names.
pub(crate) fn list(options: &args::Scenarios) -> anyhow::Result<Ended> {
    if options.schema {
        write!(crate::output::stdout(), "{}", scenario::schema::text())?;
        return Ok(Ended::Well);
    }
    if let Some(folder) = &options.export {
        return export::write(folder, options.overwrite);
    }
    let files = match &options.folder {
        Some(folder) => in_folder(folder)?,
        None => names(|name| !name.contains('/')),
    };
    let listed = files
        .into_iter()
        .map(load_listed)
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut out = crate::output::stdout();
    if options.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&listed)?)?;
        return Ok(Ended::Well);
    }
    let wide = listed
        .iter()
        .map(|one| sheet::width(&one.name))
        .max()
        .unwrap_or(0);
    for scenario in &listed {
        let name = sheet::padded(&scenario.name, wide);
        writeln!(out, "{name}  {}", scenario.question)?;
        writeln!(
            out,
            "{:<wide$}  {}: wirebench {} {}\n",
            "",
            scenario.takes(),
            scenario.command,
            shell::path(&scenario.file)
        )?;
    }
    if options.folder.is_none() {
        let peers = names(|name| name.starts_with("peers/"));
        let peers: Vec<String> = peers
            .iter()
            .map(|peer| peer.display().to_string())
            .collect();
        writeln!(
            out,
            "servers of others, once they run: {}",
            peers.join(", ")
        )?;
        writeln!(out, "published claims: wirebench claims --list")?;
    }
    Ok(Ended::Well)
}

/// Returns the names of scenarios that come with the program.
fn names(is_wanted: fn(&str) -> bool) -> Vec<PathBuf> {
    let names = shipped::scenarios().map(shipped::File::name);
    names
        .filter(|name| is_wanted(name))
        .map(PathBuf::from)
        .collect()
}

fn in_folder(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let shown = folder.display();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| {
            format!("cannot read {shown}; without --folder, the scenarios that come with wirebench are listed")
        })?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("no .toml file in {shown}");
    }
    Ok(files)
}

impl Listed {
    /// Returns how many runs it takes, which a search decides for itself.
    fn takes(&self) -> String {
        if self.command == "capacity" {
            return format!("a search that begins with {} runs", self.runs);
        }
        let time = humantime::format_duration(std::time::Duration::from_secs(self.seconds));
        format!("{} runs, about {time}", self.runs)
    }
}

fn load_listed(file: PathBuf) -> anyhow::Result<Listed> {
    let study = Study::load(&file, &[])?;
    let plans = study.plans();
    Ok(Listed {
        command: match study.cells[0].scenario.capacity {
            Some(_) => "capacity",
            None => "run",
        },
        name: study.name.clone(),
        question: study.question.clone(),
        runs: plans.len(),
        seconds: calibration::estimate(&plans).as_secs(),
        file,
    })
}
