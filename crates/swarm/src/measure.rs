//! Counts, histograms and accounts: what a run comes to. This layer opens no socket.

pub(crate) mod audit;
pub(crate) mod freshness;
pub(crate) mod lag;
pub(crate) mod ledger;
pub(crate) mod seconds;
pub(crate) mod tally;
pub(crate) mod tcp_info;
