//! The server over real sockets: what goes in, byte for byte, and what comes out.

mod attacks;
mod bad_input;
mod bytes;
mod fast_path;
mod fixture;
mod goodbye;
mod heads;
mod limits;
mod page;
mod presence;
mod readers;
mod slow;
mod tap;
mod turns;
mod websocket;
