//! `wirebench proxies`: what each proxy that is installed does to each way to read, with the least
//! settings that pass requests on and with those that are right; and these settings, to copy.

mod client;
mod finding;
mod page;
mod probe;
mod request;
mod script;
mod upstream;

use std::{
    fs,
    io::Write,
    net::SocketAddr,
    path::Path,
    thread::{self, ScopedJoinHandle},
    time::Duration,
};

use anyhow::{Context, bail};
use scenario::ProxyKind;
use wire::Way;

use self::{
    client::Door,
    finding::{Finding, Passes, Seen, sheet},
    probe::Bench,
    upstream::Upstream,
};
use crate::{
    Ended,
    args::{self, Known},
    certificates, progress,
    proxy::{
        Proxy, Recipe,
        config::{Wish, file_name},
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
    let programs = programs(&options.only)?;
    if let Some(folder) = &options.out {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let upstream = Upstream::start().context("cannot start a server to probe")?;
    let zoo = Zoo {
        options,
        upstream: &upstream,
    };
    let mut findings = zoo.without()?;
    let direct = findings.clone();
    for (kind, program) in &programs {
        for is_right in [false, true] {
            let wish = Wish {
                kind: *kind,
                is_right,
                silence: None,
            };
            if !options.quiet {
                progress::say(&format!("{} …", Recipe::known(wish, program.clone()).words));
            }
            findings.extend(zoo.look(wish, program, &direct)?);
        }
    }
    write(options, &programs, &findings)?;
    show(options, &findings)?;
    Ok(Ended::Well)
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

/// Prints both kinds of settings of a proxy.
fn print_settings(kind: ProxyKind) -> anyhow::Result<Ended> {
    let mut out = std::io::stdout().lock();
    for (is_right, title) in TITLES {
        let wish = Wish {
            kind,
            is_right,
            silence: None,
        };
        writeln!(out, "# {}, {title}\n\n{}", kind.name(), wish.to_copy())?;
        if kind == ProxyKind::Varnish && is_right {
            let arguments = wish.arguments().join(" ");
            writeln!(out, "# varnishd {}\n", timeouts(&arguments))?;
        }
    }
    Ok(Ended::Well)
}

/// The two kinds of settings, and what they are.
const TITLES: [(bool, &str); 2] = [
    (false, "default: the least that passes requests on"),
    (true, "right: what every way to read needs"),
];

/// Returns the part of varnishd's arguments that sets timeouts.
fn timeouts(arguments: &str) -> &str {
    arguments.find("-p ").map_or("", |at| &arguments[at..])
}

/// The probes of all proxies.
struct Zoo<'a> {
    options: &'a args::Proxies,
    upstream: &'a Upstream,
}

impl Zoo<'_> {
    fn bench<'a>(&'a self, door: &'a Door) -> Bench<'a> {
        Bench {
            upstream: self.upstream,
            door,
            most: u32::try_from(self.options.most).unwrap_or(u32::MAX),
        }
    }

    /// Runs the probes without a proxy, for comparison.
    fn without(&self) -> anyhow::Result<Vec<Finding>> {
        let door = Door {
            address: self.upstream.address,
            tls: None,
        };
        let mut found = all(&self.bench(&door));
        for one in &mut found {
            one.proxy = "none".to_owned();
            one.direct_us = one.takes_us;
        }
        Ok(found)
    }

    /// Runs the probes through one proxy.
    fn look(
        &self,
        wish: Wish,
        program: &Program,
        direct: &[Finding],
    ) -> anyhow::Result<Vec<Finding>> {
        let recipe = Recipe::known(wish, program.clone());
        let (proxy, door) = open(&recipe, self.upstream.address)?;
        let mut found = all(&self.bench(&door));
        drop(proxy);
        let cuts = self.cuts(wish, program)?;
        for (place, one) in found.iter_mut().enumerate() {
            one.proxy.clone_from(&recipe.words);
            one.version.clone_from(&program.version);
            one.direct_us = direct.get(place).and_then(|direct| direct.takes_us);
            // What was refused is no exchange that could be cut.
            let is_refused = one.first == Seen::Unknown && matches!(one.passes, Passes::No(_));
            one.cut = cuts
                .get(place)
                .copied()
                .filter(|_| !is_refused)
                .unwrap_or_default();
        }
        Ok(found)
    }

    /// Waits for all ways at once until a silent exchange of each is cut, by the limit that is
    /// asked for.
    fn cuts(&self, wish: Wish, program: &Program) -> anyhow::Result<Vec<Seen>> {
        let silence = self.options.silence;
        let wish = Wish {
            silence: (!silence.is_zero()).then_some(silence),
            ..wish
        };
        let recipe = Recipe::known(wish, program.clone());
        let (_proxy, door) = open(&recipe, self.upstream.address)?;
        let bench = self.bench(&door);
        let within = self.options.wait;
        Ok(thread::scope(|all| {
            let waiting = Way::ALL.map(|way| {
                // A short poll is answered at once, or never.
                (way != Way::ShortPoll).then(|| all.spawn(move || bench.cut(way, within)))
            });
            let seen = waiting.map(|one| one.map_or(Ok(Seen::Unknown), ScopedJoinHandle::join));
            seen.into_iter().map(Result::unwrap_or_default).collect()
        }))
    }
}

/// Starts a proxy before `upstream`. Returns it with the way in.
fn open(recipe: &Recipe, upstream: SocketAddr) -> anyhow::Result<(Proxy, Door)> {
    let proxy = Proxy::start(recipe, upstream)?;
    let tls = certificates::with_proxy(&proxy, &scenario::Server::default())?;
    let door = Door {
        address: proxy.address,
        tls,
    };
    Ok((proxy, door))
}

/// Looks at all ways, and at drafts.
fn all(bench: &Bench<'_>) -> Vec<Finding> {
    let ways = Way::ALL.into_iter().map(|way| bench.way(way));
    ways.chain([bench.post()]).collect()
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
    let texts = [
        format!("{}\n{}\n", sheet.markdown(), told(options)),
        sheet.csv(),
        serde_json::to_string_pretty(&sheet)? + "\n",
        page::page(findings, programs, &told(options)).into_string(),
    ];
    for (name, text) in FILES.iter().zip(texts) {
        put(&folder.join(name), &text)?;
    }
    for kind in kinds {
        for (is_right, word) in [(false, "default"), (true, "right")] {
            let wish = Wish {
                kind,
                is_right,
                silence: None,
            };
            let name = format!("{}-{word}-{}", kind.name(), file_name(kind));
            put(&folder.join(name), &wish.to_copy())?;
        }
    }
    Ok(())
}

fn put(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Prints the table in the form that was asked for.
fn show(options: &args::Proxies, findings: &[Finding]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let sheet = sheet(findings);
    if options.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&sheet)?)?;
    } else if options.csv {
        write!(out, "{}", sheet.csv())?;
    } else if options.markdown {
        writeln!(out, "{}\n{}", sheet.markdown(), told(options))?;
    } else {
        let width = progress::width();
        writeln!(out, "{}\n{}", sheet.terminal(width), told(options))?;
        if let Some(folder) = &options.out {
            writeln!(out, "open {}/index.html", folder.display())?;
        }
    }
    Ok(())
}
