//! The keys of a scenario file, and what each is when it is left out.
//!
//! Any value below `[swarm]`, `[server]`, `[traffic]`, `[headers]`, `[link]` and
//! `[proxy]` may instead be a list or a range of values (see `sweep`); here each is one.

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Compression, Framing, Protocol, Transport, Way};

use super::{
    Agent, Answer, Capacity, Churn, Cut, EntryFraming, LinkSettings, ProxySettings, Reconnect,
    Server, Swarm, TargetSettings, Traffic, WhenFull, schema,
};
use crate::plan::{Pacing, Speak, Variant};

/// One cell of a scenario file: every key has one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Short name, also of the results folder.
    pub name: String,
    /// The question that the runs should answer.
    pub question: String,
    /// The reason for asking it.
    #[serde(default)]
    pub motive: String,
    /// The result that its author expects.
    #[serde(default)]
    pub expect: String,
    /// The question in Chinese, for pages in that language (`--lang zh`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question_zh: String,
    /// The reason in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub motive_zh: String,
    /// The expected result in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expect_zh: String,
    /// Seed of arrivals, payloads, poll phases and of the order of runs. Default 1.
    #[serde(default = "one_u64")]
    pub seed: u64,
    /// The number of runs of each transport in each cell. Default 1.
    #[serde(default = "one")]
    pub repeats: usize,
    /// The number of sittings over which `wirebench run` spreads the repeats; each is a start
    /// of the program. Default 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub sittings: usize,
    /// The people who take part.
    pub swarm: Swarm,
    /// The server that they talk to.
    #[serde(default)]
    pub server: Server,
    /// The messages that they send.
    #[serde(default)]
    pub traffic: Traffic,
    /// The connections that are lost in the course of a run; by default none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// The way back of readers whose connection was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconnect: Option<Reconnect>,
    /// The readers that leave in the course of a run, and come again; by default none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub churn: Option<Churn>,
    /// One answer of a model in place of a chat, token by token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// An agent's turns with a model's server in place of a chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// The header lines of their requests beside those that HTTP demands.
    #[serde(default)]
    pub headers: Headers,
    /// The network in between; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkSettings>,
    /// A real proxy before the server, which the run starts; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxySettings>,
    /// A server that is not ours; by default each run starts one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetSettings>,
    /// The bounds that the figures must keep, as written: `websocket.p99 = "< 50ms"`.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub objective: toml::Table,
    /// The bounds that its author expects the figures to keep, in the form of `objective`;
    /// nothing depends on whether they do.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub expectation: toml::Table,
    /// The way in which `wirebench capacity` grows the load; a run does not use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// The figures of a publication, for `wirebench claims`; a run does not use them.
    #[serde(default, skip_serializing)]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub claim: toml::Table,
    /// The transports to compare.
    #[serde(default)]
    pub transport: Vec<TransportEntry>,
}

/// `[headers]`: the header lines of requests beside those that HTTP demands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Headers {
    /// `minimal` (default), another built-in name, or a path to a profile file.
    pub profile: String,
    /// Lines of one's own, `"Name: value"`; each replaces the profile's of that name.
    pub lines: Vec<String>,
    /// Bytes of the value of a `Cookie` line of our making. Default 0: no such line.
    pub cookie: usize,
}

/// `[[transport]]`: one transport with its parameters. Which keys belong
/// depends on `kind`; [`TransportEntry::KEYS`] says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransportEntry {
    /// The transport; the name of a `framing` stands for the transport that has it.
    #[schemars(schema_with = "schema::kind")]
    pub kind: Transport,
    /// Short poll: the time from one question to the next. Default 1s.
    #[serde(
        default,
        with = "humantime_serde",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub interval: Option<Duration>,
    /// Long poll: the longest time the server holds a question. Default 25s.
    #[serde(
        default,
        with = "humantime_serde",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub hold: Option<Duration>,
    /// Both polls: true if one connection serves all questions. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_alive: Option<bool>,
    /// HTTP stream: `ndjson` (default), `sse`, or `iframe`, a page without end in which each event
    /// is a script element. Long poll: `jsonp` for an answer that is a script; by default it is
    /// JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::framing")]
    pub framing: Option<EntryFraming>,
    /// The protocol: `plain`, `socket_io` (long poll and WebSocket) or `sockjs` (long poll, HTTP
    /// stream and WebSocket; a stream is xhr-streaming, or eventsource with `framing = "sse"`, or
    /// htmlfile with `framing = "iframe"`; a long poll is xhr-polling, or jsonp-polling with
    /// `framing = "jsonp"`). Default plain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::protocol")]
    pub protocol: Option<Protocol>,
    /// The compression of what readers are sent: `none`, `gzip` or `br` (polls and streams),
    /// `deflate` or `deflate_context` (WebSocket; each message by itself, or with a context that is
    /// kept for each reader). Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::compression")]
    pub compression: Option<Compression>,
}

impl Scenario {
    /// Returns whose connections drafts go over where the file does not say: connections of
    /// their own, so that only the way down differs between transports; the readers' where
    /// nothing else can work, because a draft has to come back to its speaker or because the
    /// server is not described to take a POST.
    pub(super) fn usual_speak(&self) -> Speak {
        let comes_back = matches!(self.traffic.pacing, Pacing::InFlight { .. });
        let target = self.target.as_ref();
        let takes_no_post =
            target.is_some_and(|target| target.describes() && target.say.path.is_none());
        if comes_back || takes_no_post {
            Speak::Same
        } else {
            Speak::Post
        }
    }

    /// Returns whether readers may lose their connections in the course of a run, or not be let in.
    pub(super) fn loses_connections(&self) -> bool {
        let path_cuts = self.link.as_ref().is_some_and(|link| !link.cut.is_none());
        let evicts = self.server.full == WhenFull::Evict;
        let is_full = self.server.connections.is_some() || evicts;
        self.cut.is_some() || self.churn.is_some() || path_cuts || is_full
    }

    /// Puts what was computed or left out where a manifest shows it.
    pub(super) fn fill_in(&mut self) {
        self.swarm.rooms = Some(self.swarm.room_count());
        self.swarm.readers_per_room = None;
        if self.loses_connections() {
            self.reconnect.get_or_insert_default();
        }
        for entry in &mut self.transport {
            *entry = TransportEntry::from(entry.variant());
        }
    }
}

impl TransportEntry {
    /// The keys that belong to a kind, beside `kind` itself.
    pub const KEYS: [(Transport, &'static [&'static str]); 4] = [
        (
            Transport::ShortPoll,
            &["interval", "keep_alive", "protocol", "compression"],
        ),
        (
            Transport::LongPoll,
            &["hold", "keep_alive", "framing", "protocol", "compression"],
        ),
        (
            Transport::HttpStream,
            &["framing", "protocol", "compression"],
        ),
        (Transport::Websocket, &["protocol", "compression"]),
    ];

    /// Returns the transport and its parameters, defaults filled in.
    #[must_use]
    pub fn variant(&self) -> Variant {
        let keep_alive = self.keep_alive.unwrap_or(true);
        let variant = match self.protocol.unwrap_or_default() {
            Protocol::Plain => self.plain(keep_alive),
            protocol => Variant::Library {
                protocol: match (protocol, self.framing) {
                    (Protocol::Sockjs, Some(framing)) if framing.is_in_page() => {
                        Protocol::SockjsInPage
                    }
                    _ => protocol,
                },
                way: self.plain(keep_alive).way(),
                keep_alive,
            },
        };
        variant.compressed(self.compression.unwrap_or_default())
    }

    /// Returns the transport without what a library would change of it.
    fn plain(&self, keep_alive: bool) -> Variant {
        match self.kind {
            Transport::ShortPoll => Variant::ShortPoll {
                interval: self.interval.unwrap_or(Duration::from_secs(1)),
                keep_alive,
            },
            Transport::LongPoll => {
                let hold = self.hold.unwrap_or(Duration::from_secs(25));
                match self.framing {
                    Some(EntryFraming::Jsonp) => Variant::Jsonp { hold, keep_alive },
                    _ => Variant::LongPoll { hold, keep_alive },
                }
            }
            Transport::HttpStream => match self.framing {
                Some(EntryFraming::Iframe) => Variant::Iframe,
                Some(EntryFraming::Sse) => Variant::HttpStream {
                    framing: Framing::Sse,
                },
                _ => Variant::HttpStream {
                    framing: Framing::Ndjson,
                },
            },
            Transport::Websocket => Variant::Websocket,
        }
    }
}

impl Variant {
    /// Returns a way with the parameters that it has when a scenario gives none.
    #[must_use]
    pub fn usual(way: Way) -> Self {
        let entry = TransportEntry {
            kind: way.transport(),
            interval: None,
            hold: None,
            keep_alive: None,
            framing: way.framing().map(EntryFraming::from),
            protocol: None,
            compression: None,
        };
        entry.variant()
    }
}

impl From<Variant> for TransportEntry {
    fn from(variant: Variant) -> Self {
        let mut entry = Self {
            kind: variant.transport(),
            interval: None,
            hold: None,
            keep_alive: None,
            framing: None,
            protocol: None,
            compression: None,
        };
        match variant {
            Variant::ShortPoll {
                interval,
                keep_alive,
            } => {
                (entry.interval, entry.keep_alive) = (Some(interval), Some(keep_alive));
            }
            Variant::LongPoll { hold, keep_alive } => {
                (entry.hold, entry.keep_alive) = (Some(hold), Some(keep_alive));
            }
            Variant::Jsonp { hold, keep_alive } => {
                (entry.hold, entry.keep_alive) = (Some(hold), Some(keep_alive));
                entry.framing = Some(EntryFraming::Jsonp);
            }
            Variant::HttpStream { framing } => entry.framing = Some(framing.into()),
            Variant::Iframe => entry.framing = Some(EntryFraming::Iframe),
            Variant::Websocket => {}
            Variant::Library {
                protocol,
                way,
                keep_alive,
            } => {
                let is_in_page = protocol == Protocol::SockjsInPage;
                entry.protocol = Some(if is_in_page {
                    Protocol::Sockjs
                } else {
                    protocol
                });
                entry.keep_alive = way.polls().then_some(keep_alive);
                entry.framing = match way {
                    Way::Sse => Some(EntryFraming::Sse),
                    Way::LongPoll if is_in_page => Some(EntryFraming::Jsonp),
                    _ if is_in_page => Some(EntryFraming::Iframe),
                    _ => None,
                };
            }
            Variant::Compressed { compression, of } => {
                entry = Self::from(*of);
                entry.compression = Some(compression);
            }
        }
        entry
    }
}

impl Default for Headers {
    fn default() -> Self {
        Self {
            profile: "minimal".to_owned(),
            lines: Vec::new(),
            cookie: 0,
        }
    }
}

pub(super) const fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(super) const fn is_one(count: &usize) -> bool {
    *count == 1
}

const fn one_u64() -> u64 {
    1
}
