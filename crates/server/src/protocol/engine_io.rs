//! Engine.IO, protocol 4: <https://socket.io/docs/v4/engine-io-protocol/>.
//!
//! A client opens a session by a poll and goes on polling, or changes to a
//! WebSocket by a probe; or it opens a WebSocket at once. What the messages
//! mean is Socket.IO's business.

mod fault;
mod held;
mod packet;
mod poll;
mod pulse;
pub(crate) mod session;
mod socket;
mod state;
mod turn;

use std::{sync::Arc, time::Duration};

use hyper::{Method, Request};

pub(crate) use held::polled;

use crate::{
    address::Address,
    http::{origin, refusal::Refusal, request_body::Upload, upgrade},
    protocol::{
        Host,
        engine_io::{
            fault::Fault,
            session::Session,
            socket::{Opening, Probe},
        },
    },
    settings::Settings,
    transport::Answer,
};

/// The address, as the libraries have it.
pub(crate) const PATH: &str = "/socket.io/";

/// The time that a client has to answer a ping.
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// The time that a client has to connect to a namespace.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(45);
/// The length, in bytes, of the longest query of a handshake, which is kept with the session.
const LONGEST_QUERY: usize = 4096;

/// The parameters in the query of a request.
#[derive(Debug, Default)]
struct QueryParameters {
    version: String,
    transport: String,
    sid: Option<String>,
}

impl QueryParameters {
    fn read(query: &str) -> Self {
        let mut parameters = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match key.as_ref() {
                "EIO" => parameters.version = value.into_owned(),
                "transport" => parameters.transport = value.into_owned(),
                "sid" => parameters.sid = Some(value.into_owned()),
                _ => {}
            }
        }
        parameters
    }
}

/// Answers a request to Engine.IO.
pub(crate) async fn answer(
    host: &Arc<Host>,
    request: Request<Upload<'_>>,
    address: Address,
) -> Result<Answer, Refusal> {
    if request.method() == Method::OPTIONS {
        return Ok(Answer::Http(origin::options("GET, POST, OPTIONS")));
    }
    let answer = match decide(host, request, address).await {
        Ok(answer) => answer,
        Err(fault) => {
            if let Some(counters) = &host.settings.counters {
                counters.refuse(fault.word());
            }
            Answer::Http(fault.reply())
        }
    };
    Ok(answer)
}

async fn decide(
    host: &Arc<Host>,
    request: Request<Upload<'_>>,
    address: Address,
) -> Result<Answer, Fault> {
    let query = request.uri().query().unwrap_or("").to_owned();
    let parameters = QueryParameters::read(&query);
    // In the order of the library's own server.
    if !matches!(parameters.transport.as_str(), "polling" | "websocket") {
        return Err(Fault::Transport);
    }
    origin::check(request.headers(), &host.settings).map_err(|_| Fault::Forbidden)?;
    let is_socket = parameters.transport == "websocket";
    let Some(sid) = parameters.sid else {
        let opens_socket = is_socket && upgrade::is_extended(&request);
        if request.method() != Method::GET && !opens_socket {
            return Err(Fault::Method);
        }
        if parameters.version != "4" {
            return Err(Fault::Version);
        }
        if query.len() > LONGEST_QUERY {
            return Err(Fault::Bad);
        }
        return if is_socket {
            let reply = upgrade::accept(&request, &host.settings).map_err(|_| Fault::Bad)?;
            let opening = Opening::new(Arc::clone(host), &query, address);
            Ok(Answer::Session(reply, Box::new(opening)))
        } else {
            poll::open(host, &query, address)
        };
    };
    let session = host.engine_io.find(&sid).ok_or(Fault::Unknown)?;
    if is_socket {
        let reply = upgrade::accept(&request, &host.settings).map_err(|_| Fault::Bad)?;
        let probe = Probe::new(Arc::clone(host), session);
        return Ok(Answer::Session(reply, Box::new(probe)));
    }
    answer_poll(host, &session, request).await
}

async fn answer_poll(
    host: &Arc<Host>,
    session: &Arc<Session>,
    request: Request<Upload<'_>>,
) -> Result<Answer, Fault> {
    if session.has_upgraded() {
        return Err(Fault::Bad);
    }
    match *request.method() {
        Method::GET => poll::get(session).await,
        Method::POST => poll::post(host, session, request).await,
        _ => Err(Fault::Bad),
    }
}

/// Returns the length of the longest payload that a client may send, in bytes:
/// that of a draft, and what the protocol puts around it.
fn payload_limit(settings: &Settings) -> usize {
    settings.draft_limit().saturating_add(256)
}

/// Encodes the packet that opens a session; `upgrades` says what it can change
/// to.
fn open_packet(sid: &str, upgrades: &str, settings: &Settings) -> String {
    format!(
        "0{{\"sid\":\"{sid}\",\"upgrades\":[{upgrades}],\"pingInterval\":{},\"pingTimeout\":{},\"maxPayload\":{}}}",
        settings.heartbeat.as_millis(),
        PING_TIMEOUT.as_millis(),
        payload_limit(settings),
    )
}
