//! Requests: the bytes that a client sends before any upgrade.

use crate::{
    Direction, Layer, Reason, Span,
    body::{Body, Step},
    envelope::{Envelope, Part},
    exchange::{Exchange, Http, Side, last_chunk},
    http::{RequestHead, Route},
    http2::{PREFACE, PREFACE_HEAD},
    span::Out,
};

/// The largest number of requests that may wait for their responses at one time.
const MOST_EXCHANGES: usize = 1024;

impl Http {
    /// Reads what the client sends; up to the first part of the preface of HTTP/2, if it begins
    /// with that: then how many bytes belong to it.
    pub(crate) fn read_up<S: FnMut(Span)>(
        &mut self,
        mut bytes: &[u8],
        out: &mut Out<'_, S>,
    ) -> Result<Option<usize>, Reason> {
        let all = bytes.len();
        while !bytes.is_empty() {
            let used = match &mut self.up.body {
                Some(body) => {
                    let step = body.step(bytes)?;
                    self.request_body(&step, bytes, out)
                }
                None if self.asks_upgrade => return Err(Reason::TooEarly),
                None => match self.up.head.find(bytes)? {
                    None => return Ok(None),
                    Some((used, head)) if *head == PREFACE[..PREFACE_HEAD] && self.is_new => {
                        return Ok(Some(all - bytes.len() + used));
                    }
                    Some((used, head)) => {
                        let (len, head) = (head.len(), RequestHead::parse(head)?);
                        self.request(len, head, out)?;
                        used
                    }
                },
            };
            bytes = &bytes[used..];
            if self.up.flow.is_full() {
                return Err(Reason::Unanswered);
            }
        }
        Ok(None)
    }

    fn request<S: FnMut(Span)>(
        &mut self,
        len: usize,
        head: RequestHead,
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        self.begin_request(&head)?;
        self.up.flow.element(Layer::HttpHead, len, out);
        self.end_request_head(&head, out);
        Ok(())
    }

    /// Begins a request; the elements of its head come next.
    pub(crate) fn begin_request(&mut self, head: &RequestHead) -> Result<(), Reason> {
        if self.waiting.len() == MOST_EXCHANGES {
            return Err(Reason::Unanswered);
        }
        self.is_new = false;
        if !self.early.is_empty() {
            return Err(Reason::Unasked);
        }
        self.up.head.forget();
        let route = self.route(head);
        let number = self.first.wrapping_add(self.waiting.len() as u32);
        self.waiting.push_back(Exchange {
            route,
            is_head: head.is_head,
            upgrade: head.upgrade,
            old: head.old,
            purpose: None,
        });
        self.packets = match route {
            Route::Post(protocol) => Some(Box::new(Envelope::new(protocol, Direction::Up))),
            _ => None,
        };
        self.up.flow.begin(route.purpose_up(), number);
        Ok(())
    }

    /// Ends the head of a request.
    pub(crate) fn end_request_head<S: FnMut(Span)>(
        &mut self,
        head: &RequestHead,
        out: &mut Out<'_, S>,
    ) {
        self.up.body = Body::new(head.length);
        if self.up.body.is_none() {
            self.read_packets(None, out);
        }
        self.asks_upgrade = head.upgrade;
    }

    pub(crate) fn request_body<S: FnMut(Span)>(
        &mut self,
        step: &Step,
        bytes: &[u8],
        out: &mut Out<'_, S>,
    ) -> usize {
        let is_key = self.waiting.back().is_some_and(|last| last.old);
        let has_packets = self.packets.is_some();
        if let Step::Content(used) = *step {
            self.read_packets(Some(&bytes[..used]), out);
        }
        let is_over = match step {
            Step::Content(_) => self.up.body.as_ref().is_some_and(Body::is_over),
            step => matches!(step, Step::Last { .. }),
        };
        if is_over {
            self.read_packets(None, out);
        } else if let (Step::End(_), Some(packets)) = (step, &mut self.packets) {
            let flow = &mut self.up.flow;
            packets.pause(&mut |part| {
                if let Part::Bytes(layer, len) = part {
                    flow.content(layer, len, out);
                }
            });
        }
        let Side { body, flow, .. } = &mut self.up;
        match *step {
            Step::Content(used) => {
                if is_key {
                    flow.content(Layer::HttpHead, used, out);
                } else if !has_packets {
                    flow.content(Layer::Payload, used, out);
                }
                if is_over {
                    flow.end_run(out);
                    *body = None;
                }
                used
            }
            Step::Partial(used) => used,
            Step::Size(used, len) => {
                flow.chunk_begins(len, out);
                used
            }
            Step::End(used) => {
                flow.chunk_ends(out);
                used
            }
            Step::Last {
                used,
                size_line,
                trailers,
            } => {
                last_chunk(flow, size_line, trailers, out);
                *body = None;
                used
            }
        }
    }
}
