//! Responses: the bytes that a server sends before any upgrade.

use wire::Protocol;

use crate::{
    Layer, Purpose, Reason, Span,
    body::{Body, Step},
    content::Content,
    exchange::{Exchange, Http, last_chunk},
    http::{LONGEST_HEAD, ResponseHead, Route},
    span::Out,
};

/// The status that a server may send on an idle connection before it closes it, without a request
/// (RFC 9110 section 15.5.9).
const REQUEST_TIMEOUT: u16 = 408;

/// A change to WebSocket: how many bytes came before it, whether frames may be compressed, and what
/// is spoken in them.
pub(crate) struct Upgrade {
    pub(crate) used: usize,
    pub(crate) deflate: bool,
    /// True if it is one of hixie-76.
    pub(crate) old: bool,
    /// The protocol of the texts in frames.
    pub(crate) protocol: Protocol,
}

impl Http {
    /// Reads what the server sends, up to a change to WebSocket.
    pub(crate) fn read_down<S: FnMut(Span)>(
        &mut self,
        bytes: &[u8],
        out: &mut Out<'_, S>,
    ) -> Result<Option<Upgrade>, Reason> {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            if let Some(body) = &mut self.down.body {
                let step = body.step(rest)?;
                at += self.response_body(&step, rest, out);
                continue;
            }
            if self.is_new && (rest[0] == 0 || !self.early.is_empty()) && self.down.head.is_empty()
            {
                // No head begins so, but a frame of HTTP/2 does, unless it is a very long one.
                if self.early.len() + rest.len() > LONGEST_HEAD {
                    return Err(Reason::LongHead);
                }
                self.early.extend_from_slice(rest);
                return Ok(None);
            }
            let exchange = self.waiting.front().copied().unwrap_or(Exchange::NONE);
            let Some((used, head)) = self.down.head.find(rest)? else {
                return Ok(None);
            };
            let (len, head) = (head.len(), {
                ResponseHead::parse(head, exchange.is_head, self.foreign.is_some())?
            });
            at += used;
            if exchange.route == Route::Closing && head.status != REQUEST_TIMEOUT {
                return Err(Reason::Unasked);
            }
            if head.status == 101 {
                if !(head.upgrade && exchange.upgrade && self.up.body.is_none()) {
                    return Err(Reason::Upgrade);
                }
                self.down.flow.begin(Some(Purpose::Setup), self.first);
                self.down.flow.element(Layer::HttpHead, len, out);
                self.decide(Purpose::Setup, out);
                let protocol = match exchange.route {
                    Route::Upgrade(protocol) => protocol,
                    _ => Protocol::Plain,
                };
                return Ok(Some(Upgrade {
                    used: at,
                    deflate: head.deflate,
                    old: exchange.old,
                    protocol,
                }));
            }
            self.response(len, &head, exchange.route, out);
            if self.down.flow.is_full() && self.down.body.is_none() {
                // Interim responses that no final one follows.
                return Err(Reason::Interim);
            }
        }
        Ok(None)
    }

    fn response<S: FnMut(Span)>(
        &mut self,
        len: usize,
        head: &ResponseHead,
        route: Route,
        out: &mut Out<'_, S>,
    ) {
        self.down.head.forget();
        let answered = self.begin_response(route, out);
        self.down.flow.element(Layer::HttpHead, len, out);
        self.end_response_head(head, route, answered, out);
    }

    /// Begins a response; the elements of its head come next. Returns its purpose, if it answers
    /// packets.
    pub(crate) fn begin_response<S: FnMut(Span)>(
        &mut self,
        route: Route,
        out: &mut Out<'_, S>,
    ) -> Option<Purpose> {
        let exchange = self.waiting.front().copied();
        let answered = exchange.and_then(Exchange::answered);
        if let (Some(exchange), Some(_)) = (exchange, answered) {
            // An answer may come before the end of the packets that it answers.
            let sent = exchange.purpose.unwrap_or(Purpose::Say);
            self.up.flow.decide(self.first, sent, out);
        }
        let purpose = route.purpose_down().or(answered);
        self.down.flow.begin(purpose, self.first);
        answered
    }

    /// Ends the head of a response.
    pub(crate) fn end_response_head<S: FnMut(Span)>(
        &mut self,
        head: &ResponseHead,
        route: Route,
        answered: Option<Purpose>,
        out: &mut Out<'_, S>,
    ) {
        if head.status < 200 {
            // An interim response (RFC 9110 section 15.2): the real one follows.
            return;
        }
        self.content = Content::of(route, head);
        let purpose = self.content.purpose(route, head).or(answered);
        if self.content.is_stream() {
            self.down.flow.begin(None, 0);
        } else if let Some(purpose) = purpose {
            self.decide(purpose, out);
            self.down.flow.begin(Some(purpose), self.first);
        }
        self.down.body = Body::new(head.length);
        if self.down.body.is_none() {
            self.end_response();
        }
    }

    pub(crate) fn response_body<S: FnMut(Span)>(
        &mut self,
        step: &Step,
        bytes: &[u8],
        out: &mut Out<'_, S>,
    ) -> usize {
        let flow = &mut self.down.flow;
        let used = match *step {
            Step::Content(used) => {
                self.response_content(&bytes[..used], out);
                used
            }
            Step::Partial(used) => used,
            Step::Size(used, len) => {
                flow.chunk_begins(len, out);
                used
            }
            Step::End(used) => {
                self.content.boundary(flow, out);
                flow.chunk_ends(out);
                used
            }
            Step::Last {
                used,
                size_line,
                trailers,
            } => {
                self.end_content(out);
                if self.content.is_stream() {
                    self.down.flow.begin(Some(Purpose::Close), 0);
                }
                last_chunk(&mut self.down.flow, size_line, trailers, out);
                self.end_response();
                used
            }
        };
        if self.down.flow.is_full() {
            let purpose = self.content.so_far(&mut self.opening);
            self.decide(purpose, out);
        }
        used
    }

    fn response_content<S: FnMut(Span)>(&mut self, mut bytes: &[u8], out: &mut Out<'_, S>) {
        while !bytes.is_empty() {
            let (used, purpose) =
                self.content
                    .read(bytes, &mut self.opening, &mut self.down.flow, out);
            if let Some(purpose) = purpose {
                self.decide(purpose, out);
            }
            bytes = &bytes[used..];
        }
        if self.down.body.as_ref().is_some_and(Body::is_over) {
            self.end_content(out);
            self.end_response();
        }
    }
}
