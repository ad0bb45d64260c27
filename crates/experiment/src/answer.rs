//! One answer of a language model, token by token, from a source to one reader: when each token
//! came, and how many bytes it took.
//!
//! Source and reader use blocking sockets and a thread each, so that a token is written when it is
//! due and not at the next tick of a timer.

mod pack;
mod reader;
mod source;
mod unpack;

use std::time::Duration;

use scenario::plan::Plan;
use wire::{Compression, Way};

use super::tokens::Envelope;

pub use self::{reader::Streamed, source::Source};

/// The `Host` of a reader's requests.
pub const ANSWER_HOST: &str = "a";

/// The text that tokens are cut from. JSON carries it as it is.
const PROSE: &str = "A bench that is built for one question answers it well and the next one badly. So \
the first thing to write down is what shall be known, and only then what is to be measured. A stream \
of words has a first word, for which a reader waits, and a pace, which may be even or not. Both are \
seen from the chair of the reader, not from that of the writer. Whoever counts at the wrong end finds \
that all is well, while somebody looks at an empty page. A short word needs little room, and what is \
wrapped around it may need a lot more. Whether that matters depends on the road: over a wide one \
nobody notices, over a narrow one it is most of the load. The same holds for what is said twice. A \
good packer remembers what went before and sends a mark in its place; a poor one begins anew with \
each word, and saves next to nothing. ";

/// The parameters of an answer.
#[derive(Debug, Clone)]
pub struct Asked {
    way: Way,
    compression: Compression,
    /// The tokens in their envelopes, as the way carries them before compression.
    texts: Vec<String>,
    /// The number of bytes of each that is neither a field of server-sent events nor a line end.
    contents: Vec<usize>,
    /// The time from one token to the next.
    apart: Duration,
}

impl Asked {
    /// Returns what a plan asks for; `None` if its run is no answer.
    #[must_use]
    pub fn of(plan: &Plan) -> Option<Self> {
        let answer = plan.answer.as_ref()?;
        let envelope = Envelope::of(answer.envelope);
        let payload = plan.traffic.payload;
        let lengths = payload.max - payload.min + 1;
        let (way, mut place) = (plan.variant.way(), 0);
        let (mut texts, mut contents) = (Vec::new(), Vec::new());
        for number in 0..answer.tokens {
            let token = cut(place, payload.min + number % lengths);
            place += token.len();
            contents.push(envelope.around(&token).len());
            texts.push(match way {
                Way::Sse => envelope.sse(&token),
                Way::Ndjson | Way::LongPoll | Way::ShortPoll => {
                    format!("{}\n", envelope.around(&token))
                }
                Way::Websocket => envelope.around(&token),
            });
        }
        Some(Self {
            way,
            compression: plan.variant.compression(),
            texts,
            contents,
            apart: Duration::from_secs_f64(1.0 / plan.traffic.rate),
        })
    }

    /// Returns the number of bytes that a stream or WebSocket takes for all tokens; `None` where it
    /// does not follow from their sizes.
    fn expected_bytes(&self) -> Option<u64> {
        if self.compression != Compression::None {
            return None;
        }
        let is_socket = match self.way {
            Way::Sse | Way::Ndjson => false,
            Way::Websocket => true,
            Way::LongPoll | Way::ShortPoll => return None,
        };
        let around = |length: usize| match length {
            _ if !is_socket => format!("{length:x}").len() + "\r\n\r\n".len(),
            ..126 => 2,
            126..65_536 => 4,
            _ => 10,
        };
        let lengths = self.texts.iter().map(String::len);
        Some(lengths.map(|length| (length + around(length)) as u64).sum())
    }
}

/// Cuts `length` bytes out of the prose, which goes on at its beginning.
fn cut(place: usize, length: usize) -> String {
    let letters = PROSE.chars().cycle().skip(place % PROSE.len());
    letters.take(length).collect()
}
