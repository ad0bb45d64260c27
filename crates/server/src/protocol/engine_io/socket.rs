//! Engine.IO over a WebSocket: opened at once, or taken over from polls by a
//! probe.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::Instant};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, coding::CloseCode};
use wire::Way;

use crate::{
    address::Address,
    net::{handover::Handover, web_socket},
    protocol::{
        Host,
        duplex::{Duplex, Next, away, sent_out},
        engine_io::{
            CONNECT_TIMEOUT, open_packet,
            packet::{PING, PROBE, Packet, UPGRADE},
            payload_limit,
            pulse::Pulse,
            session::{Session, Upgraded},
        },
        socket_io::client::{Client, Fault, Heard},
    },
    room::{
        entry::Encoding,
        wrapping::{Carrier, Wrapping},
    },
    transport::{Running, Session as Live},
};

/// The encoding of events on a WebSocket.
const ENCODING: Encoding = Encoding::Wrapped(Wrapping::SocketIo, Carrier::Frame);

/// The time that a probe may take, from the handshake to the change.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// A WebSocket without polls before it.
#[derive(Debug)]
pub(super) struct Opening {
    host: Arc<Host>,
    client: Client,
}

impl Opening {
    /// Makes the session; `query` is that of the handshake.
    pub(super) fn new(host: Arc<Host>, query: &str, address: Address) -> Self {
        Self {
            host,
            client: Client::new(query, Way::Websocket, address),
        }
    }
}

impl Live for Opening {
    fn run(self: Box<Self>, handover: Handover, leaving: watch::Receiver<bool>) -> Running {
        Box::pin(async move {
            let Self { host, client } = *self;
            let mut duplex = Duplex::new(handover, payload_limit(&host.settings), leaving);
            let packet = open_packet(&host.ids.fresh(), "", &host.settings);
            duplex.send(&packet).await;
            let talk = Talk {
                pulse: Pulse::new(&host.settings),
                opened: Instant::now(),
                host,
                client,
            };
            talk.go_on(duplex).await;
        })
    }
}

/// A WebSocket that a client of polls tries out.
#[derive(Debug)]
pub(super) struct Probe {
    host: Arc<Host>,
    session: Arc<Session>,
}

impl Probe {
    /// Makes the probe of a session.
    pub(super) fn new(host: Arc<Host>, session: Arc<Session>) -> Self {
        Self { host, session }
    }
}

impl Live for Probe {
    fn run(self: Box<Self>, handover: Handover, leaving: watch::Receiver<bool>) -> Running {
        Box::pin(async move {
            let Self { host, session } = *self;
            let mut duplex = Duplex::new(handover, payload_limit(&host.settings), leaving);
            let Some(upgraded) = probe(&mut duplex, &session).await else {
                let why = "a probe is \"2probe\", and after \"3probe\" comes \"5\"";
                return duplex
                    .close(web_socket::close_frame(CloseCode::Policy, why))
                    .await;
            };
            let Upgraded {
                client,
                waiting,
                pulse,
            } = upgraded;
            let entry = Entry { host, session };
            let mut talk = Talk {
                host: Arc::clone(&entry.host),
                client,
                pulse,
                opened: Instant::now(),
            };
            for packet in waiting {
                duplex.send(&packet).await;
            }
            talk.register(&mut duplex);
            talk.go_on(duplex).await;
            drop(entry);
        })
    }
}

/// The entry of a session that lives on as a WebSocket, among the sessions of polls. Dropping it
/// removes it, also where the task of the connection is dropped before the conversation is over:
/// so it is with all sessions of a connection of HTTP/2 that ends, and with one that is cut off.
struct Entry {
    host: Arc<Host>,
    session: Arc<Session>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.host.engine_io.remove(&self.session.sid);
    }
}

/// Answers a probe, and waits for the client to change over. Returns `None` if
/// it does anything else, or nothing for too long.
async fn probe(duplex: &mut Duplex, session: &Session) -> Option<Upgraded> {
    let deadline = Instant::now() + PROBE_TIMEOUT;
    let (question, answer) = PROBE;
    match duplex.next(deadline).await {
        Next::Text(text) if text.as_str() == question => {}
        _ => return None,
    }
    // If this fails, nothing is given up: another WebSocket may have begun the change.
    session.begin_upgrade()?;
    duplex.send(answer).await;
    let upgraded = match duplex.next(deadline).await {
        Next::Text(text) if text.as_str() == UPGRADE => session.upgrade(),
        _ => None,
    };
    if upgraded.is_none() {
        session.give_up_upgrade();
    }
    upgraded
}

/// A client on a WebSocket.
#[derive(Debug)]
struct Talk {
    host: Arc<Host>,
    client: Client,
    pulse: Pulse,
    opened: Instant,
}

impl Talk {
    /// Serves the client until one side leaves.
    async fn go_on(mut self, mut duplex: Duplex) {
        let close_frame = self.talk(&mut duplex).await;
        // The presence ends when the conversation does, and not with its last
        // packet.
        drop(self);
        duplex.close(close_frame).await;
    }

    async fn talk(&mut self, duplex: &mut Duplex) -> Option<CloseFrame> {
        loop {
            match duplex.next(self.deadline()).await {
                Next::Text(text) => {
                    if let Err(close_frame) = self.hear(duplex, &text).await {
                        return close_frame;
                    }
                }
                Next::Binary => {
                    return web_socket::close_frame(CloseCode::Unsupported, "no draft is binary");
                }
                Next::Due => {
                    let now = Instant::now();
                    if self.pulse.ping(now) {
                        duplex.send(PING).await;
                    } else if self.pulse.is_lost(now) || self.is_late(now) {
                        return web_socket::close_frame(
                            CloseCode::Normal,
                            "no answer came in time",
                        );
                    }
                }
                // Pings are due at fixed times, whatever else is sent.
                Next::Silent => {}
                Next::SentOut => return sent_out(),
                Next::Leaving => return away(),
                Next::End(close_frame) => return close_frame,
            }
        }
    }

    /// Takes a packet; an error is the end of the conversation.
    async fn hear(&mut self, duplex: &mut Duplex, text: &str) -> Result<(), Option<CloseFrame>> {
        let end = || web_socket::close_frame(CloseCode::Normal, "the session is over");
        let heard = match Packet::parse(text) {
            Some(Packet::Message(message)) => self.client.hear(&self.host, message),
            Some(Packet::Pong) => {
                self.pulse.pong();
                return Ok(());
            }
            Some(Packet::Idle) => return Ok(()),
            Some(Packet::Close) => return Err(end()),
            None => Err(Fault),
        };
        match heard {
            Ok(Heard::Nothing) => {}
            Ok(Heard::Answer(packet)) => duplex.send(&packet).await,
            Ok(Heard::Joined(packet)) => {
                duplex.send(&packet).await;
                self.register(duplex);
            }
            Ok(Heard::Says(said)) => {
                if let Some(packet) = said.say(&self.host.settings).await {
                    duplex.send(&packet).await;
                }
            }
            Ok(Heard::Left) => return Err(end()),
            Err(_) => {
                let why = "no packet that may come here";
                return Err(web_socket::close_frame(CloseCode::Protocol, why));
            }
        }
        Ok(())
    }

    /// Gives the client its seat, if it is in a room.
    fn register(&mut self, duplex: &mut Duplex) {
        if let Some(joined) = self.client.joined() {
            duplex.register(
                &joined.room,
                ENCODING,
                joined.start,
                &self.host.settings,
                joined.guard(),
            );
        }
    }

    fn deadline(&mut self) -> Instant {
        let pulse = self.pulse.deadline();
        if self.client.joined().is_some() {
            pulse
        } else {
            pulse.min(self.opened + CONNECT_TIMEOUT)
        }
    }

    fn is_late(&mut self, now: Instant) -> bool {
        self.client.joined().is_none() && now >= self.opened + CONNECT_TIMEOUT
    }
}
