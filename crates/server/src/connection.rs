//! One connection, from its first byte to its last, in one task.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{Arc, Mutex},
};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::watch};

use crate::{
    answer::{Chat, answer},
    echo::Echo,
    reply::Answer,
    transport::websocket::Conversation,
};

/// The longest request head, and the most that hyper gathers before it writes:
/// with `SO_SNDBUF`, the bound on what a slow reader costs.
const BUFFER: usize = 64 * 1024;

/// How a connection goes on after HTTP.
#[derive(Debug)]
pub(crate) enum Session {
    /// As a reader, and perhaps speaker, of a room.
    Room(Conversation),
    /// As an echo.
    Echo(Echo),
}

/// Serves a connection until it ends. Its errors end it and nothing else.
///
/// A WebSocket lives on in the same task, so that every reader is one task
/// whatever the transport, and `serve` has one set of tasks to wait for.
pub(crate) async fn serve(stream: TcpStream, chat: Arc<Chat>, leaving: watch::Receiver<bool>) {
    let session = speak_http(stream, &chat, leaving.clone()).await;
    match session {
        Some(Session::Room(conversation)) => conversation.run().await,
        Some(Session::Echo(echo)) => echo.run(leaving).await,
        None => {}
    }
}

async fn speak_http(
    stream: TcpStream,
    chat: &Chat,
    mut leaving: watch::Receiver<bool>,
) -> Option<Session> {
    // hyper has no other way out for what an answer leaves behind.
    let session = Mutex::new(None);
    let service = service_fn(|request: Request<Incoming>| async {
        Ok::<_, Infallible>(match answer(chat, request).await {
            Answer::Http(reply) => reply,
            Answer::Upgrade(reply, after) => {
                *session.lock().expect("no holder panics") = Some(after);
                reply
            }
        })
    });
    {
        let mut connection = pin!(
            http(chat.settings.date_header)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
        );
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = told(&mut leaving) => {
                // An answer that is being given is finished first; streams and
                // held polls end by themselves when their room closes.
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        ended.ok()?;
    }
    session.into_inner().expect("no holder panics")
}

fn http(date_header: bool) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.auto_date_header(date_header)
        .max_buf_size(BUFFER)
        // This time-out would also cut a keep-alive connection that is idle
        // between two polls, and a benchmark of polling would silently become
        // one of connecting. An idle connection costs a descriptor and little
        // more.
        .header_read_timeout(None)
        // A client that closes its side has left: held polls and streams end at
        // once. The price is that `printf ... | nc` must keep its side open.
        .half_close(false);
    http
}

/// Ready when the server is leaving.
pub(crate) async fn told(leaving: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and so is the server.
    let _ = leaving.wait_for(|leaving| *leaving).await;
}
