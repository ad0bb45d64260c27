//! The load generator: simulated people over real sockets, and what they notice.
//!
//! [`start()`] takes a [`plan::Plan`] (one run, every choice made) and a
//! [`Target`], and gives back a [`Running`]: notices while it goes on, and an
//! [`outcome::Outcome`] at the end.
//!
//! Reading order: `driver::coordinate` holds the phases; `driver::shard` is one thread with its
//! people and its tally; `driver::person` is one client; `driver::batch` reads the connections of
//! those who only listen, one by one or by `socket::ring`; `transport` is what differs between the ways to read; `schedule`,
//! `measure::tally` and `measure::audit` are pure and hold the arithmetic. Only `clock` reads the
//! time, only `socket::meter` counts bytes, and hands them to `measure::ledger`, which says what
//! they were for.
//!
//! Each layer knows those before it: `measure`, `socket`, `foreign` and `library` (what is spoken
//! with servers that are not ours, and in the protocols of libraries), `transport`, `driver`.

pub mod outcome;

mod calibrate;
mod clock;
mod decoded;
mod draft;
mod driver;
mod failure;
mod foreign;
mod library;
mod measure;
mod over_parts;
mod part;
#[cfg(test)]
#[path = "../../scenario/src/sample.rs"]
mod sample;
mod schedule;
mod socket;
mod target;
mod token;
mod transport;

pub use scenario::plan;
use scenario::template;

pub use calibrate::{CalibrationResult, Charge, calibrate, calibration_takes, charge};
pub use clock::Grain;
pub use draft::room_name;
pub use driver::start::{Running, StartError, Starter, Stopper, start, start_part};
pub use measure::seconds::Seconds;
pub use measure::tcp_info::TcpInfo;
pub use over_parts::{PartsError, merge};
pub use part::Part;
pub use socket::io::try_uring;
pub use target::{Target, TargetError};
