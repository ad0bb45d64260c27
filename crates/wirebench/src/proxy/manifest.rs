//! The proxies of a scenario as the manifest keeps them: program, version and settings.

use std::collections::BTreeMap;

use results::manifest::{Others, Proxy};
use scenario::{ProxySettings, Study};

use super::Recipe;

/// Looks for the program of each proxy of a scenario. Returns what the manifest keeps, by the words
/// for each proxy.
///
/// # Errors
/// Fails if a program is not installed.
pub(crate) fn of(study: &Study) -> anyhow::Result<BTreeMap<String, Proxy>> {
    let mut kept = BTreeMap::new();
    for cell in &study.cells {
        let wanted = cell.scenario.proxy.as_ref();
        let Some(settings) = wanted.filter(|proxy| proxy.is_there()) else {
            continue;
        };
        let nodes = cell.scenario.server.nodes;
        let words = words(settings, nodes);
        if kept.contains_key(&words) {
            continue;
        }
        let recipe = Recipe::of(settings, cell.proxy_template.as_deref(), nodes)?;
        let own = Proxy {
            arguments: recipe.arguments.join(" "),
            program: recipe.program.name(),
            version: recipe.program.version.clone(),
            config: recipe.text,
            others: Others::new(),
        };
        kept.insert(words, own);
    }
    Ok(kept)
}

/// Returns the words for a proxy before so many servers: its settings differ if they are several.
fn words(settings: &ProxySettings, nodes: usize) -> String {
    let words = settings.words();
    if nodes > 1 {
        format!("{words}, several servers")
    } else {
        words
    }
}
