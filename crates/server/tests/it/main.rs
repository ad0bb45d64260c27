//! The server over real sockets: what goes in, byte for byte, and what comes out.

mod attacks;
mod bad_input;
mod bytes;
mod engine_io;
mod fast_path;
mod fixture;
mod goodbye;
mod heads;
mod hixie_76;
mod in_page;
mod libraries;
mod limits;
mod newcomer;
mod noise;
mod page;
mod presence;
mod readers;
mod seen;
mod slow;
mod sockjs;
mod stored;
mod tap;
mod tls;
mod turns;
mod websocket;
