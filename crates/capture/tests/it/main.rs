//! Captures made packet by packet, and exports of browsers, told apart.

mod exports;
mod files;
mod h2;
mod kinds;
mod opened;
mod packets;
mod properties;
mod tshark;
