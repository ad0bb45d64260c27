//! A chat that can be reached over every transport.
//!
//! A room is a bounded log of numbered events, and a reader owns a place in
//! it. A poller is answered with the events `after` its place, at once or under a
//! hold; a reader that stays connected has a seat in the room, and one sweep
//! writes each event to all seats. `transport/` holds the four ways to read, side
//! by side; the rest is what they share.
//!
//! It is fast because an event is encoded once (`entry`), the events after a place
//! are joined once (`log`, `answers`), one sweep writes them to all readers that
//! wait (`seats`, `writer`), and plain polls do without hyper (`fast_path`).
//!
//! Reading order, each layer knowing only those before it: `address` (a client as
//! limits count it), `net` (sockets), `store` (the logs on disk or in a Redis),
//! `settings`, `room` (the log, who is here, and the sweep), `http` (heads,
//! addresses and answers), `transport` (the four ways to read), `extension`
//! (further addresses), `protocol` (Socket.IO and SockJS, for the clients of those
//! libraries), and what puts them together: `chat`, `entrance` (how many
//! connections may be open), `metrics`, `echo`, `answer`, `connection` and
//! `serve`. [`serve()`] starts the server. It prints nothing and measures nothing:
//! a connection's error ends that connection only. A [`Tap`] observes the bytes
//! that cross its sockets.

mod address;
mod http;
mod net;
mod room;
mod transport;

mod answer;
mod chat;
mod connection;
mod echo;
mod entrance;
mod extension;
mod metrics;
mod protocol;
mod serve;
mod settings;
mod store;

pub use address::{Address, Behind};
pub use chat::{Chat, Order};
pub use extension::{Channel, Extension, ExtensionRequest, ExtensionResponse, Talk};
pub use net::bookkeeper::{Accounts, Bookkeeper};
pub use net::counters::Counters;
pub use net::io::{Io, NoUring, try_uring};
pub use net::listen::{listen, listen_with};
pub use net::reachable::reachable;
pub use net::tap::{Tap, Watch};
pub use room::presence::admission::Member;
pub use serve::{Endpoint, ServeError, Source, serve, serve_endpoints};
pub use settings::{Compress, PerAddress, Settings, SettingsError};
pub use store::{RedisSettings, Store, StoreError};
