//! The check, before anything starts, whether a scenario's objectives can be evaluated.

use std::path::Path;

use analysis::objective;
use anyhow::bail;
use scenario::Study;

/// Refuses a scenario with an objective or expectation that cannot be read, or that names something
/// that the scenario does not run. All of them are reported at once.
pub(crate) fn check(study: &Study, file: &Path) -> anyhow::Result<()> {
    let plans = study.plans();
    let mut told: Vec<String> = Vec::new();
    for cell in &study.cells {
        let of_cell = plans.iter().filter(|plan| plan.cell == cell.label);
        let runs: Vec<(&str, String)> = of_cell
            .map(|plan| (plan.variant.transport().name(), plan.variant.to_string()))
            .collect();
        let runs: Vec<(&str, &str)> = runs
            .iter()
            .map(|(transport, variant)| (*transport, variant.as_str()))
            .collect();
        for table in [&cell.scenario.objective, &cell.scenario.expectation] {
            let found = objective::read(&serde_json::to_value(table)?);
            let elsewhere = found
                .objectives
                .iter()
                .filter_map(|objective| objective.against(&runs).err());
            let errors = found.errors.iter().cloned().chain(elsewhere);
            for error in errors.map(|error| error.to_string()) {
                if !told.contains(&error) {
                    told.push(error);
                }
            }
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    bail!("{}: {}", file.display(), told.join("\n       "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(objectives: &str) -> anyhow::Result<()> {
        let scenario = format!(
            "name = \"x\"\nquestion = \"\"\n[swarm]\nclients = 2\n{objectives}\n\
             [[transport]]\nkind = \"websocket\"\n[[transport]]\nkind = \"short_poll\"\n"
        );
        let study = Study::from_text("x.toml", &scenario, &[]).expect("a scenario");
        check(&study, Path::new("x.toml"))
    }

    #[test]
    fn every_mistake_is_told_before_anything_starts() {
        checked("[objective]\nlost = 0\nwebsocket.p99 = \"< 50ms\"\nshort_poll.1s.p50 = \"< 1s\"")
            .expect("all can be answered");
        let refused = checked(
            "[objective]\nwebsockets.p50 = \"< 10us\"\nwebsocket.p9 = \"< 1s\"\n\
             websocket.p99 = \"50ms\"\np50 = \"< 5 parsecs\"\nlong_poll.p50 = \"< 1s\"\n\
             short_poll.2s.p50 = \"< 1s\"\nlost = \"none\"\n[expectation]\nvalid = 7",
        )
        .expect_err("eight mistakes")
        .to_string();
        for part in [
            "did you mean websocket?",
            "did you mean p90?",
            "a comparison is missing",
            "is no unit here",
            "the scenario runs no long_poll; it runs websocket, short_poll",
            "has the variant \"2s\"; it runs as 1s",
            "objective lost = \"none\"",
            "objective valid = \"7\"",
        ] {
            assert!(refused.contains(part), "{part}: {refused}");
        }
        assert_eq!(refused.lines().count(), 8, "{refused}");
    }
}
