//! Lessons, as data and as pages.
//!
//! A lesson is a folder in `lessons/` at the top of the repository: `lesson.toml` holds its
//! experiment and its checks, `en.md` and `zh.md` its text. They are part of the binary.
//! [`lessons()`] returns them as data, for `wirebench lab`; [`pages`] and [`pages_of_server`] return them as HTML, for
//! servers of `/lessons`. This crate runs nothing and opens no socket.

mod crowd;
mod export;
mod lanes;
mod lesson;
mod list;
mod museum;
mod page;

pub use crowd::{Crowd, CrowdReading, OfCrowd};
pub use export::export;
pub use lanes::{InLanes, Reading, Talk, Talker, told};
pub use lesson::{
    Check, Experiment, Figure, Formula, Lesson, LessonError, Localized, OfRun, OfTrace, Traced,
};
pub use list::{find, lessons};
pub use page::{Page, pages, pages_of_server};

/// The two languages of every lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl Lang {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// Returns the word for the language in file names and addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }
}
