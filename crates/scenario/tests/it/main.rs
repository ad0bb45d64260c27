//! The scenario files and their documentation.

mod keys;
mod schema;
