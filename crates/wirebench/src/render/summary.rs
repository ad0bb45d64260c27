//! The words and cases about a run for a server of continuous integration.

use std::fmt::Write as _;

use analysis::objective::count_met;
use report::junit::{self, Case, Suite};

use super::{Rendered, SHOWN, title};
use crate::progress;

impl Rendered {
    /// Returns what was judged as suites. `interrupted` and `later` say what is missing of the run: a
    /// run that was interrupted is an error, and runs of a later sitting are skipped.
    pub(crate) fn suites(&self, (interrupted, later): (bool, usize)) -> Vec<Suite> {
        let mut suites = junit::of_run(self.runs(), &self.checks);
        let outcome = match (interrupted, later) {
            (false, 0) => return suites,
            (true, _) => junit::Outcome::Error {
                kind: "interrupted".to_owned(),
                text: "the program was asked to end before all runs were made".to_owned(),
            },
            (false, later) => {
                junit::Outcome::Skipped(format!("{later} runs are left for another sitting"))
            }
        };
        suites.push(Suite {
            name: "whole".to_owned(),
            cases: vec![Case {
                class: "whole".to_owned(),
                name: "all runs were made".to_owned(),
                seconds: None,
                outcome,
            }],
        });
        suites
    }

    /// Returns a summary in Markdown, in the language of the table: the verdict, the objectives, the
    /// table, and what is not valid.
    pub(crate) fn summary(&self, name: &str, (interrupted, later): (bool, usize)) -> String {
        let runs = self.runs();
        let valid = runs.iter().filter(|row| row.valid).count();
        let objectives = &self.checks.objectives;
        let (met, all) = count_met(objectives);
        let verdict = match (interrupted, self.is_well()) {
            (true, _) => "interrupted",
            (false, true) => "passed",
            (false, false) => "NOT PASSED",
        };
        let say = |text: &str| self.lang.say(text);
        let mut text = format!("### wirebench run {name}: {}\n\n", say(verdict));
        let met = format!("{met} of {all} objectives met");
        let mut facts = vec![
            say(&format!("{valid} of {} runs valid", runs.len())),
            say(&met),
        ];
        if later > 0 {
            facts.push(say(&format!("{later} runs left for another sitting")));
        }
        let _ = writeln!(text, "{}.\n\n{}", facts.join(", "), self.objectives(true));
        let _ = writeln!(text, "{}\n", self.table(true));
        let bad: Vec<_> = runs.iter().filter(|row| !row.valid).collect();
        for row in bad.iter().take(SHOWN) {
            let reasons = progress::reasons(&row.error);
            let _ = writeln!(text, "- {}: {}: {reasons}", say("not valid"), title(row));
        }
        if bad.len() > SHOWN {
            let more = format!("and {} more that are not valid", bad.len() - SHOWN);
            let _ = writeln!(text, "- {}", say(&more));
        }
        text
    }
}
