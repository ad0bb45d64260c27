//! Long poll: ask, be held until there is something or the hold is over, ask
//! again at once.

use wire::Way;

use super::{ANN, Life};
use crate::{
    TraceError, Traced,
    request::{ROOM, answer, get, next_place},
    socket::Socket,
};

/// The parameter by which a page names the function that takes the answer.
const CALLBACK: &str = "&callback=hear";

/// Performs the steps of a long poller, which may be a page that asks for scripts. Its first connection is always waiting for an answer, so
/// sending takes a second one.
pub(super) async fn run(life: &mut Life<'_>) -> Result<(), TraceError> {
    life.step("set-up: connect, take a place in the room, come in");
    let mut socket = life.connect().await?;
    let first = match life.settings.way {
        Traced::Spoken(..) => format!("/rooms/{ROOM}/jsonp?after=latest&hold=0{CALLBACK}"),
        _ => format!("/rooms/{ROOM}/{}?after=latest", Way::ShortPoll.path()),
    };
    let request = get(life.settings, &life.host, &first);
    socket.send(request.as_bytes()).await?;
    let batch = answer(&mut socket, "a place").await?;
    let place = next_place(&batch).unwrap_or_default();
    ask(life, &mut socket, place).await?;
    let place = hear(&mut socket).await?;

    life.step("idle: the server holds the question until the hold is over");
    ask(life, &mut socket, place).await?;
    let place = hear(&mut socket).await?;
    ask(life, &mut socket, place).await?;

    life.moment().await;
    life.step("another speaks: the held question is answered at once");
    life.other_says().await?;
    let place = hear(&mut socket).await?;
    ask(life, &mut socket, place).await?;

    life.moment().await;
    life.step("ann speaks: over a second connection, for the first one is waiting");
    let mut speaking = life.connect().await?;
    life.say(&mut speaking).await?;
    hear(&mut socket).await?;

    life.moment().await;
    life.step("close: she says that she leaves");
    life.leave(&mut speaking).await?;
    for socket in [speaking, socket] {
        let connection = socket.close().await?;
        life.keep(connection);
    }
    Ok(())
}

async fn ask(life: &Life<'_>, socket: &mut Socket, place: u64) -> Result<(), TraceError> {
    let hold = life.settings.quiet().as_secs_f64();
    let way = life.settings.way.path();
    let callback = match life.settings.way {
        Traced::Spoken(..) => CALLBACK,
        _ => "",
    };
    let target = format!("/rooms/{ROOM}/{way}?after={place}&name={ANN}&hold={hold}{callback}");
    let request = get(life.settings, &life.host, &target);
    socket.send(request.as_bytes()).await
}

async fn hear(socket: &mut Socket) -> Result<u64, TraceError> {
    let batch = answer(socket, "the answer to a long poll").await?;
    Ok(next_place(&batch).unwrap_or_default())
}
