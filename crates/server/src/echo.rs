//! The address `/echo`: each WebSocket message comes back as it was.
//!
//! The address is meant for conformance suites and lessons about round trips; no room is involved.

use futures_util::{SinkExt, StreamExt};
use hyper::Request;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{CloseFrame, coding::CloseCode},
};

use crate::{
    http::{refusal::Refusal, upgrade},
    net::{
        handover::Handover,
        shutdown::shutdown_signalled,
        web_socket::{self, Socket},
    },
    settings::Settings,
    transport::{Answer, Running, Session},
};

/// Answers with 101, or over HTTP/2 with 200, and goes on as an [`Echo`].
pub(crate) fn answer(
    request: &Request<impl Sized>,
    settings: &Settings,
) -> Result<Answer, Refusal> {
    let reply = upgrade::accept(request, settings)?;
    let limit = settings.echo_limit;
    Ok(Answer::Session(reply, Box::new(Echo { limit })))
}

/// A WebSocket that sends back what it receives.
#[derive(Debug)]
pub(crate) struct Echo {
    limit: usize,
}

impl Session for Echo {
    fn run(self: Box<Self>, handover: Handover, leaving: watch::Receiver<bool>) -> Running {
        Box::pin(async move {
            let mut socket = web_socket::socket(handover, self.limit).await;
            let close_frame = echo(&mut socket, leaving).await;
            web_socket::close(socket, close_frame).await;
        })
    }
}

async fn echo(socket: &mut Socket, mut leaving: watch::Receiver<bool>) -> Option<CloseFrame> {
    loop {
        tokio::select! {
            received = socket.next() => match received? {
                Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                    socket.send(message).await.ok()?;
                }
                Ok(Message::Close(_)) => return None,
                Ok(_) => {}
                Err(error) => return web_socket::fault(&error),
            },
            () = shutdown_signalled(&mut leaving) => {
                return web_socket::close_frame(CloseCode::Away, "the server is leaving");
            }
        }
    }
}
