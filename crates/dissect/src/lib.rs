//! Where each byte of a connection belongs.
//!
//! A [`Dissector`] is fed with the bytes of one connection, both directions, in
//! whatever pieces they arrive, and gives [`Span`]s: runs of bytes in exactly
//! one account. A [`Ledger`] adds them up. It knows HTTP/1.1 (RFC 9112),
//! WebSocket (RFC 6455), server-sent events, NDJSON and the wire contract of
//! this project, which says what an exchange was for. It does no I/O, reads no
//! clock, and takes whatever bytes come: what breaks the protocol ends up in
//! [`Layer::Unparsed`], with a [`Fault`] that says where and why.
//!
//! Reading order: `account` says what there is to tell apart and `span` what
//! comes out; `dissector` ties both directions of a connection together. An HTTP
//! exchange goes through `exchange` with `request` and `response` (who answers
//! whom), `head`, `http` and `fields` (heads), `body` (lengths and chunks),
//! `content` with `text` and `batch` (what is in a body), and `flow` (spans that
//! wait until their purpose shows). After an upgrade there are only `frame` and
//! `websocket`. `kind` recognises events.

mod account;
mod batch;
mod body;
mod content;
mod dissector;
mod exchange;
mod fault;
mod fields;
mod flow;
mod frame;
mod head;
mod http;
mod kind;
mod ledger;
mod request;
mod response;
mod span;
mod text;
mod websocket;

pub use account::{Direction, Layer, Purpose};
pub use dissector::Dissector;
pub use exchange::Reading;
pub use fault::{Fault, Reason};
pub use ledger::{Amount, Entry, Ledger};
pub use span::Span;
