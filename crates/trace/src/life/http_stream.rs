//! HTTP stream: ask once, read on; NDJSON lines or server-sent events.

use super::{ANN, BO, Life};
use crate::{
    TraceError,
    request::{ROOM, chunk, get, head},
    socket::Socket,
};

/// Performs the steps of a stream reader. The response to its request never ends, so sending takes
/// a second connection.
pub(super) async fn run(life: &mut Life<'_>) -> Result<(), TraceError> {
    life.step("set-up: connect, ask once; the head of an answer that does not end");
    let mut socket = life.connect().await?;
    let way = life.settings.way.path();
    let target = format!("/rooms/{ROOM}/{way}?after=latest&name={ANN}");
    let request = get(life.settings, &life.host, &target);
    socket.send(request.as_bytes()).await?;
    let answer = head(&mut socket, "the head of a stream").await?;
    if !answer.starts_with("HTTP/1.1 200") {
        return Err(TraceError::Refused(answer));
    }
    until(&mut socket, "her own coming", "\"kind\":\"join\"").await?;

    life.step("idle: a heartbeat after silence, so that each side knows of the other");
    until_heartbeat(&mut socket).await?;

    life.moment().await;
    life.step("another speaks: one more chunk of the same answer");
    life.other_says().await?;
    until(&mut socket, "bo's message", &from(BO)).await?;

    life.moment().await;
    life.step("ann speaks: over a second connection; her stream brings it back");
    let mut speaking = life.connect().await?;
    life.say(&mut speaking).await?;
    until(&mut socket, "her own message", &from(ANN)).await?;

    life.moment().await;
    life.step("close: she closes her sockets, and the server notices");
    for socket in [speaking, socket] {
        let connection = socket.close().await?;
        life.keep(connection);
    }
    Ok(())
}

fn from(name: &str) -> String {
    format!("\"kind\":\"message\",\"from\":\"{name}\"")
}

async fn until(socket: &mut Socket, what: &'static str, sign: &str) -> Result<(), TraceError> {
    while !chunk(socket, what).await?.contains(sign) {}
    Ok(())
}

/// Reads until a chunk without JSON.
async fn until_heartbeat(socket: &mut Socket) -> Result<(), TraceError> {
    while chunk(socket, "a heartbeat").await?.contains('{') {}
    Ok(())
}
