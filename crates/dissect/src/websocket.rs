//! WebSocket frames of one direction (RFC 6455 section 5).

use wire::Protocol;

use crate::{
    Direction, Layer, Purpose, Reason, Span,
    cut::Cut,
    envelope::{Envelope, Part},
    frame::FrameHead,
    kind::{ENOUGH, Kind, Opening, recognise},
    span::Out,
};

/// The length of the longest frame head: 2 bytes, 8 of length, 4 of mask.
const LONGEST_HEAD: usize = 14;

/// The number of bytes that are unmasked at a time.
const UNMASKED: usize = 256;

/// The account of a message's payload. All fragments have the account of the first one.
type Account = (Purpose, Layer);

/// The frames of one direction.
pub(crate) struct Frames {
    direction: Direction,
    deflate: bool,
    /// True once a close frame was seen.
    closed: bool,
    /// The number of bytes in `kept` of a head that arrives in pieces.
    have: u8,
    kept: [u8; LONGEST_HEAD],
    /// The frame that is being read, once its head is whole.
    frame: Option<FrameHead>,
    /// The number of bytes of its payload so far.
    seen: u64,
    /// The account of the frame, once it is known.
    account: Option<Account>,
    /// The account of the message whose next fragment is to come.
    message: Option<Account>,
    /// The reader of texts in the protocol of a library.
    envelope: Option<Box<Envelope>>,
    /// True once the head of the frame was given, because its text is given piece by piece.
    headed: bool,
}

impl Frames {
    pub(crate) fn new(direction: Direction, deflate: bool, protocol: Protocol) -> Self {
        let has_envelope = protocol != Protocol::Plain;
        Self {
            direction,
            deflate,
            closed: false,
            have: 0,
            kept: [0; LONGEST_HEAD],
            frame: None,
            seen: 0,
            account: None,
            message: None,
            envelope: has_envelope.then(|| Box::new(Envelope::new(protocol, direction))),
            headed: false,
        }
    }

    /// Reads what travelled in this direction. `opening` is for events that
    /// arrive in pieces, in the direction that has events.
    pub(crate) fn read<S: FnMut(Span)>(
        &mut self,
        mut bytes: &[u8],
        opening: &mut Opening,
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        while !bytes.is_empty() {
            let frame = match self.frame {
                Some(frame) => frame,
                None => match self.head(bytes)? {
                    None => return Ok(()),
                    Some((used, frame)) => {
                        bytes = &bytes[used..];
                        self.begin(frame)?;
                        frame
                    }
                },
            };
            let used = (frame.payload - self.seen).min(bytes.len() as u64) as usize;
            if self.is_wrapped(&frame) {
                self.unwrap(&frame, &bytes[..used], opening, out);
            } else {
                self.classify(&frame, &bytes[..used], opening);
            }
            self.seen += used as u64;
            bytes = &bytes[used..];
            if self.seen == frame.payload {
                self.end(&frame, opening, out);
            }
        }
        Ok(())
    }

    /// Reads the next frame's head and returns it with how many of the bytes are part of it.
    fn head(&mut self, bytes: &[u8]) -> Result<Option<(usize, FrameHead)>, Reason> {
        let have = usize::from(self.have);
        if have == 0
            && let Some(found) = FrameHead::parse(bytes, self.direction, self.deflate)?
        {
            return Ok(Some(found));
        }
        let take = bytes.len().min(LONGEST_HEAD - have);
        self.kept[have..have + take].copy_from_slice(&bytes[..take]);
        match FrameHead::parse(&self.kept[..have + take], self.direction, self.deflate)? {
            None => {
                self.have += take as u8;
                Ok(None)
            }
            Some((whole, frame)) => {
                self.have = 0;
                Ok(Some((whole - have, frame)))
            }
        }
    }

    /// Begins a frame with what is known of its account without its payload.
    fn begin(&mut self, frame: FrameHead) -> Result<(), Reason> {
        self.account = self.account_by_head(&frame)?;
        self.frame = Some(frame);
        self.seen = 0;
        Ok(())
    }

    /// Returns the account of a frame, if its head tells it.
    fn account_by_head(&self, frame: &FrameHead) -> Result<Option<Account>, Reason> {
        Ok(match frame.opcode {
            8 => Some((Purpose::Close, Layer::Payload)),
            9 | 10 => Some((Purpose::Heartbeat, Layer::Payload)),
            _ if self.closed => return Err(Reason::AfterClose),
            0 => Some(self.message.ok_or(Reason::Fragment)?),
            _ if self.message.is_some() => return Err(Reason::Fragment),
            _ if self.is_wrapped(frame) => None,
            _ if self.direction == Direction::Up => Some((Purpose::Say, Layer::Payload)),
            _ if frame.compressed => Some((Purpose::Deliver, Layer::Payload)),
            _ => None,
        })
    }

    /// Looks at a payload's next bytes, as long as its account is open. Only a
    /// message's first frame is looked at: our server sends no others.
    fn classify(&mut self, frame: &FrameHead, bytes: &[u8], opening: &mut Opening) {
        if self.account.is_some() {
            return;
        }
        let whole = self.seen == 0 && bytes.len() as u64 == frame.payload;
        let kind = if whole {
            Some(recognise(&bytes[..bytes.len().min(ENOUGH)]))
        } else {
            opening.see(bytes)
        };
        self.account = kind.map(account_of);
    }

    /// Returns whether a frame has text in the protocol of a library.
    fn is_wrapped(&self, frame: &FrameHead) -> bool {
        self.envelope.is_some() && !frame.is_control() && !frame.compressed
    }

    /// Reads the next bytes of a library's text.
    fn unwrap<S: FnMut(Span)>(
        &mut self,
        frame: &FrameHead,
        bytes: &[u8],
        opening: &mut Opening,
        out: &mut Out<'_, S>,
    ) {
        let Some(mut envelope) = self.envelope.take() else {
            return;
        };
        let mut at = self.seen as usize;
        let mut put = |part| self.take(frame, part, out);
        if frame.masked {
            for piece in bytes.chunks(UNMASKED) {
                let mut plain = [0; UNMASKED];
                for (slot, byte) in plain.iter_mut().zip(piece) {
                    *slot = byte ^ frame.key[at % 4];
                    at += 1;
                }
                envelope.read(&plain[..piece.len()], opening, &mut put);
            }
        } else {
            envelope.read(bytes, opening, &mut put);
        }
        self.envelope = Some(envelope);
    }

    /// Takes what was found in a library's text. The head of its frame comes first.
    fn take<S: FnMut(Span)>(&mut self, frame: &FrameHead, part: Part, out: &mut Out<'_, S>) {
        let (purpose, bytes) = match part {
            Part::Purpose(purpose) => (purpose, None),
            Part::Bytes(layer, len) => (Purpose::Deliver, Some((layer, len))),
        };
        let (purpose, _) = *self.account.get_or_insert((purpose, Layer::Envelope));
        if !std::mem::replace(&mut self.headed, true) {
            self.put_head(frame, purpose, out);
        }
        if let Some((layer, len)) = bytes {
            out.put(self.direction, purpose, layer, len as u64);
        }
    }

    /// Ends a frame of a library's text, which is whole or was cut off.
    fn end_wrapped<S: FnMut(Span)>(
        &mut self,
        frame: &FrameHead,
        opening: &mut Opening,
        out: &mut Out<'_, S>,
    ) {
        let Some(mut envelope) = self.envelope.take() else {
            return;
        };
        let mut put = |part| self.take(frame, part, out);
        if frame.fin {
            envelope.end(opening, &mut put);
        } else {
            envelope.settle(opening, &mut put);
            envelope.pause(&mut put);
        }
        self.envelope = Some(envelope);
        // A frame without text has told nothing.
        if !std::mem::take(&mut self.headed)
            && let Some((purpose, _)) = self.account
        {
            self.put_head(frame, purpose, out);
        }
    }

    /// Ends a frame that is whole and gives its spans.
    fn end<S: FnMut(Span)>(
        &mut self,
        frame: &FrameHead,
        opening: &mut Opening,
        out: &mut Out<'_, S>,
    ) {
        if self.is_wrapped(frame) {
            self.end_wrapped(frame, opening, out);
            self.frame = None;
            self.seen = 0;
            self.message = self.account.filter(|_| !frame.fin);
            return;
        }
        let account = match self.account {
            Some(account) => account,
            None => account_of(opening.end()),
        };
        self.put(frame, account, out);
        self.frame = None;
        self.seen = 0;
        self.closed |= frame.opcode == 8;
        if !frame.is_control() {
            self.message = (!frame.fin).then_some(account);
        }
    }

    fn put<S: FnMut(Span)>(&self, frame: &FrameHead, account: Account, out: &mut Out<'_, S>) {
        let (purpose, layer) = account;
        self.put_head(frame, purpose, out);
        out.put(self.direction, purpose, layer, self.seen);
    }

    fn put_head<S: FnMut(Span)>(&self, frame: &FrameHead, purpose: Purpose, out: &mut Out<'_, S>) {
        out.put(self.direction, purpose, Layer::WsHead, frame.len.into());
        if frame.masked {
            out.put(self.direction, purpose, Layer::WsMask, 4);
        }
    }

    /// Ends the connection and gives, of a frame that was cut off, what there was.
    pub(crate) fn flush<S: FnMut(Span)>(&mut self, opening: &mut Opening, out: &mut Out<'_, S>) {
        if let Some(frame) = self.frame {
            self.end(&frame, opening, out);
        }
    }

    /// Takes out what came of an element whose end did not: of an escape in a library's message, and
    /// of the head of a frame. To be called behind [`flush`](Self::flush).
    pub(crate) fn cut(&mut self) -> Cut {
        let mut cut = Cut::new();
        if let Some(envelope) = &mut self.envelope {
            let (purpose, _) = self.message.unwrap_or((Purpose::Deliver, Layer::Envelope));
            envelope.cut(&mut |part| {
                if let Part::Bytes(layer, len) = part {
                    cut.push((purpose, layer, len as u64));
                }
            });
        }
        let came = usize::from(std::mem::take(&mut self.have));
        let kept = &self.kept[..came];
        let head = FrameHead::parse_beginning(kept, self.direction, self.deflate);
        let account = head.map(|head| (head, self.account_by_head(&head)));
        let Some((head, Ok(account))) = account else {
            return cut;
        };
        let unknown = match self.direction {
            Direction::Up => Purpose::Say,
            Direction::Down => Purpose::Deliver,
        };
        let purpose = account.map_or(unknown, |(purpose, _)| purpose);
        let len = came.min(head.len.into());
        cut.push((purpose, Layer::WsHead, len as u64));
        cut.push((purpose, Layer::WsMask, (came - len) as u64));
        cut
    }
}

/// Returns the account of an event's frame. The answer to a draft is not an event, so its JSON
/// counts as wrapping.
const fn account_of(kind: Kind) -> Account {
    let layer = match kind {
        Kind::Answer => Layer::Batch,
        Kind::Message | Kind::Presence | Kind::Unknown => Layer::Payload,
    };
    (kind.purpose(), layer)
}
