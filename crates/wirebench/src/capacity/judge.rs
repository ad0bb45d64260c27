//! The judgement of a run and of all repeats of a load.

use analysis::capacity::{Condition, StoppedBy};
use results::{Reason, RunRow};

use scenario::Doubts;

use super::search::Verdict;

/// The judgement of one run at a load.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Trial {
    pub(super) verdict: Verdict,
    /// The value of the condition's figure; `None` if the run is not valid or has too few samples
    /// for it.
    pub(super) figure: Option<f64>,
    /// The reason for which the load did not hold, in words.
    pub(super) why: String,
    /// True if the run was judged although the generator's figures are in doubt.
    pub(super) doubted: bool,
}

impl Trial {
    /// Judges a run. A run that is not valid gives no figure, whatever its value; and if the
    /// generator's figures are in doubt, it gives no verdict on the server. If `doubts` are only to
    /// be noted, they do not keep the figure from counting.
    pub(super) fn of(
        run: &RunRow,
        figure: Option<f64>,
        condition: &Condition,
        doubts: Doubts,
    ) -> Self {
        let reasons = Reason::of(run);
        let of_generator = |reason: &Reason| reason.doubts_the_generator();
        let doubted = doubts == Doubts::Note && !run.valid && reasons.iter().all(of_generator);
        let counts = run.valid || doubted;
        let broke = |why, words: String| (Verdict::Broke(why), words);
        let (verdict, why) = match figure {
            _ if !counts && reasons.iter().any(of_generator) => {
                broke(StoppedBy::Generator, run.error.clone())
            }
            _ if !counts => broke(StoppedBy::Server, run.error.clone()),
            None => broke(
                StoppedBy::NoFigure,
                format!(
                    "{} deliveries do not carry a {}; measure longer",
                    run.delivered, condition.figure
                ),
            ),
            Some(value) if condition.bound.is_met(value) => broke(
                StoppedBy::Condition,
                format!("{} is {}", condition.figure, condition.show(value)),
            ),
            Some(_) => (Verdict::Held, String::new()),
        };
        Self {
            verdict,
            figure: figure.filter(|_| counts),
            why,
            doubted,
        }
    }
}

/// Returns the verdict on a load: it holds if more than half of its repeats do. Returns `None`
/// while the repeats that are missing could still turn the verdict.
pub(super) fn verdict(trials: &[Trial], repeats: usize) -> Option<Verdict> {
    let held = trials
        .iter()
        .filter(|trial| trial.verdict == Verdict::Held)
        .count();
    if held > repeats / 2 {
        return Some(Verdict::Held);
    }
    let missing = repeats.saturating_sub(trials.len());
    (held + missing <= repeats / 2).then(|| Verdict::Broke(reason(trials)))
}

/// Returns the most frequent reason; of equally frequent ones, the one that claims less.
fn reason(trials: &[Trial]) -> StoppedBy {
    const ORDER: [StoppedBy; 4] = [
        StoppedBy::Condition,
        StoppedBy::Server,
        StoppedBy::NoFigure,
        StoppedBy::Generator,
    ];
    let count = |why: &StoppedBy| {
        trials
            .iter()
            .filter(|trial| trial.verdict == Verdict::Broke(*why))
            .count()
    };
    // Of equal counts, the last one wins.
    ORDER
        .into_iter()
        .max_by_key(count)
        .unwrap_or(StoppedBy::Generator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(verdict: Verdict) -> Trial {
        Trial {
            verdict,
            figure: None,
            why: String::new(),
            doubted: false,
        }
    }

    fn of(verdicts: &[Verdict], repeats: usize) -> Option<Verdict> {
        let trials: Vec<Trial> = verdicts.iter().copied().map(trial).collect();
        verdict(&trials, repeats)
    }

    const HELD: Verdict = Verdict::Held;
    const OVER: Verdict = Verdict::Broke(StoppedBy::Condition);
    const DOUBT: Verdict = Verdict::Broke(StoppedBy::Generator);

    #[test]
    fn most_of_the_repeats_decide_and_no_more_are_run_than_that_takes() {
        assert_eq!(of(&[], 1), None);
        assert_eq!(of(&[HELD], 1), Some(HELD));
        assert_eq!(of(&[OVER], 1), Some(OVER));
        assert_eq!(of(&[HELD], 3), None);
        assert_eq!(of(&[HELD, OVER], 3), None);
        assert_eq!(of(&[HELD, HELD], 3), Some(HELD));
        assert_eq!(of(&[HELD, OVER, OVER], 3), Some(OVER));
        assert_eq!(of(&[OVER], 2), Some(OVER), "half is not most");
    }

    #[test]
    fn where_reasons_tie_the_one_that_claims_less_is_given() {
        assert_eq!(of(&[OVER, DOUBT], 3), Some(DOUBT));
        assert_eq!(of(&[OVER, OVER, DOUBT], 5), Some(OVER));
        assert_eq!(of(&[HELD, OVER, OVER], 3), Some(OVER));
    }
}
