//! Short poll: ask, be answered at once, wait, ask again.

use std::fmt::Write;

use tokio::time::sleep;
use wire::Way;

use super::{ANN, Life};
use crate::{
    TraceError,
    request::{ROOM, answer, get, next_place},
    socket::Socket,
};

/// Performs the steps of a short poller, over one connection that is kept.
pub(super) async fn run(life: &mut Life<'_>) -> Result<(), TraceError> {
    life.step("set-up: connect, take a place in the room, come in");
    let mut socket = life.connect().await?;
    let place = ask(life, &mut socket, None).await?;
    let place = ask(life, &mut socket, Some(place)).await?;

    life.step("idle: an interval passes, a poll brings nothing");
    sleep(life.settings.quiet()).await;
    let place = ask(life, &mut socket, Some(place)).await?;

    life.moment().await;
    life.step("another speaks: the message waits for the next poll");
    life.other_says().await?;
    sleep(life.settings.quiet() / 2).await;
    let place = ask(life, &mut socket, Some(place)).await?;

    life.step("ann speaks: a request of its own, and her next poll brings it back");
    life.say(&mut socket).await?;
    sleep(life.settings.quiet() / 2).await;
    ask(life, &mut socket, Some(place)).await?;

    life.step("close: nobody notices a poller's absence, so she says that she leaves");
    life.leave(&mut socket).await?;
    let connection = socket.close().await?;
    life.keep(connection);
    Ok(())
}

async fn ask(life: &Life<'_>, socket: &mut Socket, place: Option<u64>) -> Result<u64, TraceError> {
    let mut target = format!("/rooms/{ROOM}/{}?after=", Way::ShortPoll.path());
    // Writing to a String cannot fail. Without a name the room sees nobody come.
    let _ = match place {
        None => write!(target, "latest"),
        Some(place) => write!(target, "{place}&name={ANN}"),
    };
    let request = get(life.settings, &life.host, &target);
    socket.send(request.as_bytes()).await?;
    let batch = answer(socket, "the answer to a poll").await?;
    Ok(next_place(&batch).unwrap_or_default())
}
