//! `wirebench proxies`: what each proxy that is installed does to each way to read, with the least
//! settings that pass requests on, with those that articles show and with those that are right; and
//! these settings, to copy.

mod client;
mod connection;
mod finding;
mod lines;
mod page;
mod probe;
mod request;
mod script;
mod upstream;
mod zoo;

use std::{fs, io::Write, path::Path, time::Duration};

use anyhow::{Context, bail};
use report::Lang;
use scenario::{Preset, ProxyKind};

use self::{
    finding::{Finding, sheet},
    upstream::Upstream,
    zoo::{Zoo, failed},
};
use crate::{
    Ended,
    args::{self, Known},
    progress,
    proxy::{
        Recipe,
        config::{ProxyParameters, file_name},
        program::{self, Program},
    },
};

/// The names of the files that are written.
const FILES: [&str; 4] = ["proxies.md", "proxies.csv", "proxies.json", "index.html"];

/// Prints settings, or runs the probes of each proxy and writes what was found.
pub(crate) fn proxies(options: &args::Proxies) -> anyhow::Result<Ended> {
    if let Some(known) = options.settings {
        return print_settings(kind(known));
    }
    program::check_system()?;
    let programs = programs(&options.only)?;
    if let Some(folder) = &options.out {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let upstream = Upstream::start().context("cannot start a server to probe")?;
    let zoo = Zoo {
        options,
        upstream: &upstream,
    };
    let mut findings = zoo.without();
    let direct = findings.clone();
    let mut ended = Ended::Well;
    for (kind, program) in &programs {
        for preset in Preset::of(*kind) {
            let parameters = ProxyParameters::usual(*kind, *preset);
            let words = Recipe::known(parameters, program.clone()).words;
            if !options.quiet {
                progress::say(&format!("{words} …"));
            }
            match zoo.probe(parameters, program, &direct) {
                Ok(found) => findings.extend(found),
                Err(error) => {
                    ended = Ended::NotValid;
                    progress::say(&format!("warning: {error:#}"));
                    findings.push(failed(words, program, &error));
                }
            }
        }
    }
    write(options, &programs, &findings)?;
    show(options, &findings)?;
    Ok(ended)
}

const fn kind(known: Known) -> ProxyKind {
    match known {
        Known::Nginx => ProxyKind::Nginx,
        Known::Haproxy => ProxyKind::Haproxy,
        Known::Caddy => ProxyKind::Caddy,
        Known::Varnish => ProxyKind::Varnish,
        Known::Hitch => ProxyKind::Hitch,
    }
}

/// Finds the programs that were named, all of which must be there, or else all that are there.
fn programs(only: &[Known]) -> anyhow::Result<Vec<(ProxyKind, Program)>> {
    if !only.is_empty() {
        let named = only.iter().map(|known| kind(*known));
        return named
            .map(|kind| Ok((kind, program::find_known(kind)?)))
            .collect();
    }
    let mut found = Vec::new();
    for kind in ProxyKind::KNOWN {
        match program::find_known(kind) {
            Ok(program) => found.push((kind, program)),
            Err(missing) => progress::say(&format!("left out: {missing}")),
        }
    }
    if found.is_empty() {
        bail!("no proxy is installed; on Debian: apt-get install nginx haproxy");
    }
    Ok(found)
}

/// Prints each kind of settings of a proxy, with what it lacks.
fn print_settings(kind: ProxyKind) -> anyhow::Result<Ended> {
    let mut out = crate::output::stdout();
    for preset in Preset::of(kind).iter().copied() {
        let parameters = ProxyParameters::usual(kind, preset);
        let (word, title) = (preset.word(), lines::title(preset));
        writeln!(out, "# {}, {word}: {title}", kind.name())?;
        for missing in lines::missing(preset) {
            writeln!(out, "# lacks {} {}", missing.line, missing.without)?;
        }
        writeln!(out, "\n{}", parameters.to_copy())?;
        if kind == ProxyKind::Varnish && preset == Preset::Right {
            let arguments = parameters.arguments().join(" ");
            writeln!(out, "# varnishd {}\n", timeouts(&arguments))?;
        }
    }
    Ok(Ended::Well)
}

/// Returns the part of varnishd's arguments that sets timeouts.
fn timeouts(arguments: &str) -> &str {
    arguments.find("-p ").map_or("", |at| &arguments[at..])
}

/// Says what the column of cuts means.
fn told(options: &args::Proxies) -> String {
    let silence: Duration = options.silence;
    let wait = options.wait;
    if silence.is_zero() {
        return format!("Cuts: the proxy's own limits, awaited for {wait:?}.");
    }
    format!(
        "Cuts: with a limit of {silence:?} written into the settings where the proxy has one, \
         awaited for {wait:?}; the limits that the settings have without it are in the settings \
         (--settings) or the proxy's own."
    )
}

/// Writes the table, the page and the settings into the folder that was asked for.
fn write(
    options: &args::Proxies,
    programs: &[(ProxyKind, Program)],
    findings: &[Finding],
) -> anyhow::Result<()> {
    let Some(folder) = &options.out else {
        return Ok(());
    };
    let sheet = sheet(findings);
    let kinds: Vec<ProxyKind> = programs.iter().map(|(kind, _)| *kind).collect();
    let page = page::page(findings, programs, &told(options)).into_string();
    let texts = [
        format!("{}\n{}\n", sheet.markdown(), told(options)),
        sheet.csv(),
        serde_json::to_string_pretty(&sheet)? + "\n",
        Lang::from(options.lang).page(page),
    ];
    for (name, text) in FILES.iter().zip(texts) {
        put(&folder.join(name), &text)?;
    }
    for kind in kinds {
        for preset in Preset::of(kind).iter().copied() {
            let name = format!("{}-{}-{}", kind.name(), preset.word(), file_name(kind));
            let text = ProxyParameters::usual(kind, preset).to_copy();
            put(&folder.join(name), &text)?;
        }
    }
    Ok(())
}

fn put(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Prints the table in the form that was asked for.
fn show(options: &args::Proxies, findings: &[Finding]) -> anyhow::Result<()> {
    let mut out = crate::output::stdout();
    let sheet = sheet(findings);
    if options.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&sheet)?)?;
    } else if options.csv {
        write!(out, "{}", sheet.csv())?;
    } else if options.markdown {
        writeln!(out, "{}\n{}", sheet.markdown(), told(options))?;
    } else {
        let (width, lang) = (progress::width(), Lang::from(options.lang));
        let told = lang.say(&told(options));
        writeln!(out, "{}\n{told}", lang.sheet(sheet).terminal(width))?;
        if let Some(folder) = &options.out {
            writeln!(out, "open {}/index.html", folder.display())?;
        }
    }
    Ok(())
}
