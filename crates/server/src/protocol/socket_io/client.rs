//! A client of Socket.IO: what it says, and what it is answered.

use std::{mem, sync::Arc};

use serde::Deserialize;
use serde_json::value::RawValue;
use wire::{Draft, Seq, Way, codec, room_name_is_valid};

use crate::{
    address::Address,
    protocol::{
        Host,
        socket_io::{
            auth::{Auth, Identity},
            no_entry::NoEntry,
            packet::{Emitted, Kind, Packet, ack, event, text},
            said::{Said, refusal},
        },
    },
    room::{
        After, Room,
        entry::Encoding,
        log::Start,
        presence::{self, PresenceGuard},
        reason::{Reason, error_json},
        wrapping::{Carrier, Wrapping},
    },
    transport::reading::Reading,
};

/// A place that no log gave. A client that asks from there is informed that it reads another log.
const NOT_OF_THIS_LOG: After = After::Place(Seq::MAX);

/// A client of Socket.IO.
#[derive(Debug)]
pub(crate) struct Client {
    /// The query of the handshake.
    query: String,
    /// The way of reading that others see.
    way: Way,
    address: Address,
    joined: Option<Joined>,
}

/// A client's part in a room.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) room: Arc<Room>,
    /// The place from which the client continues to read.
    pub(crate) start: Start,
    address: Address,
    name: Option<String>,
    /// The token that identifies the client: its own, or its `sid`.
    person: String,
    guard: Option<PresenceGuard>,
}

/// The outcome of a client's packet.
#[derive(Debug)]
pub(crate) enum Heard {
    /// There is nothing to send.
    Nothing,
    /// A packet is to be sent.
    Answer(String),
    /// The client is in a room now, and this packet reports it.
    Joined(String),
    /// The client says something to the room.
    Says(Said),
    /// The client has left the room.
    Left,
}

/// A packet that no client may send, or not now. The connection ends with it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault;

/// A draft without its speaker, who is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Speech {
    #[serde(default)]
    from: Option<String>,
    text: String,
    #[serde(default)]
    tag: Option<String>,
}

impl Client {
    /// Makes a client that has connected to no namespace yet.
    pub(crate) fn new(query: &str, way: Way, address: Address) -> Self {
        Self {
            query: query.to_owned(),
            way,
            address,
            joined: None,
        }
    }

    /// Returns the client's part in a room, once it has one.
    pub(crate) fn joined(&mut self) -> Option<&mut Joined> {
        self.joined.as_mut()
    }

    /// Records that the client goes on reading in another way.
    pub(crate) fn change(&mut self, way: Way) {
        self.way = way;
        if let Some(guard) = self
            .joined
            .as_ref()
            .and_then(|joined| joined.guard.as_ref())
        {
            guard.change(way);
        }
    }

    /// Takes a packet that the client sent.
    pub(crate) fn hear(&mut self, host: &Host, text: &str) -> Result<Heard, Fault> {
        let packet = Packet::parse(text).ok_or(Fault)?;
        if packet.namespace != "/" {
            let namespace = packet.namespace;
            return Ok(match packet.kind {
                Kind::Connect => Heard::Answer(format!(
                    "44{namespace},{{\"message\":\"Invalid namespace\"}}"
                )),
                _ => Heard::Nothing,
            });
        }
        match packet.kind {
            Kind::Connect if self.joined.is_none() => Ok(self.connect(host, packet.payload)),
            Kind::Event => {
                let joined = self.joined.as_ref().ok_or(Fault)?;
                let emitted = Emitted::parse(packet.payload).ok_or(Fault)?;
                Ok(joined.answer(&emitted, packet.id))
            }
            Kind::Disconnect => {
                if let Some(joined) = mem::take(&mut self.joined) {
                    joined.leave();
                }
                Ok(Heard::Left)
            }
            // The server never asks for an acknowledgement.
            Kind::Ack if self.joined.is_some() => Ok(Heard::Nothing),
            Kind::Connect | Kind::Ack => Err(Fault),
        }
    }

    fn connect(&mut self, host: &Host, payload: &str) -> Heard {
        match self.join(host, payload) {
            Ok(identity) => {
                let Identity { sid, pid } = identity;
                Heard::Joined(format!("40{{\"sid\":\"{sid}\",\"pid\":\"{pid}\"}}"))
            }
            Err(no) => {
                if let Some(counters) = &host.settings.counters {
                    counters.refuse(no.code());
                }
                Heard::Answer(format!("44{}", no.json()))
            }
        }
    }

    fn join(&mut self, host: &Host, payload: &str) -> Result<Identity, NoEntry> {
        let auth = Auth::parse(payload, &self.query).ok_or(NoEntry::Auth)?;
        let name = auth.room.clone().filter(|name| room_name_is_valid(name));
        let name = name.ok_or(NoEntry::Room)?;
        let room = host.rooms.open(&name, Some(self.address))?;
        // A log that was begun anew is another one.
        let log = format!("{name} {}", room.epoch());
        let back = auth.returning(&host.ids, &log);
        let place = back.as_ref().map(|(_, place)| *place);
        // A client whose place the log has moved past is treated as new, and told of a gap first.
        let known = back.filter(|(_, place)| room.reaches(*place));
        let identity = known.map_or_else(|| Identity::fresh(&host.ids, &log), |(known, _)| known);
        let mut query = auth.query(&identity.sid, &host.settings)?;
        if let Some(place) = place {
            query.after = After::Of(place, room.epoch());
        } else if auth.comes_back() {
            query.after = NOT_OF_THIS_LOG;
        }
        let (rooms, settings) = (&host.rooms, &host.settings);
        let reading = Reading::open(rooms, settings, &name, self.way, query, self.address)?;
        let (start, guard) = reading.connect();
        let person = reading.query.person;
        self.joined = Some(Joined {
            room: reading.room,
            start,
            address: self.address,
            name: reading.query.name,
            person: person.unwrap_or_else(|| identity.sid.clone()),
            guard,
        });
        Ok(identity)
    }
}

impl Joined {
    /// Returns the guard of the client's presence, if it has a name.
    pub(crate) fn guard(&self) -> Option<&PresenceGuard> {
        self.guard.as_ref()
    }

    /// Returns whether the client was sent out.
    pub(crate) fn is_sent_out(&self) -> bool {
        self.guard().is_some_and(PresenceGuard::is_cut)
    }

    /// Returns the packet with information about the log for a client of polls, if there is any to
    /// send. From now on the client counts as informed.
    pub(crate) fn greeting(&mut self) -> Option<String> {
        let encoding = Encoding::Wrapped(Wrapping::SocketIo, Carrier::Bare);
        let packet = self.room.greeting(&mut self.start, encoding)?;
        Some(text(&packet))
    }

    /// Answers an event that the client emitted.
    fn answer(&self, emitted: &Emitted<'_>, id: Option<u64>) -> Heard {
        match (emitted.name.as_str(), id) {
            ("message", id) => Heard::Says(Said {
                room: Arc::clone(&self.room),
                person: self.person.clone(),
                address: self.address,
                draft: self
                    .draft(emitted.argument)
                    .map(|draft| codec::encode(&draft)),
                id,
            }),
            ("people", id) => {
                let json = text(&codec::encode(&self.room.people()));
                Heard::Answer(match id {
                    Some(id) => ack(id, &json),
                    None => event("people", &json),
                })
            }
            (name, id) => Heard::Answer(refusal(id, &no_such_event(name))),
        }
    }

    /// Makes a draft of a text, or of an object that is a draft but for its
    /// `from`.
    fn draft(&self, argument: Option<&RawValue>) -> Result<Draft, Reason> {
        let json = argument.map_or("null", RawValue::get);
        let speech = if json.starts_with('"') {
            Speech {
                from: None,
                text: codec::decode(json.as_bytes())?,
                tag: None,
            }
        } else {
            codec::decode(json.as_bytes())?
        };
        let known = || self.name.clone().unwrap_or_default();
        Ok(Draft {
            from: speech.from.unwrap_or_else(known),
            text: speech.text,
            tag: speech.tag,
        })
    }

    /// Leaves the room at once, because the client says so.
    fn leave(self) {
        self.room
            .leave(&presence::Identity::Token(self.person.clone()));
    }
}

fn no_such_event(name: &str) -> String {
    let words = format!("no event is called {name:?} here; emit \"message\" or \"people\"");
    text(&error_json(None, &words, "no_such_event", None))
}
