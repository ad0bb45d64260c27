//! The commands, as a user meets them: files, exit codes, words.

mod capacity;
mod compression;
mod disk;
mod elsewhere;
mod ends;
mod fixture;
mod gate;
mod halts;
mod headers;
mod histograms;
mod lessons;
mod libraries;
mod limits;
mod peers;
mod promises;
mod proxies;
mod results;
mod screen;
mod sessions;
mod spoiled;
mod terminal;
mod tls;
mod traps;
mod window;
mod words;
mod zoo;
