//! The load generator: simulated people over real sockets, and what they notice.
//!
//! [`start()`] takes a [`plan::Plan`] (one run, every choice made) and a
//! [`Target`], and gives back a [`Running`]: notices while it goes on, and an
//! [`outcome::Outcome`] at the end.
//!
//! Reading order: `coordinate` holds the phases; `shard` is one thread with its
//! people and its tally; `person` is one client; `transport` is what differs
//! between the four; `tally`, `audit` and `schedule` are pure and hold the
//! arithmetic. Only `clock` reads the time, only `meter` counts bytes,
//! and hands them to `ledger`, which says what they were for.

#[cfg(any(test, feature = "hot-paths"))]
pub mod hot_paths;
pub mod outcome;

mod alone;
mod arrival;
mod audit;
mod brief;
mod calibrate;
mod clock;
mod comeback;
mod content;
mod coordinate;
mod crew;
mod draft;
mod failure;
mod foreign;
mod freshness;
mod gist;
mod http;
mod in_flight;
mod lag;
mod ledger;
mod library;
mod meter;
mod person;
mod poll;
mod priority;
#[cfg(test)]
#[path = "../../scenario/src/sample.rs"]
mod sample;
mod schedule;
mod seconds;
mod shard;
mod source;
mod speaker;
mod start;
mod tally;
mod target;
mod tcp_info;
mod total;
mod transport;
mod upgrade;
mod voice;

pub use scenario::plan;
use scenario::template;

pub use calibrate::{Charge, Floor, calibrate, calibration_takes, charge};
pub use clock::Grain;
pub use start::{Running, StartError, Stopper, start};
pub use target::{Target, TargetError};
pub use tcp_info::TcpInfo;
