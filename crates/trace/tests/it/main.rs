//! Lives over real sockets: what is recorded, told, drawn and rebuilt.

mod lives;
mod tshark;
