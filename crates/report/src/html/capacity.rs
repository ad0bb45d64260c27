//! The load that each transport holds, if the folder has searches for it.

use maud::{Markup, html};

use super::page_input::PageInput;
use crate::table::capacity::{self as table, Line};
use analysis::capacity::{CapacityRow, StoppedBy};

pub(super) fn section(input: &PageInput<'_>) -> Markup {
    let searches = &input.searches;
    let Some(header) = table::header(searches) else {
        return html! {};
    };
    html! {
        section id="capacity" {
            h2 { "How much each holds" }
            p.lead {
                "The load grew until a run was too much, and the gap between what held and what \
                 did not was closed in on: " (table::note(searches)) "."
            }
            div.scroll {
                table {
                    thead { tr { @for name in &header { th { (name) } } } }
                    tbody {
                        @for line in table::lines(searches, &input.digest.runs) {
                            (row(&line))
                        }
                    }
                }
            }
            p.note {
                "A load that held says that the server held it with this generator on this \
                 machine. Where the generator gave out first, the server may hold more."
            }
        }
    }
}

/// Returns the answer in a sentence; `None` if there was no search.
pub(super) fn sentence(input: &PageInput) -> Option<String> {
    let searches = &input.searches;
    let first = searches.first()?;
    let unit = match first.grown.as_str() {
        "rate" => "messages/s in each room",
        _ => "clients",
    };
    let of_line = |(line, search): (Line, &CapacityRow)| match (search.held, search.stopped_by) {
        (None, _) => format!("{} not even {} {unit}", line.name, line.broke),
        (Some(_), StoppedBy::Condition | StoppedBy::Server) if !search.doubted => {
            format!("{} {} {unit}", line.name, line.held)
        }
        (Some(_), _) => format!("{} at least {} {unit}", line.name, line.held),
    };
    let lines = table::lines(searches, &input.digest.runs);
    let held: Vec<String> = lines.into_iter().zip(searches).map(of_line).collect();
    let lower = held.iter().any(|text| text.contains(" at least "));
    let why = if lower {
        " \u{201c}At least\u{201d} is where the generator, or the search, ended before the server did."
    } else {
        ""
    };
    Some(format!(
        "Until {}, this is held: {}.{why}",
        first.condition,
        held.join("; ")
    ))
}

fn row(line: &Line) -> Markup {
    html! {
        tr {
            th.who { (line.name) }
            td { (line.held) }
            td { (line.held_figure) }
            td { (line.broke) }
            td { (line.broke_figure) }
            td { (line.stopped_by) }
        }
    }
}
