//! The course of a run: shards, the people in them, what they hear and what they say.

mod batch;
mod comeback;
mod config;
mod coordinate;
pub(crate) mod decode_cache;
mod delivery;
mod enter;
mod hear;
mod hear_foreign;
mod in_flight;
mod launched;
mod person;
mod priority;
mod publish;
mod publisher;
mod refuse;
mod shard;
mod shard_plan;
mod speaker;
pub(crate) mod start;
mod total;
