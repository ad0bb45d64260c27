//! A request of a session that is being answered.

use crate::protocol::engine_io::session::Session;

/// A guard for a request that is being answered. If it is dropped before [`end`](Self::end) is
/// called, the client has cut its connection, and the session is over.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    session: &'a Session,
    getting: bool,
    done: bool,
}

impl<'a> Turn<'a> {
    /// Makes the guard of a GET or of a POST.
    pub(super) fn new(session: &'a Session, getting: bool) -> Self {
        Self {
            session,
            getting,
            done: false,
        }
    }

    /// Records that the request is answered.
    pub(super) fn end(mut self) {
        self.done = true;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.session.finish(self.getting, self.done);
    }
}
