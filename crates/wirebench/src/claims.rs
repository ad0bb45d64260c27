//! `wirebench claims`: what publications say, run and judged.
//!
//! A claim is a scenario file with a `[claim]` table. Its runs go through the
//! same session as `run`'s; what was found is judged by the crate `claims`, which
//! knows no socket. What was measured survives: `claims.csv` and `claims.html`
//! are written again after each claim, and `--resume` goes on in the middle of one.

mod claim_file;
mod experiment;
mod language;
mod parts;
mod pending;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, bail};
use claims::{Assessed, Evidence};
use report::Lang;

use self::{
    claim_file::ClaimFile,
    language::{said, sentence},
    parts::Work,
    pending::PendingClaims,
};
use crate::{
    Ended, args, folder, interrupt::Interrupt, machine, progress, session::no_room, shell,
};

/// The file within a claim's folder that holds the facts found by experiments.
const FACTS: &str = "facts.csv";

/// Runs claims, or judges again what an earlier call measured.
pub(crate) fn claims(options: &args::Claims) -> anyhow::Result<Ended> {
    let mut pending = match &options.resume {
        Some(folder) => PendingClaims::earlier(folder)?,
        None => PendingClaims::now(options),
    };
    let names = if options.resume.is_some() {
        pending.left()
    } else {
        options.names.clone()
    };
    let claim_files = chosen(pending.folder(), &names)?;
    let lang = Lang::from(options.lang);
    if options.list {
        return list(&claim_files, lang);
    }
    let folder = match (
        options.resume.as_ref().or(options.out.as_ref()),
        options.again,
    ) {
        (Some(folder), _) => folder.clone(),
        (None, false) => folder::new_default("claims")?,
        (None, true) => bail!("--again needs --out with the folder that was measured"),
    };
    rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    if options.again {
        was_measured(&folder, &claim_files)?;
    }
    let _held = folder::hold(&folder)?;
    let interrupt = Interrupt::watch()?;
    if options.again {
        pending.add(&folder, &[], &[]);
    } else {
        let is_done = options.resume.is_some() && names.is_empty();
        if is_done {
            say(options, &nothing_left(&folder));
        }
        let left = if is_done { &[][..] } else { &claim_files[..] };
        measure(options, &mut pending, left, &folder, &interrupt)?;
    }
    let mut assessed = judge_all(&pending, &folder, lang)?;
    leave(&assessed, &folder, lang)?;
    // What was asked for now; the page holds all.
    assessed.retain(|one| {
        claim_files
            .iter()
            .any(|claim_file| claim_file.name == one.name)
    });
    let assessed: Vec<Assessed> = assessed.into_iter().map(|one| said(one, lang)).collect();
    show(options, &assessed, &folder)?;
    if claim_files
        .iter()
        .any(|claim_file| pending.is_left(&claim_file.name))
    {
        progress::say(&format!("go on with: {}", go_on(&folder)));
    }
    Ok(if interrupt.seen() {
        Ended::Interrupted
    } else if assessed.iter().all(Assessed::is_sound) {
        Ended::Well
    } else {
        Ended::NotValid
    })
}

/// Measures these claims, and judges after each of them all that are whole.
fn measure(
    options: &args::Claims,
    pending: &mut PendingClaims,
    claim_files: &[ClaimFile],
    folder: &Path,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let work = Work {
        interrupt,
        go_on: go_on(folder),
        quiet: options.quiet,
    };
    if options.resume.is_none() {
        let names: Vec<&str> = claim_files
            .iter()
            .map(|claim_file| claim_file.name.as_str())
            .collect();
        pending.add(folder, &names, &options.overrides);
    }
    for (index, claim_file) in claim_files.iter().enumerate() {
        if interrupt.seen() {
            break;
        }
        say(
            options,
            &format!("({}/{}) {}", index + 1, claim_files.len(), claim_file.name),
        );
        let (overrides, resumes) = pending.begin(&claim_file.name);
        let within = folder.join(&claim_file.name);
        if !resumes {
            parts::clear(claim_file, &within)?;
        }
        pending
            .write(folder)
            .with_context(|| no_room(&work.go_on))?;
        if parts::measure(claim_file, &overrides, &within, &work)? {
            pending.done(&claim_file.name);
            let lang = Lang::from(options.lang);
            judge_all(pending, folder, lang)
                .and_then(|assessed| leave(&assessed, folder, lang))
                .with_context(|| format!("what was measured is kept; {}", no_room(&work.go_on)))?;
        }
    }
    pending.write(folder).with_context(|| no_room(&work.go_on))
}

/// Returns the sentence for a folder whose claims were all measured. A claim whose own folder was
/// deleted afterwards is not measured anew by `--resume`, so the sentence says how it is.
fn nothing_left(folder: &Path) -> String {
    format!(
        "nothing is left to measure of what was asked for; to measure a claim anew: \
         wirebench claims NAME --out {}",
        shell::path(folder)
    )
}

/// Returns the command that goes on with a folder of claims.
fn go_on(folder: &Path) -> String {
    format!("wirebench claims --resume {}", shell::path(folder))
}

/// Refuses to judge what nobody measured.
fn was_measured(folder: &Path, claim_files: &[ClaimFile]) -> anyhow::Result<()> {
    let shown = folder.display();
    if let [one] = claim_files
        && !folder.join(&one.name).is_dir()
    {
        bail!(
            "{shown} has no {0}; leave out --again to measure it",
            one.name
        );
    }
    if !claim_files
        .iter()
        .any(|claim_file| folder.join(&claim_file.name).is_dir())
    {
        bail!("{shown} has none of these claims; leave out --again to measure them");
    }
    Ok(())
}

fn say(options: &args::Claims, text: &str) {
    if !options.quiet {
        progress::say(text);
    }
}

/// Returns the claims of these names, or all, in the order of the page.
fn chosen(folder: &Path, names: &[String]) -> anyhow::Result<Vec<ClaimFile>> {
    let known = ClaimFile::names(folder)?;
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        bail!(
            "no claim is called {unknown:?}; there are {}",
            known.join(", ")
        );
    }
    known
        .iter()
        .filter(|name| names.is_empty() || names.contains(name))
        .map(|name| ClaimFile::of(folder, name))
        .collect()
}

fn list(claim_files: &[ClaimFile], lang: Lang) -> anyhow::Result<Ended> {
    let mut out = crate::output::stdout();
    for claim_file in claim_files {
        let statement = &claim_file.claim.statement;
        let statement = sentence(&claim_file.name, "statement", statement, lang);
        let name = sheet::padded(&claim_file.name, 20);
        writeln!(out, "{name} {statement}")?;
        writeln!(out, "{:<20} {}\n", "", claim_file.claim.source)?;
    }
    Ok(Ended::Well)
}

/// Judges all claims that are complete in the folder, including those of an earlier call, and draws
/// their figures in a language. A claim that is measured in part is not judged.
fn judge_all(pending: &PendingClaims, folder: &Path, lang: Lang) -> anyhow::Result<Vec<Assessed>> {
    chosen(pending.folder(), &[])?
        .iter()
        .map(|claim_file| (claim_file, folder.join(&claim_file.name)))
        .filter(|(claim_file, within)| within.is_dir() && !pending.is_left(&claim_file.name))
        .map(|(claim_file, within)| judge(claim_file, &within, lang))
        .collect()
}

/// Judges one claim from its files. Nothing is taken from memory, so the same files give the same
/// page.
fn judge(claim_file: &ClaimFile, folder: &Path, lang: Lang) -> anyhow::Result<Assessed> {
    let (evidence, not_valid) = evidence(claim_file, folder)?;
    let (name, claim) = (&claim_file.name, &claim_file.claim);
    let assessment = claims::assess(name, claim, &evidence)?;
    let figures = lang.drawing(|| claims::figures(name, claim, &evidence))?;
    chart::write_all(&figures, &folder.join("figures"))?;
    Ok(Assessed {
        name: name.clone(),
        claim: claim.clone(),
        assessment,
        not_valid,
        figures,
    })
}

/// Reads the evidence that was measured for a claim, and the list of runs that are not valid.
fn evidence(claim_file: &ClaimFile, folder: &Path) -> anyhow::Result<(Evidence, Vec<String>)> {
    let facts = folder.join(FACTS);
    let mut evidence = Evidence::default();
    if facts.exists() {
        evidence.facts = Evidence::read_facts(&facts)?;
    }
    let mut not_valid = Vec::new();
    for part in claim_file.parts() {
        let Some(rows) = parts::read(folder, &part.name) else {
            continue;
        };
        if !part.may_fail {
            let bad = rows.runs.iter().filter(|row| !row.valid);
            not_valid.extend(bad.map(|row| {
                let run = [&part.name, &row.transport, &row.variant, &row.cell];
                let words: Vec<&str> = run
                    .into_iter()
                    .map(String::as_str)
                    .filter(|word| !word.is_empty() && *word != "-")
                    .collect();
                format!("{}: {}", words.join(" "), row.error)
            }));
        }
        evidence.parts.insert(part.name.clone(), rows);
        evidence
            .facts
            .extend(parts::setting(&folder.join(&part.name)));
    }
    Ok((evidence, not_valid))
}

/// Writes what there is so far: the findings for programs, and the page in a language.
fn leave(assessed: &[Assessed], folder: &Path, lang: Lang) -> anyhow::Result<()> {
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    write("claims.csv", &claims::csv(assessed)?)?;
    write("claims.html", page(assessed, lang)?.as_bytes())
}

/// Returns the page of these claims in a language.
fn page(assessed: &[Assessed], lang: Lang) -> anyhow::Result<String> {
    let assessed: Vec<Assessed> = assessed.iter().map(|one| said(one.clone(), lang)).collect();
    let page = claims::html(&assessed, &context()?, |text| lang.say(text));
    Ok(lang.page(page))
}

/// Describes the machine and the time of writing, for the foot of the page.
fn context() -> anyhow::Result<Vec<(String, String)>> {
    let machine = serde_json::to_value(machine::describe())?;
    let lines = machine.as_object().into_iter().flatten();
    let mut context = vec![(
        "written".to_owned(),
        humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
    )];
    context.extend(lines.map(|(name, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        (title(name), value)
    }));
    Ok(context)
}

/// Returns the name of a fact about the machine, by its key in manifests.
fn title(key: &str) -> String {
    let title = match key {
        "processors" => "number of processors",
        "memory_bytes" => "memory bytes",
        "open_files" => "open files",
        "local_ports" => "local ports",
        "listen_backlog" => "listen backlog",
        "io_uring" => "io uring",
        other => other,
    };
    title.to_owned()
}

fn show(options: &args::Claims, assessed: &[Assessed], folder: &Path) -> anyhow::Result<()> {
    let mut out = crate::output::stdout();
    let lang = Lang::from(options.lang);
    let say = |text: &str| lang.say(text);
    if options.markdown {
        writeln!(out, "{}", claims::markdown(assessed, say))?;
    } else if !options.quiet {
        let table = claims::terminal(assessed, progress::width(), say);
        writeln!(out, "{table}")?;
    }
    let page: PathBuf = folder.join("claims.html");
    if options.quiet {
        writeln!(out, "{}", folder.display())?;
    } else {
        writeln!(out, "{} {}", say("look at"), page.display())?;
    }
    Ok(())
}

#[cfg(test)]
mod chinese;
#[cfg(test)]
mod named;
#[cfg(test)]
mod spoiled;
