//! Tests of traces over real sockets: recorded, listed, drawn and rebuilt as packets.

mod captured;
mod lives;
mod tshark;
