//! The results folder on disk: the format of its files, how they are written, and how they are read
//! back and checked without trusting them.
//!
//! The measuring and the presenting parts of the program share only this folder. This crate uses no
//! sockets, no clock and no charts.
//!
//! # Reading order
//!
//! [`row`] defines the file format; the names of the columns are those of the rows' fields.
//! [`Store`] appends rows after each run and reads them back, with a [`Complaint`] for each thing
//! that cannot be believed. A [`Digest`] is a summary of the rows that does not keep them in
//! memory. A [`Reason`] states why a run is not valid, and [`manifest`] records what was requested
//! and where it ran.

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
pub use reading::{each_row, reader};
pub use reason::Reason;
pub use row::{LadderRow, LedgerRow, Rows, RunRow, TimelineRow};
pub use store::{Reading, Store, StoreError};
pub use withdraw::withdraw;
