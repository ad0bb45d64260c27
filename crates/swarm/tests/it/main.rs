//! The swarm against the real server over loopback sockets.

#![expect(clippy::disallowed_methods, reason = "a test is no run")]

mod batch;
mod by_hand;
mod capture;
mod clerks;
mod comeback;
mod compression;
mod contract;
mod departures;
mod failures;
mod fixture;
mod foreign;
mod foreign_server;
mod gaps;
mod habit_server;
mod habits;
mod http2;
mod ledger;
mod libraries;
mod modes;
mod odd_answers;
mod parts;
mod slow;
mod tabs;
mod tls;
mod way;
