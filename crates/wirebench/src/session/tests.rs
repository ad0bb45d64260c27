use std::fs;

use results::RunRow;

use super::*;

const SCENARIO: &str = "name = \"x\"\nquestion = \"\"\nrepeats = 2\n[swarm]\nclients = 2\n\
     ramp = \"50ms\"\n[traffic]\nrate = 20\nsettle = \"50ms\"\nmeasure = \"200ms\"\n\
     [[transport]]\nkind = \"websocket\"\n[[transport]]\nkind = \"sse\"\n";

fn study(sets: &[&str]) -> Study {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    Study::from_text("x.toml", SCENARIO, &sets).expect("a scenario")
}

fn open<'a>(
    folder: &Path,
    start: Start,
    study: &Study,
    interrupt: &'a Interrupt,
) -> anyhow::Result<Session<'a>> {
    let opening = Opening {
        folder,
        start,
        go_on: "wirebench x --resume y".to_owned(),
        is_part: true,
        tells: false,
    };
    Session::open(opening, study.clone(), study.plans(), None, interrupt)
}

/// Returns the rows of a run that is over, as the store keeps them.
fn rows(plan: &Plan, reasons: &str) -> Rows {
    let text = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../results/tests/fixture/one_cell"
    );
    let mut rows = Store::open(text).expect("a fixture").read().rows;
    let id = plan.id();
    rows.runs.truncate(1);
    rows.runs[0] = RunRow {
        transport: id.transport,
        variant: id.variant,
        cell: id.cell,
        repeat: id.repeat as u32,
        reasons: reasons.to_owned(),
        valid: reasons.is_empty(),
        ..rows.runs[0].clone()
    };
    rows.ladder.clear();
    rows.ledger.clear();
    rows.timeline.clear();
    rows
}

#[test]
fn what_is_left_is_made_and_what_was_cut_is_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (interrupt, study) = (Interrupt::never(), study(&[]));
    let mut session = open(folder.path(), Start::New, &study, &interrupt).expect("a session");
    let (plans, later) = session.left();
    assert_eq!((plans.len(), later), (4, 0));
    session.store.append(&rows(&plans[0], "")).expect("kept");
    let cut = rows(&plans[1], "interrupted");
    session.store.append(&cut).expect("kept");
    session.end(0).expect("written");
    drop(session);

    let resumed = open(folder.path(), Start::Resumed, &study, &interrupt).expect("a session");
    let (left, _) = resumed.left();
    let ids = |plans: &[Plan]| plans.iter().map(|plan| plan.id().to_string()).collect();
    let (left, expected): (Vec<String>, Vec<String>) = (ids(&left), ids(&plans[1..]));
    assert_eq!(left, expected);
}

#[test]
fn a_folder_is_held_and_another_scenario_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let interrupt = Interrupt::never();
    let first = open(folder.path(), Start::New, &study(&[]), &interrupt).expect("a session");
    let second = open(folder.path(), Start::Resumed, &study(&[]), &interrupt);
    let refused = format!("{:#}", second.expect_err("held"));
    assert!(refused.contains("another wirebench"), "{refused}");
    drop(first);
    let other = study(&["swarm.clients=3"]);
    let refused = open(folder.path(), Start::Resumed, &other, &interrupt);
    let refused = format!("{:#}", refused.expect_err("another scenario"));
    assert!(refused.contains("the scenario has changed"), "{refused}");
}

#[test]
fn a_new_session_leaves_the_runs_of_another_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (interrupt, study) = (Interrupt::never(), study(&[]));
    let session = open(folder.path(), Start::New, &study, &interrupt).expect("a session");
    let plans = study.plans();
    session.store.append(&rows(&plans[0], "")).expect("kept");
    drop(session);
    let before = fs::read(folder.path().join("manifest.json")).expect("a manifest");
    let refused = open(folder.path(), Start::New, &study, &interrupt);
    let refused = format!("{:#}", refused.expect_err("it has runs"));
    assert!(refused.contains("or: wirebench x --resume y"), "{refused}");
    let after = fs::read(folder.path().join("manifest.json")).expect("a manifest");
    assert!(before == after);
}

#[test]
fn a_sitting_begins_with_its_first_run_and_a_shape_with_its_calibration() {
    let folder = tempfile::tempdir().expect("a folder");
    let (interrupt, study) = (Interrupt::never(), study(&[]));
    let mut session = open(folder.path(), Start::New, &study, &interrupt).expect("a session");
    let of_file = || {
        let manifest = manifest::read(folder.path()).expect("a manifest");
        (manifest.sittings.len(), manifest.calibrations.len())
    };
    assert_eq!(of_file(), (0, 0));
    for plan in &study.plans() {
        assert_eq!(session.prepare(plan).expect("prepared"), 1);
    }
    assert_eq!(of_file(), (1, 1), "one shape, one sitting");
}
