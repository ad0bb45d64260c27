//! The dissector of one connection: it assigns the bytes of both directions to spans.

use std::{collections::BTreeMap, fmt, mem};

use crate::{
    Direction, Fault, Layer, Purpose, Reason, Span,
    cut::Cut,
    exchange::{Http, Reading},
    http2::Http2,
    kind::Opening,
    old_websocket::OldWebSocket,
    span::Out,
    websocket::Frames,
};

/// A dissector: it takes the bytes of one connection in whatever pieces they arrive and gives their
/// spans, each once its element is whole and its purpose known.
///
/// Push each direction's bytes in order, and a request's before its response's:
/// as they pass either end's socket. Spans of one direction come in order,
/// without gap or overlap, and do not depend on how the bytes were cut. On HTTP/2 those of
/// different exchanges may come in another order.
///
/// Memory is bounded whatever a peer sends: a head until it is whole (64 KiB
/// each way), the first bytes of an event, and the lengths, not the bytes, of
/// what waits for its purpose. A WebSocket needs nothing beyond this struct.
///
/// ```
/// use dissect::{Direction, Dissector, Layer, Ledger};
///
/// let mut ledger = Ledger::new();
/// let mut dissector = Dissector::new();
/// let mut sink = |span| ledger.add(span);
/// dissector.push(Direction::Up, b"GET /rooms/a/poll HTTP/1.1\r\nHost: b\r\n\r\n", &mut sink);
/// // Whether this poll brings anything is not known yet, so neither is its account.
/// assert_eq!(dissector.pending(Direction::Up), 39);
/// dissector.push(
///     Direction::Down,
///     b"HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n{\"events\":[],\"next\":7,\"missed\":0}",
///     &mut sink,
/// );
/// dissector.finish(&mut sink);
/// assert_eq!(dissector.fault(), None);
/// assert_eq!(ledger.layer(Direction::Up, Layer::HttpHead), 39);
/// assert_eq!(ledger.layer(Direction::Down, Layer::Batch), 33);
/// ```
pub struct Dissector {
    phase: Phase,
    pushed: [u64; 2],
    written: [u64; 2],
    fault: Option<Fault>,
}

/// The protocol that the connection speaks at the moment.
enum Phase {
    /// HTTP. Boxed, so that a WebSocket does not carry state that it no longer needs.
    Http(Box<Http>),
    /// HTTP/2.
    Http2(Box<Http2>),
    WebSocket {
        up: Frames,
        down: Frames,
        opening: Opening,
    },
    /// A WebSocket of hixie-76. Boxed, as there are few.
    OldWebSocket(Box<OldWebSocket>),
    /// The connection broke the protocol; its bytes are only counted.
    Broken,
    /// The caller declared the connection to be over.
    Ended,
}

impl Default for Dissector {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Dissector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match self.phase {
            Phase::Http(_) => "http",
            Phase::Http2(_) => "http/2",
            Phase::WebSocket { .. } => "websocket",
            Phase::OldWebSocket(_) => "old websocket",
            Phase::Broken => "broken",
            Phase::Ended => "ended",
        };
        formatter
            .debug_struct("Dissector")
            .field("phase", &phase)
            .field("pushed", &self.pushed)
            .field("written", &self.written)
            .field("fault", &self.fault)
            .finish()
    }
}

impl Dissector {
    /// Makes a dissector for a connection that has just been opened.
    #[must_use]
    pub fn new() -> Self {
        Self::with(None, false)
    }

    /// Creates a dissector for a connection to a server that does not implement this project's
    /// contract. The caller states how messages are read over the connection.
    #[must_use]
    pub fn foreign(reading: Reading) -> Self {
        Self::with(Some(reading), false)
    }

    /// Creates a dissector like [`Self::foreign`] for a connection whose requests are all for
    /// `reading`, whatever their method: for servers whose polls are POSTs, or connections that
    /// carry only drafts.
    #[must_use]
    pub fn of_one_kind(reading: Reading) -> Self {
        Self::with(Some(reading), true)
    }

    /// Creates a dissector for a connection of HTTP/2 of which the caller knows how each stream is
    /// read, by its number; from the preface on or, if the connection `is_cut`, from some frame of
    /// each direction on. On a connection that is cut, what belongs to a request that is not there is
    /// [`Layer::Unparsed`], but in its place.
    #[must_use]
    pub fn of_streams(readings: BTreeMap<u32, Reading>, is_cut: bool) -> Self {
        Self {
            phase: Phase::Http2(Box::new(Http2::of_streams(readings, is_cut))),
            ..Self::new()
        }
    }

    fn with(foreign: Option<Reading>, of_one_kind: bool) -> Self {
        Self {
            phase: Phase::Http(Box::new(Http::new(foreign, of_one_kind))),
            pushed: [0; 2],
            written: [0; 2],
            fault: None,
        }
    }

    /// Takes the next bytes of one direction; the spans that they complete go
    /// to `sink`.
    pub fn push<S: FnMut(Span)>(&mut self, direction: Direction, bytes: &[u8], sink: &mut S) {
        if bytes.is_empty() {
            return;
        }
        self.pushed[direction as usize] += bytes.len() as u64;
        if let Err(reason) = self.read(direction, bytes, sink) {
            self.give_up(direction, reason, sink);
        }
    }

    /// Ends the connection: gives all spans that are still held back, each
    /// for what was seen of its exchange. From here on the lengths of all spans
    /// add up to the bytes that were pushed.
    ///
    /// A body, an event or a frame's payload may be cut off at any byte; half a
    /// head, chunk size or frame head is a fault. What came of it is in its account all
    /// the same, as far as it can be recognised.
    pub fn finish<S: FnMut(Span)>(&mut self, sink: &mut S) {
        self.flush(sink);
        for direction in Direction::ALL {
            if self.pending(direction) > 0 {
                self.blame(direction, Reason::Truncated);
            }
        }
        for direction in Direction::ALL {
            for (purpose, layer, len) in self.cut(direction) {
                let len = len.min(self.pending(direction));
                self.out(sink).put(direction, purpose, layer, len);
            }
            // Bytes that broke the protocol have no purpose; the account has to name one, so it is
            // always the first.
            let rest = self.pending(direction);
            self.out(sink)
                .put(direction, Purpose::Setup, Layer::Unparsed, rest);
        }
        self.phase = Phase::Ended;
    }

    /// Returns the bytes received of an incomplete element in one direction.
    fn cut(&mut self, direction: Direction) -> Cut {
        match &mut self.phase {
            Phase::Http(http) => http.cut(direction),
            Phase::Http2(http2) => http2.cut(direction),
            Phase::WebSocket { up, down, .. } => match direction {
                Direction::Up => up.cut(),
                Direction::Down => down.cut(),
            },
            Phase::OldWebSocket(old) => old.cut(direction),
            Phase::Broken | Phase::Ended => Cut::new(),
        }
    }

    /// Returns the first break of the protocol and its position, if there was one.
    #[must_use]
    pub const fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Returns the number of bytes of a direction that were pushed so far.
    #[must_use]
    pub const fn pushed(&self, direction: Direction) -> u64 {
        self.pushed[direction as usize]
    }

    /// Returns the number of bytes that were pushed but are in no span yet: those of an incomplete
    /// element, of an exchange whose purpose is open, or after a fault. It is 0 after
    /// [`finish`](Self::finish).
    #[must_use]
    pub const fn pending(&self, direction: Direction) -> u64 {
        self.pushed[direction as usize] - self.written[direction as usize]
    }

    fn read<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        mut bytes: &[u8],
        sink: &mut S,
    ) -> Result<(), Reason> {
        let mut out = Out {
            written: &mut self.written,
            sink,
        };
        if let Phase::Http(http) = &mut self.phase {
            if direction == Direction::Up {
                let Some(used) = http.read_up(bytes, &mut out)? else {
                    return Ok(());
                };
                let early = mem::take(&mut http.early);
                let at = self.pushed[Direction::Down as usize] - early.len() as u64;
                let http2 = Http2::new(http.foreign, http.of_one_kind, at);
                self.phase = Phase::Http2(Box::new(http2));
                self.read(Direction::Down, &early, sink)?;
                return self.read(direction, &bytes[used..], sink);
            }
            let Some(upgrade) = http.read_down(bytes, &mut out)? else {
                return Ok(());
            };
            self.phase = if upgrade.old {
                Phase::OldWebSocket(Box::default())
            } else {
                Phase::WebSocket {
                    up: Frames::new(Direction::Up, upgrade.deflate, upgrade.protocol),
                    down: Frames::new(Direction::Down, upgrade.deflate, upgrade.protocol),
                    opening: Opening::new(),
                }
            };
            // Frames may be glued to the handshake.
            bytes = &bytes[upgrade.used..];
        }
        match &mut self.phase {
            Phase::WebSocket { up, down, opening } => match direction {
                Direction::Up => up.read(bytes, opening, &mut out),
                Direction::Down => down.read(bytes, opening, &mut out),
            },
            Phase::OldWebSocket(old) => old.read(direction, bytes, &mut out),
            Phase::Http2(http2) => http2.read(direction, bytes, &mut out),
            Phase::Ended => Err(Reason::AfterEnd),
            Phase::Http(_) | Phase::Broken => Ok(()),
        }
    }

    /// Lets go what is understood; all bytes behind it are unparsed.
    #[cold]
    fn give_up<S: FnMut(Span)>(&mut self, direction: Direction, reason: Reason, sink: &mut S) {
        self.flush(sink);
        self.blame(direction, reason);
        self.phase = Phase::Broken;
    }

    /// Records a fault. Only the first fault is kept, because others follow from it.
    fn blame(&mut self, direction: Direction, reason: Reason) {
        self.fault.get_or_insert(Fault {
            direction,
            at: self.written[direction as usize],
            reason,
        });
    }

    fn flush<S: FnMut(Span)>(&mut self, sink: &mut S) {
        let mut out = Out {
            written: &mut self.written,
            sink,
        };
        match &mut self.phase {
            Phase::Http(http) => http.flush(&mut out),
            Phase::Http2(http2) => http2.flush(&mut out),
            Phase::WebSocket { up, down, opening } => {
                up.flush(opening, &mut out);
                down.flush(opening, &mut out);
            }
            Phase::OldWebSocket(old) => old.flush(&mut out),
            Phase::Broken | Phase::Ended => {}
        }
    }

    fn out<'a, S>(&'a mut self, sink: &'a mut S) -> Out<'a, S> {
        Out {
            written: &mut self.written,
            sink,
        }
    }
}
