//! Tests of the room that connections take in memory: what comes once or seldom, and arguments that are
//! used up, must have none in each of thousands.

use wire::Way;

use super::*;
use crate::{
    http::query::Query,
    net::pipe::pipe,
    room::writer::Writer,
    settings::Settings,
    transport::{self, Answer, reading::Reading},
};

/// The number of bytes that a connection's task may keep: tokio rounds up to 256, and has 96 of its
/// own.
const TASK: usize = 160;
/// The number of bytes that it may keep to write.
const WRITER: usize = 128;
/// The number of bytes that it may keep for a reader that stays, besides its seat and its socket.
const READER: usize = 448;

#[test]
fn a_connection_that_polls_keeps_little_room() {
    let (task, writer) = (size_of::<Serving>(), size_of::<Writer>());
    assert!(task <= TASK && writer <= WRITER, "{task} and {writer}");
}

fn handshake() -> Request<()> {
    let request = Request::builder()
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    request.body(()).unwrap()
}

#[tokio::test]
async fn a_reader_that_stays_keeps_little_room() {
    let chat = Chat::new(Settings::default()).unwrap();
    let address = Address::of([127, 0, 0, 1].into());
    for way in [Way::Ndjson, Way::Sse, Way::Websocket] {
        let query = Query::read("", &chat.settings).unwrap();
        let reading = Reading::open(&chat.rooms, &chat.settings, "a", way, query, address);
        let mut reading = reading.unwrap();
        reading.request = Some(Box::new(handshake()));
        let Ok(Answer::Session(_, session)) = transport::answer(reading) else {
            panic!("no session");
        };
        let (pipe, _pipe_reader) = pipe();
        let (_leave, leaving) = watch::channel(false);
        let stream = Stream::Piped(pipe);
        let early = Vec::new();
        let running = session.run(Handover { stream, early }, leaving);
        let size = size_of_val(&*running);
        assert!(size <= READER, "{way:?}: {size}");
    }
}
