//! The commands, as a user meets them: files, exit codes, words.

mod ends;
mod fixture;
mod histograms;
mod lessons;
mod peers;
mod results;
mod words;
