//! Every file in `scenarios/` is a scenario, tells why, and can be run here.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::super::{Study, plan::Plan};

/// The hard limit of open files that many systems come with.
const DESCRIPTORS: u64 = 20_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

fn shipped() -> Vec<Study> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder())
        .expect("the folder of scenarios")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    let read = |path: &PathBuf| {
        let study = Study::load(path, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            Some(study.name.as_str()),
            path.file_stem().and_then(|stem| stem.to_str())
        );
        study
    };
    files.iter().map(read).collect()
}

#[test]
fn each_tells_why_and_resolves_to_runs() {
    let studies = shipped();
    assert!(studies.len() >= 6);
    for study in studies {
        // That one needs several processes on either side, and says so.
        let processes = if study.name == "fifty-thousand" { 4 } else { 1 };
        study
            .check(DESCRIPTORS * processes)
            .unwrap_or_else(|error| panic!("{error}"));
        assert!(study.question.ends_with('?'), "{}", study.name);
        assert!(
            !study.motive.is_empty() && !study.expect.is_empty(),
            "{}",
            study.name
        );
        assert!(!study.plans().is_empty(), "{}", study.name);
    }
}

/// Checks that a plan goes from one process to another, and a manifest's is read again.
#[test]
fn a_plan_is_read_as_it_was_written() {
    let mut count = 0;
    for plan in shipped().iter().flat_map(Study::plans) {
        let text = serde_json::to_string(&plan).expect("a plan");
        let read: Plan = serde_json::from_str(&text).expect("a plan");
        assert_eq!(read, plan, "{}", plan.id());
        count += 1;
    }
    assert!(count > 100);
}

#[test]
fn quick_is_quick() {
    let study = Study::load(&folder().join("quick.toml"), &[]).expect("a scenario");
    let plans = study.plans();
    assert_eq!(plans.len(), 5, "four transports, and SSE");
    let longest: Duration = plans
        .iter()
        .map(|plan| {
            plan.swarm.ramp + plan.traffic.settle + plan.traffic.measure + plan.traffic.drain
        })
        .sum();
    assert!(longest < Duration::from_secs(80), "{longest:?}");
}
