//! The browser of HTTP/1.1 whose tabs some readers are: the connections that they share, and how long
//! one may wait for another.

use std::time::Duration;

use wire::{BROWSER_CONNECTIONS, Carrier};

use super::{Speak, Traffic, Variant};

/// Returns whether drafts go over the connections that tabs share.
fn tabs_speak(traffic: &Traffic) -> bool {
    traffic.speak == Speak::Same && traffic.publishers > 0
}

impl Variant {
    /// Returns the largest number of readers over this way that can be tabs of one browser over
    /// HTTP/1.1; `None` where there is no bound. A stream keeps its connection for as long as it lasts,
    /// and the drafts of tabs need one more.
    #[must_use]
    pub fn most_tabs(&self, traffic: &Traffic) -> Option<usize> {
        let is_stream = matches!(self.way().carrier(), Carrier::Stream(_));
        is_stream.then(|| BROWSER_CONNECTIONS - usize::from(tabs_speak(traffic)))
    }

    /// Returns the longest time that a message may wait over this way because `tabs` readers are tabs
    /// of one browser over HTTP/1.1, each of whose connections may carry a question that the server
    /// holds: a draft waits for one of them, and so does the question that brings it to a reader.
    #[must_use]
    pub fn longest_turns(&self, tabs: usize, traffic: &Traffic) -> Duration {
        let rounds = |requests: usize| {
            let waiting = requests.saturating_sub(BROWSER_CONNECTIONS);
            u32::try_from(waiting.div_ceil(BROWSER_CONNECTIONS)).unwrap_or(u32::MAX)
        };
        let drafts = if tabs_speak(traffic) {
            rounds(tabs.saturating_add(1))
        } else {
            0
        };
        let hold = self.hold().unwrap_or_default();
        hold.saturating_mul(rounds(tabs).saturating_add(drafts))
    }
}

#[cfg(test)]
mod tests {
    use wire::Framing;

    use super::*;
    use crate::sample;

    #[test]
    fn a_stream_leaves_no_connection_for_a_seventh_tab() {
        let framing = Framing::Sse;
        let plan = sample::plan(Variant::HttpStream { framing });
        let mut traffic = plan.traffic;
        assert_eq!(plan.variant.most_tabs(&traffic), Some(5));
        traffic.speak = Speak::Post;
        assert_eq!(plan.variant.most_tabs(&traffic), Some(6));
        assert_eq!(Variant::Websocket.most_tabs(&traffic), None);
    }

    #[test]
    fn questions_that_are_held_make_others_wait() {
        let hold = Duration::from_secs(25);
        let keep_alive = true;
        let polls = Variant::LongPoll { hold, keep_alive };
        let mut traffic = sample::plan(Variant::Websocket).traffic;
        let holds = |traffic: &Traffic| {
            [5, 6, 7, 12, 13].map(|tabs| polls.longest_turns(tabs, traffic).as_secs() / 25)
        };
        // With drafts among them, and with questions alone.
        assert_eq!(holds(&traffic), [0, 1, 2, 3, 4]);
        traffic.speak = Speak::Post;
        assert_eq!(holds(&traffic), [0, 0, 1, 1, 2]);
        let never = Variant::Websocket.longest_turns(usize::MAX, &traffic);
        assert_eq!(never, Duration::ZERO);
    }
}
