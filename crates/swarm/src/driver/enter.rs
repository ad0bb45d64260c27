//! The opening of a person's listener, and of the way up of one who also publishes.

use std::rc::Rc;

use super::{publish, shard::Shard};
use crate::{
    failure::Failure,
    transport::{Listener, Opened, reader::Reader},
};

/// Opens a listener when it is its turn, for not all open theirs at once; see [`open`].
pub(super) async fn in_turn(
    shard: &Rc<Shard>,
    reader: &Reader,
    place: Option<u64>,
) -> Result<Opened, Failure> {
    // The semaphore is never closed.
    let _turn = shard.opening.acquire().await;
    open(shard, reader, place).await
}

/// Opens a listener and, for a speaker, the way up, which takes the sink of the opened listener.
/// The future is to be boxed: for as long as it lives each person would keep room for it.
pub(super) async fn open(
    shard: &Rc<Shard>,
    reader: &Reader,
    place: Option<u64>,
) -> Result<Opened, Failure> {
    if let Some(place) = &reader.foreign {
        place.open_session().await?;
    }
    let changed = reader.resume.changed.borrow().clone();
    let variant = changed.as_ref().unwrap_or(&shard.run.plan.variant);
    let mut opened = Listener::open(variant, reader, place).await?;
    let sink = opened.sink.take();
    opened.sink =
        publish::connect_reader(shard, reader.person, reader.library.as_ref(), sink).await?;
    Ok(opened)
}
