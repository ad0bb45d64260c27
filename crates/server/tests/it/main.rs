//! The server over real sockets: what goes in, byte for byte, and what comes out.

mod attacks;
mod bad_input;
mod bytes;
mod engine_io;
mod fast_path;
mod fixture;
mod foreign_page;
mod goodbye;
mod heads;
mod hixie_76;
mod http_catalogue;
mod in_page;
mod libraries;
mod limits;
mod newcomer;
mod noise;
mod page;
mod presence;
mod readers;
mod slow;
mod sockjs;
mod tap;
mod time_outs;
mod tls;
mod turns;
mod websocket;
