//! A connection after the handshake of hixie-76: a seat in the room as any WebSocket has it, with
//! frames of another form.

use std::io::{ErrorKind, Read};

use bytes::Bytes;
use tokio::{sync::watch, task::consume_budget};
use wire::{Kind, Said, codec, hixie_76::CLOSE};

use crate::{
    net::handover::Handover,
    protocol::hixie_76::frame::{Frames, Heard},
    room::{
        entry::Encoding,
        say::{Speaker, speak},
        subscriber::{Subscriber, Woken},
        wrapping::{Carrier, Wrapping, sentinels},
    },
    transport::{Running, Session, reading::Reading},
};

/// The encoding of events.
const ENCODING: Encoding = Encoding::Wrapped(Wrapping::Json, Carrier::Sentinels);
/// The number of bytes that are read at once.
const BUFFER: usize = 1024;

/// A reader, and perhaps speaker, on an old WebSocket.
#[derive(Debug)]
pub(super) struct Conversation {
    reading: Reading,
}

impl Conversation {
    /// Makes the conversation of a reader whose handshake is done.
    pub(super) fn new(reading: Reading) -> Self {
        Self { reading }
    }
}

impl Session for Conversation {
    fn run(self: Box<Self>, handover: Handover, _leaving: watch::Receiver<bool>) -> Running {
        Box::pin(converse(self.reading, handover))
    }
}

/// Serves the reader until one side leaves.
async fn converse(reading: Reading, handover: Handover) {
    let Handover { stream, early } = handover;
    let (start, guard) = reading.connect();
    let (room, settings) = (&reading.room, &reading.settings);
    let mut subscriber = Subscriber::register(stream, room, ENCODING, start, settings);
    subscriber.ends_with(guard.as_ref());
    let mut ear = Ear {
        frames: Frames::new(settings.draft_limit()),
        unread: early,
    };
    let is_told = talk(&reading, &mut subscriber, &mut ear).await;
    // Nothing follows the closing handshake, not even that this person left.
    subscriber.stop();
    if is_told {
        subscriber.send(&Bytes::from_static(&CLOSE));
    }
    // Boxed, as it is not needed before the very end.
    Box::pin(subscriber.close(true)).await;
    drop(guard);
}

/// Talks until one side leaves. Returns whether the other is to be told, or answered, with the
/// closing handshake.
async fn talk(reading: &Reading, subscriber: &mut Subscriber, ear: &mut Ear) -> bool {
    loop {
        // A client that speaks without a pause must not keep the thread to itself.
        consume_budget().await;
        match ear.hear(subscriber) {
            Ok(Some(Heard::Text(json))) => {
                if let Some(answer) = hear(reading, json.as_bytes()).await {
                    subscriber.send(&answer);
                }
                continue;
            }
            Ok(Some(Heard::Close | Heard::TooLong)) => return true,
            Ok(None) => {}
            Err(Quiet::More) => continue,
            Err(Quiet::Gone) => return false,
        }
        match subscriber.woken().await {
            Woken::Readable => {}
            // This heartbeat has no answer, so nobody is let go for want of one.
            Woken::Silent => subscriber.send(&ENCODING.heartbeat()),
            Woken::SentOut | Woken::Leaving => return true,
            Woken::Gone => return false,
        }
    }
}

/// Puts a draft into the room, and returns the frame that answers it, if any.
async fn hear(reading: &Reading, json: &[u8]) -> Option<Bytes> {
    let speaker = Speaker {
        person: reading.query.person.as_deref(),
        address: reading.address,
    };
    let answer = match speak(&reading.room, &reading.settings, speaker, json).await {
        Ok(_) if !reading.query.ack => return None,
        Ok(said) => codec::encode(&Said {
            kind: Some(Kind::Said),
            ..said
        }),
        // A bad draft is its speaker's business: the connection stays.
        Err(reason) => reason.frame(),
    };
    Some(sentinels(&answer))
}

/// The reading half of a connection.
#[derive(Debug)]
struct Ear {
    frames: Frames,
    /// The bytes that came and were not looked at yet.
    unread: Vec<u8>,
}

/// A reason for hearing nothing.
enum Quiet {
    /// Bytes came, and more are needed.
    More,
    /// The client is gone.
    Gone,
}

impl Ear {
    /// Returns what the client says next; `None` if nothing is there, or the socket has not taken
    /// all that was written: a client that does not read is not read from.
    fn hear(&mut self, subscriber: &Subscriber) -> Result<Option<Heard>, Quiet> {
        if !subscriber.is_free() {
            return Ok(None);
        }
        let is_dry = self.unread.is_empty();
        if is_dry {
            let mut buffer = [0; BUFFER];
            match subscriber.socket_io().read(&mut buffer) {
                Ok(0) => return Err(Quiet::Gone),
                Ok(count) => self.unread.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(_) => return Err(Quiet::Gone),
            }
        }
        let mut rest = &self.unread[..];
        let heard = self.frames.read(&mut rest);
        self.unread = rest.to_vec();
        heard.map(Some).ok_or(Quiet::More)
    }
}
