//! The WebSocket: upgrades once (RFC 6455); each event is a frame, and drafts go up on the same
//! socket.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use futures_util::{
    Sink as Sending, SinkExt, Stream, StreamExt,
    future::Either,
    stream::{SplitSink, SplitStream},
};
use tokio::time::timeout;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{Role, WebSocketConfig},
    },
};
use wire::{Seq, Way};

use super::{
    frame::next_text,
    plain::Plain,
    reader::{Heard, Reader},
    upgrade,
};
use crate::{
    draft::Tag,
    failure::Failure,
    foreign::{FirstStep, Pattern, ReaderState},
    socket::{meter::Meter, packed::Packed, read_only::ReadOnlyWebSocket, tunnel::Tunnel},
};

/// The time that the server may take to answer a goodbye.
const PATIENCE: Duration = Duration::from_secs(2);

/// The time within which a frame that the opening waits for must come.
const FIRST_FRAME: Duration = Duration::from_secs(10);

/// The sink that drafts are sent to.
pub(crate) type Sink = SplitSink<WebSocketStream<Packed>, Message>;

/// A reader of frames. The sink of a speaker is with the speaker's queue; a reader that only
/// listens has the socket alone.
#[derive(Debug)]
pub(crate) struct Listener {
    frames: Either<ReadOnlyWebSocket, SplitStream<WebSocketStream<Packed>>>,
    /// Messages that came before the socket counted as open.
    early: VecDeque<Bytes>,
}

/// Returns the configuration of a socket with a read buffer of so many bytes.
fn config(read_buffer: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(read_buffer)
        .write_buffer_size(0)
}

impl Listener {
    /// Connects and upgrades.
    pub(crate) async fn open(
        reader: &Reader,
        place: Option<Seq>,
    ) -> Result<(super::Listener, Option<Sink>), Failure> {
        let read_buffer = reader.network.read_buffer;
        let config = config(read_buffer);
        // Only a reader that waits for answers asks for them, so that other sockets carry none.
        let ack = if reader.wants_answers { "&ack=1" } else { "" };
        let path = match &reader.library {
            None => reader.path(Way::Websocket, place) + ack,
            Some(library) => library.path(place),
        };
        let (stream, agreement, rest) = upgrade::open(reader, &path).await?;
        let (stream, rest) = match (stream, agreement) {
            (Tunnel::Own(meter), None) if reader.reads_in_batch() => {
                let plain = Plain::of_frames(meter, rest, read_buffer);
                return Ok((super::Listener::Plain(Box::new(plain)), None));
            }
            (stream, agreement) => Packed::new(stream, agreement, rest),
        };
        let mut early = VecDeque::new();
        if !reader.speaks {
            let mut socket = ReadOnlyWebSocket::new(stream, rest, config);
            begin(reader, place, &mut socket, &mut early).await?;
            let frames = Either::Left(socket);
            return Ok((Self { frames, early }.into(), None));
        }
        let config = Some(config);
        let mut socket =
            WebSocketStream::from_partially_read(stream, rest, Role::Client, config).await;
        begin(reader, place, &mut socket, &mut early).await?;
        let (sink, frames) = socket.split();
        let frames = Either::Right(frames);
        Ok((Self { frames, early }.into(), Some(sink)))
    }

    /// Goes on with a socket whose frames were read by somebody else so far; `rest` was read and
    /// not taken.
    pub(super) fn go_on(meter: Meter, rest: Vec<u8>, read_buffer: usize) -> Self {
        let (stream, rest) = Packed::new(Tunnel::Own(meter), None, rest);
        let socket = ReadOnlyWebSocket::new(stream, rest, config(read_buffer));
        Self {
            frames: Either::Left(socket),
            early: VecDeque::new(),
        }
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

    /// Sends a frame if this reader has the socket alone; else gives it back for
    /// the speaker's queue.
    pub(crate) async fn send(&mut self, frame: String) -> Result<Option<String>, Failure> {
        let Either::Left(socket) = &mut self.frames else {
            return Ok(Some(frame));
        };
        socket.send(Message::text(frame)).await?;
        Ok(None)
    }

    /// Waits for the next text frame. Pings are answered beneath this.
    pub(crate) async fn next(&mut self) -> Result<Heard, Failure> {
        if let Some(frame) = self.early.pop_front() {
            return Ok(Heard::Text(frame));
        }
        next_text(&mut self.frames).await.map(Heard::Text)
    }
}

/// Does on a new socket what its server wants before it sends anything.
async fn begin<S>(
    reader: &Reader,
    place: Option<Seq>,
    socket: &mut S,
    early: &mut VecDeque<Bytes>,
) -> Result<(), Failure>
where
    S: Stream<Item = Result<Message, Error>> + Sending<Message, Error = Error> + Unpin,
{
    if let Some(library) = &reader.library {
        library.open_on(socket, place).await?;
    }
    match &reader.foreign {
        Some(place) => first(place, socket, early).await,
        None => Ok(()),
    }
}

/// Sends what a foreign server wants to hear before it sends anything; messages that come
/// meanwhile are kept in `early`.
async fn first<S>(
    place: &ReaderState,
    socket: &mut S,
    early: &mut VecDeque<Bytes>,
) -> Result<(), Failure>
where
    S: Stream<Item = Result<Message, Error>> + Sending<Message, Error = Error> + Unpin,
{
    for step in &place.description().frames().first {
        match step {
            FirstStep::Send(text) => socket.send(message(place, place.frame(text))).await?,
            FirstStep::Wait(pattern) => timeout(FIRST_FRAME, wait(place, pattern, socket, early))
                .await
                .map_err(|_| Failure::NoMatch(pattern.source.clone()))??,
        }
    }
    Ok(())
}

/// Returns a frame as the server wants it: of bytes, or of a text, which is UTF-8.
fn message(place: &ReaderState, frame: Bytes) -> Message {
    if place.description().is_binary() {
        return Message::Binary(frame);
    }
    Message::text(String::from_utf8_lossy(&frame).into_owned())
}

async fn wait<S>(
    place: &ReaderState,
    pattern: &Pattern,
    socket: &mut S,
    early: &mut VecDeque<Bytes>,
) -> Result<(), Failure>
where
    S: Stream<Item = Result<Message, Error>> + Sending<Message, Error = Error> + Unpin,
{
    loop {
        let frame = next_text(socket).await?;
        let is_awaited = pattern.matches(&frame);
        if !is_awaited && Tag::all_in(&frame).next().is_some() {
            // A message is answered when it is heard, once the socket counts as open.
            early.push_back(frame);
            continue;
        }
        let answers: Vec<String> = place.answers(&frame).collect();
        for answer in answers {
            socket.send(Message::text(answer)).await?;
        }
        if is_awaited {
            return Ok(());
        }
    }
}
