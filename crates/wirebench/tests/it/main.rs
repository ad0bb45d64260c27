//! The commands, as a user meets them: files, exit codes, words.

mod capacity;
mod ends;
mod fixture;
mod histograms;
mod lessons;
mod peers;
mod results;
mod screen;
mod terminal;
mod words;
