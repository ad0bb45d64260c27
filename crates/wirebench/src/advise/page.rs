//! A page with sliders: bytes, requests, latency and the bill of each way, for readers, rooms,
//! messages, payload, headers and round trips that somebody moves.
//!
//! No formula is written in the page. It has a table of coefficients that the formulas of this
//! program gave ([`Table`]), and adds up their products with what the sliders say.

mod coefficients;
mod pieces;
#[cfg(feature = "classroom")]
mod served;
mod table;
mod words;

use std::{fs, path::Path};

use anyhow::Context;
use maud::{DOCTYPE, Markup, PreEscaped, html};

#[cfg(feature = "classroom")]
pub(crate) use self::served::beside;
use self::{
    table::{Stops, Table},
    words::{LABELS, SLIDERS},
};
use super::{prices::Prices, workload::Workload};
use crate::{
    args::{self, WorkloadInputs},
    only::Only,
};

/// The address of the page where it is served.
const ADDRESS: &str = "/advise";
const STYLE: &str = include_str!("page/page.css");
/// The arithmetic, and what shows it.
const SCRIPTS: [&str; 2] = [include_str!("page/reckon.js"), include_str!("page/page.js")];

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
    lang: args::Lang,
) -> anyhow::Result<()> {
    let table = table(inputs, only, prices)?;
    let tag = match lang {
        args::Lang::En => "en",
        args::Lang::Zh => "zh-CN",
    };
    let text = page(&table, tag, Parts::Inside)?;
    fs::write(file, text.into_string()).with_context(|| format!("cannot write {}", file.display()))
}

fn table(inputs: &WorkloadInputs, only: &[Only], prices: &Prices) -> anyhow::Result<Table> {
    let workload = Workload::of(inputs)?;
    Table::of(&workload, inputs, only, prices, Stops::usual(&workload))
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
