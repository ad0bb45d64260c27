//! The address `/echo`: each WebSocket message comes back as it was, and compressed where the client
//! offers permessage-deflate (RFC 7692).
//!
//! The address is meant for conformance suites and lessons about round trips; no room is involved.

use futures_util::{SinkExt, StreamExt};
use hyper::Request;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::frame::{CloseFrame, coding::CloseCode},
    },
};
use wire::deflate::offer::Agreement;

use crate::{
    http::{refusal::Refusal, upgrade},
    net::{handover::Handover, shutdown::shutdown_signalled, stream::Stream, web_socket},
    settings::Settings,
    transport::{Answer, Running, Session},
};

/// Answers with 101, or over HTTP/2 with 200, and goes on as an [`Echo`].
pub(crate) fn answer(
    request: &Request<impl Sized>,
    settings: &Settings,
) -> Result<Answer, Refusal> {
    let mut reply = upgrade::accept(request, settings)?;
    let deflate = upgrade::deflate_alone(request, &mut reply);
    let limit = settings.echo_limit;
    Ok(Answer::Session(reply, Box::new(Echo { limit, deflate })))
}

/// A WebSocket that sends back what it receives.
#[derive(Debug)]
pub(crate) struct Echo {
    limit: usize,
    /// The compression that the handshake agreed on.
    deflate: Option<Agreement>,
}

impl Session for Echo {
    fn run(self: Box<Self>, handover: Handover, leaving: watch::Receiver<bool>) -> Running {
        let Self { limit, deflate } = *self;
        match deflate {
            None => Box::pin(async move {
                go_on(web_socket::socket(handover, limit).await, leaving).await;
            }),
            Some(agreement) => Box::pin(async move {
                let socket = web_socket::deflated(handover, agreement, limit).await;
                go_on(socket, leaving).await;
            }),
        }
    }
}

/// Echoes until one side leaves, and closes.
async fn go_on<S>(mut socket: WebSocketStream<S>, leaving: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + AsMut<Stream> + Unpin,
{
    let close_frame = echo(&mut socket, leaving).await;
    web_socket::close(socket, close_frame).await;
}

async fn echo<S>(
    socket: &mut WebSocketStream<S>,
    mut leaving: watch::Receiver<bool>,
) -> Option<CloseFrame>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
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
