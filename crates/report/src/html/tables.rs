//! The figures as tables: the results, and the effects against the baseline.

use maud::{Markup, html};

use super::{
    answer::joined,
    listing::{figure, is_long},
    mark::named,
    ranking::Ranking,
};
use analysis::{
    cell::{Cell, CellTable, VariantRuns},
    chance::LEAST_RUNS,
    effect::{Effect, Shown, against},
    metric::{BYTES, HEADER_BYTES, Metric, P50, P99, REQUESTS, SERVER_CPU, SERVER_MEMORY},
    unit,
};

const SHOWN: [&Metric; 7] = [
    &P50,
    &P99,
    &BYTES,
    &HEADER_BYTES,
    &REQUESTS,
    &SERVER_CPU,
    &SERVER_MEMORY,
];

const DIFFERENCES: [&Metric; 4] = [&P50, &P99, &BYTES, &SERVER_CPU];

/// Draws the winners at a glance, only if there is one cell.
pub(super) fn tiles(cell_table: &CellTable<'_>) -> Markup {
    let [cell] = cell_table.cells.as_slice() else {
        return html! {};
    };
    let questions = [
        ("Fastest, at the median", &P50),
        ("Fastest, 99 of 100", &P99),
        ("Fewest bytes per message", &BYTES),
        ("Least server processor time", &SERVER_CPU),
    ];
    let found = questions.into_iter().filter_map(|(title, quantity)| {
        Some((title, quantity, Ranking::of(cell_table, cell, quantity)?))
    });
    html! {
        div.tiles {
            @for (title, quantity, ranking) in found {
                @let front = ranking.front();
                div.tile {
                    p.what { (title) }
                    p.value { (quantity.show(ranking.least())) }
                    @if front.len() == cell_table.identities.len() && front.len() > 2 {
                        p.whom { "all of them" }
                    } @else {
                        p.whom { @for who in &front { (named(&cell_table.identities[*who])) } }
                    }
                    @if front.len() > 1 { p.note { (ranking.level_words()) } }
                    @else if let Some((who, effect)) = ranking.next() {
                        p.note { (joined(cell_table, &[who])) ": " (effect.words()) }
                    }
                    @if let Some(doubt) = ranking.doubt() { p.note { (doubt) } }
                }
            }
        }
    }
}

/// Draws a table with every figure of every variant and cell.
pub(super) fn results(cell_table: &CellTable<'_>) -> Markup {
    let has_cells = cell_table.cells.len() > 1;
    html! {
        section id="results" {
            h2 { "Results" }
            p.lead {
                "Medians over the valid runs, with least and most below. Latency runs from when a \
                 message was due, not from when it left. " strong { "Bold" }
                " is the best of its column, and whatever cannot be told from it or lies within \
                 5 %; where the runs are too few to tell, nothing is."
            }
            div.scroll.long[is_long(cell_table)].wide[has_cells] {
                table {
                    thead { tr {
                        @if has_cells { th { "cell" } }
                        th { "transport" }
                        @for quantity in SHOWN { th.n { (quantity.short) } }
                        th.n { "lost" } th.n { "valid" }
                    } }
                    @for cell in &cell_table.cells { tbody { (rows(cell_table, cell, has_cells)) } }
                }
            }
        }
    }
}

fn rows(cell_table: &CellTable<'_>, cell: &Cell<'_>, has_cells: bool) -> Markup {
    let best: Vec<Vec<usize>> = SHOWN
        .iter()
        .map(|quantity| {
            let ranking = Ranking::of(cell_table, cell, quantity);
            ranking.map_or_else(Vec::new, |ranking| ranking.marked())
        })
        .collect();
    html! {
        @for (at, variant) in cell.variants.iter().enumerate() {
            tr class=[(!variant.valid).then_some("invalid")] {
                @if has_cells && at == 0 { th.cell scope="rowgroup" rowspan=(cell.variants.len()) { (cell.name) } }
                th.who scope="row" { (named(&cell_table.identities[variant.identity])) }
                @for (quantity, best) in SHOWN.iter().zip(&best) {
                    (figure(variant, quantity, best.contains(&variant.identity)))
                }
                td.n { (unit::grouped(variant.all.iter().map(|run| run.lost).sum())) }
                (validity(variant))
            }
        }
    }
}

fn validity(variant: &VariantRuns<'_>) -> Markup {
    let valid = variant.all.iter().filter(|run| run.valid).count();
    let all = variant.all.len();
    let why = variant
        .all
        .iter()
        .map(|run| run.error.as_str())
        .find(|error| !error.is_empty());
    html! {
        td.n title=[why] {
            @if valid == all { (valid) " of " (all) }
            @else { span.bad { (valid) " of " (all) } }
        }
    }
}

/// Draws a table of each variant against the baseline.
pub(super) fn effects(cell_table: &CellTable<'_>, base: usize) -> Markup {
    let has_cells = cell_table.cells.len() > 1;
    let name = &cell_table.identities[base].style.name;
    html! {
        section id="against" {
            h2 { "Differences from " (name) }
            p.lead {
                "How many times as much as " (name) " each one needs: the ratio of medians, and in \
                 brackets an exact interval of at least 95 % for it alone; fewer than "
                (LEAST_RUNS) " valid runs have none, and what sittings differ by is in it. \
                 \u{201c}Less\u{201d} and \u{201c}more\u{201d} are told from chance and are at least 5 %."
            }
            p.lead { "On this page and in its charts: " (cell_table.family().words()) }

            div.scroll.long[is_long(cell_table)].wide[has_cells] {
                table {
                    thead { tr {
                        @if has_cells { th { "cell" } }
                        th { "transport" }
                        @for quantity in DIFFERENCES { th.n { (quantity.short) } }
                    } }
                    @for cell in &cell_table.cells { tbody { (effect_rows(cell_table, cell, base, has_cells)) } }
                }
            }
        }
    }
}

fn effect_rows(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
    base: usize,
    has_cells: bool,
) -> Markup {
    let columns = DIFFERENCES.map(|quantity| against(cell_table, cell, quantity, base));
    let others: Vec<usize> = (0..cell.variants.len())
        .filter(|at| cell.variants[*at].identity != base)
        .collect();
    html! {
        @for (line, at) in others.iter().enumerate() {
            tr {
                @if has_cells && line == 0 { th.cell scope="rowgroup" rowspan=(others.len()) { (cell.name) } }
                th.who scope="row" { (named(&cell_table.identities[cell.variants[*at].identity])) }
                @for column in &columns { (effect_cell(column[*at].1.as_ref())) }
            }
        }
    }
}

fn effect_cell(effect: Option<&Effect>) -> Markup {
    let Some(effect) = effect else {
        return html! { td.n { "–" } };
    };
    let (class, word) = match effect.shown() {
        Shown::Less => ("n less", "less"),
        Shown::More => ("n more", "more"),
        Shown::Small | Shown::NoDifference | Shown::TooFewRuns => ("n", ""),
    };
    html! {
        td class=(class) {
            (effect.words())
            @if let Some(doubt) = effect.doubt() { div.range { (doubt) } }
            @else { div.range { (word) } }
            @if !effect.sittings.is_empty() {
                div.range { "sittings: " (effect.sittings_words()) }
            }
        }
    }
}
