//! The load generator: simulated people over real sockets, and what they notice.
//!
//! [`start()`] takes a [`plan::Plan`] (one run, every choice made) and a
//! [`Target`], and gives back a [`Running`]: notices while it goes on, and an
//! [`outcome::Outcome`] at the end.
//!
//! Reading order: `coordinate` holds the phases; `shard` is one thread with its
//! people and its tally; `person` is one client; `transport` is what differs
//! between the four; `tally`, `audit` and `schedule` are pure and hold the
//! arithmetic. Only `clock` reads the time, only `meter` counts bytes.

pub mod outcome;
pub mod plan;
pub mod scenario;

mod audit;
mod brief;
mod clock;
mod coordinate;
mod draft;
mod failure;
mod http;
mod meter;
mod person;
mod poll;
#[cfg(test)]
mod sample;
mod schedule;
mod seconds;
mod shard;
mod source;
mod speaker;
mod start;
mod tally;
mod target;
mod total;
mod transport;

pub use start::{Running, StartError, Stopper, start};
pub use target::{Target, TargetError};
