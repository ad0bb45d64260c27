//! A folder of results on disk: what its files look like, how they are written, and how
//! they are read back by whoever may not believe them.
//!
//! Measuring and looking meet in such a folder and nowhere else: this crate knows no
//! socket and no clock, and no chart.
//!
//! # Reading order
//!
//! [`row`] is the file format, with the names of its columns taken from the rows' own
//! fields. [`Store`] appends rows after each run and reads them back, with a
//! [`Complaint`] for each thing that cannot be believed; a [`Digest`] is what they come
//! to, without keeping them. [`Reason`] says why a run is not valid, and [`manifest`]
//! what was asked for and where it ran.

mod column;
mod complaint;
pub mod digest;
pub mod fields;
pub mod manifest;
mod reading;
mod reason;
pub mod row;
mod store;
mod withdraw;

pub use column::{Record, RunKey};
pub use complaint::{Because, Complaint};
pub use digest::Digest;
pub use reason::Reason;
pub use row::{LadderRow, LedgerRow, Rows, RunRow, TimelineRow};
pub use store::{Reading, Store, StoreError};
pub use withdraw::withdraw;
