//! Upgrades once (RFC 6455); a frame each, and drafts go up on the same socket.

use std::time::Duration;

use futures_util::{
    SinkExt, StreamExt,
    future::Either,
    stream::{SplitSink, SplitStream},
};
use tokio::time::timeout;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};
use wire::Seq;

use super::{Heard, Reader};
use crate::{alone::Alone, failure::Failure, meter::Meter, upgrade};

/// How long the server may take to answer a goodbye.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where drafts go up.
pub(crate) type Sink = SplitSink<WebSocketStream<Meter>, Message>;

/// A reader of frames. A speaker's sink is with its queue; who only listens has
/// the socket alone.
#[derive(Debug)]
pub(crate) struct Listener {
    frames: Either<Alone, SplitStream<WebSocketStream<Meter>>>,
}

impl Listener {
    /// Connects and upgrades.
    pub(crate) async fn open(
        reader: &Reader,
        place: Option<Seq>,
    ) -> Result<(Self, Option<Sink>), Failure> {
        let stream = reader
            .network
            .connect(reader.person, reader.arrival.clone())
            .await?;
        let config = WebSocketConfig::default()
            .read_buffer_size(reader.network.read_buffer)
            .write_buffer_size(0);
        // Only who waits for answers asks for them: others' sockets stay without.
        let ack = if reader.wants_answers { "&ack=1" } else { "" };
        let request = upgrade::request(reader, &(reader.path("ws", place) + ack))?;
        if !reader.speaks {
            let frames = Either::Left(Alone::open(request, stream, config).await?);
            return Ok((Self { frames }, None));
        }
        let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
        let (sink, frames) = socket.split();
        let frames = Either::Right(frames);
        Ok((Self { frames }, Some(sink)))
    }

    /// Says goodbye (RFC 6455, section 7.1.1) and waits for the answer; what
    /// comes before it is dropped. `sink` is absent where a speaker's queue has
    /// it and says goodbye there.
    pub(crate) async fn close(mut self, sink: Option<Sink>) {
        let goodbye = async {
            let _ = match (&mut self.frames, sink) {
                (Either::Left(socket), _) => socket.close().await,
                (_, Some(mut sink)) => sink.close().await,
                (_, None) => Ok(()),
            };
            while let Some(Ok(_)) = self.frames.next().await {}
        };
        // A server that does not answer is left without a word.
        let _ = timeout(PATIENCE, goodbye).await;
    }

    /// The next text frame. Pings are answered beneath this.
    pub(crate) async fn next(&mut self) -> Result<Heard, Failure> {
        loop {
            match self.frames.next().await.ok_or(Failure::Closed)?? {
                Message::Text(text) => return Ok(Heard::Text(text.into())),
                // Ours sends none; others may send JSON so.
                Message::Binary(bytes) => return Ok(Heard::Text(bytes)),
                Message::Close(frame) => {
                    return Err(frame.map_or(Failure::Closed, |frame| {
                        Failure::ClosedWith(frame.code.into())
                    }));
                }
                _ => {}
            }
        }
    }
}
