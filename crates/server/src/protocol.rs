//! The protocols of libraries, spoken beside the plain ways on the same port:
//! Socket.IO 4 (over Engine.IO) and SockJS.
//!
//! Their clients are in the same rooms as everybody else. A session owns a
//! place in a room's log and nothing that grows: what comes after the place is
//! read from the log when the session's client asks, or sent by the sweep when
//! it has a connection that stays. Only what answers the client itself (an
//! acknowledgement, a ping) waits in the session, within a limit.
//!
//! A server that nobody asks for these protocols does nothing for them. A museum has one more
//! protocol, a WebSocket of 2010 ([`hixie_76`]).

pub(crate) mod duplex;
pub(crate) mod engine_io;
pub(crate) mod held;
pub(crate) mod hixie_76;
pub(crate) mod ids;
pub(crate) mod socket_io;
pub(crate) mod sockjs;
pub(crate) mod table;

use std::{sync::Arc, time::Duration};

use hyper::{Method, Request};
use tokio::time::{Instant, sleep};

use crate::{
    address::Address,
    http::{refusal::Refusal, request_body::Upload},
    protocol::{held::Polled, ids::Ids, table::Table},
    room::{
        memory::{Account, Memory},
        rooms::Rooms,
    },
    settings::Settings,
    transport::Answer,
};

/// The pause between two looks for sessions whose clients are gone.
const EVERY: Duration = Duration::from_millis(250);
/// The number of bytes that may wait for a client that does not receive: answers to what it says.
/// Events do not wait in a session.
const MOST_WAITING: usize = 256 * 1024;
/// The number of bytes that may wait for all such clients before each may have less; at most twice
/// as many wait.
const MOST_IN_ALL: usize = 64 * 1024 * 1024;

/// The state that the sessions of other protocols share.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) rooms: Arc<Rooms>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) ids: Ids,
    /// The account of what waits in all sessions.
    pub(crate) waiting: Arc<Memory>,
    /// The sessions of Engine.IO that began with a poll.
    pub(crate) engine_io: Table<engine_io::session::Session>,
    /// The sessions of SockJS that go by requests.
    pub(crate) sockjs: Table<sockjs::session::Session>,
}

impl Host {
    /// Makes a host without sessions.
    pub(crate) fn new(rooms: Arc<Rooms>, settings: Arc<Settings>) -> Self {
        Self {
            rooms,
            settings,
            ids: Ids::new(),
            waiting: Memory::new(MOST_IN_ALL),
            engine_io: Table::default(),
            sockjs: Table::default(),
        }
    }

    /// Ends sessions whose clients are gone, for as long as the future is
    /// polled.
    pub(crate) async fn end_sessions(&self) -> ! {
        loop {
            tokio::select! {
                () = self.engine_io.has_some() => {}
                () = self.sockjs.has_some() => {}
            }
            sleep(EVERY).await;
            self.engine_io.expire(Instant::now());
            self.sockjs.expire(Instant::now());
        }
    }

    /// Ends all sessions, because the server is leaving.
    pub(crate) fn close(&self) {
        self.engine_io.close();
        self.sockjs.close();
    }
}

/// Returns whether more waits for the client of a session than may. Where much waits for all clients,
/// less may wait for each, so that the sessions in which most waits end first.
pub(crate) fn is_too_much(account: &Account) -> bool {
    account.held() > MOST_WAITING.min(account.share())
}

/// Returns whether a path belongs to one of the protocols.
pub(crate) fn has(path: &str) -> bool {
    path == engine_io::PATH || path.starts_with(sockjs::PREFIX)
}

/// Returns the session that a request without content polls, if the poll can wait in a seat of the
/// session's room; `is_post` is true of a POST, and false of a GET.
pub(crate) fn polled(
    host: &Host,
    is_post: bool,
    path: &str,
    query: &str,
) -> Option<Arc<dyn Polled>> {
    match (path, is_post) {
        (engine_io::PATH, false) => engine_io::polled(host, query),
        (_, true) => sockjs::polled(host, path, query),
        _ => None,
    }
}

/// Returns whether a request is one to poll a session, plain or not.
pub(crate) fn is_poll(method: &Method, path: &str, query: &str) -> bool {
    match path {
        engine_io::PATH => *method == Method::GET && query.contains("transport=polling"),
        _ => *method == Method::POST && sockjs::is_poll(path),
    }
}

/// Answers a request to one of the protocols.
pub(crate) async fn answer(
    host: &Arc<Host>,
    path: &str,
    request: Request<Upload<'_>>,
    address: Address,
) -> Result<Answer, Refusal> {
    match path {
        engine_io::PATH => engine_io::answer(host, request, address).await,
        _ => sockjs::answer(host, path, request, address).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_may_wait_for_each_where_much_waits_for_all() {
        let memory = Memory::new(100 * 1024);
        let (mut much, mut little) = (memory.open(), memory.open());
        much.add(90 * 1024);
        little.add(1024);
        assert!(!is_too_much(&much) && !is_too_much(&little));
        much.add(60 * 1024);
        assert!(is_too_much(&much) && !is_too_much(&little));
        drop(much);
        let mut alone = Memory::new(MOST_IN_ALL).open();
        alone.add(MOST_WAITING);
        assert!(!is_too_much(&alone) && !is_too_much(&little));
        alone.add(1);
        assert!(is_too_much(&alone));
    }
}
