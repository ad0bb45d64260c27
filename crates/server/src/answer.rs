//! Answers to requests.

use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use hyper::{
    Method, Request, StatusCode, Version,
    body::{Body as _, Incoming},
    header,
};
use wire::{Framing, Said, Way, codec};

use crate::{
    address::Address,
    chat::Chat,
    echo,
    http::{
        callback::CallbackParameters,
        coding, head, origin, page,
        query::Query,
        refusal::Refusal,
        reply::{self, Reply},
        request_body::{self, Upload},
        route::Route,
        upgrade,
    },
    metrics, protocol,
    room::say::{Speaker, say},
    settings::Settings,
    transport::{self, Answer, Session, iframe, jsonp, reading::Reading},
};

/// The answer to a request, and how its connection goes on.
pub(crate) struct Answered {
    pub(crate) reply: Reply,
    /// The session that takes over the connection; `None` if HTTP goes on.
    pub(crate) session: Option<Box<dyn Session>>,
    /// True if the whole request was read, and both sides leave the connection open.
    pub(crate) stays_open: bool,
    /// True if the connection ends before the request's body was read.
    pub(crate) cuts_body: bool,
}

/// Answers any request, also one that is refused. `body_is_whole` becomes true once the request's
/// body was read.
pub(crate) async fn answer(
    chat: &Chat,
    mut request: Request<Incoming>,
    address: Address,
    body_is_whole: &AtomicBool,
) -> Answered {
    head::settle_host(&mut request);
    let granted = origin::granted(request.headers(), &chat.settings);
    let stays_open = stays_open(&request);
    let coding = coding::asked(&request, &chat.settings);
    let (parts, mut body) = request.into_parts();
    let whole = Request::from_parts(parts, Upload::new(&mut body, body_is_whole));
    let (mut reply, session) = match decide(chat, whole, address).await {
        Ok(Answer::Batch(batch)) => (reply::batch(batch, coding, &chat.settings), None),
        Ok(Answer::Held(held)) => {
            let batch = held.batch().await;
            (reply::batch(batch, coding, &chat.settings), None)
        }
        Ok(Answer::Http(reply)) => (reply, None),
        Ok(Answer::Session(reply, session)) => (reply, Some(session)),
        Err(refusal) => {
            if let Some(counters) = &chat.settings.counters {
                counters.refuse(refusal.code());
            }
            (refusal.reply(), None)
        }
    };
    if let Some(origin) = granted {
        origin::grant(origin, reply.headers_mut());
    }
    let (is_read, said) = (
        body.is_end_stream(),
        reply.headers().get(header::CONNECTION),
    );
    Answered {
        stays_open: stays_open && said.is_none() && is_read,
        cuts_body: !is_read && said.is_some_and(|said| said == "close"),
        reply,
        session,
    }
}

/// Returns whether a request that is not plain is still a poll, so that the next one on its
/// connection may be plain. A poll of a library's session does not count if its page needs a grant
/// to read the answer: no poll of such a client is plain.
pub(crate) fn is_poll(request: &Request<Incoming>, settings: &Settings) -> bool {
    let (path, query) = (request.uri().path(), request.uri().query().unwrap_or(""));
    if protocol::has(path) {
        return protocol::is_poll(request.method(), path, query)
            && origin::granted(request.headers(), settings).is_none();
    }
    matches!(Route::of(path, false), Ok(Route::Read(_, way)) if way.polls())
}

/// Returns whether the client keeps the connection open after its request.
fn stays_open(request: &Request<Incoming>) -> bool {
    let mut wishes = request.headers().get_all(header::CONNECTION).iter();
    request.version() == Version::HTTP_11
        && wishes.all(|wish| wish.as_bytes().eq_ignore_ascii_case(b"keep-alive"))
}

async fn decide(
    chat: &Chat,
    request: Request<Upload<'_>>,
    address: Address,
) -> Result<Answer, Refusal> {
    upgrade::check_tunnel(&request)?;
    head::check(&request, &chat.settings)?;
    if let Some(extension) = &chat.extension
        && let Some(response) = extension.answer(&request, &chat.settings, address)
    {
        return Ok(response?.await);
    }
    let path = request.uri().path().to_owned();
    let route = match Route::of(&path, chat.settings.echo) {
        Ok(route) => route,
        Err(_) if protocol::has(&path) => {
            return protocol::answer(&chat.host, &path, request, address).await;
        }
        Err(refusal) => match &chat.settings.counters {
            Some(counters) if path == metrics::PATH => {
                let reply = metrics::answer(chat, counters, request.method())?;
                return Ok(Answer::Http(reply));
            }
            _ => return Err(refusal),
        },
    };
    route.check(&request)?;
    if request.method() == Method::OPTIONS {
        return Ok(Answer::Http(origin::options(route.allow())));
    }
    if matches!(route, Route::Say(_) | Route::Leave(_) | Route::Read(..)) {
        origin::check(request.headers(), &chat.settings)?;
    }
    let reply = match route {
        Route::Page(asset) => page::reply(asset),
        Route::Live => well(),
        Route::Ready => {
            chat.rooms.check_ready()?;
            well()
        }
        Route::Echo => return echo::answer(&request, &chat.settings),
        Route::Say(room) => take_draft(chat, room, request, address).await?,
        Route::Leave(room) => leave(chat, room, &request)?,
        Route::People(room) => reply::fresh_json(codec::encode(&chat.rooms.people(room).await?)),
        Route::Jsonp(room) | Route::Iframe(room) => {
            return read_in_page(chat, room, route, request, address).await;
        }
        Route::Read(room, way) => {
            let query = request.uri().query().unwrap_or("");
            let mut query = Query::read(query, &chat.settings)?;
            if request.method() == Method::HEAD {
                query.leave_nothing();
            }
            if way.framing() == Some(Framing::Sse) {
                query.resume(request.headers())?;
            }
            let mut reading =
                Reading::open(&chat.rooms, &chat.settings, room, way, query, address)?;
            reading.coding = coding::asked(&request, &chat.settings);
            reading.request = Some(Box::new(request.map(|_| ())));
            return transport::answer(reading);
        }
    };
    Ok(Answer::Http(reply))
}

/// Answers that nothing is wrong.
fn well() -> Reply {
    reply::json(StatusCode::OK, Bytes::from_static(b"{\"ok\":true}"))
}

/// Answers a reader that is an element of a page: a script or a frame.
async fn read_in_page(
    chat: &Chat,
    room: &str,
    route: Route<'_>,
    request: Request<Upload<'_>>,
    address: Address,
) -> Result<Answer, Refusal> {
    origin::check(request.headers(), &chat.settings)?;
    let text = request.uri().query().unwrap_or("");
    let parameters = CallbackParameters::read(text, "callback")?;
    let mut query = Query::read(text, &chat.settings)?;
    if request.method() == Method::HEAD {
        query.leave_nothing();
    }
    let is_script = matches!(route, Route::Jsonp(_));
    let way = if is_script {
        Way::LongPoll
    } else {
        Way::Ndjson
    };
    let mut reading = Reading::open(&chat.rooms, &chat.settings, room, way, query, address)?;
    if is_script {
        return jsonp::answer(reading, parameters).await;
    }
    reading.request = Some(Box::new(request.map(|_| ())));
    iframe::answer(reading, &parameters)
}

async fn take_draft(
    chat: &Chat,
    room: &str,
    request: Request<Upload<'_>>,
    address: Address,
) -> Result<Reply, Refusal> {
    let person = match request.uri().query() {
        Some(query) => Query::read(query, &chat.settings)?.person,
        None => None,
    };
    let (limit, time) = (chat.settings.draft_limit(), chat.settings.body_timeout);
    let json = request_body::take(request, limit, time).await?;
    let room = chat.rooms.open(room, Some(address))?;
    let speaker = Speaker {
        person: person.as_deref(),
        address,
    };
    // No tag: a speaker over HTTP knows which of its drafts is answered.
    let said = Said {
        tag: None,
        ..say(&room, &chat.settings, speaker, &json).await?
    };
    Ok(reply::said(codec::encode(&said)))
}

/// Removes the person who leaves. Ignores a body: a page that is being closed
/// sends this with `navigator.sendBeacon`, which cannot do without one.
fn leave(chat: &Chat, room: &str, request: &Request<impl Sized>) -> Result<Reply, Refusal> {
    let leaver = Query::read(request.uri().query().unwrap_or(""), &chat.settings)?.leaver()?;
    if let Some(room) = chat.rooms.find(room) {
        room.leave(&leaver);
    }
    Ok(reply::empty(StatusCode::NO_CONTENT))
}
