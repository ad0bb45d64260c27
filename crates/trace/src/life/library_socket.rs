//! The protocols of libraries over a WebSocket: the same steps in the packets of Socket.IO and in
//! the frames of SockJS.

use super::{
    ANN, BO, Life,
    packets::{LEAVE, PING, PONG, enter, is_socket_io, receive, sign, wrap},
};
use crate::{
    TraceError, frame, handshake,
    request::{draft, head, upgrade},
    socket::Socket,
};

/// `1000`, a normal closure (RFC 6455, section 7.4.1).
const NORMAL: [u8; 2] = 1000_u16.to_be_bytes();

/// Performs the steps of a reader whose library has a WebSocket, on one connection.
pub(super) async fn run(life: &mut Life<'_>) -> Result<(), TraceError> {
    life.step("set-up: a WebSocket, and in it the session of the library");
    let mut socket = life.connect().await?;
    let key = handshake::key(life.random());
    let request = upgrade(
        life.settings,
        &life.host,
        &receive(life.settings.way, None),
        &key,
    );
    socket.send(request.as_bytes()).await?;
    let answer = head(&mut socket, "the answer to a handshake").await?;
    if !answer.contains(&handshake::steps(&key).accept) {
        return Err(TraceError::Refused(answer));
    }
    text_with(&mut socket, "the opening of a session", "").await?;
    if is_socket_io(life.settings.way) {
        say(life, &mut socket, &enter()).await?;
        text_with(&mut socket, "her entry", "40{").await?;
    }
    let sign = sign(life.settings.way, "join", ANN);
    text_with(&mut socket, "her own coming", &sign).await?;

    life.step("idle: the library's own heartbeat after silence");
    beat(life, &mut socket).await?;

    life.moment().await;
    life.step("another speaks: one frame, and the envelope in it");
    life.other_says().await?;
    hear(life, &mut socket, BO).await?;

    life.moment().await;
    life.step("ann speaks: one masked frame on the same socket, in an envelope of its own");
    let said = wrap(life.settings.way, &draft(ANN, &life.settings.message));
    say(life, &mut socket, &said).await?;
    hear(life, &mut socket, ANN).await?;

    life.moment().await;
    life.step("close: the library's goodbye, if it has one, and a close frame each way");
    if is_socket_io(life.settings.way) {
        say(life, &mut socket, LEAVE).await?;
    }
    let close = frame::masked(frame::CLOSE, &NORMAL, life.random());
    socket.send(&close).await?;
    let connection = socket.closed().await?;
    life.keep(connection);
    Ok(())
}

/// Sends a text frame.
async fn say(life: &mut Life<'_>, socket: &mut Socket, text: &str) -> Result<(), TraceError> {
    let frame = frame::masked(frame::TEXT, text.as_bytes(), life.random());
    socket.send(&frame).await
}

/// Waits for a heartbeat on a WebSocket, and answers it where the library does.
async fn beat(life: &mut Life<'_>, socket: &mut Socket) -> Result<(), TraceError> {
    let beat = if is_socket_io(life.settings.way) {
        PING
    } else {
        "h"
    };
    while text(socket, "a heartbeat").await? != beat {}
    if is_socket_io(life.settings.way) {
        say(life, socket, PONG).await?;
    }
    Ok(())
}

/// Waits for the message of a person on a WebSocket, and answers pings meanwhile.
async fn hear(life: &mut Life<'_>, socket: &mut Socket, from: &str) -> Result<(), TraceError> {
    let sign = sign(life.settings.way, "message", from);
    loop {
        let heard = text(socket, "a message").await?;
        if heard.contains(&sign) {
            return Ok(());
        }
        if is_socket_io(life.settings.way) && heard == PING {
            say(life, socket, PONG).await?;
        }
    }
}

async fn text_with(socket: &mut Socket, what: &'static str, sign: &str) -> Result<(), TraceError> {
    while !text(socket, what).await?.contains(sign) {}
    Ok(())
}

/// Returns the next text of a WebSocket.
async fn text(socket: &mut Socket, what: &'static str) -> Result<String, TraceError> {
    loop {
        let (opcode, payload) = frame::next(socket, what).await?;
        if opcode == frame::TEXT {
            return Ok(String::from_utf8_lossy(&payload).into_owned());
        }
    }
}
