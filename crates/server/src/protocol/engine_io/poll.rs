//! Engine.IO over polls: GET brings the waiting packets, POST takes the client's packets. Each
//! carries a payload of packets.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hyper::{
    Request, Response,
    header::{self, HeaderValue},
};
use tokio::time::sleep;

use crate::{
    address::Address,
    http::{
        body::Body,
        refusal::Refusal,
        reply::Reply,
        request_body::{self, Upload},
    },
    protocol::{
        Host,
        engine_io::{fault::Fault, open_packet, payload_limit, session::Session},
    },
    transport::Answer,
};

/// The pause before a poll is released while a probe is under way, as in the
/// library's own server: a client that goes on polling meanwhile does not spin.
const PROBING: Duration = Duration::from_millis(100);

/// Opens a session.
pub(super) fn open(host: &Arc<Host>, query: &str, address: Address) -> Result<Answer, Fault> {
    let share = host.rooms.shares.open_session(address);
    let share = share.map_err(|_| Fault::Many)?;
    let sid = host.ids.fresh();
    let session = Session::new(sid.clone(), (query, address), share, host);
    let added = host.engine_io.add(sid.clone(), session);
    added.map_err(|_| Fault::Busy)?;
    let packet = open_packet(&sid, "\"websocket\"", &host.settings);
    Ok(text(Bytes::from(packet)))
}

/// Answers a poll once there is a packet for it.
pub(super) async fn get(session: &Arc<Session>) -> Result<Answer, Fault> {
    let turn = session.begin(true).ok_or(Fault::Bad)?;
    if session.is_upgrading() {
        sleep(PROBING).await;
    }
    let payload = session.payload().await;
    turn.end();
    Ok(text(payload))
}

/// Takes what a client says.
pub(super) async fn post(
    host: &Arc<Host>,
    session: &Arc<Session>,
    request: Request<Upload<'_>>,
) -> Result<Answer, Fault> {
    let turn = session.begin(false).ok_or(Fault::Bad)?;
    let body = request_body::take(
        request,
        payload_limit(&host.settings),
        host.settings.body_timeout,
    )
    .await;
    let body = match body {
        Ok(body) => body,
        Err(refusal) => {
            // The session goes on without the body that was refused.
            turn.end();
            return Err(match refusal {
                Refusal::LongBody(_) => Fault::Long,
                _ => Fault::Bad,
            });
        }
    };
    let taken = match std::str::from_utf8(&body) {
        Ok(payload) => session.take(host, payload).await,
        Err(_) => None,
    };
    if taken.is_none() {
        // Dropping the turn ends the session.
        return Err(Fault::Bad);
    }
    turn.end();
    Ok(reply("text/html", Bytes::from_static(b"ok")))
}

fn text(payload: Bytes) -> Answer {
    reply("text/plain; charset=UTF-8", payload)
}

fn reply(content_type: &'static str, content: Bytes) -> Answer {
    let mut reply: Reply = Response::new(Body::whole(content));
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Answer::Http(reply)
}
