//! Scenario files of any bytes: each is refused with a sentence that names its place, or resolves
//! to plans.

use scenario::Study;

#[path = "../../../../fuzz/driver.rs"]
mod driver;

/// More plans than these would only take time.
const FEW: usize = 200;

#[test]
fn fuzz_scenario_files() {
    driver::fuzz("scenario", 3_000, &[], |input| {
        let text = String::from_utf8_lossy(input);
        // The last line may as well be one of the command line, and is in each second input.
        let over = text.lines().last().unwrap_or_default().to_owned();
        let overrides = if input.len().is_multiple_of(2) {
            vec![]
        } else {
            vec![over]
        };
        let study = match Study::from_text("fuzz.toml", &text, &overrides) {
            Ok(study) => study,
            Err(why) => {
                assert!(why.to_string().len() > 10, "{why}");
                return;
            }
        };
        let runs: usize = study
            .cells
            .iter()
            .map(|cell| cell.scenario.transport.len())
            .sum();
        if study.check(20_000).is_ok() && runs.saturating_mul(study.repeats) < FEW {
            let plans = study.plans();
            assert_eq!(plans.len(), runs * study.repeats);
            let _ = study.check_plans(&plans);
        }
    });
}
