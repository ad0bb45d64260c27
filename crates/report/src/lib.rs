//! CSV in; figures and tables out.
//!
//! Measuring and looking meet in a folder of CSV files and nowhere else: this
//! crate knows no socket and no clock, so whatever it shows can be shown again
//! from the files alone.
//!
//! # Reading order
//!
//! [`row`] is the file format. [`Store`] appends rows after each run and reads
//! them back, with a [`Complaint`] for each thing that cannot be believed; a
//! [`Digest`] is what they come to, without keeping them. [`Comparison`] groups
//! that by cell and variant, [`Identity`] gives each
//! variant its colour, marker, dash and name, and [`figure`] and [`table`] show
//! the result.

pub mod bootstrap;
pub mod capacity;
mod cell;
pub mod chance;
pub mod claim;
mod column;
pub mod compare;
mod complaint;
pub mod crossover;
mod digest;
pub mod effect;
mod fields;
pub mod figure;
pub mod html;
pub mod manifest;
pub mod memory;
pub mod objective;
pub mod predict;
pub mod prediction;
pub mod quantity;
mod reading;
mod reason;
pub mod row;
mod series;
pub mod slope;
mod statistics;
mod store;
mod swept;
pub mod table;
pub mod unit;
mod withdraw;

pub use cell::{Cell, Comparison, Metric, VariantRuns};
pub use complaint::{Because, Complaint};
pub use digest::Digest;
pub use reason::Reason;
pub use row::{LadderRow, LedgerRow, Rows, RunRow, TimelineRow};
pub use series::{Colour, Fill, Identity, Marker, identities};
pub use statistics::Spread;
pub use store::{Reading, Store, StoreError};
pub use withdraw::withdraw;
