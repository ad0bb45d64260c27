//! Figures, pages, tables and comparisons of results folders: what was measured, shown.
//!
//! [`figure`] draws, [`table`] writes tables for a terminal and for Markdown, [`html`] the
//! page, and [`compare`] sets two folders side by side. What the rows mean is said in the
//! crate `analysis`, and how a chart is drawn in `chart`; here is what is shown of them.

pub mod compare;
pub mod figure;
pub mod html;
pub mod table;
