//! One request, one answer.

use std::sync::Arc;

use bytes::Bytes;
use hyper::{
    Method, Request, StatusCode,
    body::Incoming,
    header::{self, HeaderValue},
};
use wire::{Framing, People, Said, Transport, codec};

use crate::{
    body, echo, origin, page,
    query::Query,
    reading::Reading,
    refusal::Refusal,
    reply::{self, Answer, Reply},
    rooms::Rooms,
    route::Route,
    say::say,
    settings::Settings,
    transport,
};

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) settings: Arc<Settings>,
    pub(crate) rooms: Rooms,
}

/// Answers any request. What is refused is answered too.
pub(crate) async fn answer(chat: &Chat, request: Request<Incoming>) -> Answer {
    let granted = origin::granted(request.headers(), &chat.settings);
    let mut answer = decide(chat, request)
        .await
        .unwrap_or_else(|refusal| Answer::Http(refusal.reply()));
    if let Some(origin) = granted {
        let (Answer::Http(reply) | Answer::Upgrade(reply, _)) = &mut answer;
        origin::grant(origin, reply.headers_mut());
    }
    answer
}

async fn decide(chat: &Chat, request: Request<Incoming>) -> Result<Answer, Refusal> {
    let path = request.uri().path().to_owned();
    let route = Route::of(&path, chat.settings.echo)?;
    route.check(request.method())?;
    if request.method() == Method::OPTIONS {
        return Ok(Answer::Http(options(route)));
    }
    let reply = match route {
        Route::Page(asset) => page::reply(asset),
        Route::Health => reply::json(StatusCode::OK, Bytes::from_static(b"{\"ok\":true}")),
        Route::Echo => return echo::answer(request, &chat.settings),
        Route::Say(room) => take_draft(chat, room, request).await?,
        Route::Leave(room) => leave(chat, room, &request)?,
        Route::People(room) => people(chat, room),
        Route::Read(room, transport, framing) => {
            return read(chat, room, transport, framing, request).await;
        }
    };
    Ok(Answer::Http(reply))
}

/// The one match from a transport to its code.
async fn read(
    chat: &Chat,
    room: &str,
    transport: Transport,
    framing: Framing,
    request: Request<Incoming>,
) -> Result<Answer, Refusal> {
    let mut query = Query::read(request.uri(), &chat.settings)?;
    if framing == Framing::Sse {
        query.resume(request.headers())?;
    }
    let reading = Reading {
        query,
        framing,
        room: chat.rooms.open(room)?,
        settings: Arc::clone(&chat.settings),
        request,
    };
    match transport {
        Transport::ShortPoll => transport::short_poll::answer(reading).await,
        Transport::LongPoll => transport::long_poll::answer(reading).await,
        Transport::HttpStream => transport::http_stream::answer(reading).await,
        Transport::Websocket => transport::websocket::answer(reading).await,
    }
}

async fn take_draft(chat: &Chat, room: &str, request: Request<Incoming>) -> Result<Reply, Refusal> {
    let json = body::take(request, chat.settings.draft_limit()).await?;
    let room = chat.rooms.open(room)?;
    // A speaker over HTTP knows which draft this is the answer to: no tag.
    let said = Said {
        tag: None,
        ..say(&room, &chat.settings, &json)?
    };
    Ok(reply::json(StatusCode::CREATED, codec::encode(&said)))
}

/// Takes no body, and ignores one: a page that is being closed sends this with
/// `navigator.sendBeacon`, which cannot do without.
fn leave(chat: &Chat, room: &str, request: &Request<Incoming>) -> Result<Reply, Refusal> {
    let leaver = Query::read(request.uri(), &chat.settings)?.leaver()?;
    if let Some(room) = chat.rooms.find(room) {
        room.leave(&leaver);
    }
    Ok(reply::empty(StatusCode::NO_CONTENT))
}

fn people(chat: &Chat, room: &str) -> Reply {
    let nobody = People {
        online: 0,
        people: Vec::new(),
    };
    // To look is not to open a room.
    let people = chat.rooms.find(room).map_or(nobody, |room| room.people());
    reply::fresh_json(codec::encode(&people))
}

fn options(route: Route<'_>) -> Reply {
    let mut reply = reply::empty(StatusCode::NO_CONTENT);
    let headers = reply.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(route.allow()));
    // Of no use to a page whose origin is not granted as well.
    origin::grant_methods(headers);
    reply
}
