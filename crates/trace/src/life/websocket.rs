//! WebSocket: upgrade once, read frames, speak on the same socket.

use wire::Way;

use super::{ANN, BO, Life};
use crate::{
    TraceError, frame, handshake,
    request::{ROOM, draft, head, upgrade},
    socket::Socket,
};

/// `1000`, a normal closure (RFC 6455, section 7.4.1).
const NORMAL: [u8; 2] = 1000_u16.to_be_bytes();

/// Performs the steps of a WebSocket reader, on one connection.
pub(super) async fn run(life: &mut Life<'_>) -> Result<(), TraceError> {
    life.step("set-up: one HTTP exchange, and from its end on no more HTTP");
    let mut socket = life.connect().await?;
    let key = handshake::key(life.random());
    let way = Way::Websocket.path();
    let target = format!("/rooms/{ROOM}/{way}?after=latest&name={ANN}");
    let request = upgrade(life.settings, &life.host, &target, &key);
    socket.send(request.as_bytes()).await?;
    let answer = head(&mut socket, "the answer to a handshake").await?;
    if !answer.contains(&handshake::steps(&key).accept) {
        return Err(TraceError::Refused(answer));
    }
    until_text(&mut socket, "her own coming", "\"kind\":\"join\"").await?;

    life.step("idle: a ping after silence, and the pong that answers it");
    let ping = loop {
        let (opcode, payload) = frame::next(&mut socket, "a ping").await?;
        if opcode == frame::PING {
            break payload;
        }
    };
    let answer = frame::masked(frame::PONG, &ping, life.random());
    socket.send(&answer).await?;

    life.moment().await;
    life.step("another speaks: one frame");
    life.other_says().await?;
    until_text(&mut socket, "bo's message", &from(BO)).await?;

    life.moment().await;
    life.step("ann speaks: one masked frame on the same socket");
    let said = draft(ANN, &life.settings.message);
    let said = frame::masked(frame::TEXT, said.as_bytes(), life.random());
    socket.send(&said).await?;
    until_text(&mut socket, "her own message", &from(ANN)).await?;

    life.moment().await;
    life.step("close: a close frame each way, then the server ends the connection");
    let close = frame::masked(frame::CLOSE, &NORMAL, life.random());
    socket.send(&close).await?;
    let connection = socket.closed().await?;
    life.keep(connection);
    Ok(())
}

fn from(name: &str) -> String {
    format!("\"kind\":\"message\",\"from\":\"{name}\"")
}

async fn until_text(socket: &mut Socket, what: &'static str, sign: &str) -> Result<(), TraceError> {
    loop {
        let (opcode, payload) = frame::next(socket, what).await?;
        if opcode == frame::TEXT && String::from_utf8_lossy(&payload).contains(sign) {
            return Ok(());
        }
    }
}
