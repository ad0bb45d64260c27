//! A server that is gone for a while in the middle of a run: it ends, and is started anew on its
//! port, with the log that it left if there is a store, and with an empty one otherwise.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use scenario::{Cut, CutKind, Server};

use crate::child::{Process, Sample, ServeOptions};

/// The outage of a run; a run has at most one.
#[derive(Debug)]
pub(crate) struct Outage {
    wish: Option<Cut>,
    settings: Server,
    /// The options of the next server too: with a store it goes on with the logs.
    options: ServeOptions,
    stage: Stage,
    /// The sample of the server that is gone; `None` before its end, and if the system did not tell.
    taken: Option<Sample>,
}

/// The progress of an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was done yet; the time of the end is known once *measure* begins.
    Before(Option<Instant>),
    /// The server is gone until then; it listened on this address.
    Gone(Instant, SocketAddr),
    /// Nothing is left to do.
    Over,
}

impl Outage {
    /// Makes the outage that the scenario asks for, if it asks for one of its server.
    pub(crate) fn new(cut: Option<&Cut>, settings: &Server, options: ServeOptions) -> Self {
        Self {
            wish: cut.filter(|cut| cut.kind.ends_the_server()).cloned(),
            settings: settings.clone(),
            options,
            stage: Stage::Before(None),
            taken: None,
        }
    }

    /// Sets the time of the outage; *measure* begins at `now`.
    pub(crate) fn measure_begins(&mut self, now: Instant) {
        self.stage = Stage::Before(self.wish.as_ref().map(|cut| now + cut.after));
    }

    /// Returns whether the server that the run began with is gone.
    pub(crate) const fn has_begun(&self) -> bool {
        !matches!(self.stage, Stage::Before(_))
    }

    /// Returns the CPU time that the server took in all that is gone, and the memory that it had at its
    /// end; `None` as long as none is gone.
    pub(crate) const fn taken(&self) -> Option<Sample> {
        self.taken
    }

    /// Returns whether it is known what each server process of the run took.
    pub(crate) const fn is_accounted(&self) -> bool {
        !self.has_begun() || self.taken.is_some()
    }

    /// Returns the time until the next action, at most `longest`.
    pub(crate) fn rest(&self, now: Instant, longest: Duration) -> Duration {
        match self.stage {
            Stage::Before(Some(at)) | Stage::Gone(at, _) => {
                at.saturating_duration_since(now).min(longest)
            }
            Stage::Before(None) | Stage::Over => longest,
        }
    }

    /// Performs the action that is due at `now`.
    ///
    /// # Errors
    /// Fails if the server cannot be started again.
    pub(crate) fn act(&mut self, now: Instant, server: &mut Option<Process>) -> anyhow::Result<()> {
        let Some(cut) = &self.wish else {
            return Ok(());
        };
        match self.stage {
            Stage::Before(Some(at)) if now >= at => {
                if let Some(process) = server.take() {
                    self.stage = Stage::Gone(at + cut.duration, process.address);
                    self.taken = match cut.kind {
                        CutKind::Restart => process.stop(),
                        _ => process.kill(),
                    };
                }
            }
            Stage::Gone(until, address) if now >= until => {
                self.stage = Stage::Over;
                *server = Some(Process::serve_at(&self.settings, &self.options, address)?);
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_to_be_done_until_it_begins() {
        let look = Duration::from_millis(100);
        let cut = Cut {
            kind: CutKind::Kill,
            after: Duration::from_secs(10),
            rate: None,
            share: 1.0,
            duration: Duration::from_secs(3),
        };
        let now = Instant::now();
        let mut outage = Outage::new(Some(&cut), &Server::default(), ServeOptions::default());
        assert_eq!(outage.rest(now, look), look);
        outage.measure_begins(now);
        let almost = now + Duration::from_millis(9_970);
        assert_eq!(outage.rest(almost, look), Duration::from_millis(30));
        outage.act(almost, &mut None).expect("nothing is done yet");
        assert!(outage.is_accounted() && outage.taken().is_none());
        assert_eq!(outage.rest(almost, look), Duration::from_millis(30));
        let reset = Cut {
            kind: CutKind::Reset,
            ..cut
        };
        let mut none = Outage::new(Some(&reset), &Server::default(), ServeOptions::default());
        none.measure_begins(now);
        assert_eq!(none.rest(almost, look), look);
    }
}
