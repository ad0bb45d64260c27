//! The commands, as a user meets them: files, exit codes, words.

mod disk;
mod ends;
mod fixture;
mod gate;
mod halts;
mod histograms;
mod lessons;
mod peers;
mod results;
mod spoiled;
mod words;
