//! The books: the bytes and requests of everybody's exchanges, by person and by transport.

use std::collections::HashMap;

use dissect::{Direction, Layer, Ledger, Purpose, Span};
use serde::Serialize;
use wire::Way;

use crate::route::What;

/// The largest number of people with books of their own: for one more, the books of the person with
/// the fewest elements are given up. So people that somebody makes up push out each other.
const MOST_PEOPLE: usize = 1000;

/// The totals of the exchanges of one person, or of one transport.
#[derive(Debug, Default, Clone)]
pub(crate) struct Page {
    ledger: Ledger,
    requests: u64,
    preflights: u64,
    empty: u64,
    connections: u64,
    last_connection: u64,
    /// The number of elements that were entered for this person.
    entries: u64,
    /// The transport over which this person reads.
    lane: Option<Way>,
}

/// The books of all people and transports.
#[derive(Debug, Default)]
pub(crate) struct Books {
    by_person: HashMap<Box<str>, Box<Page>>,
    by_lane: [Page; Way::ALL.len()],
    /// The exchanges of people who do not read: curl, most often.
    others: Page,
}

impl Books {
    /// Counts a request of a person over connection number `conn`.
    pub(crate) fn asked(&mut self, person: &str, conn: u64, what: What) {
        if !self.by_person.contains_key(person) && self.by_person.len() >= MOST_PEOPLE {
            self.forget_least();
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

    /// Counts a request for the class.
    pub(crate) fn counted(&mut self, what: What, person: Option<&str>) {
        self.class_page(what, person).count(what);
    }

    /// Enters bytes that passed. `is_empty` is true if they are the request of a poll that brought
    /// nothing.
    pub(crate) fn enter(&mut self, what: What, person: Option<&str>, span: Span, is_empty: bool) {
        let own = person.and_then(|person| self.by_person.get_mut(person));
        if let Some(page) = own {
            page.ledger.add(span);
            page.entries += 1;
            page.empty += u64::from(is_empty);
        }
        let page = self.class_page(what, person);
        page.ledger.add(span);
        page.empty += u64::from(is_empty);
    }

    /// Gives up the books of the person with the fewest elements.
    fn forget_least(&mut self) {
        let pages = self.by_person.iter();
        let least = pages.min_by_key(|(_, page)| page.entries);
        if let Some(least) = least.map(|(person, _)| person.clone()) {
            self.by_person.remove(&least);
        }
    }

    /// Returns the totals of one person's exchanges.
    pub(crate) fn of(&self, person: &str) -> Option<Totals> {
        self.by_person.get(person).map(|page| page.totals())
    }

    /// Resets the class's totals; people's own stay.
    pub(crate) fn reset_class(&mut self) {
        self.by_lane = Default::default();
        self.others = Page::default();
    }

    /// Returns the totals of each transport for the whole class.
    pub(crate) fn class(&self) -> Vec<(Option<Way>, Totals)> {
        let lanes = Way::ALL.into_iter().map(Some).zip(&self.by_lane);
        lanes
            .chain([(None, &self.others)])
            .map(|(lane, page)| (lane, page.totals()))
            .collect()
    }

    /// Returns the class's page for an exchange: an exchange that does not read belongs to the
    /// transport that the person reads over.
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
                tls: self.ledger.layer(direction, Layer::Tls),
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

/// The totals as a page shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    /// The number of requests, without preflights.
    pub(crate) requests: u64,
    /// The number of preflights, which a browser sends because the lane has another port.
    pub(crate) preflights: u64,
    /// The number of polls that brought nothing.
    pub(crate) empty: u64,
    /// The number of connections.
    pub(crate) connections: u64,
    pub(crate) up: Carried,
    pub(crate) down: Carried,
}

/// The bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Carried {
    /// The bytes of the JSON of drafts and events.
    pub(crate) payload: u64,
    /// All other bytes.
    pub(crate) overhead: u64,
    /// The part of the overhead that is for the setup: a handshake, or the request and head of a
    /// stream.
    pub(crate) setup: u64,
    /// The part of the overhead that TLS adds: heads, tags and padding of records, handshakes and
    /// tickets.
    pub(crate) tls: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_people_push_out_each_other_and_nobody_else() {
        let span = Span {
            direction: Direction::Down,
            layer: Layer::Payload,
            purpose: Purpose::Deliver,
            start: 0,
            len: 40,
            continues: false,
        };
        let read = What::Read(Way::Sse);
        let mut books = Books::default();
        books.asked("pupil", 1, read);
        for _ in 0..3 {
            books.enter(read, Some("pupil"), span, false);
        }
        for number in 0..2 * MOST_PEOPLE as u64 {
            books.asked(&format!("made-up-{number}"), 2 + number, read);
        }
        assert_eq!(books.by_person.len(), MOST_PEOPLE);
        let kept = books.of("pupil").expect("books of its own");
        assert_eq!(kept.down.payload, 120);
        // Whoever comes now has books of its own as well.
        books.asked("late", 9_000, read);
        assert!(books.of("late").is_some());
    }
}
