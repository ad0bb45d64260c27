//! A page with sliders: all lines of the command's table, for readers, rooms, messages, payload,
//! headers, round trips, reconnects and limits that somebody moves, and for versions of TLS and HTTP
//! and proxies that somebody chooses.
//!
//! No formula is written in the page. It has a table of coefficients that the formulas of this
//! program gave ([`Table`]), and adds up their products with what the sliders say. `samples` makes
//! coefficients of answers, `pieces` keeps them, `limits` has those of what breaks first, and `work`
//! the costs that a calibration found.

mod coefficients;
mod limits;
mod pieces;
mod samples;
#[cfg(feature = "classroom")]
mod served;
mod start;
mod table;
mod words;
mod work;

use std::{fs, path::Path};

use anyhow::Context;
use maud::{DOCTYPE, Markup, PreEscaped, html};

#[cfg(feature = "classroom")]
pub(crate) use self::served::beside;
pub(super) use self::work::Measured;
use self::{
    table::{Material, Stops, Table},
    words::{CHOSEN, LABELS, SLIDERS},
};
use super::{prices::Prices, workload::Workload};
use crate::{
    args::{self, WorkloadInputs},
    only::Only,
};

/// The address of the page where it is served.
const ADDRESS: &str = "/advise";
const STYLE: &str = include_str!("page/page.css");
/// The arithmetic, and at the end what shows it.
const SCRIPTS: [&str; 4] = [
    include_str!("page/limits.js"),
    include_str!("page/work.js"),
    include_str!("page/reckon.js"),
    include_str!("page/page.js"),
];

/// The whereabouts of the style and the script of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parts {
    /// They are in the page, which needs no network.
    Inside,
    /// They have addresses of their own: a server's policy runs no script within a page.
    #[cfg(feature = "classroom")]
    Beside,
}

/// Writes the page of a workload.
pub(super) fn write(
    file: &Path,
    inputs: &WorkloadInputs,
    only: &[Only],
    prices: &Prices,
    measured: &Measured,
    lang: args::Lang,
) -> anyhow::Result<()> {
    let table = table(inputs, only, prices, measured)?;
    let tag = match lang {
        args::Lang::En => "en",
        args::Lang::Zh => "zh-CN",
    };
    let text = page(&table, tag, Parts::Inside)?;
    fs::write(file, text.into_string()).with_context(|| format!("cannot write {}", file.display()))
}

fn table(
    inputs: &WorkloadInputs,
    only: &[Only],
    prices: &Prices,
    measured: &Measured,
) -> anyhow::Result<Table> {
    let workload = Workload::of(inputs)?;
    let material = Material {
        workload: &workload,
        inputs,
        only,
        prices,
        measured,
    };
    Table::of(material, Stops::usual(&workload))
}

/// Returns the script, which is no module, because browsers do not run modules from a folder.
fn script() -> String {
    format!("'use strict';\n(() => {{\n{}}})();\n", SCRIPTS.join("\n"))
}

fn page(table: &Table, lang: &str, parts: Parts) -> anyhow::Result<Markup> {
    // A text cannot end the element that it stands in.
    let data = serde_json::to_string(table)?.replace('<', "\\u003c");
    Ok(html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (LABELS.title[0]) }
                @if parts == Parts::Inside {
                    style { (PreEscaped(STYLE)) }
                } @else {
                    link rel="stylesheet" href=(format!("{ADDRESS}/page.css"));
                    script defer src=(format!("{ADDRESS}/page.js")) {}
                }
            }
            body {
                header {
                    h1 data-words="title" { (LABELS.title[0]) }
                    button type="button" id="lang" { "中文" }
                }
                p data-words="about" { (LABELS.about[0]) }
                form id="sliders" {
                    @for slider in SLIDERS {
                        label for=(slider.key) data-slider=(slider.key) { (slider.name[0]) }
                        input type="range" id=(slider.key) min="0" step="1" value="0";
                        output id=(format!("{}-value", slider.key)) for=(slider.key) {}
                    }
                    @for choice in CHOSEN {
                        label for=(choice.key) data-slider=(choice.key) { (choice.name[0]) }
                        select id=(choice.key) {}
                    }
                }
                div.wide { table id="figures" {} }
                p data-words="limits" { (LABELS.limits[0]) }
                noscript { p { "This page reckons in the browser and needs its script." } }
                script type="application/json" id="table" { (PreEscaped(data)) }
                @if parts == Parts::Inside {
                    script { (PreEscaped(script())) }
                }
            }
        }
    })
}

#[cfg(test)]
mod tests;
