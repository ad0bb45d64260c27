//! `/echo`: each WebSocket message comes back as it was.
//!
//! For conformance suites and lessons about round trips; no room is involved.

use futures_util::{SinkExt, StreamExt};
use hyper::Request;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{CloseFrame, coding::CloseCode},
};

use crate::{
    connection::{Session, Taken, told},
    http::{
        refusal::Refusal,
        reply::Answer,
        upgrade::{self, Socket},
    },
    settings::Settings,
};

/// Answers with 101, and goes on as an [`Echo`].
pub(crate) fn answer(
    request: &Request<impl Sized>,
    settings: &Settings,
) -> Result<Answer, Refusal> {
    let reply = upgrade::accept(request, settings)?;
    let limit = settings.echo_limit;
    Ok(Answer::Session(reply, Session::Echo(Echo { limit })))
}

/// A WebSocket that hears itself.
#[derive(Debug)]
pub(crate) struct Echo {
    limit: usize,
}

impl Echo {
    /// Echoes until one side leaves.
    pub(crate) async fn run(self, taken: Taken, leaving: watch::Receiver<bool>) {
        let mut socket = upgrade::socket(taken, self.limit).await;
        let farewell = echo(&mut socket, leaving).await;
        upgrade::close(socket, farewell).await;
    }
}

async fn echo(socket: &mut Socket, mut leaving: watch::Receiver<bool>) -> Option<CloseFrame> {
    loop {
        tokio::select! {
            heard = socket.next() => match heard? {
                Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                    socket.send(message).await.ok()?;
                }
                Ok(Message::Close(_)) => return None,
                Ok(_) => {}
                Err(error) => return upgrade::fault(&error),
            },
            () = told(&mut leaving) => {
                return upgrade::farewell(CloseCode::Away, "the server is leaving");
            }
        }
    }
}
