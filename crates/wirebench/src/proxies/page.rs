//! The page of what was found: the table, and the settings of each proxy to copy.

use maud::{DOCTYPE, Markup, html};
use scenario::{Preset, ProxyKind};

use super::{
    finding::{Finding, Passes, Seen},
    lines, timeouts,
};
use crate::proxy::{config::ProxyParameters, program::Program};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;\
                     padding:0 1rem;color:#111;background:#fff}table{border-collapse:collapse}\
                     th,td{padding:.2rem .6rem;border-bottom:1px solid #ccc;text-align:left;\
                     vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}\
                     tr.no td{background:#fde8e4}pre{background:#f4f4f4;padding:1rem;\
                     overflow-x:auto}.wide{overflow-x:auto}";

/// Returns the page.
pub(super) fn page(findings: &[Finding], programs: &[(ProxyKind, Program)], told: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Proxies and the ways to read" }
                style { (STYLE) }
            }
            body {
                h1 { "What proxies do to each way to read" }
                p {
                    "Each proxy with the least settings that pass requests on, and with those that \
                     every way needs; nginx also with what articles show, which is half of it. A \
                     row in red does not work, or keeps back what should come at once."
                }
                div.wide { (table(findings)) }
                p { (told) }
                @for (kind, program) in programs {
                    (settings(*kind, program))
                }
            }
        }
    }
}

fn table(findings: &[Finding]) -> Markup {
    let sheet = super::sheet(findings);
    html! {
        table {
            thead { tr { @for name in sheet.names() { th { (name) } } } }
            tbody {
                @for (row, found) in sheet.texts().zip(findings) {
                    tr.no[is_wrong(found)] {
                        @for (text, is_number) in row { td.n[is_number] { (text) } }
                    }
                }
            }
        }
    }
}

/// Returns whether a way does not work, or what should come at once does not.
fn is_wrong(found: &Finding) -> bool {
    matches!(found.passes, Passes::No(_))
        || matches!(found.head, Seen::Not(_))
        || matches!(found.first, Seen::Not(_))
}

fn settings(kind: ProxyKind, program: &Program) -> Markup {
    html! {
        h2 id=(kind.name()) { (kind.name()) }
        p { (program.version) }
        @for preset in Preset::of(kind).iter().copied() {
            @let parameters = ProxyParameters::usual(kind, preset);
            h3 { code { (preset.word()) } " " span { (lines::title(preset)) } }
            (missing(preset))
            pre { (parameters.to_copy()) }
            @if kind == ProxyKind::Varnish && preset == Preset::Right {
                pre { "varnishd " (timeouts(&parameters.arguments().join(" "))) }
            }
        }
    }
}

/// Returns the list of the lines that settings lack; nothing if none is told.
fn missing(preset: Preset) -> Markup {
    let missing = lines::missing(preset);
    html! {
        @if !missing.is_empty() {
            p { "What is missing, and what happens without it:" }
            ul {
                @for line in missing {
                    li { code { (line.line) } " " span { (line.without) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_row_is_marked_where_something_is_kept_back() {
        let right = Finding {
            passes: Passes::Yes,
            head: Seen::After(Duration::from_millis(1)),
            ..Finding::default()
        };
        let wrong = Finding {
            head: Seen::Not(Duration::from_secs(1)),
            ..right.clone()
        };
        assert!(is_wrong(&wrong) && !is_wrong(&right));
        let nginx = Program {
            file: "nginx".into(),
            version: "nginx/1.22.1".to_owned(),
        };
        let text = page(&[right, wrong], &[(ProxyKind::Nginx, nginx)], "told").into_string();
        assert_eq!(text.matches("<tr class=\"no\">").count(), 1);
        assert!(text.contains("not in 1000"), "{text}");
        let lacks = "<code>proxy_read_timeout 3600s;</code>";
        assert_eq!(text.matches(lacks).count(), 4, "{text}");
        let chinese = report::Lang::Zh.page(text);
        assert!(chinese.contains("缺的行"), "{chinese}");
    }
}
