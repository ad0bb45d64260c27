//! The protocols of libraries over polls and a stream: the same steps in the packets of Socket.IO
//! and in the frames of SockJS.

use super::{
    ANN, BO, Life,
    packets::{
        CLOSE, LEAVE, PING, PONG, enter, is_socket_io, receive, receives_by_post, says_by_form,
        send, sign, wrap,
    },
};
use crate::{
    TraceError,
    request::{answer, chunk, draft, form, get, head, post},
    socket::Socket,
};

/// Performs the steps of a reader whose library polls. What she sends takes a second connection,
/// for the first one is waiting.
pub(super) async fn poll(life: &mut Life<'_>) -> Result<(), TraceError> {
    life.step("set-up: a question opens the session of the library");
    let mut socket = life.connect().await?;
    let mut speaking = life.connect().await?;
    let session = open(life, &mut socket, &mut speaking).await?;
    let joined = sign(life.settings.way, "join", ANN);
    ask_until(life, &mut socket, &session, &joined).await?;

    life.step("idle: the question is held until the library's heartbeat answers it");
    let beat = if is_socket_io(life.settings.way) {
        PING
    } else if life.settings.way.protocol().is_in_page() {
        "(\"h\")"
    } else {
        "h"
    };
    ask_until(life, &mut socket, &session, beat).await?;
    if is_socket_io(life.settings.way) {
        bring(life, &mut speaking, &session, PONG).await?;
    }

    life.step("another speaks: the held question is answered at once");
    ask(life, &mut socket, &session).await?;
    life.other_says().await?;
    hear_answer(life, &mut socket, &mut speaking, &session, BO).await?;

    life.step("ann speaks: over her second connection, in an envelope");
    ask(life, &mut socket, &session).await?;
    let said = wrap(life.settings.way, &draft(ANN, &life.settings.message));
    bring(life, &mut speaking, &session, &said).await?;
    hear_answer(life, &mut socket, &mut speaking, &session, ANN).await?;

    life.step("close: the library's goodbye, if it has one; then she closes her sockets");
    if is_socket_io(life.settings.way) {
        let goodbye = format!("{LEAVE}\u{1e}{CLOSE}");
        bring(life, &mut speaking, &session, &goodbye).await?;
    }
    for socket in [speaking, socket] {
        let connection = socket.close().await?;
        life.keep(connection);
    }
    Ok(())
}

/// Performs the steps of a reader whose library has a stream of frames.
pub(super) async fn stream(life: &mut Life<'_>) -> Result<(), TraceError> {
    life.step(
        "set-up: ask once; the answer begins with padding, and says that the session is open",
    );
    let mut socket = life.connect().await?;
    ask(life, &mut socket, "").await?;
    let answer = head(&mut socket, "the head of a stream").await?;
    if !answer.starts_with("HTTP/1.1 200") {
        return Err(TraceError::Refused(answer));
    }
    let joined = sign(life.settings.way, "join", ANN);
    until(&mut socket, "her own coming", &joined).await?;

    life.step("idle: a heartbeat after silence");
    while chunk(&mut socket, "a heartbeat").await?.contains('{') {}

    life.moment().await;
    life.step("another speaks: one more chunk of the same answer");
    life.other_says().await?;
    until(
        &mut socket,
        "bo's message",
        &sign(life.settings.way, "message", BO),
    )
    .await?;

    life.moment().await;
    life.step("ann speaks: over a second connection, in an envelope; her stream brings it back");
    let mut speaking = life.connect().await?;
    let said = wrap(life.settings.way, &draft(ANN, &life.settings.message));
    bring(life, &mut speaking, "", &said).await?;
    until(
        &mut socket,
        "her own message",
        &sign(life.settings.way, "message", ANN),
    )
    .await?;

    life.moment().await;
    life.step("close: she closes her sockets, and the server notices");
    for socket in [speaking, socket] {
        let connection = socket.close().await?;
        life.keep(connection);
    }
    Ok(())
}

/// Opens a session over polls: its id, where the server chose it.
async fn open(
    life: &Life<'_>,
    socket: &mut Socket,
    speaking: &mut Socket,
) -> Result<String, TraceError> {
    question(life, socket, None).await?;
    let opened = answer(socket, "the opening of a session").await?;
    if !is_socket_io(life.settings.way) {
        return Ok(String::new());
    }
    let (_, rest) = opened.split_once("\"sid\":\"").unwrap_or_default();
    let session = rest.split('"').next().unwrap_or_default().to_owned();
    bring(life, speaking, &session, &enter()).await?;
    Ok(session)
}

/// Asks for what waits in the session.
async fn ask(life: &Life<'_>, socket: &mut Socket, session: &str) -> Result<(), TraceError> {
    question(life, socket, Some(session)).await
}

/// Sends the request that receives, in a session if there is one.
async fn question(
    life: &Life<'_>,
    socket: &mut Socket,
    session: Option<&str>,
) -> Result<(), TraceError> {
    let target = receive(life.settings.way, session);
    let request = if receives_by_post(life.settings.way) {
        post(life.settings, &life.host, &target, "")
    } else {
        get(life.settings, &life.host, &target)
    };
    socket.send(request.as_bytes()).await
}

/// Asks until an answer has a sign in it.
async fn ask_until(
    life: &Life<'_>,
    socket: &mut Socket,
    session: &str,
    sign: &str,
) -> Result<(), TraceError> {
    loop {
        ask(life, socket, session).await?;
        let packets = answer(socket, "the answer to a poll").await?;
        let is_beat = sign == PING && packets == PING;
        if is_beat || (sign != PING && packets.contains(sign)) {
            return Ok(());
        }
    }
}

/// Waits until a question that is asked already brings the message of a person; a ping that comes
/// before it is answered.
async fn hear_answer(
    life: &Life<'_>,
    socket: &mut Socket,
    speaking: &mut Socket,
    session: &str,
    from: &str,
) -> Result<(), TraceError> {
    let sign = sign(life.settings.way, "message", from);
    loop {
        let packets = answer(socket, "the answer to a poll").await?;
        if packets.contains(&sign) {
            return Ok(());
        }
        if packets == PING {
            bring(life, speaking, session, PONG).await?;
        }
        ask(life, socket, session).await?;
    }
}

/// Sends a packet in a request of its own.
async fn bring(
    life: &Life<'_>,
    socket: &mut Socket,
    session: &str,
    packet: &str,
) -> Result<(), TraceError> {
    let target = send(life.settings.way, session);
    let request = if says_by_form(life.settings.way) {
        form(life.settings, &life.host, &target, packet)
    } else {
        post(life.settings, &life.host, &target, packet)
    };
    socket.send(request.as_bytes()).await?;
    answer(socket, "the answer to a packet").await.map(drop)
}

async fn until(socket: &mut Socket, what: &'static str, sign: &str) -> Result<(), TraceError> {
    while !chunk(socket, what).await?.contains(sign) {}
    Ok(())
}
