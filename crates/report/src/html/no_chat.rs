//! The sections about runs that are no chat: an answer's tokens, and an agent's turns.

use maud::{Markup, html};

use super::listing::{has_any, listing};
use analysis::{
    cell::CellTable,
    metric::{AGENT, PACE},
};

/// Returns whether tokens of an answer were streamed.
pub(super) fn has_tokens(cell_table: &CellTable<'_>) -> bool {
    let mut variants = cell_table.cells.iter().flat_map(|cell| &cell.variants);
    variants.any(|variant| {
        let is_answer = |run: &results::RunRow| (!run.envelope.is_empty()).then_some(1.0);
        variant.spread(is_answer).is_some()
    })
}

/// Returns whether an agent took turns.
pub(super) fn has_turns(cell_table: &CellTable<'_>) -> bool {
    has_any(cell_table, &AGENT)
}

pub(super) fn tokens(cell_table: &CellTable<'_>) -> Markup {
    if !has_tokens(cell_table) {
        return html! {};
    }
    html! {
        section id="tokens" {
            h2 { "When the tokens came" }
            p.lead {
                "The first token counts from the beginning of its connection, the gaps from one token \
                 to the next. Tokens that come in one answer of a long poll, or in one read of a \
                 socket, have next to nothing between them. In the tables a message is a token, and \
                 what crosses beside it is all but its text and envelope."
            }
            (listing(cell_table, &PACE))
        }
    }
}

pub(super) fn turns(cell_table: &CellTable<'_>) -> Markup {
    if !has_turns(cell_table) {
        return html! {};
    }
    html! {
        section id="turns" {
            h2 { "What the turns are made of" }
            p.lead {
                "The time of all turns and its four parts, taken at both ends by one clock, and the \
                 four parts of the bytes. The parts of the time add up to the whole within 5 % in each \
                 run, and those of the bytes to the byte, or the run is not valid. In the tables a \
                 message is a turn, and its latency the time of a turn."
            }
            (listing(cell_table, &AGENT))
        }
    }
}
