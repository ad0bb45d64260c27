//! One draft by POST, and the answer to it.

use hyper::header::{CONNECTION, HeaderValue};

use super::Utterance;
use crate::{
    draft,
    failure::Failure,
    http::{self, Connection},
    plan::Speak,
    shard::Shard,
};

/// Sends a draft over `connection`, or over a new one; gives it back if it can
/// take another.
pub(super) async fn exchange(
    shard: &Shard,
    connection: Option<Connection>,
    utterance: Utterance,
    draft: bytes::Bytes,
) -> Result<Option<Connection>, Failure> {
    let mut connection = match connection {
        Some(connection) => connection,
        None => Connection::open(&shard.network, utterance.person, None).await?,
    };
    let Utterance { person, room, .. } = utterance;
    let description = shard.run.description.as_ref();
    let path = match description {
        Some(description) => description.say_path(person, room),
        None => format!("/rooms/{}/messages", draft::room_name(room)),
    };
    let mut request = http::say(&shard.network, &path, draft)?;
    if let Some(description) = description {
        description.add_say_headers(request.headers_mut(), person, room);
    }
    let closes = shard.run.plan.speak == Speak::PostClose;
    if closes {
        let close = HeaderValue::from_static("close");
        request.headers_mut().insert(CONNECTION, close);
    }
    let response = connection.send(request).await?;
    let status = response.status().as_u16();
    http::whole_body(response).await?;
    if !description.map_or(status == 201, |description| description.takes(status)) {
        return Err(Failure::Status(status));
    }
    Ok((!closes && connection.is_free().await).then_some(connection))
}
