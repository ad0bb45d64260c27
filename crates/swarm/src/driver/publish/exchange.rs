//! A draft by POST, and the answer to it.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, Response,
    body::Incoming,
    header::{CONNECTION, CONTENT_TYPE, HeaderValue},
};

use crate::{
    draft,
    driver::{publisher::QueuedDraft, shard::Shard},
    failure::Failure,
    library::Library,
    measure::ledger::Use,
    plan::{FORM, Speak},
    socket::{connection::Connection, request},
};

/// Sends a draft over `connection`, or over a new one. Returns the connection if it can take
/// another draft. The draft is sent a second time only if nothing of it left.
pub(super) async fn exchange(
    shard: &Shard,
    connection: Option<Connection>,
    queued: QueuedDraft,
    draft: Bytes,
) -> Result<Option<Connection>, Failure> {
    let description = shard.run.description.as_ref();
    let request = || draft_request(shard, queued, &draft);
    let asked = ask(shard, connection, queued.person, request).await;
    let (mut connection, response) = asked?;
    if description.is_some() {
        connection.note_head(&shard.network, response.headers());
    }
    let status = response.status().as_u16();
    if !description.map_or(status == 201, |description| description.takes(status)) {
        let room = room_name(shard, queued.room);
        let failure = Failure::status(status, response.headers(), &room);
        request::whole_body(response).await?;
        return Err(failure);
    }
    request::whole_body(response).await?;
    let closes = shard.run.plan.traffic.speak == Speak::PostClose;
    Ok((!closes && connection.is_free().await).then_some(connection))
}

/// Sends a packet in the session of a library, as [`exchange`] sends a draft.
pub(super) async fn send(
    shard: &Shard,
    connection: Option<Connection>,
    library: &Library,
    packet: Bytes,
) -> Result<Option<Connection>, Failure> {
    let path = library.say_path().ok_or(Failure::NoSpeaker)?;
    let request = || {
        let mut request = request::say(&shard.network, &path, packet.clone())?;
        if library.says_by_form() {
            let form = HeaderValue::from_static(FORM);
            request.headers_mut().insert(CONTENT_TYPE, form);
        }
        Ok(request)
    };
    let asked = ask(shard, connection, library.person(), request).await;
    let (mut connection, response) = asked?;
    let status = response.status();
    if !status.is_success() {
        return Err(Failure::Status(status.as_u16()));
    }
    request::whole_body(response).await?;
    Ok(connection.is_free().await.then_some(connection))
}

/// Sends a request over `connection`, or over a new one. The request is made and sent a second time
/// only if nothing of it left.
async fn ask(
    shard: &Shard,
    connection: Option<Connection>,
    person: usize,
    request: impl Fn() -> Result<Request<Full<Bytes>>, Failure>,
) -> Result<(Connection, Response<Incoming>), Failure> {
    let network = &shard.network;
    let open = || Connection::open(network, person, Use::Say, None);
    let is_foreign = shard.run.description.is_some();
    let (mut connection, was_kept) = match connection {
        Some(connection) if connection.is_open(network, is_foreign) => (connection, true),
        closed => {
            if closed.is_some() {
                network.retry();
            }
            (open().await?, false)
        }
    };
    let response = match connection.send(request()?).await {
        Err(Failure::Unsent) if was_kept => {
            network.retry();
            connection = open().await?;
            connection.send(request()?).await?
        }
        response => response?,
    };
    Ok((connection, response))
}

/// Returns the request that says a draft.
fn draft_request(
    shard: &Shard,
    queued: QueuedDraft,
    draft: &Bytes,
) -> Result<Request<Full<Bytes>>, Failure> {
    let network = &shard.network;
    let mut request = match &shard.run.description {
        None => {
            let path = format!("/rooms/{}/messages", draft::room_name(queued.room));
            request::say(network, &path, draft.clone())?
        }
        Some(description) => {
            let said = queued.said(network, draft);
            let (path, body) = (description.say_path(&said), description.body(&said));
            let mut request = request::say(network, &path, body)?;
            description.prepare_draft(&mut request, &said);
            request
        }
    };
    if shard.run.plan.traffic.speak == Speak::PostClose {
        let close = HeaderValue::from_static("close");
        request.headers_mut().insert(CONNECTION, close);
    }
    Ok(request)
}

fn room_name(shard: &Shard, room: usize) -> String {
    let description = shard.run.description.as_ref();
    description.map_or_else(
        || draft::room_name(room),
        |description| description.room_name(room),
    )
}
