//! The swarm's WebSocket clients against the Autobahn test suite, which plays the server: each case
//! is a connection on which everything that comes is sent back. `scripts/autobahn --client` starts
//! the suite, runs this, and reads what the suite says of it; this alone says nothing.
//!
//! Both clients offer permessage-deflate in the cases that are about it, and send back compressed what
//! comes compressed. They do not offer it in the other cases, because a client that was told to
//! compress does not go on with a server that declines.

use std::{env, net::SocketAddr, rc::Rc, sync::Arc};

use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::runtime::{Builder, LocalOptions};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{Role, WebSocketConfig},
    },
};
use wire::{Compression, deflate::offer};

use super::{reader::Reader, resume::Resume, upgrade};
use crate::{
    clock::Clock,
    plan::{Plan, Variant},
    sample,
    socket::{
        headers::Headers, network::Network, packed::Packed, read_only::ReadOnlyWebSocket,
        source::Sources,
    },
    target::Target,
};

/// The variable that says where the suite listens, such as `127.0.0.1:9001`.
const SUITE: &str = "WIREBENCH_AUTOBAHN";

/// The parameter by which a client leaves its window to the server (RFC 7692, section 7.1.2.2).
const ANY_WINDOW: &str = "; client_max_window_bits";

/// Returns the offer for a case, such as 12.1.3: in sections 12 and 13 the two of the chat in turn,
/// with the contexts kept and without, and in section 13, which is about windows, with the client's
/// window left to the suite.
fn offer_for(case: &str) -> Option<(Compression, String)> {
    let numbers = case.split('.').map(str::parse::<u32>);
    let numbers: Vec<u32> = numbers.collect::<Result<_, _>>().expect("numbers");
    let window = match numbers.first() {
        Some(12) => "",
        Some(13) => ANY_WINDOW,
        _ => return None,
    };
    let keeps_context = numbers.last().is_some_and(|last| last % 2 == 1);
    let compression = if keeps_context {
        Compression::DeflateContext
    } else {
        Compression::Deflate
    };
    Some((
        compression,
        format!("{}{window}", offer::offer(keeps_context)),
    ))
}

/// Returns a reader that offers what a case is about.
fn reader_for(case: &str, address: SocketAddr) -> Reader {
    let Some((compression, offer)) = offer_for(case) else {
        return reader(&sample::plan(Variant::Websocket), address);
    };
    let mut plan = sample::plan(Variant::Websocket.compressed(compression));
    let line = ("Sec-WebSocket-Extensions".to_owned(), offer);
    plan.read_headers.push(line);
    reader(&plan, address)
}

/// Returns a reader that asks for what it is told to.
fn reader(plan: &Plan, address: SocketAddr) -> Reader {
    let target = Target::at(address);
    let headers = Headers::new(plan, &target).expect("the profile has no headers");
    let sources = Arc::new(Sources::new(plan, &target));
    let network = Network::new(plan, &target, &sources, &headers, Clock::start());
    Reader {
        network: Rc::new(network),
        clock: Clock::start(),
        person: 0,
        place: 0,
        room: 0,
        name: None,
        phase: 0,
        speaks: false,
        wants_answers: false,
        arrival: None,
        pool: None,
        foreign: None,
        library: None,
        in_page: None,
        resume: Resume::new(plan, None),
    }
}

/// Opens a WebSocket as a reader does.
async fn open(reader: &Reader, path: &str) -> (Packed, Vec<u8>, WebSocketConfig) {
    let network = &reader.network;
    let opened = upgrade::open(reader, path).await;
    let (stream, agreement, rest) = opened.unwrap_or_else(|why| panic!("{path}: {why}"));
    let config = WebSocketConfig::default()
        .read_buffer_size(network.read_buffer)
        .write_buffer_size(0);
    let (stream, rest) = Packed::new(stream, agreement, rest);
    (stream, rest, config)
}

/// Sends back all that comes, until either side ends it.
async fn echo<S>(mut socket: S)
where
    S: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Unpin,
{
    while let Some(Ok(message)) = socket.next().await {
        let is_data = matches!(message, Message::Text(_) | Message::Binary(_));
        if is_data && socket.send(message).await.is_err() {
            break;
        }
    }
    let _ = socket.close().await;
    // Until the other side has ended it as well.
    while let Some(Ok(_)) = socket.next().await {}
}

/// Returns the first text that comes.
async fn text(reader: &Reader, path: &str) -> String {
    let (stream, rest, config) = open(reader, path).await;
    let mut socket =
        WebSocketStream::from_partially_read(stream, rest, Role::Client, Some(config)).await;
    match socket.next().await {
        Some(Ok(Message::Text(text))) => text.to_string(),
        other => panic!("{path}: {other:?}"),
    }
}

/// Returns the numbers of the cases, as the suite writes them.
async fn cases(reader: &Reader) -> Vec<String> {
    let count = text(reader, "/getCaseCount").await;
    let count: u64 = count.parse().expect("a count");
    let mut cases = Vec::new();
    for case in 1..=count {
        let info = text(reader, &format!("/getCaseInfo?case={case}")).await;
        let info: serde_json::Value = serde_json::from_str(&info).expect("JSON");
        cases.push(info["id"].as_str().expect("a number").to_owned());
    }
    cases
}

/// Goes through all cases with both of the swarm's sockets: that of whoever also speaks, and that
/// of whoever only listens.
async fn all_cases(address: SocketAddr) {
    let plain = reader(&sample::plan(Variant::Websocket), address);
    let cases = cases(&plain).await;
    assert!(!cases.is_empty(), "the suite has no cases");
    for agent in ["speaker", "listener"] {
        for (case, id) in (1..).zip(&cases) {
            let path = format!("/runCase?case={case}&agent={agent}");
            let (stream, rest, config) = open(&reader_for(id, address), &path).await;
            if agent == "listener" {
                echo(ReadOnlyWebSocket::new(stream, rest, config)).await;
            } else {
                let role = Role::Client;
                let socket = WebSocketStream::from_partially_read(stream, rest, role, Some(config));
                echo(socket.await).await;
            }
        }
        let (stream, rest, config) = open(&plain, &format!("/updateReports?agent={agent}")).await;
        echo(ReadOnlyWebSocket::new(stream, rest, config)).await;
    }
}

#[test]
#[ignore = "needs the Autobahn test suite: scripts/autobahn --client"]
fn every_case_of_the_suite() {
    let address = env::var(SUITE).expect("where the suite listens");
    let address = address.parse().expect("an address and a port");
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .expect("a runtime");
    runtime.block_on(all_cases(address));
}
