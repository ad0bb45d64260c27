//! Whole connections through the dissector: exact figures, exchanges, faults
//! and properties.

mod cuts;
mod exchanges;
mod faults;
mod figures;
mod foreign;
mod fuzz;
mod http2;
mod properties;
mod streams;
mod talk;
mod websockets;
