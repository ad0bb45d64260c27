//! The scenario files and their documentation.

mod fuzz;
mod keys;
mod schema;
