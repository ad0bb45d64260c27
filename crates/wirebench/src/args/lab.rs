//! The command-line options of `wirebench lab`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Lang;

#[derive(Debug, ClapArgs)]
pub(crate) struct Lab {
    /// A lesson, such as poll-cost; without one the lessons are listed
    #[arg(value_name = "LESSON")]
    pub(crate) lesson: Option<String>,
    /// Go on with an interrupted lesson: its folder; finished runs are not done again
    #[arg(long, value_name = "DIR", conflicts_with_all = ["lesson", "seed", "out", "lang", "answers", "student", "overrides"])]
    pub(crate) resume: Option<PathBuf>,
    /// A seed of your own: the same seed repeats the same experiment
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    pub(crate) seed: Option<u64>,
    /// Folder for the page and what was measured [default: results/run-lab-LESSON-TIME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Language of questions and page
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    lang: Lang,
    /// Predictions in a file, a line such as `plain = 240` each, instead of being asked
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// The name of the student who hands it in
    #[arg(long, value_name = "NAME")]
    pub(crate) student: Option<String>,
    /// Another value for a key of the lesson's run, such as traffic.measure=5s (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,
    /// Do not show how the runs go on
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

impl Lab {
    /// Returns the language, in the lessons' own word for it.
    pub(crate) fn lang(&self) -> lessons::Lang {
        self.lang.into()
    }
}
