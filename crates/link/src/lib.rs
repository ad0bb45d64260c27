//! A link in user space, which imitates the effects of a slow, stalling or buffering path.
//!
//! It listens, dials another address for each connection that it accepts, and carries the
//! bytes both ways late, slowly or in lumps, as [`Settings`] say. It needs no root and
//! touches no kernel queue, so that a scenario or a class can put it between any two
//! programs.
//!
//! **It cannot lose packets.** It sits above TCP: what it reads has already arrived, in
//! order, and what it writes will be delivered. A lost segment shows itself to a program
//! only as a pause, while the sender waits and sends again, and [`Stall`] is the honest
//! way to ask for such a pause. Nor can it imitate what loss does to the congestion window.
//!
//! The delay that the link adds to the requested one, at p50 and p99, depends on the machine.
//! `cargo run --release -p wirebench-link --example accuracy` prints it beside a control.
//!
//! Without the feature `relay` only the settings are available, for programs that read scenarios
//! and run none; with the feature `timer` there is also `Delay`, for programs that keep a schedule.
//!
//! Delay, rate and queue are each connection's own, as if every client had a line to
//! itself; stalls meet all connections at the same moment, and workers are shared by all.

pub use cut::{Cut, readers_at_once};
pub use error::SettingsError;
pub use settings::{Settings, settings_from};
pub use shape::{Buffering, Rate, Stall};

mod cut;
#[cfg(feature = "timer")]
mod delay;
mod error;
mod settings;
mod shape;

#[cfg(feature = "relay")]
mod buffering;
#[cfg(feature = "relay")]
mod carry;
#[cfg(feature = "relay")]
mod exchange;
#[cfg(feature = "relay")]
mod guests;
#[cfg(feature = "relay")]
mod lane;
#[cfg(feature = "relay")]
mod line;
#[cfg(feature = "relay")]
mod relay;
#[cfg(feature = "relay")]
mod sealed;
#[cfg(feature = "relay")]
mod timer;

#[cfg(feature = "relay")]
pub use carry::{LinkError, Silence, run, run_on, run_silenced};
#[cfg(feature = "timer")]
pub use delay::Delay;
#[cfg(feature = "relay")]
pub use guests::Guests;
#[cfg(feature = "relay")]
pub use sealed::run_sealed;
