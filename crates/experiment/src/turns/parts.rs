//! The parts of the time and the bytes of an agent's turns.

use std::time::{Duration, Instant};

use super::{ANSWER, Arm, STEP, server::Mark};

/// The parts of the time and bytes of an agent's turns.
///
/// The parts of the time are taken at both ends, on one clock: the server is in this process. Each
/// is the sum over all turns. What is in none of them was spent between turns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// The time from the first turn's beginning to the last answer's end.
    pub time: Duration,
    /// The time from the beginning of each connection until it could carry a turn, the end of the one
    /// before included.
    pub setup: Duration,
    /// The part of the transfer to the server that brought what had been sent before, by its share
    /// of the bytes.
    pub history: Duration,
    /// The work around what is new at both ends: making and writing a request, the rest of its
    /// transfer, its decoding, and reading the answer.
    pub framing: Duration,
    /// The time that bytes were on their way: from the beginning of writing to the first byte at the
    /// server, and from its answer to the first byte at the client.
    pub waiting: Duration,
    /// The time of each turn, the set-up of its connection included.
    pub turns: Vec<Duration>,
    /// The bytes that the sockets counted, up and down.
    pub bytes: [u64; 2],
    /// The bytes of upgrades, up and down, as far as they are heads to a dissector.
    pub setup_bytes: [u64; 2],
    /// The bytes of inputs that had been sent before.
    pub history_bytes: u64,
    /// The bytes of heads, chunks, frames and JSON around inputs, which go up, and around answers.
    pub framing_bytes: [u64; 2],
    /// The bytes of inputs that are new, which go up, and of answers.
    pub content_bytes: [u64; 2],
}

impl Taken {
    /// Returns the sum of the parts of the time.
    #[must_use]
    pub fn parts(&self) -> Duration {
        self.setup + self.history + self.framing + self.waiting
    }

    /// Returns the sums of the parts of the bytes, up and down. None is taken from the sockets' count,
    /// and none is what the others leave.
    #[must_use]
    pub const fn parts_bytes(&self) -> [u64; 2] {
        let ([up, down], [inputs, answers]) = (self.setup_bytes, self.content_bytes);
        let [around_inputs, around_answers] = self.framing_bytes;
        [
            up + self.history_bytes + around_inputs + inputs,
            down + around_answers + answers,
        ]
    }
}

/// The times of a turn at the client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) begins: Instant,
    /// The connection is there.
    pub(super) connected: Instant,
    /// The request is made and about to be written.
    pub(super) made: Instant,
    /// The first byte of the answer is there.
    pub(super) first: Instant,
    pub(super) ends: Instant,
    /// The bytes of the request, and those of them that had been sent before.
    pub(super) bytes: [usize; 2],
}

impl Taken {
    /// Adds the parts of a turn's time.
    pub(super) fn add_times(&mut self, turn: &Turn, mark: &Mark) {
        let ready = turn.connected.max(mark.accepted);
        let made = turn.made.max(ready);
        let transfer = mark.whole.saturating_duration_since(mark.begins);
        let [all, again] = turn.bytes;
        let history = transfer.mul_f64(again as f64 / all as f64);
        self.setup += ready.saturating_duration_since(turn.begins);
        self.history += history;
        self.waiting += mark.begins.saturating_duration_since(made);
        self.waiting += turn.first.saturating_duration_since(mark.answered);
        self.framing += (made - ready) + (turn.ends - turn.first);
        self.framing += mark.answered.saturating_duration_since(mark.whole);
        self.framing += transfer.saturating_sub(history);
        self.turns.push(turn.ends - turn.begins);
    }

    /// Adds what a turn's message and answer are made of; `around` are the bytes around each.
    pub(super) const fn add_turn(
        &mut self,
        arm: Arm,
        turn: usize,
        message: usize,
        around: [usize; 2],
    ) {
        let again = arm.again(turn);
        self.history_bytes += again as u64;
        self.content_bytes[0] += STEP as u64;
        self.content_bytes[1] += ANSWER as u64;
        self.framing_bytes[0] += (message - again - STEP + around[0]) as u64;
        self.framing_bytes[1] += around[1] as u64;
    }
}
