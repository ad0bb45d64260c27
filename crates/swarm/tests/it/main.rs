//! The swarm against the real server over loopback sockets.

mod capture;
mod contract;
mod crowd;
mod failures;
mod fixture;
mod ledger;
mod modes;
