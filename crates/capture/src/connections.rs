//! The connections of a capture: which segment belongs to which, and which end is the client.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use crate::{
    Captured, Keys, MOST_CONNECTIONS, MOST_OF_A_FILE, Remark, TlsVersion, h2, head, judge, opened,
    sealed,
    segment::Segment,
    stream::{Run, Stream},
    stretch::{self, Wire},
};

/// The time by which the clock of a capture may set a SYN behind what was sent after it.
const MOST_LATE: Duration = Duration::from_secs(1);

/// All connections of a file.
pub(crate) struct Connections {
    /// The connection that two ends have at present, the lower end first.
    current: HashMap<[SocketAddr; 2], usize>,
    all: Vec<Connection>,
    /// The bytes that may still be kept.
    budget: usize,
    /// The number of packets of connections that are not followed.
    pub(crate) refused: u64,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            current: HashMap::new(),
            all: Vec::new(),
            budget: MOST_OF_A_FILE,
            refused: 0,
        }
    }
}

/// A connection so far. Its sides are those of its ends, the lower end first.
struct Connection {
    ends: [SocketAddr; 2],
    sides: [Stream; 2],
    /// The times of the first SYN of each side.
    opened: [Option<Duration>; 2],
    /// The side whose SYN came without an ACK.
    opener: Option<usize>,
    first: Duration,
    last: Duration,
    reset: bool,
}

impl Connections {
    /// Adds a segment.
    pub(crate) fn add(&mut self, at: Duration, segment: &Segment<'_>) {
        let mut ends = [segment.from, segment.to];
        ends.sort_unstable();
        let side = usize::from(segment.from != ends[0]);
        let known = self.current.get(&ends).copied();
        let known = known.filter(|&index| !self.all[index].is_over_for(side, at, segment));
        let Some(index) = known.or_else(|| self.begin(ends, at)) else {
            self.refused += 1;
            return;
        };
        let budget = &mut self.budget;
        self.all[index].take(side, at, segment, budget);
    }

    fn begin(&mut self, ends: [SocketAddr; 2], at: Duration) -> Option<usize> {
        if self.all.len() >= MOST_CONNECTIONS {
            return None;
        }
        self.all.push(Connection {
            ends,
            sides: [Stream::default(), Stream::default()],
            opened: [None; 2],
            opener: None,
            first: at,
            last: at,
            reset: false,
        });
        let index = self.all.len() - 1;
        self.current.insert(ends, index);
        Some(index)
    }

    /// Returns the number of connections that are followed.
    pub(crate) fn count(&self) -> u64 {
        self.all.len() as u64
    }

    /// Puts all connections together and recognises the conversations in them.
    pub(crate) fn captured(self, remarks: Vec<Remark>, keys: &Keys) -> Captured {
        let all = self.all.into_iter().enumerate();
        let mut wires: Vec<Wire> = all.flat_map(|(lane, one)| one.wires(lane)).collect();
        wires.retain(|wire| wire.up.carried + wire.down.carried > 0);
        // The order of packets in the file says nothing.
        wires.sort_by_key(|wire| (wire.first, wire.client, wire.server));
        let mut lanes: HashMap<usize, usize> = HashMap::new();
        for wire in &mut wires {
            let next = lanes.len();
            wire.lane = *lanes.entry(wire.lane).or_insert(next);
        }
        for wire in &mut wires {
            if let Some(opened) = opened::open(wire, keys) {
                *wire = opened;
            }
        }
        judge::of_wires(&wires, remarks, !keys.is_empty())
    }
}

impl Connection {
    /// Returns whether this segment begins another connection between the same ends.
    fn is_over_for(&self, side: usize, at: Duration, segment: &Segment<'_>) -> bool {
        let own = &self.sides[side];
        if !segment.syn || own.has_syn() {
            return segment.syn && own.is_other(segment.sequence);
        }
        // The capture may have begun within a connection whose ports were used again. A SYN of its
        // own that was captured late was still sent before everything else.
        let is_later = at > self.first + MOST_LATE;
        is_later && (!segment.ack || own.has_begun())
    }

    fn take(&mut self, side: usize, at: Duration, segment: &Segment<'_>, budget: &mut usize) {
        self.first = self.first.min(at);
        self.last = self.last.max(at);
        self.reset |= segment.rst;
        let mut sequence = segment.sequence;
        if segment.syn {
            self.sides[side].open(sequence);
            let opened = self.opened[side].get_or_insert(at);
            *opened = at.min(*opened);
            if !segment.ack {
                self.opener = Some(side);
            }
            // The SYN takes a number of its own (RFC 9293, section 3.4).
            sequence = sequence.wrapping_add(1);
        }
        if segment.rst {
            // What a reset carries is no part of the stream (RFC 9293, section 3.5.3).
            return;
        }
        let stream = &mut self.sides[side];
        if segment.length > 0 {
            stream.take(sequence, segment.bytes, segment.length, at, budget);
        }
        if segment.fin {
            stream.finish(sequence.wrapping_add(segment.length as u32));
        }
    }

    fn wires(self, lane: usize) -> Vec<Wire> {
        let opened = self.opened;
        let [one, other] = self.sides;
        let sides = [one.runs(), other.runs()];
        let client = self.opener.unwrap_or_else(|| client(&sides, self.ends));
        let round_trip = match (opened[client], opened[1 - client]) {
            (Some(asked), Some(answered)) => answered.saturating_sub(asked),
            _ => Duration::ZERO,
        };
        let [one, other] = sides;
        let (up, down) = if client == 0 {
            (one, other)
        } else {
            (other, one)
        };
        let bare = Wire {
            lane,
            client: self.ends[client],
            server: self.ends[1 - client],
            up: Run::default(),
            down: Run::default(),
            first: self.first,
            last: self.last,
            round_trip,
            reset: self.reset,
            tls: TlsVersion::Off,
            is_continued: false,
        };
        stretch::wires(&bare, up.into(), down.into())
    }
}

/// Returns which side is the client of a connection whose SYN was not captured: the one that asks,
/// or else the one with the higher port.
fn client(sides: &[Vec<Run>; 2], ends: [SocketAddr; 2]) -> usize {
    let asks = |side: &Vec<Run>| {
        let mut runs = side.iter();
        runs.any(|run| {
            head::first_request(run, 0).is_some()
                || sealed::is_hello(&run.bytes)
                || h2::starts_with_preface(&run.bytes)
        })
    };
    let answers = |side: &Vec<Run>| side.iter().any(|run| head::first_answer(run, 0).is_some());
    match (asks(&sides[0]), asks(&sides[1])) {
        (true, false) => 0,
        (false, true) => 1,
        _ if answers(&sides[1]) && !answers(&sides[0]) => 0,
        _ if answers(&sides[0]) && !answers(&sides[1]) => 1,
        _ => usize::from(ends[0].port() < ends[1].port()),
    }
}
