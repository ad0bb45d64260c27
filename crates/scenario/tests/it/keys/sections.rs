//! The contents of the page of keys beside the doc comments.

const AGENT: &str = include_str!("../../../src/agent.rs");
const ANSWER: &str = include_str!("../../../src/answer.rs");
const CHURN: &str = include_str!("../../../src/churn.rs");
const CUT: &str = include_str!("../../../src/cut.rs");
const MODEL: &str = include_str!("../../../src/model.rs");
const SWARM: &str = include_str!("../../../src/swarm.rs");
const SERVER: &str = include_str!("../../../src/server.rs");
const TRAFFIC: &str = include_str!("../../../src/traffic.rs");
const LINK: &str = include_str!("../../../src/link.rs");
const PROXY: &str = include_str!("../../../src/proxy.rs");
const TARGET: &str = include_str!("../../../src/target.rs");
const CAPACITY: &str = include_str!("../../../src/capacity.rs");
const FOREIGN: &str = include_str!("../../../src/plan/foreign.rs");

/// A section of a scenario file: its heading, the path to its table in [`LEAST`],
/// the source and the struct that describe it, and a sentence about it.
pub(super) struct Section {
    pub(super) heading: &'static str,
    pub(super) path: &'static str,
    pub(super) source: &'static str,
    pub(super) structure: &'static str,
    pub(super) about: &'static str,
}

pub(super) const SECTIONS: [Section; 20] = [
    Section {
        heading: "Top level",
        path: "",
        source: MODEL,
        structure: "Scenario",
        about: "These keys stand before the first section.",
    },
    Section {
        heading: "[swarm]",
        path: "swarm",
        source: SWARM,
        structure: "Swarm",
        about: "Says who takes part.",
    },
    Section {
        heading: "[server]",
        path: "server",
        source: SERVER,
        structure: "Server",
        about: "Describes the server that each run starts.",
    },
    Section {
        heading: "server.stall",
        path: "server.stall",
        source: SERVER,
        structure: "ServerStall",
        about: "Stops the server's process once: `stall = { after = \"10s\", for = \"1400ms\" }`.",
    },
    Section {
        heading: "[traffic]",
        path: "traffic",
        source: TRAFFIC,
        structure: "Traffic",
        about: "Says what people send, and when. See [Who speaks, and when](pacing.md).",
    },
    Section {
        heading: "[cut]",
        path: "cut",
        source: CUT,
        structure: "Cut",
        about: "Says how connections are lost in the course of a run. See [Coming back](reconnect.md). Without this section none is.",
    },
    Section {
        heading: "[reconnect]",
        path: "reconnect",
        source: CUT,
        structure: "Reconnect",
        about: "Says how readers whose connection was lost come back. With neither this section nor `[cut]` each loss is a failure.",
    },
    Section {
        heading: "[churn]",
        path: "churn",
        source: CHURN,
        structure: "Churn",
        about: "Says how readers leave in the course of a run, by themselves and in good order, and come again to their places. See [Coming back](reconnect.md#churn). Without this section none does.",
    },
    Section {
        heading: "[answer]",
        path: "answer",
        source: ANSWER,
        structure: "Answer",
        about: "Streams one answer of a language model to one reader in place of a chat, from a source in the program. See [Tokens and agents](advise.md#tokens-and-agents). Without this section there is a chat.",
    },
    Section {
        heading: "[agent]",
        path: "agent",
        source: AGENT,
        structure: "Agent",
        about: "Takes the turns of an agent in place of a chat, with a server in the program. See [Tokens and agents](advise.md#tokens-and-agents). Without this section there is a chat.",
    },
    Section {
        heading: "[headers]",
        path: "headers",
        source: MODEL,
        structure: "Headers",
        about: "Says what requests carry beside what HTTP demands.",
    },
    Section {
        heading: "[link]",
        path: "link",
        source: LINK,
        structure: "LinkSettings",
        about: "Puts a network between people and server. See [The link](link.md). Without this section there is none.",
    },
    Section {
        heading: "link.cut",
        path: "link.cut",
        source: LINK,
        structure: "LinkCut",
        about: "Ends exchanges: `cut = { after = \"300s\", idle = \"60s\" }`. Readers come back as `[reconnect]` says.",
    },
    Section {
        heading: "[proxy]",
        path: "proxy",
        source: PROXY,
        structure: "ProxySettings",
        about: "Puts a real proxy before the server, which the run starts and ends. See [A proxy in the path](proxies.md). Without this section there is none.",
    },
    Section {
        heading: "[[transport]]",
        path: "transport",
        source: MODEL,
        structure: "TransportEntry",
        about: "Stands once for each transport to compare. A list of values makes one variant for each value.",
    },
    Section {
        heading: "[target]",
        path: "target",
        source: TARGET,
        structure: "TargetSettings",
        about: "Describes a server that runs already. See [Servers of your own](foreign-servers.md).",
    },
    Section {
        heading: "[target.session]",
        path: "target.session",
        source: FOREIGN,
        structure: "Opening",
        about: "A request that each person sends first. Its answer fills `{session …}` elsewhere.",
    },
    Section {
        heading: "[target.say]",
        path: "target.say",
        source: FOREIGN,
        structure: "Saying",
        about: "Says how a draft is sent.",
    },
    Section {
        heading: "[target.short_poll], long_poll, ndjson, sse, websocket",
        path: "target.short_poll",
        source: FOREIGN,
        structure: "Reading",
        about: "Says how to read over this transport; only transports that are described can be run.",
    },
    Section {
        heading: "[capacity]",
        path: "capacity",
        source: CAPACITY,
        structure: "Capacity",
        about: "Says how `wirebench capacity` grows the load. See [How much a transport holds](capacity.md).",
    },
];

/// A scenario with each section in it and no key that may be left out.
pub(super) const LEAST: &str = r#"
name = "least"
question = "Which keys are there?"
[swarm]
clients = 1
[server]
stall = { after = "1s", for = "1s" }
[cut]
kind = "reset"
[churn]
rate = 1.0
[link]
[proxy]
kind = "nginx"
[[transport]]
kind = "short_poll"
[[transport]]
kind = "long_poll"
[[transport]]
kind = "http_stream"
[[transport]]
kind = "websocket"
[target]
session = { path = "/session" }
[target.say]
path = "/say/{room}"
[target.short_poll]
path = "/poll/{room}"
[target.long_poll]
path = "/long/{room}"
[target.ndjson]
path = "/stream/{room}"
[target.websocket]
path = "/ws/{room}"
[capacity]
"#;

/// The key that [`LEAST`] must give a value although it has a default.
pub(super) const GIVEN: &str = "target.say.path";

/// The unit of each key that is a number.
pub(super) const UNITS: [(&str, &str); 31] = [
    ("seed", "none"),
    ("repeats", "runs"),
    ("sittings", "sittings"),
    ("swarm.clients", "people"),
    ("swarm.rooms", "rooms"),
    ("swarm.readers_per_room", "people"),
    ("swarm.rooms_per_clerk", "rooms"),
    ("swarm.shards", "threads"),
    ("swarm.tabs", "people in each browser"),
    ("swarm.accounting", "people in the sample"),
    ("server.threads", "threads"),
    ("server.nodes", "servers"),
    ("server.log", "events"),
    ("server.text_limit", "bytes"),
    ("server.connections", "connections"),
    ("traffic.publishers", "people in each room"),
    ("traffic.rate", "drafts a second in each room"),
    ("traffic.payload", "bytes"),
    ("cut.rate", "connections a second"),
    ("cut.share", "of the readers"),
    ("reconnect.attempts", "attempts"),
    ("churn.rate", "departures a second"),
    ("churn.share", "of the readers"),
    ("answer.tokens", "tokens"),
    ("agent.turns", "turns"),
    ("headers.cookie", "bytes"),
    ("link.workers", "exchanges at once"),
    ("capacity.from", "clients, or drafts a second"),
    ("capacity.most", "clients, or drafts a second"),
    ("capacity.step", "clients, or drafts a second"),
    ("capacity.resolution", "percent"),
];

/// Enums whose words are listed below their section.
pub(super) const WORDS: [(&str, &str, &str); 17] = [
    ("StoreKind", SERVER, "server.store"),
    ("Appendfsync", SERVER, "server.appendfsync"),
    ("WhenFull", SERVER, "server.full"),
    ("Io", SERVER, "server.io and swarm.io"),
    ("Speak", TRAFFIC, "traffic.speak"),
    ("Back", TRAFFIC, "back in traffic.pacing"),
    ("CutKind", CUT, "cut.kind"),
    ("Policy", CUT, "reconnect.policy"),
    ("KeptPlace", CUT, "reconnect.place"),
    ("Envelope", ANSWER, "answer.envelope"),
    ("Connection", AGENT, "agent.connection"),
    ("History", AGENT, "agent.history"),
    ("Side", LINK, "link.side"),
    ("ProxyKind", PROXY, "proxy.kind"),
    ("Message", FOREIGN, "target.message"),
    ("Grow", CAPACITY, "capacity.grow"),
    ("Doubts", CAPACITY, "capacity.doubts"),
];

/// The text before the sections.
pub(super) const HEAD: &str = r#"# Keys of a scenario file

This page is generated from the doc comments of the code. A test checks that it is up to date, that the parser knows the same keys, and that the defaults are the real ones.

A scenario is a TOML file. Any key can be given on the command line instead: `--set swarm.clients=500`. A key that does not exist is refused with the nearest right spelling.

- A **duration** is a text with a unit: `"500ms"`, `"2s"`, `"1m 30s"`.
- A **sweep**: below `[swarm]`, `[server]`, `[traffic]`, `[cut]`, `[reconnect]`, `[churn]`, `[answer]`, `[agent]`, `[headers]`, `[link]` and `[proxy]` a list of values, `clients = [10, 100]`, or a range, `clients = { from = 1, to = 64, steps = 7, scale = "log" }`, makes a cell for each value. The cells are the product of all lists and ranges. In `[[transport]]` a list makes a variant for each value.
- **required**: the key must be given. `-` as a default: nothing is set unless the key is given.
"#;

/// The text after the sections.
pub(super) const TAIL: &str = r#"
## [objective], [expectation]

Each key is `figure`, `transport.figure` or `transport.variant.figure`. A figure is one that tables and charts show, such as `p99` or `bytes_per_delivery`, and is computed as they compute it; any other is a [column of `runs.csv`](COLUMNS.md), such as `lost`. Each value is a comparison and a bound in the unit of the figure: `websocket.p99 = "< 50ms"`, `lost = 0`. The comparisons are `<`, `<=`, `>`, `>=` and `=`.

Each objective is held against every run that it names; one run that misses it is a miss. A run that is [not valid](validity.md), and a figure that a run does not have, meet nothing. A missed objective makes the program exit with 3; a missed expectation changes nothing.

## [claim]

Says what a publication claims. Only `wirebench claims` reads it; [a claim of your own](claims.md) has its keys, and the files in `scenarios/claims` are the examples.

## Header profiles

A profile is a TOML file with whole request heads as text; `scenarios/headers/minimal.toml` explains the format in its first lines.
"#;
