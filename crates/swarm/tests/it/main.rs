//! The swarm against the real server over loopback sockets.

mod contract;
mod failures;
mod fixture;
