//! Requests: the bytes that a client sends before any upgrade.

use crate::{
    Layer, Reason, Span,
    body::{Body, Step},
    exchange::{Exchange, Http, Side, last_chunk},
    http::RequestHead,
    span::Out,
};

/// The largest number of requests that may wait for their responses at one time.
const MOST_EXCHANGES: usize = 1024;

impl Http {
    /// Reads what the client sends.
    pub(crate) fn read_up<S: FnMut(Span)>(
        &mut self,
        mut bytes: &[u8],
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        while !bytes.is_empty() {
            let used = match &mut self.up.body {
                Some(body) => {
                    let step = body.step(bytes)?;
                    self.request_body(&step, out)
                }
                None if self.asks_upgrade => return Err(Reason::TooEarly),
                None => match self.up.head.find(bytes)? {
                    None => return Ok(()),
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
        Ok(())
    }

    fn request<S: FnMut(Span)>(
        &mut self,
        len: usize,
        head: RequestHead,
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        if self.waiting.len() == MOST_EXCHANGES {
            return Err(Reason::Unanswered);
        }
        self.up.head.forget();
        let route = self.route(&head);
        let number = self.first.wrapping_add(self.waiting.len() as u32);
        self.waiting.push_back(Exchange {
            route,
            is_head: head.is_head,
            upgrade: head.upgrade,
            old: head.old,
        });
        self.up.flow.begin(route.purpose_up(), number);
        self.up.flow.element(Layer::HttpHead, len, out);
        self.up.body = Body::new(head.length);
        self.asks_upgrade = head.upgrade;
        Ok(())
    }

    fn request_body<S: FnMut(Span)>(&mut self, step: &Step, out: &mut Out<'_, S>) -> usize {
        let is_key = self.waiting.back().is_some_and(|last| last.old);
        let Side { body, flow, .. } = &mut self.up;
        match *step {
            Step::Content(used) => {
                let layer = if is_key {
                    Layer::HttpHead
                } else {
                    Layer::Payload
                };
                flow.content(layer, used, out);
                if body.as_ref().is_some_and(Body::is_over) {
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
