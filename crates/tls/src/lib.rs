//! TLS (RFC 8446, RFC 5246), as both ends of a connection use it here.
//!
//! A [`Session`] is one connection under TLS, without a socket: it is given the bytes that
//! arrived, record by record, and writes those that are to leave. So whoever owns the socket sees
//! each record's length on the wire and the content that was in it, which the ledger needs, and
//! the server's seats can write to it from any thread. [`Acceptor`] makes the sessions of a server
//! that shows an [`Identity`]; [`Connector`] those of a client, which trusts whom [`Trust`] names
//! and nobody else.

mod accept;
mod connect;
mod failure;
mod identity;
mod keys;
mod session;
mod verify;
mod version;

#[cfg(test)]
mod tests;

pub use accept::{AcceptSettings, Acceptor};
pub use connect::{Connector, Trust};
pub use failure::{Failure, LoadError};
pub use identity::{Fingerprint, Identity};
pub use keys::KeyLog;
pub use session::{LONGEST_CONTENT, Opened, Session};
pub use version::{Suite, Version, Versions};
