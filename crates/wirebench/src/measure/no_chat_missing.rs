//! The refusal of runs that are no chat, by a program that was built without them.

use anyhow::bail;
use scenario::Cell;
use swarm::plan::Plan;

use super::Measured;
use crate::{
    external_services::ExternalServices, generator::Swarming, interrupt::Interrupt, progress::Line,
};

/// Refuses a plan that is no chat.
pub(super) fn measure(
    plan: &Plan,
    _: &Cell,
    _: ExternalServices<'_>,
    _: &Swarming,
    _: &Interrupt,
    _: Line,
) -> anyhow::Result<Measured> {
    bail!(
        "{}: this program was built without [answer] and [agent]; build it with the feature \
         \"claims\"",
        plan.id()
    );
}
