//! Experiments over real sockets that are no chat: each shows to the byte one thing that a
//! published claim rests on.
//!
//! Each experiment takes what it needs, runs to its end, and returns what it has [`Seen`]. `tap`
//! shows a connection's bytes to a dissector as they pass.

mod answer;
mod browser;
mod calls;
mod chunks;
mod crowd;
mod deflate;
mod frames;
mod replay;
mod slept;
mod tabs;
mod tap;
mod tokens;
mod turns;

use std::{io, time::Duration};

use tokio_tungstenite::tungstenite;

pub use answer::{ANSWER_HOST, Asked, Source, Streamed};
pub use calls::calls;
pub use chunks::chunks;
pub use crowd::{Crowd, draft, heard};
pub use deflate::hello;
pub use frames::frames;
pub use replay::{handshake, kaazing};
pub use slept::slept;
pub use tabs::tabs;
pub use tokens::envelopes;
pub use turns::{AGENT_HOST, Agent, Arm, Patience, Taken, take, turns};

/// A single observation of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The subject of the observation, such as `up 126`.
    pub subject: String,
    /// The quantity that was counted or timed, such as `ws_head`.
    pub quantity: &'static str,
    /// The value of the quantity.
    pub value: f64,
    /// The unit of the value.
    pub unit: &'static str,
}

impl Seen {
    fn bytes(subject: impl Into<String>, quantity: &'static str, value: u64) -> Self {
        Self {
            subject: subject.into(),
            quantity,
            value: value as f64,
            unit: "B",
        }
    }
}

/// A reason why an experiment came to no end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExperimentError {
    /// A socket failed.
    #[error("a socket failed: {0}")]
    Io(#[from] io::Error),
    /// A WebSocket failed.
    #[error("a WebSocket failed: {0}")]
    Websocket(#[from] Box<tungstenite::Error>),
    /// An HTTP connection failed.
    #[error("an HTTP connection failed: {0}")]
    Http(#[from] hyper::Error),
    /// The bytes were not what they should be.
    #[error("the bytes cannot be accounted for: {0}")]
    Dissect(#[from] dissect::Fault),
    /// The header profile lacks a head.
    #[error("the header profile has no response; \"kaazing-2009\" has one")]
    NoResponse,
    /// Nobody answered a turn of an agent.
    #[error("turn {turn} had no whole answer after {limit:.1?}")]
    NoAnswer {
        /// The turn, counted from 1.
        turn: usize,
        /// The time that it was waited for.
        limit: Duration,
    },
    /// Somebody asked to end before it was over.
    #[error("it was asked to end")]
    Stopped,
    /// The other end answered with something else.
    #[error("the answer was not what was asked for: {0}")]
    Answer(String),
}

impl From<tungstenite::Error> for ExperimentError {
    fn from(error: tungstenite::Error) -> Self {
        Self::Websocket(Box::new(error))
    }
}

/// Runs one experiment to its end, on this thread.
fn run<T>(
    experiment: impl Future<Output = Result<T, ExperimentError>>,
) -> Result<T, ExperimentError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(experiment)
}

/// Makes a connected pair of sockets over loopback: client, server.
async fn pair() -> io::Result<(tokio::net::TcpStream, tokio::net::TcpStream)> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let (client, server) = tokio::join!(
        tokio::net::TcpStream::connect(listener.local_addr()?),
        listener.accept()
    );
    let (client, (server, _)) = (client?, server?);
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    Ok((client, server))
}
