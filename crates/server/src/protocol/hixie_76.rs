//! The WebSocket of draft-hixie-thewebsocketprotocol-76, which the browsers of 2010 spoke, at the
//! address of the WebSocket of today and in the same rooms.
//!
//! Eight bytes follow the head of its handshake, and no header says so: a reader of HTTP takes them
//! for the beginning of the next request. So the connection asks here before it gives hyper what it
//! has read, if [`Settings::museum`] is set, and only then.

mod frame;
mod head;
mod session;

use std::{sync::Arc, time::Duration};

use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::watch,
    time::timeout,
};
use wire::{Way, hixie_76::KEY_3};

use crate::{
    address::Address,
    http::{query::Query, refusal::Refusal},
    net::{handover::Handover, shutdown::shutdown_signalled, stream::Stream},
    protocol::{
        Host,
        hixie_76::{head::Head, session::Conversation},
    },
    settings::Settings,
    transport::{Session, reading::Reading},
};

/// The time that a client has to take a refusal.
const PATIENCE: Duration = Duration::from_secs(2);

/// The way in which a connection goes on.
pub(crate) enum Opened {
    /// The request is another one, and nothing of it was taken.
    Other(Handover),
    /// The handshake is done.
    Session(Box<dyn Session>, Handover),
    /// The client was refused or is gone.
    Over,
}

/// Answers a handshake, if the bytes that were read of a connection begin with the head of one.
///
/// There is no limit here on the time for the eight bytes: the watchman of the connection ends it
/// if they take too long.
pub(crate) async fn open(
    host: &Arc<Host>,
    handover: Handover,
    address: Address,
    mut leaving: watch::Receiver<bool>,
) -> Opened {
    let Some((length, head)) = Head::read(&handover.early, &host.settings) else {
        return Opened::Other(handover);
    };
    let Handover { mut stream, early } = handover;
    let mut early = early[length..].to_vec();
    let (reading, keys) = match admit(host, &head, address) {
        Ok(admitted) => admitted,
        Err(refusal) => return refuse(stream, &refusal, &host.settings).await,
    };
    while early.len() < KEY_3 {
        let read = tokio::select! {
            read = stream.read_buf(&mut early) => read,
            () = shutdown_signalled(&mut leaving) => return Opened::Over,
        };
        if !read.is_ok_and(|count| count > 0) {
            return refuse(stream, &Refusal::CutKey, &host.settings).await;
        }
    }
    let (third, rest) = early.split_at(KEY_3);
    let answer = head.answer(keys, third, stream.is_secure());
    if stream.write_all(&answer).await.is_err() {
        return Opened::Over;
    }
    let session = Box::new(Conversation::new(reading));
    let early = rest.to_vec();
    Opened::Session(session, Handover { stream, early })
}

/// Lets in the client that sent this head, if everything in the head allows it.
fn admit(
    host: &Arc<Host>,
    head: &Head,
    address: Address,
) -> Result<(Reading, head::Keys), Refusal> {
    let keys = head.check(&host.settings)?;
    let query = Query::read(head.query(), &host.settings)?;
    let (rooms, settings, way) = (&host.rooms, &host.settings, Way::Websocket);
    let reading = Reading::open(rooms, settings, head.room(), way, query, address)?;
    Ok((reading, keys))
}

/// Answers with a refusal, which is counted as over HTTP, and ends the connection: nobody can tell
/// where another request would begin.
async fn refuse(mut stream: Stream, refusal: &Refusal, settings: &Settings) -> Opened {
    if let Some(counters) = &settings.counters {
        counters.refuse(refusal.code());
    }
    let (parts, body) = refusal.reply().into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(never) => match never {},
    };
    let mut answer = format!("HTTP/1.1 {}\r\n", parts.status).into_bytes();
    for (name, value) in &parts.headers {
        if name != "connection" {
            answer.extend_from_slice(format!("{name}: ").as_bytes());
            answer.extend_from_slice(value.as_bytes());
            answer.extend_from_slice(b"\r\n");
        }
    }
    let end = format!(
        "connection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    answer.extend_from_slice(end.as_bytes());
    answer.extend_from_slice(&body);
    let goodbye = async {
        stream.write_all(&answer).await.ok()?;
        stream.shutdown().await.ok()?;
        // Closing with unread bytes would reset the connection, and the reset could
        // overtake the answer.
        let mut dropped = [0; 64];
        while stream.read(&mut dropped).await.ok()? > 0 {}
        Some(())
    };
    let _ = timeout(PATIENCE, goodbye).await;
    Opened::Over
}
