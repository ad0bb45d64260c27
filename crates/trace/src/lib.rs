//! One person's whole life on the wire, over one transport: set-up, idling, a
//! message heard, a message said, the end.
//!
//! [`record()`] starts a server and lives that life over real loopback sockets,
//! by hand: each request and each frame is written byte by byte, so that nothing
//! a library would add is missed. What crossed the sockets is a [`Record`];
//! everything else is made from it: [`listing()`] explains each byte with the
//! accounts of `dissect`, [`sequence::text`] and [`sequence::svg`] draw who sent
//! what when, and [`pcapng()`] rebuilds packets for Wireshark.
//!
//! Times are those at the client's own socket. Packets are rebuilt from the
//! socket's bytes, not captured: their segments, acknowledgements and headers
//! are what TCP could have sent, not what it did.
//!
//! Reading order: `settings` (what is asked for), `record` (what is
//! left), `socket`, `request`, `frame` and `life` (how it is lived), `element`
//! (bytes to requests, chunks and frames), `listing`, `sequence`, `pcapng`.

mod element;
mod error;
mod frame;
mod handshake;
mod life;
mod listing;
mod packet;
mod pcapng;
mod record;
mod request;
pub mod sequence;
mod settings;
mod socket;

pub use element::{Element, What, elements, ledger};
pub use error::TraceError;
pub use life::record;
pub use listing::listing;
pub use pcapng::pcapng;
pub use record::{Connection, Note, NoteKind, Piece, Record};
pub use settings::Settings;
