//! XHR polls of a session that wait in a seat of its room.

use std::{mem, sync::Arc};

use bytes::Bytes;
use tokio::time::Instant;
use wire::room_name_is_valid;

use crate::{
    http::query::Query,
    protocol::{
        Host,
        held::{Hold, PollOutcome, Polled},
        sockjs::{
            PREFIX, Resource, Way, frame,
            poll::{ENCODING, array, join},
            session::{Session, State, end},
        },
    },
    room::{answers::Form, writer::Writer},
};

/// Returns the session whose XHR poll a POST at this path is, if it is open.
pub(crate) fn polled(host: &Host, path: &str, query: &str) -> Option<Arc<dyn Polled>> {
    let (room, rest) = path.strip_prefix(PREFIX)?.split_once('/')?;
    let Some(Resource::Session(id, Way::Xhr)) = Resource::of(rest) else {
        return None;
    };
    if !room_name_is_valid(room) {
        return None;
    }
    // What cannot be followed is refused by hyper's way.
    Query::read(query, &host.settings).ok()?;
    let session = host.sockjs.find(&format!("{room}/{id}"))?;
    Some(session)
}

/// Returns whether a path is that of XHR polls.
pub(crate) fn is_poll(path: &str) -> bool {
    path.starts_with(PREFIX) && path.ends_with("/xhr")
}

/// Answers with a frame.
fn line(frame: &str) -> PollOutcome {
    PollOutcome::Content(Bytes::from(format!("{frame}\n")))
}

impl Session {
    /// Answers the poll over the connection of `writer`, or holds it.
    fn answer(&self, state: &mut State, writer: &Arc<Writer>, is_due: bool) -> PollOutcome {
        let Some(frame) = self.frame(state, is_due) else {
            let place = state.start.place;
            state.chair.hold(writer, place, Form::Frame);
            return PollOutcome::Held(Hold {
                room: Arc::clone(&self.room),
                place,
                until: state.until,
            });
        };
        state.chair.leave();
        (state.receiving, state.seen) = (false, Instant::now());
        line(&frame)
    }

    /// Returns the frame that answers a poll now; `None` if it has to wait.
    fn frame(&self, state: &mut State, is_due: bool) -> Option<String> {
        let waiting = state.take_waiting();
        if !waiting.is_empty() {
            return Some(join(&waiting));
        }
        if let Some(portion) = self.room.next_portion(&mut state.start, ENCODING) {
            return Some(array(&portion.bytes));
        }
        if self.room.is_closed() || state.has_ended() {
            return Some(frame::GO_AWAY.to_owned());
        }
        is_due.then(|| frame::HEARTBEAT.to_owned())
    }
}

impl Polled for Session {
    fn form(&self) -> Form {
        Form::Frame
    }

    fn take_poll(&self, writer: &Arc<Writer>) -> PollOutcome {
        let mut state = self.state();
        if state.over {
            return line(frame::GO_AWAY);
        }
        if mem::replace(&mut state.receiving, true) {
            return line(frame::TAKEN);
        }
        state.until = Instant::now() + self.settings.heartbeat;
        self.answer(&mut state, writer, false)
    }

    fn check_poll(&self, writer: &Arc<Writer>, is_due: bool) -> PollOutcome {
        let mut state = self.state();
        if !state.chair.is_held_by(writer) {
            return PollOutcome::Answered;
        }
        let is_rung = state.chair.take_ring();
        if !(is_due || is_rung || self.room.is_closed() || state.has_ended()) {
            return PollOutcome::Waits;
        }
        state.stop();
        if !state.chair.is_held_by(writer) {
            return PollOutcome::Answered;
        }
        self.answer(&mut state, writer, is_due)
    }

    fn cut_poll(&self, writer: &Arc<Writer>) {
        let mut state = self.state();
        if state.chair.is_held_by(writer) {
            state.stop();
        }
        if state.chair.is_held_by(writer) {
            state.chair.leave();
            (state.receiving, state.seen) = (false, Instant::now());
            end(&mut state);
        }
    }
}
