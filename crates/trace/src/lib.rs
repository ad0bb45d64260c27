//! A trace of one person's connection to the chat over one transport: set-up, idling, a message
//! received, a message sent, the end.
//!
//! [`record()`] starts a server and performs these steps over real loopback sockets. Each request
//! and each frame is written byte by byte by this crate, so that no library adds bytes of its own.
//! The bytes that crossed the sockets form a [`Record`], from which everything else is made:
//! [`listing()`] explains each byte with the accounts of `dissect`, [`sequence::text`] and
//! [`sequence::svg`] draw who sent which element at which time, and [`pcapng()`] rebuilds packets
//! for Wireshark.
//!
//! Times are those at the client's own socket. Packets are rebuilt from the socket's bytes, not
//! captured: their segments, acknowledgements and headers are what TCP could have sent, not what it
//! did send.
//!
//! Reading order: `settings` (the input), `record` (the output), `socket`, `secure`, `request`, `frame`, `old_frame` and
//! `life` (the steps), `element` (bytes to requests, chunks and frames), `listing`, `sequence`,
//! `pcapng`.

mod element;
mod error;
mod frame;
mod handshake;
mod life;
mod listing;
mod old_frame;
mod packet;
mod pcapng;
mod record;
mod request;
mod secure;
pub mod sequence;
mod settings;
mod socket;

pub use element::{Element, What, elements, ledger};
pub use error::TraceError;
pub use life::record;
pub use listing::listing;
pub use pcapng::pcapng;
pub use record::{Connection, Note, NoteKind, Piece, Record};
pub use settings::{Settings, Traced, UnknownTraced};
