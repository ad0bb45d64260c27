//! The assignment of each byte of a connection to an account.
//!
//! A [`Dissector`] is fed with the bytes of one connection, both directions, in
//! whatever pieces they arrive, and gives [`Span`]s: runs of bytes in exactly
//! one account. A [`Ledger`] adds them up. It knows HTTP/1.1 (RFC 9112), HTTP/2 (RFC 9113),
//! WebSocket (RFC 6455, and hixie-76), server-sent events, NDJSON, the packets of Socket.IO and
//! SockJS, and the wire contract of this project, which determines the purpose of an exchange. It
//! does no I/O, reads no clock, and accepts any bytes: those that break the protocol are assigned
//! to [`Layer::Unparsed`], with a [`Fault`] that gives the position and the reason.
//!
//! A connection under TLS goes through [`Sealed`], which puts the records around its content.
//!
//! Reading order: `account` defines the accounts and `span` the output; `dissector` joins both
//! directions of a connection. An HTTP exchange goes through `exchange` with `request` and
//! `response` (which response belongs to which request), `head`, `http` and `fields` (heads),
//! `body` (lengths and chunks), `content` with `text` and `batch` (the content of a body), and
//! `flow` (spans that wait until their purpose is known); `cut` accounts for the part of an element
//! that came before a connection ended within it. After an upgrade only `frame` and `websocket`, or
//! `old_websocket`, are used. `http2` has one such exchange for each stream, and [`HeaderBlocks`]
//! gives the fields of its heads to others. `envelope`, with `packet` and `escape`, reads what a
//! library puts around messages on any of them. `kind` recognises events. `sealed` stands around
//! all of it.

mod account;
mod batch;
mod body;
mod content;
mod cut;
mod dissector;
mod envelope;
mod escape;
mod exchange;
mod fault;
mod fields;
mod flow;
mod frame;
mod head;
mod http;
mod http2;
mod kind;
mod ledger;
mod old_websocket;
mod packet;
mod request;
mod response;
mod sealed;
mod span;
mod text;
mod websocket;

pub use account::{Direction, Layer, Purpose};
pub use dissector::Dissector;
pub use exchange::Reading;
pub use fault::{Fault, Reason};
pub use http2::{HeaderBlocks, HeaderField};
pub use ledger::{Amount, Entry, Ledger};
pub use sealed::{Content, Sealed};
pub use span::Span;
