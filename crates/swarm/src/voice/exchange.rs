//! A draft by POST, and the answer to it.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request,
    header::{CONNECTION, HeaderValue},
};

use super::Utterance;
use crate::{
    draft,
    failure::Failure,
    http::{self, Connection, Use},
    plan::Speak,
    shard::Shard,
};

/// Sends a draft over `connection`, or over a new one; gives it back if it can
/// take another. A draft is sent a second time only if nothing of it left.
pub(super) async fn exchange(
    shard: &Shard,
    connection: Option<Connection>,
    utterance: Utterance,
    draft: Bytes,
) -> Result<Option<Connection>, Failure> {
    let network = &shard.network;
    let open = || Connection::open(network, utterance.person, Use::Say, None);
    let description = shard.run.description.as_ref();
    let (mut connection, was_kept) = match connection {
        Some(connection) if connection.is_open(network, description.is_some()) => {
            (connection, true)
        }
        closed => {
            if closed.is_some() {
                network.retry();
            }
            (open().await?, false)
        }
    };
    let response = match connection.send(request(shard, utterance, &draft)?).await {
        Err(Failure::Unsent) if was_kept => {
            network.retry();
            connection = open().await?;
            connection.send(request(shard, utterance, &draft)?).await?
        }
        response => response?,
    };
    if description.is_some() {
        connection.note_head(network, response.headers());
    }
    let status = response.status().as_u16();
    if !description.map_or(status == 201, |description| description.takes(status)) {
        let room = room_name(shard, utterance.room);
        let failure = Failure::status(status, response.headers(), &room);
        http::whole_body(response).await?;
        return Err(failure);
    }
    http::whole_body(response).await?;
    let closes = shard.run.plan.traffic.speak == Speak::PostClose;
    Ok((!closes && connection.is_free().await).then_some(connection))
}

/// The request that says a draft.
fn request(
    shard: &Shard,
    utterance: Utterance,
    draft: &Bytes,
) -> Result<Request<Full<Bytes>>, Failure> {
    let network = &shard.network;
    let mut request = match &shard.run.description {
        None => {
            let path = format!("/rooms/{}/messages", draft::room_name(utterance.room));
            http::say(network, &path, draft.clone())?
        }
        Some(description) => {
            let said = utterance.said(network, draft);
            let (path, body) = (description.say_path(&said), description.body(&said));
            let mut request = http::say(network, &path, body)?;
            description.dress_draft(&mut request, &said);
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
