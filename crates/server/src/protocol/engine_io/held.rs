//! Polls of a session that wait in a seat of its room.

use std::{mem, sync::Arc};

use bytes::Bytes;

use crate::{
    http::query::split_short,
    protocol::{
        Host,
        engine_io::{
            fault::Fault,
            packet::{CLOSE, NOOP},
            session::Session,
            state::{Phase, State},
        },
        held::{Hold, PollOutcome, Polled},
    },
    room::{answers::Form, writer::Writer},
};

/// Returns the session that a GET with this query polls, if the poll can wait in a seat: its client
/// is in a room, and does not try out a WebSocket.
pub(crate) fn polled(host: &Host, query: &str) -> Option<Arc<dyn Polled>> {
    let session = host.engine_io.find(sid_of(query)?)?;
    session.may_sit().then_some(session as Arc<dyn Polled>)
}

/// Returns the id of the session in the query of a poll; `None` if there is none, or if the query
/// would have to be decoded to find it.
fn sid_of(query: &str) -> Option<&str> {
    let (mut is_poll, mut sid) = (false, None);
    let mut rest = query;
    while !rest.is_empty() {
        let (pair, more) = split_short(rest, b'&').unwrap_or((rest, ""));
        rest = more;
        let (key, value) = split_short(pair, b'=').unwrap_or((pair, ""));
        // As in a form, the last value of a key counts.
        match key {
            "transport" => is_poll = value == "polling",
            "sid" => sid = Some(value),
            _ => {}
        }
    }
    let is_bare = || !query.bytes().any(|byte| matches!(byte, b'%' | b'+'));
    sid.filter(|_| is_poll && is_bare())
}

/// Answers a poll of a session that has nothing to send and nothing to wait for.
fn nothing() -> PollOutcome {
    PollOutcome::Content(Bytes::from_static(NOOP.as_bytes()))
}

impl Session {
    /// Returns whether a poll can wait in a seat.
    fn may_sit(&self) -> bool {
        let mut state = self.state();
        state.phase == Phase::Polling && state.client.joined().is_some()
    }
}

impl State {
    /// Answers the poll over the connection of `writer`, or holds it.
    fn answer(&mut self, writer: &Arc<Writer>) -> PollOutcome {
        if let Some(payload) = self.payload() {
            self.chair.leave();
            self.getting = false;
            return PollOutcome::Content(payload);
        }
        let until = self.pulse.deadline();
        let Some(joined) = self.client.joined() else {
            self.chair.leave();
            self.getting = false;
            return nothing();
        };
        let (room, place) = (Arc::clone(&joined.room), joined.start.place);
        self.chair.hold(writer, place, Form::Packets);
        PollOutcome::Held(Hold { room, place, until })
    }

    /// Returns whether no event will answer the poll any more: the room is closed, or the client
    /// has left it or was sent out.
    fn has_left(&mut self) -> bool {
        let joined = self.client.joined();
        joined.is_none_or(|joined| joined.room.is_closed() || joined.is_sent_out())
    }
}

impl Polled for Session {
    fn form(&self) -> Form {
        Form::Packets
    }

    fn take_poll(&self, writer: &Arc<Writer>) -> PollOutcome {
        let mut state = self.state();
        let is_bad = state.phase == Phase::Upgraded || mem::replace(&mut state.getting, true);
        if is_bad {
            // Two polls at once end the session, unless it lives on as a WebSocket.
            self.end(&mut state, CLOSE);
            let fault = Fault::Bad;
            return PollOutcome::Refused(fault.word(), Box::new(fault.reply()));
        }
        state.answer(writer)
    }

    fn check_poll(&self, writer: &Arc<Writer>, is_due: bool) -> PollOutcome {
        let mut state = self.state();
        if !state.chair.is_held_by(writer) {
            return PollOutcome::Answered;
        }
        let is_rung = state.chair.take_ring();
        if !(is_due || is_rung || state.has_left()) {
            return PollOutcome::Waits;
        }
        state.stop();
        if !state.chair.is_held_by(writer) {
            return PollOutcome::Answered;
        }
        state.answer(writer)
    }

    fn cut_poll(&self, writer: &Arc<Writer>) {
        let mut state = self.state();
        if state.chair.is_held_by(writer) {
            state.stop();
        }
        if state.chair.is_held_by(writer) {
            state.chair.leave();
            state.getting = false;
            self.end(&mut state, CLOSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_poll() {
        for (query, sid) in [
            ("EIO=4&transport=polling&sid=a1", Some("a1")),
            ("sid=a1&t=x.1&transport=polling", Some("a1")),
            ("transport=polling&sid=b&sid=a", Some("a")),
            ("transport=polling&sid=", Some("")),
            ("transport=websocket&transport=polling&sid=a", Some("a")),
            ("transport=polling&transport=websocket&sid=a", None),
            ("transport=websocket&sid=a", None),
            ("EIO=4&transport=polling", None),
            ("sid=a", None),
            ("transport=polling&sid=%61", None),
            ("transport=polling&sid=a&t=a+b", None),
            ("", None),
        ] {
            assert_eq!(sid_of(query), sid, "{query}");
        }
    }
}
