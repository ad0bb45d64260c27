//! The notice that a run waits for a server that does not answer, instead of waiting in silence.

use std::time::{Duration, Instant};

use swarm::{outcome::Phase, plan::Plan};

use crate::progress;

/// The time after the ramp for which clients may still be connecting before a message is printed.
const PATIENCE: Duration = Duration::from_secs(5);

/// A look at how long connecting takes.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// The time at which the message is printed; `None` once it was printed or everybody is
    /// connected.
    due: Option<Instant>,
}

impl Waiting {
    /// Begins with the run.
    pub(crate) fn new(plan: &Plan) -> Self {
        // If clients wait no longer than that, the row of the run tells soon enough.
        let is_told = plan.swarm.connect_within > PATIENCE;
        Self {
            due: is_told.then(|| Instant::now() + plan.swarm.ramp + PATIENCE),
        }
    }

    /// Begins a phase.
    pub(crate) fn phase(&mut self, phase: Phase) {
        if phase != Phase::Connect {
            self.due = None;
        }
    }

    /// Says once that not everybody is connected, when it is time.
    pub(crate) fn report_if_late(&mut self, plan: &Plan) {
        if self.due.is_some_and(|due| Instant::now() >= due) {
            self.due = None;
            progress::say(&text(plan));
        }
    }
}

fn text(plan: &Plan) -> String {
    format!(
        "{}: {PATIENCE:?} after the ramp the server has not yet answered all {} clients; \
         they are waited for up to {:?} behind the ramp (Ctrl-C ends the run)",
        plan.id(),
        plan.swarm.clients,
        plan.swarm.connect_within
    )
}
