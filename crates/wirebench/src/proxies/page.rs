//! The page of what was found: the table, and the settings of each proxy to copy.

use maud::{DOCTYPE, Markup, html};
use scenario::ProxyKind;

use super::{
    TITLES,
    finding::{Finding, Passes, Seen},
    timeouts,
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
                    "Each proxy with the least settings that pass requests on, and with those that "
                    "every way needs. A row in red does not work, or keeps back what should come "
                    "at once."
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
        @for (is_right, title) in TITLES {
            @let parameters = ProxyParameters { kind, is_right, silence: None, balance: None };
            h3 { (title) }
            pre { (parameters.to_copy()) }
            @if kind == ProxyKind::Varnish && is_right {
                pre { "varnishd " (timeouts(&parameters.arguments().join(" "))) }
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
        let text = page(&[right, wrong], &[], "told").into_string();
        assert_eq!(text.matches("<tr class=\"no\">").count(), 1);
        assert!(text.contains("not in 1000"), "{text}");
    }
}
