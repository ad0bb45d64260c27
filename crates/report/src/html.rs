//! `report.html`: one page with everything that a results folder shows.
//!
//! The page is self-contained: figures, typeface and style are inside. It is made from the rows and
//! the manifest alone, so that the same folder gives the same bytes. The order to read the modules
//! in is `page_input` (what the page is made of), `objectives`, `answer` (the two sentences),
//! `capacity`, `tables`, `charts`, `receivers`, `connection`, `comebacks`, `proxy`, `broker`,
//! `shards`, `tokens`, `turns`, `ledger`, `predictions`, `unfair`, `generator`, `settings`.

mod answer;
mod broker;
mod capacity;
mod charts;
mod comebacks;
mod connection;
mod doubt;
mod generator;
mod ledger;
mod listing;
mod mark;
mod no_chat;
mod objectives;
mod page_input;
mod predictions;
mod proxy;
mod ranking;
mod receivers;
mod settings;
mod shards;
mod sittings;
mod tables;
mod unfair;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};

pub(crate) use self::{
    answer::{answer, capital},
    ranking::Ranking,
    sittings::between,
};
use self::{page_input::PageInput, predictions::Groups};
use crate::{
    Lang,
    figure::{self, FiguresError},
};
use analysis::{
    cell::CellTable,
    effect::{UnknownBaseline, baseline},
    objective::Checks,
};
use chart::Figure;
use results::{Complaint, Digest, Store, StoreError, manifest::Manifest};

/// The page's name within a results folder.
pub const FILE: &str = "report.html";

const STYLE: &str = include_str!("html/style.css");
const REGULAR: &[u8] = include_bytes!("../fonts/Inter-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/Inter-Bold.ttf");

/// The reasons why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The folder cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is nothing to draw, or drawing failed.
    #[error(transparent)]
    Figure(#[from] FiguresError),
    /// The baseline is none of the variants.
    #[error(transparent)]
    Baseline(#[from] UnknownBaseline),
    /// The page cannot be written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// Writes `report.html` into a results folder, whole or not at all, and returns its path. Ratios
/// are relative to WebSocket, or else to the last variant.
///
/// # Errors
/// Fails if the folder holds no run, or the page cannot be written.
pub fn write(folder: &Path) -> Result<PathBuf, ReportError> {
    write_against(folder, None)
}

/// Writes the page with a chosen baseline: a transport, a variant, or both.
///
/// # Errors
/// Fails in the same cases as [`write()`], and if no variant fits the baseline.
pub fn write_against(folder: &Path, baseline: Option<&str>) -> Result<PathBuf, ReportError> {
    let page = page(folder, baseline)?;
    put(folder, &page)
}

/// Writes the page of a folder that has been read and drawn already, in the language in which it
/// was drawn. The sentences of the scenario are in that language if the manifest has them so.
///
/// # Errors
/// Fails in the same cases as [`write_against`].
pub fn write_drawn(
    folder: &Path,
    manifest: Option<Manifest>,
    digest: &Digest,
    figures: &[Figure],
    baseline: Option<&str>,
    lang: Lang,
) -> Result<PathBuf, ReportError> {
    let input = PageInput::of(folder, manifest, digest, lang);
    put(
        folder,
        &lang.page(drawn(folder, &input, figures, baseline)?),
    )
}

fn put(folder: &Path, page: &str) -> Result<PathBuf, ReportError> {
    let path = folder.join(FILE);
    let partial = folder.join("report.html.partial");
    fs::write(&partial, page)
        .and_then(|()| fs::rename(&partial, &path))
        .map_err(|source| ReportError::Io {
            path: path.clone(),
            source,
        })?;
    Ok(path)
}

/// Returns the page as text.
///
/// # Errors
/// Fails in the same cases as [`write_against`].
pub fn page(folder: &Path, wish: Option<&str>) -> Result<String, ReportError> {
    page_in(folder, wish, Lang::En)
}

/// Returns the page as text, in one of the languages.
///
/// # Errors
/// Fails in the same cases as [`write_against`].
pub fn page_in(folder: &Path, wish: Option<&str>, lang: Lang) -> Result<String, ReportError> {
    let store = Store::open(folder)?;
    let digest = analysis::digest::of_folder(&store);
    let figures = lang.drawing(|| figure::of_folder(&store, &digest))?;
    let manifest = results::manifest::read(folder);
    let input = PageInput::of(folder, manifest, &digest, lang);
    Ok(lang.page(drawn(folder, &input, &figures, wish)?))
}

fn drawn(
    folder: &Path,
    input: &PageInput<'_>,
    figures: &[Figure],
    wish: Option<&str>,
) -> Result<String, ReportError> {
    let cell_table = &CellTable::of(input.digest);
    if cell_table.cells.is_empty() {
        return Err(FiguresError::NoRuns.into());
    }
    let base = baseline(cell_table, wish)?;
    let predictions = Groups::read(folder, cell_table);
    let answer = answer(cell_table);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(input))
            body {
                header { (opening(input, cell_table, &answer)) }
                (contents(input, cell_table, &predictions))
                main {
                    (objectives::section(input))
                    (capacity::section(input))
                    (tables::results(cell_table))
                    (sittings::section(cell_table))
                    (tables::effects(cell_table, base))
                    (charts::section(figures))
                    (no_chat::tokens(cell_table))
                    (no_chat::turns(cell_table))
                    (receivers::section(cell_table))
                    (connection::section(cell_table))
                    (comebacks::section(cell_table))
                    (proxy::section(cell_table))
                    (broker::section(cell_table))
                    (shards::section(cell_table))
                    (ledger::section(cell_table))
                    (predictions::section(&predictions, cell_table))
                    (unfair::section(input, cell_table))
                    (generator::section(cell_table))
                    (settings::machine(input))
                    (settings::settings(input))
                    (settings::reproduce(input))
                }
                footer { "wirebench " (input.manifest.wirebench) ", from the CSV files and the manifest beside this page." }
            }
        }
    };
    Ok(page.into_string())
}

fn head(input: &PageInput<'_>) -> Markup {
    let font = |weight: u32, bytes: &[u8]| {
        format!(
            "@font-face{{font-family:Inter;font-weight:{weight};font-display:block;\
             src:url(data:font/ttf;base64,{})}}",
            BASE64.encode(bytes)
        )
    };
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (input.title()) " · wirebench" }
            style { (PreEscaped(STYLE)) (PreEscaped(font(400, REGULAR))) (PreEscaped(font(700, BOLD))) }
        }
    }
}

fn opening(input: &PageInput<'_>, cell_table: &CellTable<'_>, answer: &answer::Answer) -> Markup {
    html! {
        p.eyebrow {
            span { "wirebench" } span { (input.name()) }
            @let started = input.started();
            @if !started.is_empty() { span { (started) } }
        }
        h1 { (input.title()) }
        (objectives::opening(input))
        div.answer {
            @if let Some(held) = capacity::sentence(input) { p { (held) } }
            @for sentence in &answer.sentences { p { (sentence) } }
        }
        @if !answer.turns.is_empty() {
            ul.turns { @for turn in &answer.turns { li { (turn) } } }
        }
        @for doubt in &answer.doubts { p.doubt { (doubt) } }
        @for trouble in input.troubles() { p.doubt { (trouble) } }
        (complaints(&input.digest.complaints))
        (tables::tiles(cell_table))
    }
}

/// Lists the complaints about the files, folded away if there are several.
fn complaints(complaints: &[Complaint]) -> Markup {
    html! {
        @if let [one] = complaints { p.doubt { (one) } }
        @else if !complaints.is_empty() {
            details.doubt {
                summary { "The files are not quite what they should be, in " (complaints.len()) " places" }
                ul { @for one in complaints { li { (one) } } }
            }
        }
    }
}

fn contents(input: &PageInput<'_>, cell_table: &CellTable<'_>, predictions: &Groups) -> Markup {
    let entries = [
        (
            "objectives",
            "Objectives",
            input.checks != Checks::default(),
        ),
        ("capacity", "Capacity", !input.searches.is_empty()),
        ("results", "Results", true),
        ("against", "Differences", true),
        ("charts", "Charts", true),
        ("tokens", "Tokens", no_chat::has_tokens(cell_table)),
        ("turns", "Turns", no_chat::has_turns(cell_table)),
        ("receivers", "Receivers", receivers::has_rows(cell_table)),
        (
            "connection",
            "Connections",
            connection::has_rows(cell_table),
        ),
        ("comebacks", "Coming back", comebacks::has_rows(cell_table)),
        ("proxy", "The proxy", proxy::has_rows(cell_table)),
        ("broker", "The Redis", broker::has_rows(cell_table)),
        ("shards", "Between processes", shards::has_rows(cell_table)),
        ("ledger", "Bytes", input.digest.has_accounts()),
        ("predictions", "Predictions", !predictions.is_empty()),
        ("unfair", "What is unfair", true),
        ("generator", "Generator", generator::has_rows(cell_table)),
        ("machine", "Machine", true),
        ("settings", "Settings", true),
        ("again", "Again", true),
    ];
    html! {
        nav {
            @for (id, name, _) in entries.into_iter().filter(|entry| entry.2) {
                a href={ "#" (id) } { (name) }
            }
        }
    }
}
