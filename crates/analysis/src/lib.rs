//! The evaluation of the rows of a results folder: medians and differences over repeats, crossing
//! points, models, objectives, and the names of the variants that are compared. All functions are
//! pure functions of rows; nothing here draws, prints or measures.
//!
//! # Reading order
//!
//! [`CellTable`] groups a digest by cell and variant, and [`Identity`] gives each variant its name
//! and look. [`chance`] distinguishes differences from noise, [`effect`] and [`crossover`]
//! determine how large they are and where they change sign, [`model`] predicts quantities by
//! formula, [`advice`] applies the formulas to a workload, and [`objective`] checks whether the
//! objectives of a scenario were met.

pub mod advice;
pub mod bootstrap;
pub mod capacity;
pub mod caption;
pub mod cell;
pub mod chance;
pub mod crossover;
pub mod digest;
pub mod effect;
pub mod memory;
pub mod metric;
pub mod model;
pub mod objective;
pub mod scale;
pub mod series;
pub mod slope;
pub mod statistics;
pub mod swept;
pub mod unit;

pub use cell::{Cell, CellTable, VariantRuns};
pub use metric::Metric;
pub use series::{Identity, identities};
pub use statistics::Spread;
