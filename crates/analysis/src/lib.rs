//! What the rows of a results folder say: medians and differences over repeats, crossing
//! points, models, objectives, and the names of what is compared. Pure functions over
//! rows; nothing here draws, prints or measures.
//!
//! # Reading order
//!
//! [`Comparison`] groups a digest by cell and variant, and [`Identity`] gives each variant
//! its name and look. [`chance`] tells a difference from noise, [`effect`] and
//! [`crossover`] say how large it is and where it turns, [`model`] what formulas predict,
//! [`objective`] whether what was asked for was met.

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
pub mod series;
pub mod slope;
pub mod statistics;
pub mod swept;
pub mod unit;

pub use cell::{Cell, Comparison, VariantRuns};
pub use metric::Metric;
pub use series::{Identity, identities};
pub use statistics::Spread;
