//! The swarm against the real server over loopback sockets.

mod capture;
mod contract;
mod failures;
mod fixture;
mod ledger;
mod modes;
