//! SockJS over a WebSocket: the same frames, and no session between
//! connections.

use tokio::{sync::watch, task::consume_budget, time::Instant};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, coding::CloseCode};

use std::time::Duration;

use crate::{
    net::{handover::Handover, web_socket},
    protocol::{
        duplex::{Duplex, Next, away, sent_out},
        sockjs::{
            frame::{self, Sent},
            session::hear,
        },
    },
    room::{
        entry::Encoding,
        say::Speaker,
        wrapping::{Carrier, Wrapping},
    },
    transport::{Running, Session as Live, reading::Reading},
};

/// The encoding of events.
const ENCODING: Encoding = Encoding::Wrapped(Wrapping::SockJs, Carrier::Frame);

/// A time that does not come.
const NEVER: Duration = Duration::from_hours(24 * 365);

/// A WebSocket after its handshake.
#[derive(Debug)]
pub(super) struct Opening {
    reading: Reading,
}

impl Opening {
    /// Makes the WebSocket of a reader.
    pub(super) fn new(reading: Reading) -> Self {
        Self { reading }
    }
}

impl Live for Opening {
    fn run(self: Box<Self>, handover: Handover, leaving: watch::Receiver<bool>) -> Running {
        Box::pin(async move {
            let reading = self.reading;
            let limit = reading.settings.draft_limit().saturating_mul(2);
            let mut duplex = Duplex::new(handover, limit, leaving);
            // The client has a place before it is told that the socket is open, and misses nothing.
            let (start, guard) = reading.connect();
            duplex.send(frame::OPEN).await;
            let (room, settings) = (&reading.room, &reading.settings);
            duplex.register(room, ENCODING, start, settings, guard.as_ref());
            let close_frame = talk(&reading, &mut duplex).await;
            drop(guard);
            duplex.close(close_frame).await;
        })
    }
}

async fn talk(reading: &Reading, duplex: &mut Duplex) -> Option<CloseFrame> {
    let speaker = Speaker {
        person: reading.query.person.as_deref(),
        address: reading.address,
    };
    let ack = reading.query.ack;
    loop {
        match duplex.next(Instant::now() + NEVER).await {
            // The protocol lets a client send nothing.
            Next::Text(text) if text.is_empty() => {}
            Next::Text(text) => {
                let Some(messages) = messages(&text) else {
                    return web_socket::close_frame(CloseCode::Invalid, "Broken JSON encoding.");
                };
                for message in messages {
                    // One frame has many messages: a client that says much must not keep the thread
                    // to itself, and one that does not take the answers is not heard.
                    consume_budget().await;
                    if !duplex.has_room().await {
                        break;
                    }
                    let (room, settings) = (&reading.room, &reading.settings);
                    if let Some(answer) = hear(room, settings, speaker, ack, &message).await {
                        duplex.send(&answer).await;
                    }
                }
            }
            Next::Binary => {
                return web_socket::close_frame(CloseCode::Unsupported, "no frame is binary");
            }
            Next::Silent => duplex.send(frame::HEARTBEAT).await,
            Next::Due => {}
            Next::SentOut => {
                duplex.send(frame::GO_AWAY).await;
                return sent_out();
            }
            Next::Leaving => {
                duplex.send(frame::GO_AWAY).await;
                return away();
            }
            Next::End(close_frame) => return close_frame,
        }
    }
}

/// Reads the messages of a frame: an array of texts, or one text.
fn messages(text: &str) -> Option<Vec<String>> {
    match Sent::parse(text.as_bytes()) {
        Sent::Messages(messages) => Some(messages),
        _ => serde_json::from_str(text).ok().map(|message| vec![message]),
    }
}
