//! The command-line options of `wirebench lessons`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Lang;

#[derive(Debug, ClapArgs)]
pub(crate) struct Lessons {
    /// Write all lessons and the plan of a class into this folder, as a site that opens without a
    /// server and without a network
    #[arg(long, value_name = "DIR")]
    pub(crate) export: Option<PathBuf>,
    /// Language of the list
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    lang: Lang,
}

impl Lessons {
    /// Returns the language, in the lessons' own word for it.
    pub(crate) fn lang(&self) -> lessons::Lang {
        self.lang.into()
    }
}
