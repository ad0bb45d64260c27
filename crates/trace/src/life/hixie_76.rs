//! The WebSocket of 2010: upgrade once, with two keys and eight bytes, and speak in frames between
//! two bytes.

use wire::hixie_76::{self, ANSWER, CLOSE, Key, PASSED_OVER};

use super::{ANN, BO, Life};
use crate::{
    TraceError, old_frame,
    request::{ROOM, draft, head, upgrade_of_2010},
    socket::Socket,
};

/// Performs the steps of a reader, on one connection.
pub(super) async fn run(life: &mut Life<'_>) -> Result<(), TraceError> {
    life.step(
        "set-up: one HTTP exchange, eight bytes behind its request and a hash behind its answer",
    );
    let mut socket = life.connect().await?;
    shake_hands(life, &mut socket).await?;
    until_text(&mut socket, "her own coming", "\"kind\":\"join\"").await?;

    life.step("idle: a frame without content after silence; nothing answers it");
    while old_frame::next(&mut socket, "a heartbeat").await? != PASSED_OVER {}

    life.moment().await;
    life.step("another speaks: one frame");
    life.other_says().await?;
    until_text(&mut socket, "bo's message", &from(BO)).await?;

    life.moment().await;
    life.step("ann speaks: one frame on the same socket, without a mask");
    let said = draft(ANN, &life.settings.message);
    socket.send(&old_frame::text(&said)).await?;
    until_text(&mut socket, "her own message", &from(ANN)).await?;

    life.moment().await;
    life.step("close: two bytes each way, then the server ends the connection");
    socket.send(&CLOSE).await?;
    let connection = socket.closed().await?;
    life.keep(connection);
    Ok(())
}

async fn shake_hands(life: &mut Life<'_>, socket: &mut Socket) -> Result<(), TraceError> {
    let keys = [old_frame::key(life.random()), old_frame::key(life.random())];
    let third = life.random();
    let target = format!(
        "/rooms/{ROOM}/{}?after=latest&name={ANN}",
        life.settings.way.path()
    );
    let mut request = upgrade_of_2010(life.settings, &life.host, &target, &keys).into_bytes();
    request.extend(third);
    socket.send(&request).await?;
    let answer = head(socket, "the answer to a handshake").await?;
    let refused = |_| TraceError::Refused(answer.clone());
    if !answer.starts_with("HTTP/1.1 101") {
        return Err(TraceError::Refused(answer));
    }
    let hash = socket
        .take("the hash of a handshake", |_| Some(ANSWER))
        .await?;
    let [first, second] = keys.map(|key| Key::read(key.as_bytes()));
    let challenge = hixie_76::challenge(first.map_err(refused)?, second.map_err(refused)?, third);
    if hash != hixie_76::answer(challenge) {
        return Err(TraceError::Refused(answer));
    }
    Ok(())
}

fn from(name: &str) -> String {
    format!("\"kind\":\"message\",\"from\":\"{name}\"")
}

async fn until_text(socket: &mut Socket, what: &'static str, sign: &str) -> Result<(), TraceError> {
    loop {
        let frame = old_frame::next(socket, what).await?;
        if String::from_utf8_lossy(&frame).contains(sign) {
            return Ok(());
        }
    }
}
