//! One chat over every transport.
//!
//! A room is a bounded log of numbered events, and a reader owns a place in
//! it. Two calls read: the room's `after` answers at once and `wait_after`
//! answers when there is something. `transport/` holds four ways to make
//! those calls, side by side; the rest is what they share.
//!
//! Reading order: the modules below, from the log outwards to the socket.
//! [`serve()`] starts it all. The server prints nothing and measures nothing:
//! a connection's error ends that connection only.

mod entry;
mod pieces;
mod room;
mod view;

mod presence;
mod rooms;
mod sweep;

mod transport;

mod answer;
mod body;
mod origin;
mod page;
mod query;
mod reading;
mod refusal;
mod reply;
mod route;
mod say;

mod connection;
mod echo;
mod upgrade;

mod listen;
mod serve;
mod settings;

pub use listen::listen;
pub use serve::{ServeError, serve};
pub use settings::{Settings, SettingsError};
