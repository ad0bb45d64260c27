//! The respects in which the comparison is unfair, as far as the rows and the manifest show.

use maud::{Markup, html};
use wire::{Compression, Exchange, Way};

use super::page_input::PageInput;
use analysis::{
    cell::CellTable,
    chance::LEAST_RUNS,
    metric::{P50, P99},
    unit,
};
use results::RunRow;

pub(super) fn section(input: &PageInput<'_>, cell_table: &CellTable<'_>) -> Markup {
    html! {
        section id="unfair" {
            h2 { "What is unfair about this comparison" }
            p.lead { "Every comparison favours someone. This one, as far as its own files know:" }
            ul { @for (whom, why) in reasons(input, cell_table) { li { strong { (whom) } " " (why) } } }
        }
    }
}

type Reason = (&'static str, String);

fn reasons(input: &PageInput<'_>, cell_table: &CellTable<'_>) -> Vec<Reason> {
    let runs = &input.digest.runs;
    let mut reasons = network(input);
    if runs.iter().any(asks_by_interval) {
        reasons.push((
            "Short polling is as late as its interval makes it.",
            format!(
                "Here that is {}; half the interval would halve its delay and double its requests. \
                 The interval was chosen, not found.",
                intervals(runs)
            ),
        ));
    }
    reasons.extend(holds(runs));
    reasons.extend(way_up(runs));
    reasons.extend(polls(runs));
    reasons.extend(headers(runs));
    reasons.extend(machine(input));
    reasons.extend(kernel(input));
    reasons.extend(fan_out(runs));
    reasons.extend(compression(runs));
    reasons.extend(evidence(cell_table));
    reasons.push((
        "Delivery promises differ.",
        "A poller that asks with its last place loses nothing while the log lasts, and neither \
         does a stream that reconnects with it; a WebSocket does so only because this client \
         resumes, which the protocol itself does not ask for."
            .to_owned(),
    ));
    reasons
}

fn compression(runs: &[RunRow]) -> Option<Reason> {
    let is_packed = |run: &RunRow| run.packed() != Compression::None;
    runs.iter().any(is_packed).then(|| {
        let random = runs
            .iter()
            .any(|run| is_packed(run) && run.text != "corpus");
        let text = if random {
            " Random letters have next to nothing to compress; sentences are in traffic.text = \
             \"corpus\"."
        } else {
            ""
        };
        (
            "Compression is not the same for all.",
            format!(
                "A compressed stream keeps a context for each reader, and a WebSocket only with \
                 deflate_context; with deflate all readers share what was packed once.{text}"
            ),
        )
    })
}

fn network(input: &PageInput<'_>) -> Vec<Reason> {
    let mut cells = input.cells().iter();
    let has_link = cells.any(|cell| cell.scenario.link.is_some());
    let mut reasons = Vec::new();
    if has_link {
        reasons.push((
            "The network is simulated.",
            "Delay and rate are made in user space between client and server; it has no loss and \
             no other traffic."
                .to_owned(),
        ));
    } else {
        reasons.push((
            "There is no network.",
            "Client and server share one machine, so a round trip costs almost nothing. That \
             flatters whoever makes many of them: long polling pays one for each message, a new \
             connection at least one more. Run with a [link] to see it."
                .to_owned(),
        ));
    }
    let has_proxy = input.digest.runs.iter().any(|run| !run.proxy.is_empty());
    if has_proxy {
        reasons.push((
            "A proxy of this machine is in between.",
            "People, proxy and server share the processors, and between proxy and server there is \
             no network at all. Its settings are in the manifest (proxies); with others it keeps \
             back, cuts and costs something else."
                .to_owned(),
        ));
    }
    let hygiene = &input.manifest.hygiene;
    if hygiene.tls == Some(false) {
        reasons.push((
            "Nothing is encrypted.",
            "TLS adds some twenty bytes to each record and round trips to each connection, which \
             hurts those most that send many small records or open many connections."
                .to_owned(),
        ));
    }
    if hygiene.tls == Some(true) {
        reasons.push((
            if has_proxy {
                "Everything is encrypted as far as the proxy."
            } else {
                "Everything is encrypted, and nobody is in between."
            },
            "Client and server encrypt on the same processors, so what TLS costs one side is taken \
             from the other as well; the certificate is made on the spot and vouched for by nobody, \
             so a handshake is shorter than one with a chain."
                .to_owned(),
        ));
    }
    if hygiene.compression == Some(false) {
        reasons.push((
            "Nothing is compressed.",
            "HTTP bodies and WebSocket frames could be; headers of HTTP/1.1 could not, those of HTTP/2 are.".to_owned(),
        ));
    }
    if input.manifest.has_target() {
        reasons.push((
            "One server served all runs.",
            "It was given by --target or [target], so what one run left behind in its memory met \
             the next."
                .to_owned(),
        ));
    }
    reasons
}

/// Warns that latencies which count as those of the way down include the way up.
fn way_up(runs: &[RunRow]) -> Option<Reason> {
    let speaks_there = |run: &RunRow| run.way().is_some_and(Way::carries_drafts);
    let is_mixed = runs
        .iter()
        .any(|run| run.speak == "same" && run.publishers > 0);
    let others = runs.iter().any(|run| !speaks_there(run));
    (is_mixed && runs.iter().any(speaks_there) && others).then(|| {
        (
            "Latency mixes in the way up.",
            "Speakers are among the readers (speak = \"same\"): on a WebSocket a draft goes up as a \
             frame over the connection that is open, everywhere else as a POST beside it. Latency \
             runs from when a draft was due, so a part of what WebSocket is ahead by is how it \
             speaks, not how it delivers. Run with traffic.speak=post to part the two."
                .to_owned(),
        )
    })
}

/// Warns that loopback charges the kernel's work to the wrong side.
fn kernel(input: &PageInput<'_>) -> Option<Reason> {
    (!input.manifest.has_target()).then(|| {
        (
            "On loopback the kernel charges the wrong side.",
            "What a reader's kernel does to receive a push happens within the server's own send, \
             and is charged to the server: of samples of the server's processor time with a \
             profiler, 35 % with WebSocket, 25 % with long polling and 15 % with short polling were \
             of that kind. What the server's kernel does to receive a question is charged to the \
             generator. Between two machines pushing would cost the server less, and polling more."
                .to_owned(),
        )
    })
}

/// Returns the reasons that make polls cheaper here than elsewhere, and dearer.
fn polls(runs: &[RunRow]) -> Vec<Reason> {
    let polls = |run: &&RunRow| run.way().is_some_and(Way::polls);
    if !runs.iter().any(|run| polls(&run)) {
        return Vec::new();
    }
    let mut reasons = vec![(
        "Polls travel by HTTP/1.1.",
        "Each question carries its headers whole. A browser's polls over TLS mostly travel by \
         HTTP/2, where HPACK (RFC 7541) replaces headers that were sent before by a few bytes, so \
         there polling needs fewer header bytes than are quoted here."
            .to_owned(),
    )];
    if runs.iter().filter(polls).any(|run| run.clients > 1) {
        reasons.push((
            "Pollers share an answer.",
            "All who ask from the same place in a room get one answer that was made ready once; a \
             server that looks up rights or makes a text of its own for each reader pays for each \
             question."
                .to_owned(),
        ));
    }
    reasons
}

fn asks_by_interval(run: &RunRow) -> bool {
    run.way().map(Way::exchange) == Some(Exchange::Immediate)
}

fn intervals(runs: &[RunRow]) -> String {
    let mut found: Vec<&str> = runs
        .iter()
        .filter(|run| asks_by_interval(run))
        .map(|run| run.variant.split_whitespace().next().unwrap_or("-"))
        .collect();
    found.sort_unstable();
    found.dedup();
    found.join(" and ")
}

/// Warns that a hold longer than the measured time never ends.
fn holds(runs: &[RunRow]) -> Option<Reason> {
    let is_held = |run: &&RunRow| run.way().map(Way::exchange) == Some(Exchange::Held);
    let run = runs.iter().find(is_held)?;
    let seconds = run
        .variant
        .split_whitespace()
        .find_map(|word| word.strip_suffix('s')?.parse::<u64>().ok())?;
    (seconds * 1_000 >= run.measured_ms && run.rate_per_s > 0.0).then(|| {
        (
            "Long polling never came back empty.",
            format!(
                "Its hold of {seconds} s is longer than the {} s that were measured, and messages \
                 kept coming; in a quiet room it would ask again and again.",
                unit::count(run.measured_ms as f64 / 1e3)
            ),
        )
    })
}

fn headers(runs: &[RunRow]) -> Option<Reason> {
    let minimal = runs.iter().all(|run| run.headers == "minimal");
    minimal.then(|| {
        (
            "Requests are bare.",
            "They carry only what HTTP demands. A browser adds some hundred bytes, and cookies \
             can add thousands, to each request: polling pays that for every question, a stream \
             and a WebSocket once. Run with headers.profile=browser to see it."
                .to_owned(),
        )
    })
}

fn machine(input: &PageInput<'_>) -> Option<Reason> {
    let processors = input.manifest.machine.processors?;
    Some((
        "The generator is a neighbour.",
        format!(
            "Clients and server compete for the same {processors} processors. Runs in which the \
             clients could not keep their schedule are marked as not valid, but the server may \
             have had less than a machine of its own would give it."
        ),
    ))
}

/// Warns that a room which grows with the clients sends every message to more of them.
fn fan_out(runs: &[RunRow]) -> Option<Reason> {
    let per_room = |run: &RunRow| run.clients / run.rooms.max(1);
    let (least, most) = (
        runs.iter().map(per_room).min()?,
        runs.iter().map(per_room).max()?,
    );
    (most > least).then(|| {
        (
            "Rooms grow with the clients.",
            format!(
                "A message goes to {} readers in some cells and to {} in others, so a sweep over \
                 clients is a sweep over fan-out too. Hold readers_per_room to part the two.",
                unit::grouped(least),
                unit::grouped(most)
            ),
        )
    })
}

/// Reports runs that could have a 99th percentile and lack it.
fn withheld(cell_table: &CellTable<'_>) -> Option<Reason> {
    let variants = cell_table.cells.iter().flat_map(|cell| &cell.variants);
    let runs = || variants.clone().flat_map(|variant| &variant.runs);
    let reasons = || runs().map(|run| &run.p99_withheld);
    let count = reasons().filter(|why| !why.is_empty()).count();
    let first = reasons().find(|why| !why.is_empty())?;
    Some((
        "Some 99th percentiles are withheld.",
        format!(
            "In {count} of {} runs the load generator can have moved it; in the first of them, \
             {first}. More processors, or fewer readers, would let them be reported.",
            runs().count()
        ),
    ))
}

fn evidence(cell_table: &CellTable<'_>) -> Vec<Reason> {
    let variants = || {
        cell_table
            .cells
            .iter()
            .flat_map(|cell| &cell.variants)
            .filter(|variant| variant.valid)
    };
    let mut reasons = Vec::new();
    let fewest = variants()
        .map(|variant| variant.runs.len())
        .min()
        .unwrap_or_default();
    if fewest < LEAST_RUNS {
        reasons.push((
            "The evidence is thin.",
            format!(
                "Some of these have {} only; a verdict needs {LEAST_RUNS}.",
                match fewest {
                    0 => "no valid run".to_owned(),
                    1 => "one valid run".to_owned(),
                    _ => format!("{fewest} valid runs"),
                }
            ),
        ));
    }
    reasons.extend(withheld(cell_table));
    let unsaid = variants()
        .filter(|variant| {
            variant.spread(P99.metric).is_none() && variant.spread(P50.metric).is_some()
        })
        .filter(|variant| variant.runs.iter().all(|run| run.p99_withheld.is_empty()))
        .count();
    if unsaid > 0 {
        reasons.push((
            "Some tails are not known.",
            format!(
                "In {unsaid} of {} combinations fewer than 100 messages were due or fewer than \
                 1,000 deliveries were made, which carry no p99.",
                variants().count()
            ),
        ));
    }
    reasons
}
