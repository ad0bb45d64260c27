//! `wirebench claims`: what publications say, run and judged.
//!
//! A claim is a scenario file with a `[claim]` table. Its runs go through the
//! same machinery as `run`'s; what was found is judged by `report::claim`, which
//! knows no socket. What was measured survives: `claims.csv` and `claims.html`
//! are written again after each claim.

mod card;
mod experiment;
mod parts;
#[cfg(test)]
mod spoiled;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, bail};
use report::{
    claim::{self, Assessed, Evidence},
    figure,
};

use self::card::Card;
use crate::{Ended, args, folder, interrupt::Interrupt, machine::Machine, progress};

/// Where experiments leave what they saw, within a claim's folder.
const FACTS: &str = "facts.csv";

/// Runs claims, or judges again what an earlier call measured.
pub(crate) fn claims(options: &args::Claims) -> anyhow::Result<Ended> {
    let cards = chosen(&options.folder, &options.names)?;
    if options.list {
        return list(&cards);
    }
    let folder = match (&options.out, options.again) {
        (Some(folder), _) => folder.clone(),
        (None, false) => folder::new_default("claims")?,
        (None, true) => bail!("--again needs --out with the folder that was measured"),
    };
    rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    if options.again {
        was_measured(&folder, &cards)?;
    }
    let _held = folder::hold(&folder)?;
    let interrupt = Interrupt::watch()?;
    let mut assessed = Vec::new();
    if options.again {
        assessed = judge_all(options, &folder)?;
        leave(&assessed, &folder)?;
    }
    let mut left = Vec::new();
    for (index, card) in cards.iter().enumerate() {
        if options.again {
            break;
        }
        if interrupt.seen() {
            left.push(card.name.as_str());
            continue;
        }
        say(
            options,
            &format!("({}/{}) {}", index + 1, cards.len(), card.name),
        );
        let whole = parts::measure(card, options, &folder.join(&card.name), &interrupt)?;
        if !whole {
            left.push(card.name.as_str());
        }
        assessed = judge_all(options, &folder)?;
        leave(&assessed, &folder)?;
    }
    // What was asked for now; the page holds all.
    assessed.retain(|one| cards.iter().any(|card| card.name == one.name));
    show(options, &assessed, &folder)?;
    if !left.is_empty() {
        let (left, shown) = (left.join(" "), folder.display());
        say(
            options,
            &format!("go on with: wirebench claims {left} --out {shown}"),
        );
    }
    Ok(if interrupt.seen() {
        Ended::Interrupted
    } else if assessed.iter().all(Assessed::is_sound) {
        Ended::Well
    } else {
        Ended::NotValid
    })
}

/// Refuses to judge what nobody measured.
fn was_measured(folder: &Path, cards: &[Card]) -> anyhow::Result<()> {
    let shown = folder.display();
    if let [one] = cards
        && !folder.join(&one.name).is_dir()
    {
        bail!(
            "{shown} has no {0}; leave out --again to measure it",
            one.name
        );
    }
    if !cards.iter().any(|card| folder.join(&card.name).is_dir()) {
        bail!("{shown} has none of these claims; leave out --again to measure them");
    }
    Ok(())
}

fn say(options: &args::Claims, text: &str) {
    if !options.quiet {
        progress::say(text);
    }
}

/// The claims of these names, or all; in the order in which a page tells them.
fn chosen(folder: &Path, names: &[String]) -> anyhow::Result<Vec<Card>> {
    let known: Vec<&str> = claim::names().collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!(
            "no claim is called {unknown:?}; there are {}",
            known.join(", ")
        );
    }
    known
        .into_iter()
        .filter(|name| names.is_empty() || names.iter().any(|wanted| wanted == name))
        .map(|name| Card::load(&folder.join(format!("{name}.toml"))))
        .collect()
}

fn list(cards: &[Card]) -> anyhow::Result<Ended> {
    let mut out = std::io::stdout().lock();
    for card in cards {
        writeln!(out, "{:<20} {}", card.name, card.claim.statement)?;
        writeln!(out, "{:<20} {}\n", "", card.claim.source)?;
    }
    Ok(Ended::Well)
}

/// All claims that the folder holds, also those of an earlier call.
fn judge_all(options: &args::Claims, folder: &Path) -> anyhow::Result<Vec<Assessed>> {
    chosen(&options.folder, &[])?
        .iter()
        .map(|card| (card, folder.join(&card.name)))
        .filter(|(_, within)| within.is_dir())
        .map(|(card, within)| judge(card, &within))
        .collect()
}

/// From the files of one claim to its findings: nothing is taken from memory, so
/// that the same files give the same page.
fn judge(card: &Card, folder: &Path) -> anyhow::Result<Assessed> {
    let (evidence, not_valid) = evidence(card, folder)?;
    let assessment = claim::assess(&card.name, &card.claim, &evidence)
        .with_context(|| format!("{} has no judge", card.name))?;
    let figures = claim::figures(&card.name, &card.claim, &evidence)?;
    figure::write_all(&figures, &folder.join("figures"))?;
    Ok(Assessed {
        name: card.name.clone(),
        claim: card.claim.clone(),
        assessment,
        not_valid,
        figures,
    })
}

/// What was measured for a claim, and which of its runs may not be believed.
fn evidence(card: &Card, folder: &Path) -> anyhow::Result<(Evidence, Vec<String>)> {
    let facts = folder.join(FACTS);
    let mut evidence = Evidence::default();
    if facts.exists() {
        evidence.facts = Evidence::read_facts(&facts)?;
    }
    let mut not_valid = Vec::new();
    for part in card.parts() {
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

/// Writes what there is so far.
fn leave(assessed: &[Assessed], folder: &Path) -> anyhow::Result<()> {
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    write("claims.csv", &claim::csv(assessed)?)?;
    write("claims.html", claim::html(assessed, &context()?).as_bytes())
}

/// Where it was measured, for the foot of the page.
fn context() -> anyhow::Result<Vec<(String, String)>> {
    let machine = serde_json::to_value(Machine::look())?;
    let lines = machine.as_object().into_iter().flatten();
    let mut context = vec![(
        "written".to_owned(),
        humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
    )];
    context.extend(lines.map(|(name, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        (name.replace('_', " "), value)
    }));
    Ok(context)
}

fn show(options: &args::Claims, assessed: &[Assessed], folder: &Path) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if options.markdown {
        writeln!(out, "{}", claim::markdown(assessed))?;
    } else if !options.quiet {
        writeln!(out, "{}", claim::terminal(assessed, progress::width()))?;
    }
    let page: PathBuf = folder.join("claims.html");
    if options.quiet {
        writeln!(out, "{}", folder.display())?;
    } else {
        writeln!(out, "look at {}", page.display())?;
    }
    Ok(())
}
