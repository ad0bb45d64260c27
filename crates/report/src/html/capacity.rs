//! How much each transport holds, where that was searched for.

use maud::{Markup, html};

use super::material::Material;
use crate::capacity::{self, Line};

pub(super) fn section(material: &Material<'_>) -> Markup {
    let searches = &material.searches;
    let Some(header) = capacity::header(searches) else {
        return html! {};
    };
    html! {
        section id="capacity" {
            h2 { "How much each holds" }
            p.lead {
                "The load grew until a run was too much, and the gap between what held and what \
                 did not was closed in on. " (capacity::note(searches)) "."
            }
            div.scroll {
                table {
                    thead { tr { @for name in &header { th { (name) } } } }
                    tbody {
                        @for line in capacity::lines(searches, &material.digest.runs) {
                            (row(&line))
                        }
                    }
                }
            }
            p {
                "A load that held says that the server held it with this generator on this \
                 machine. Where the generator gave out first, the server may hold more."
            }
        }
    }
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
