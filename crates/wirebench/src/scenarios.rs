//! `wirebench scenarios`: the list of scenarios, each with its question.

use std::{
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use scenario::{ScenarioError, Study};
use serde::Serialize;

use crate::{Ended, args, floor, objectives};

#[derive(Debug, Serialize)]
struct Listed {
    /// The command that answers its question.
    #[serde(skip)]
    command: &'static str,
    file: PathBuf,
    name: String,
    question: String,
    runs: usize,
    seconds: u64,
}

/// The folder of scenarios, relative to the source folder.
const FOLDER: &str = "scenarios";

/// The advice for a missing folder of scenarios: `cargo install` does not copy it.
pub(crate) const ELSEWHERE: &str = "scenarios come with wirebench's source: go to the folder that it was cloned into, \
     or name one of your own";

/// A scenario with some of its values replaced, or what else there is.
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

/// Returns the advice for a scenario file that is missing. A user who has read the list types a
/// bare name, such as `quick`.
fn instead_of(missing: &Path) -> String {
    let folder = Path::new(FOLDER);
    let named = missing
        .file_stem()
        .map(|name| folder.join(name).with_extension("toml"));
    match named {
        Some(file) if file.is_file() => format!("did you mean {}?", file.display()),
        _ if folder.is_dir() => LISTED.to_owned(),
        _ => ELSEWHERE.to_owned(),
    }
}

/// Prints every scenario of a folder, in the order of file names.
pub(crate) fn list(options: &args::Scenarios) -> anyhow::Result<Ended> {
    if options.schema {
        write!(std::io::stdout(), "{}", scenario::schema::text())?;
        return Ok(Ended::Well);
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(&options.folder)
        .with_context(|| {
            format!(
                "cannot read {}; {ELSEWHERE} with --folder",
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
    let wide = listed.iter().map(|one| one.name.len()).max().unwrap_or(0);
    for scenario in &listed {
        writeln!(out, "{:<wide$}  {}", scenario.name, scenario.question)?;
        writeln!(
            out,
            "{:<wide$}  {}: wirebench {} {}\n",
            "",
            scenario.takes(),
            scenario.command,
            scenario.file.display()
        )?;
    }
    Ok(Ended::Well)
}

impl Listed {
    /// A search decides for itself how many runs it takes.
    fn takes(&self) -> String {
        if self.command == "capacity" {
            return format!("a search that begins with {} runs", self.runs);
        }
        let time = humantime::format_duration(std::time::Duration::from_secs(self.seconds));
        format!("{} runs, about {time}", self.runs)
    }
}

fn look(file: PathBuf) -> anyhow::Result<Listed> {
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
        seconds: floor::estimate(&plans).as_secs(),
        file,
    })
}
