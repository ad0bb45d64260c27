//! Figures, pages, tables and comparisons of results folders.
//!
//! [`figure`] draws figures, [`table`] writes tables for a terminal and for Markdown, [`html`]
//! writes the page, [`Lang`] is the language of both, [`compare`] compares two folders, and
//! [`junit`] writes verdicts for servers of continuous integration. The crate `analysis` defines
//! the meaning of the rows, and the crate `chart` draws charts; this crate selects what is shown.

pub mod compare;
pub mod figure;
pub mod html;
pub mod junit;
pub mod table;
mod words;

pub use words::Lang;
