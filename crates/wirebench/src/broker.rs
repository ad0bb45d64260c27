//! The Redis of a run whose servers have the same rooms: one that the run starts, or one that is
//! there already.

mod asking;
mod given;
mod own;
pub(crate) mod usage;

use std::path::Path;

use scenario::Appendfsync;

pub(crate) use self::given::GivenRedis;
use self::{asking::Asking, given::RunKeys, own::OwnRedis, usage::Sample};
use crate::child::ServeOptions;

/// The Redis of one run. What the run has there is gone with this value.
#[derive(Debug)]
pub(crate) struct Broker {
    kind: Kind,
    /// The setting, for the row of the run.
    words: String,
}

#[derive(Debug)]
enum Kind {
    Own(OwnRedis),
    Given(Box<RunKeys>),
}

impl Broker {
    /// Starts a Redis on a free loopback port, with its file inside the folder `results`, and waits
    /// until it answers.
    ///
    /// # Errors
    /// Fails if it is not installed or does not come up.
    pub(crate) fn start(results: &Path, appendfsync: Appendfsync) -> anyhow::Result<Self> {
        Ok(Self {
            kind: Kind::Own(OwnRedis::start(results, appendfsync)?),
            words: format!("redis {}", appendfsync.word()),
        })
    }

    /// Uses a Redis that runs already, under names of this run's own.
    pub(crate) fn within(given: &GivenRedis) -> Self {
        let keys = given.part();
        Self {
            words: keys.words(),
            kind: Kind::Given(Box::new(keys)),
        }
    }

    /// Says in the options of servers how they reach it.
    pub(crate) fn name_in(&self, options: &mut ServeOptions) {
        match &self.kind {
            Kind::Own(own) => options.store = Some(format!("redis://{}", own.address).into()),
            Kind::Given(keys) => {
                options.store = Some(keys.url().into());
                options.namespace = Some(keys.namespace.clone());
                options.password = keys.password();
            }
        }
    }

    /// Returns the URL by which servers reach it, without a password, and the name of their rooms
    /// there; empty if nobody else has any.
    #[cfg(feature = "classroom")]
    pub(crate) fn place(&self) -> (String, &str) {
        match &self.kind {
            Kind::Own(own) => (format!("redis://{}", own.address), ""),
            Kind::Given(keys) => (keys.url().to_owned(), keys.namespace.as_str()),
        }
    }

    /// Returns why the run cannot go on, if it has ended by itself.
    pub(crate) fn failed(&mut self) -> Option<String> {
        match &mut self.kind {
            Kind::Own(own) => own.failed(),
            // The servers refuse drafts while it is gone, and take them once it is back.
            Kind::Given(_) => None,
        }
    }

    /// Asks it for its processor time, memory and traffic so far; `None` if it does not answer, or
    /// runs on another machine.
    pub(crate) fn sample(&self) -> Option<Sample> {
        match &self.kind {
            Kind::Own(own) => own.asking.sample(),
            Kind::Given(keys) => keys.asking().and_then(Asking::sample),
        }
    }

    /// Returns its name and setting.
    pub(crate) fn words(&self) -> &str {
        &self.words
    }
}
