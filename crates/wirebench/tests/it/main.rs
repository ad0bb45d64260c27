//! The commands, as a user meets them: files, exit codes, words.

mod capacity;
mod ends;
mod fixture;
mod lessons;
mod results;
mod screen;
mod terminal;
mod words;
