//! The connections of HTTP/1.1 that the tabs of one simulated browser share: six at most, as
//! Chromium and Firefox open to one server. A request takes one that is idle, opens one more where
//! there are fewer than six, or waits until its turn has come.
//!
//! A stream keeps one of the six for as long as it lasts, and so it is left out of those that are
//! shared. A WebSocket is none of the six: browsers have a bound of their own for those, far above.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use tokio::sync::{Semaphore, SemaphorePermit};
use wire::{BROWSER_CONNECTIONS, Carrier};

use crate::{
    plan::Plan,
    socket::{
        browser::{Browser, browser},
        connection::Connection,
    },
};

/// The connections that the tabs of one browser share.
#[derive(Debug)]
pub(crate) struct Pool {
    /// The person who is its first tab.
    owner: usize,
    /// The connections that wait for a request; the one that was used last is at the end.
    idle: RefCell<Vec<Connection>>,
    /// The turns at sending a request, as many as there may be connections. They are given in the
    /// order in which they were asked for. Whoever has one has at most one connection, and opens it
    /// only where none is idle, so that there are never more connections than turns.
    turns: Semaphore,
}

/// A turn at sending a request and hearing the answer.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pool: &'a Pool,
    /// Gives the turn to whoever waits next. The semaphore is never closed.
    _permit: Option<SemaphorePermit<'a>>,
}

/// The browsers of one shard whose tabs share connections of HTTP/1.1.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    /// The connections of each reader's browser; there are none where nobody shares any.
    of: HashMap<usize, Rc<Pool>>,
}

impl Pools {
    /// Gives each of `people`, the people of one shard, a browser.
    pub(crate) fn new(people: &[usize], plan: &Plan) -> Self {
        let carrier = plan.variant.way().carrier();
        if carrier == Carrier::Frame {
            return Self::default();
        }
        let mut tabs_of: HashMap<Browser, Vec<usize>> = HashMap::new();
        for (place, &person) in people.iter().enumerate() {
            let tabs = tabs_of.entry(browser(&plan.swarm, person, place));
            tabs.or_default().push(person);
        }
        let is_stream = matches!(carrier, Carrier::Stream(_));
        let mut of = HashMap::new();
        for tabs in tabs_of.into_values() {
            let streams = if is_stream { tabs.len() } else { 0 };
            let shared = BROWSER_CONNECTIONS.saturating_sub(streams);
            let owner = tabs.first().copied().unwrap_or_default();
            let pool = Rc::new(Pool::new(owner, shared));
            of.extend(tabs.into_iter().map(|person| (person, Rc::clone(&pool))));
        }
        Self { of }
    }

    /// Returns the connections that `person` shares; `None` for whoever shares none.
    pub(crate) fn of(&self, person: usize) -> Option<Rc<Pool>> {
        self.of.get(&person).cloned()
    }

    /// Returns the person in whose name the browser of `person` keeps its tickets of TLS: its first
    /// tab, or `person` where nothing is shared.
    pub(crate) fn owner(&self, person: usize) -> usize {
        self.of.get(&person).map_or(person, |pool| pool.owner)
    }
}

impl Pool {
    /// Makes the pool of `owner` with at most so many connections, of which none is open yet.
    fn new(owner: usize, connections: usize) -> Self {
        Self {
            owner,
            idle: RefCell::default(),
            turns: Semaphore::new(connections),
        }
    }

    /// Waits for a turn, behind all who asked before.
    pub(crate) async fn turn(&self) -> Turn<'_> {
        let permit = self.turns.acquire().await.ok();
        Turn {
            pool: self,
            _permit: permit,
        }
    }
}

impl Turn<'_> {
    /// Takes the idle connection that was used last; `None` where one more has to be opened.
    pub(crate) fn idle(&self) -> Option<Connection> {
        self.pool.idle.borrow_mut().pop()
    }

    /// Ends the turn. The connection, if it can take another request, waits for one.
    pub(crate) fn end(self, connection: Option<Connection>) {
        self.pool.idle.borrow_mut().extend(connection);
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use wire::{Framing, Way};

    use super::*;
    use crate::{plan::Variant, sample};

    /// Returns a plan whose readers are tabs of browsers of three.
    fn plan(variant: Variant) -> Plan {
        let mut plan = sample::plan(variant);
        plan.swarm.tabs = 3;
        plan
    }

    #[test]
    fn tabs_in_a_row_share_and_others_do_not() {
        let pools = Pools::new(&[4, 6, 8, 10], &plan(Variant::usual(Way::LongPoll)));
        let of = |person| pools.of(person).map(|pool| Rc::as_ptr(&pool));
        assert_eq!(of(4), of(8));
        assert_ne!(of(4), of(10));
        assert_eq!(of(13), None, "who only speaks is in no browser");
        assert_eq!([4, 6, 10, 13].map(|one| pools.owner(one)), [4, 4, 10, 13]);
    }

    #[test]
    fn a_stream_keeps_its_connection_and_a_web_socket_is_none_of_them() {
        let shared = |variant| {
            let pools = Pools::new(&[0, 1, 2, 3], &plan(variant));
            [0, 3].map(|one| pools.of(one).map(|pool| pool.turns.available_permits()))
        };
        let framing = Framing::Ndjson;
        assert_eq!(
            shared(Variant::HttpStream { framing }),
            [Some(3), Some(5)],
            "three streams, and one"
        );
        assert_eq!(shared(Variant::usual(Way::ShortPoll)), [Some(6), Some(6)]);
        assert_eq!(shared(Variant::Websocket), [None, None]);
    }

    #[tokio::test]
    async fn a_seventh_request_waits_until_one_of_six_is_answered() {
        let pool = Pool::new(0, BROWSER_CONNECTIONS);
        let mut turns = Vec::new();
        for _ in 0..BROWSER_CONNECTIONS {
            turns.push(pool.turn().await);
        }
        let mut context = Context::from_waker(Waker::noop());
        let [mut seventh, mut eighth] = [(); 2].map(|()| Box::pin(pool.turn()));
        assert!(seventh.as_mut().poll(&mut context).is_pending());
        assert!(eighth.as_mut().poll(&mut context).is_pending());
        turns.pop().expect("six").end(None);
        assert!(eighth.as_mut().poll(&mut context).is_pending());
        assert!(seventh.as_mut().poll(&mut context).is_ready());
    }
}
