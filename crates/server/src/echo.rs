//! The address `/echo`: each WebSocket message comes back as it was, and compressed where the client
//! offers permessage-deflate (RFC 7692).
//!
//! The address is meant for conformance suites and lessons about round trips; no room is involved.
//! Contexts take some hundreds of kilobytes for each WebSocket, of which one connection over HTTP/2
//! has many, so that there are only so many at a time.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use hyper::Request;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{Semaphore, SemaphorePermit, watch},
    time::timeout,
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
    net::{
        counters::Limit, handover::Handover, shutdown::shutdown_signalled, stream::Stream,
        web_socket,
    },
    settings::Settings,
    transport::{Answer, Running, Session},
};

/// The number of WebSockets of this process that may have contexts or windows of their own at a time.
const MOST_OWN: usize = 256;
/// The places of these WebSockets. One beyond them is compressed with what all share, if at all.
static OWN: Semaphore = Semaphore::const_new(MOST_OWN);

/// Answers with 101, or over HTTP/2 with 200, and goes on as an [`Echo`].
pub(crate) fn answer(
    request: &Request<impl Sized>,
    settings: &Arc<Settings>,
) -> Result<Answer, Refusal> {
    let mut reply = upgrade::accept(request, settings)?;
    let place = OWN.try_acquire().ok();
    let deflate = upgrade::deflate_alone(request, &mut reply, place.is_some());
    let echo = Echo {
        settings: Arc::clone(settings),
        deflate,
        place: place.filter(|_| deflate.is_some()),
    };
    Ok(Answer::Session(reply, Box::new(echo)))
}

/// A WebSocket that sends back what it receives.
#[derive(Debug)]
pub(crate) struct Echo {
    settings: Arc<Settings>,
    /// The compression that the handshake agreed on.
    deflate: Option<Agreement>,
    /// The place of what this compression may keep; nobody else has it before the WebSocket is over.
    place: Option<SemaphorePermit<'static>>,
}

impl Session for Echo {
    fn run(self: Box<Self>, handover: Handover, leaving: watch::Receiver<bool>) -> Running {
        let Self {
            settings,
            deflate,
            place,
        } = *self;
        let limit = settings.echo_limit;
        match deflate {
            None => Box::pin(async move {
                let socket = web_socket::socket(handover, limit).await;
                go_on(socket, &settings, leaving).await;
            }),
            Some(agreement) => Box::pin(async move {
                let socket = web_socket::deflated(handover, agreement, limit).await;
                go_on(socket, &settings, leaving).await;
                drop(place);
            }),
        }
    }
}

/// Echoes until one side leaves, and closes.
async fn go_on<S>(
    mut socket: WebSocketStream<S>,
    settings: &Settings,
    leaving: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + AsMut<Stream> + Unpin,
{
    let close_frame = echo(&mut socket, settings, leaving).await;
    web_socket::close(socket, close_frame).await;
}

async fn echo<S>(
    socket: &mut WebSocketStream<S>,
    settings: &Settings,
    mut leaving: watch::Receiver<bool>,
) -> Option<CloseFrame>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        tokio::select! {
            received = socket.next() => match received? {
                Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                    let sent = timeout(settings.write_timeout, socket.send(message)).await;
                    let Ok(sent) = sent else {
                        // A whole message would be kept for the client as long as it stays.
                        if let Some(counters) = &settings.counters {
                            counters.end(Limit::Write);
                        }
                        return None;
                    };
                    sent.ok()?;
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

#[cfg(test)]
mod tests {
    use hyper::header;

    use super::*;

    /// Returns what an offer comes to, and the session that has its place.
    fn answered(offer: &str) -> (Option<String>, Box<dyn Session>) {
        let request = Request::get("/echo")
            .header(header::HOST, "x")
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")
            .header(header::SEC_WEBSOCKET_EXTENSIONS, offer)
            .body(())
            .unwrap();
        let Ok(Answer::Session(reply, session)) = answer(&request, &Arc::default()) else {
            panic!("no WebSocket")
        };
        let agreed = reply.headers().get(header::SEC_WEBSOCKET_EXTENSIONS);
        let agreed = agreed.map(|value| value.to_str().unwrap().to_owned());
        (agreed, session)
    }

    /// Checks that there are only so many contexts at a time, and that a place is free again once its
    /// WebSocket is over. No other test of this binary opens `/echo`.
    #[test]
    fn contexts_are_bounded_and_what_all_share_is_not() {
        const NAME: &str = "permessage-deflate";
        const SMALL: &str = "permessage-deflate; server_max_window_bits=9";
        let free = || OWN.available_permits();
        assert_eq!(free(), MOST_OWN);
        let mut sessions = Vec::new();
        for number in 1..=MOST_OWN {
            let (agreed, session) = answered(NAME);
            assert_eq!(agreed.as_deref(), Some(NAME));
            sessions.push(session);
            assert_eq!(free(), MOST_OWN - number);
        }
        let (agreed, _beyond) = answered(NAME);
        let shared = wire::deflate::offer::offer(false);
        assert_eq!(agreed.as_deref(), Some(shared));
        assert_eq!(answered(SMALL).0, None);
        sessions.pop();
        assert_eq!(answered(SMALL).0.as_deref(), Some(SMALL));
        // What is not compressed has no place.
        let (agreed, _plain) = answered("x");
        assert_eq!((agreed, free()), (None, 1));
    }
}
