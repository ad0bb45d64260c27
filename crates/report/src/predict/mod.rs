//! What must come out, by formula: closed forms that need no measurement.
//!
//! A figure that differs from its prediction without a reason is an error to
//! find, in the run or in the formula.

pub mod framing;
pub mod latency;
