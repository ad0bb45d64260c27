//! The doors of a classroom: the sockets at which connections come in, and how they are watched.

use std::sync::Arc;

use server::{Behind, Endpoint, Source, Tap, Watch};
use tokio::net::TcpListener;
use wire::Way;

use crate::{follow::Follow, options::View, shared::Shared};

/// A socket at which connections come in.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) listener: TcpListener,
    /// The lane behind which it is; `None` is the main port.
    lane: Option<Way>,
    /// True if it is behind a lane for students' own rooms.
    is_own: bool,
    /// The way to learn whose connection a lane's link carries on; `None` at the main port.
    clients: Option<Behind>,
}

impl Door {
    /// Makes the door of the main port.
    pub(crate) fn main(listener: TcpListener) -> Self {
        Self {
            listener,
            lane: None,
            is_own: false,
            clients: None,
        }
    }

    /// Makes the door behind a lane, which is one for students' own rooms or the class's.
    pub(crate) fn behind(lane: Way, is_own: bool, listener: TcpListener, clients: Behind) -> Self {
        Self {
            listener,
            lane: Some(lane),
            is_own,
            clients: Some(clients),
        }
    }

    /// Returns who is behind the connections that come in here.
    pub(crate) fn clients(&self) -> Option<Behind> {
        self.clients.clone()
    }

    /// Returns the tap of connections that server number `server` has; `None` if nobody watches them.
    pub(crate) fn tap(&self, shared: &Arc<Shared>, server: Option<usize>) -> Option<Tap> {
        if self.lane.is_none() && shared.facts.view != View::Wire {
            return None;
        }
        let tap = tap(shared, self.lane, server);
        // What a student measures alone is left as it is, and the main port has no switch.
        if self.lane.is_none() || self.is_own {
            return Some(tap);
        }
        Some(switched(tap, shared))
    }

    /// Returns the endpoint of a server that is alone.
    pub(crate) fn endpoint(self, shared: &Arc<Shared>) -> Endpoint {
        Endpoint {
            tap: self.tap(shared, None),
            behind: self.clients(),
            source: Source::Listener(self.listener),
        }
    }
}

fn tap(shared: &Arc<Shared>, lane: Option<Way>, server: Option<usize>) -> Tap {
    // Weak, because the chat holds the endpoints' taps for as long as it serves.
    let shared = Arc::downgrade(shared);
    Tap::new(move |_| {
        let follow = Follow::new(shared.upgrade()?, lane, server);
        Some(Box::new(follow) as Box<dyn Watch>)
    })
}

/// Returns the tap of a lane whose connections may speak HTTP/2 while the teacher has it so.
fn switched(tap: Tap, shared: &Arc<Shared>) -> Tap {
    let shared = Arc::downgrade(shared);
    tap.reading_http2_while(move || {
        let shared = shared.upgrade();
        shared.is_some_and(|shared| shared.state.borrow().http2)
    })
}
