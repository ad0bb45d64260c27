//! The results of a workload over one way to read, by formula: latency, bytes in a month, requests,
//! connections, the work of a phone's radio, and the limits that it strains. Nothing here was
//! measured; bytes are those of [`Costs`], which runs are held against.
//!
//! # Reading order
//!
//! A [`Situation`] and a [`Usage`] become an [`Advice`]. [`Delays`] are its latencies, and
//! [`strains`] compares it with the limits of a browser, a proxy and a server.

mod delays;
mod strain;

pub use delays::Delays;
pub use strain::{Bounds, Limit, Strain, strains};

use wire::Exchange;

use crate::model::{
    Arrivals, Both, Costs, Situation,
    radio::{self, Radio},
};

/// The shortest interval of a timer in a tab that has been in the background for five minutes, in
/// seconds (Chromium's intensive throttling, since version 88).
pub const HIDDEN_INTERVAL: f64 = 60.0;
/// The silence after which the server sends a heartbeat, in seconds.
pub const HEARTBEAT: f64 = 25.0;
/// The days of a month.
pub const MONTH: f64 = 30.0;
/// An hour and a day, in seconds.
const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;

/// The people who read, and the way in which they use the application.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// The number of readers in all rooms.
    pub readers: f64,
    /// The number of rooms.
    pub rooms: f64,
    /// True if drafts are said by readers, whose bytes are then theirs.
    pub speaks: bool,
    /// The number of times in a day that a reader connects.
    pub reconnects_a_day: f64,
    /// The hours of a day in which a reader is connected.
    pub hours_a_day: f64,
    /// The share of readers whose tab is in the background, from 0 to 1.
    pub hidden: f64,
    /// The seconds for which a radio stays awake after the last thing that moved.
    pub tail: f64,
}

/// The figures of one way to read for one workload. A figure is `None` where no formula knows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Advice {
    /// The bytes and requests, item by item, of a reader whose tab is in view.
    pub costs: Costs,
    /// The latencies of a reader whose tab is in view.
    pub delays: Option<Delays>,
    /// The bytes of one reader in a month of thirty days.
    pub month: Option<Both>,
    /// The requests a second that the server gets, drafts and openings among them.
    pub requests: Option<f64>,
    /// The openings of streams and WebSockets in a day, which are requests as well.
    pub openings_a_day: f64,
    /// The answers that bring events and the pieces of streams and WebSockets, a second, as the
    /// server sends them to all readers.
    pub pieces: Option<f64>,
    /// The messages a second that reach readers, of all of them together.
    pub deliveries: f64,
    /// The drafts a second in all rooms.
    pub drafts: f64,
    /// The connections that are open at once.
    pub open: f64,
    /// The work of a phone's radio for one reader.
    pub radio: Option<Radio>,
}

impl Advice {
    /// Returns the figures of a situation for this usage.
    #[must_use]
    pub fn of(situation: &Situation, usage: &Usage) -> Self {
        let costs = Costs::of(situation);
        // Where no tab is in the background, nothing is reckoned for one.
        let (hidden, costs_hidden) = if usage.hidden > 0.0 {
            let hidden = in_background(situation);
            (hidden, Costs::of(&hidden))
        } else {
            (*situation, costs)
        };
        let drafts = situation.rate * usage.rooms;
        let asks = mixed(
            usage.hidden,
            questions(situation, &costs),
            questions(&hidden, &costs_hidden),
        );
        let month = mixed(
            usage.hidden,
            month(situation, &costs, usage),
            month(&hidden, &costs_hidden, usage),
        );
        let deliveries = situation.rate * usage.readers;
        let openings = openings(situation, usage);
        Self {
            costs,
            delays: Delays::of(situation),
            month,
            requests: asks.map(|asks| {
                let said = if situation.says_on_socket {
                    0.0
                } else {
                    drafts
                };
                asks * usage.readers + said + openings / DAY
            }),
            openings_a_day: openings,
            pieces: match situation.way.exchange() {
                Exchange::Open => Some(deliveries),
                _ => asks.map(|asks| asks * usage.readers),
            },
            deliveries,
            drafts,
            open: usage.readers,
            radio: radio(situation, usage),
        }
    }
}

/// A figure that is mixed from those of readers in view and in the background.
trait Mixed: Copy {
    fn mix(self, share: f64, other: Self) -> Self;
}

impl Mixed for f64 {
    fn mix(self, share: f64, other: Self) -> Self {
        self * (1.0 - share) + other * share
    }
}

impl Mixed for Both {
    fn mix(self, share: f64, other: Self) -> Self {
        self.times(1.0 - share).plus(other.times(share))
    }
}

fn mixed<T: Mixed>(hidden: f64, in_view: Option<T>, in_background: Option<T>) -> Option<T> {
    Some(in_view?.mix(hidden, in_background?))
}

/// Returns the situation of a tab in the background: its timers are slowed, and nothing else is.
fn in_background(situation: &Situation) -> Situation {
    let every = match situation.way.exchange() {
        Exchange::Immediate => situation.every.max(HIDDEN_INTERVAL),
        Exchange::Held | Exchange::Open => situation.every,
    };
    Situation {
        every,
        ..*situation
    }
}

/// Returns the questions a second of one reader.
fn questions(situation: &Situation, costs: &Costs) -> Option<f64> {
    match situation.way.exchange() {
        Exchange::Open => Some(0.0),
        _ => Some(costs.asked?.per_message * situation.rate),
    }
}

/// Returns the requests in a day that open streams and WebSockets.
fn openings(situation: &Situation, usage: &Usage) -> f64 {
    match situation.way.exchange() {
        Exchange::Open => usage.reconnects_a_day * usage.readers,
        _ => 0.0,
    }
}

/// Returns the bytes of one reader in a month.
fn month(situation: &Situation, costs: &Costs, usage: &Usage) -> Option<Both> {
    let mut second = costs.read?.times(situation.rate);
    if usage.speaks {
        second = second.plus(costs.say?.times(situation.rate / situation.readers));
    }
    if situation.way.exchange() == Exchange::Open {
        let beats = radio::beats_per_second(situation.arrivals?, situation.rate, HEARTBEAT);
        second = second.plus(costs.heartbeat?.times(beats));
    }
    let day = second.times(usage.hours_a_day * HOUR);
    let day = day.plus(costs.opening?.times(usage.reconnects_a_day));
    Some(day.times(MONTH))
}

fn radio(situation: &Situation, usage: &Usage) -> Option<Radio> {
    let arrivals: Arrivals = situation.arrivals?;
    Some(match situation.way.exchange() {
        Exchange::Immediate => {
            Radio::of_interval(situation.every.max(situation.away()), usage.tail)
        }
        Exchange::Held => Radio::of_messages(arrivals, situation.rate, situation.every, usage.tail),
        Exchange::Open => Radio::of_messages(arrivals, situation.rate, HEARTBEAT, usage.tail),
    })
}

#[cfg(test)]
mod tests;
