//! The books: what everybody's exchanges carried, by person and by transport.

use std::collections::HashMap;

use dissect::{Direction, Layer, Ledger, Purpose, Span};
use serde::Serialize;
use wire::Way;

use crate::route::What;

/// People whose books are kept; more are counted with the class only.
const MOST_PEOPLE: usize = 1000;

/// What one person's, or one transport's, exchanges carried.
#[derive(Debug, Default, Clone)]
pub(crate) struct Page {
    ledger: Ledger,
    requests: u64,
    preflights: u64,
    empty: u64,
    connections: u64,
    last_connection: u64,
    /// How this person reads.
    lane: Option<Way>,
}

/// All the books.
#[derive(Debug, Default)]
pub(crate) struct Books {
    by_person: HashMap<Box<str>, Box<Page>>,
    by_lane: [Page; Way::ALL.len()],
    /// Exchanges of nobody who reads: curl, most often.
    others: Page,
}

impl Books {
    /// A person asked something, over connection number `conn`.
    pub(crate) fn asked(&mut self, person: &str, conn: u64, what: What) {
        if !self.by_person.contains_key(person) && self.by_person.len() >= MOST_PEOPLE {
            return;
        }
        let page = self.by_person.entry(person.into()).or_default();
        page.count(what);
        if page.last_connection != conn {
            page.last_connection = conn;
            page.connections += 1;
        }
        if let What::Read(lane) = what {
            page.lane = Some(lane);
        }
    }

    /// Somebody asked something.
    pub(crate) fn counted(&mut self, what: What, person: Option<&str>) {
        self.class_page(what, person).count(what);
    }

    /// Bytes passed. `is_empty`: and they are the request of a poll that
    /// brought nothing.
    pub(crate) fn enter(&mut self, what: What, person: Option<&str>, span: Span, is_empty: bool) {
        let own = person.and_then(|person| self.by_person.get_mut(person));
        if let Some(page) = own {
            page.ledger.add(span);
            page.empty += u64::from(is_empty);
        }
        let page = self.class_page(what, person);
        page.ledger.add(span);
        page.empty += u64::from(is_empty);
    }

    /// What one person's exchanges carried.
    pub(crate) fn of(&self, person: &str) -> Option<Totals> {
        self.by_person.get(person).map(|page| page.totals())
    }

    /// Begins the class's totals anew; people's own stay.
    pub(crate) fn reset_class(&mut self) {
        self.by_lane = Default::default();
        self.others = Page::default();
    }

    /// What each transport carried for the whole class.
    pub(crate) fn class(&self) -> Vec<(Option<Way>, Totals)> {
        let lanes = Way::ALL.into_iter().map(Some).zip(&self.by_lane);
        lanes
            .chain([(None, &self.others)])
            .map(|(lane, page)| (lane, page.totals()))
            .collect()
    }

    /// What is not reading belongs to the transport that the person reads over.
    fn class_page(&mut self, what: What, person: Option<&str>) -> &mut Page {
        let lane = match what {
            What::Read(lane) => Some(lane),
            _ => person
                .and_then(|person| self.by_person.get(person))
                .and_then(|page| page.lane),
        };
        match lane {
            Some(lane) => &mut self.by_lane[lane as usize],
            None => &mut self.others,
        }
    }
}

impl Page {
    fn count(&mut self, what: What) {
        match what {
            What::Preflight => self.preflights += 1,
            _ => self.requests += 1,
        }
    }

    fn totals(&self) -> Totals {
        let way = |direction| {
            let total = self.ledger.total(direction);
            let payload = self.ledger.layer(direction, Layer::Payload);
            Carried {
                payload,
                overhead: total - payload,
                setup: self.ledger.purpose(direction, Purpose::Setup),
            }
        };
        Totals {
            requests: self.requests,
            preflights: self.preflights,
            empty: self.empty,
            connections: self.connections,
            up: way(Direction::Up),
            down: way(Direction::Down),
        }
    }
}

/// Totals as a page shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    /// Requests, without preflights.
    pub(crate) requests: u64,
    /// What a browser asked beforehand, because the lane has another port.
    pub(crate) preflights: u64,
    /// Polls that brought nothing.
    pub(crate) empty: u64,
    /// Connections.
    pub(crate) connections: u64,
    pub(crate) up: Carried,
    pub(crate) down: Carried,
}

/// Bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Carried {
    /// The JSON of drafts and events.
    pub(crate) payload: u64,
    /// Everything else.
    pub(crate) overhead: u64,
    /// The part of the overhead that is for setting up: a handshake, or the request and head of a stream.
    pub(crate) setup: u64,
}
