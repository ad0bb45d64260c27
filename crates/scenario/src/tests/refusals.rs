//! Every mistake and what is said about it.

mod clerks;
mod no_chat;
mod nodes;
mod path;
mod tabs;

use super::{super::ScenarioError, SMALL, study};

fn said(text: &str, overrides: &[&str]) -> String {
    match study(text, overrides) {
        Ok(study) => format!("no error: {study:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn keys_that_do_not_belong() {
    insta::assert_snapshot!(said(&SMALL.replace("clients", "cleints"), &[]), @r#"small.toml:5: swarm.cleints is not a key here; did you mean "clients"? Keys here: clients, rooms, readers_per_room, room_sizes, rooms_per_clerk, ramp, connect_within, shards, tabs, presence, accounting, io"#);
    insta::assert_snapshot!(said(&format!("clients = 5\n{SMALL}"), &[]), @"small.toml:1: clients is not a key here; it belongs to [swarm]. Keys here: name, question, motive, expect, question_zh, motive_zh, expect_zh, seed, repeats, sittings, swarm, server, traffic, cut, reconnect, churn, answer, agent, headers, link, proxy, target, objective, expectation, capacity, claim, transport");
    insta::assert_snapshot!(said(&SMALL.replace("[traffic]", "[trafic]"), &[]), @r#"small.toml:7: trafic is not a key here; did you mean "traffic"? Keys here: name, question, motive, expect, question_zh, motive_zh, expect_zh, seed, repeats, sittings, swarm, server, traffic, cut, reconnect, churn, answer, agent, headers, link, proxy, target, objective, expectation, capacity, claim, transport"#);
    insta::assert_snapshot!(said(SMALL, &["swarm.rums=5"]), @r#"--set swarm.rums=5: swarm.rums is not a key here; did you mean "rooms"? Keys here: clients, rooms, readers_per_room, room_sizes, rooms_per_clerk, ramp, connect_within, shards, tabs, presence, accounting, io"#);
    insta::assert_snapshot!(said(SMALL, &["link.dely=50ms"]), @r#"--set link.dely=50ms: link.dely is not a key here; did you mean "delay"? Keys here: delay, jitter, rate, stall_every, stall_for, reset_after, idle_cut, buffer, workers, cut, connect_rtt, side"#);
    insta::assert_snapshot!(said(&SMALL.replace("\"websocket\"", "\"websocket\"\ninterval = \"1s\""), &[]), @"small.toml:16: transport[1].interval is not a key here; it belongs to short_poll. Keys of websocket: kind, protocol, compression");
    insta::assert_snapshot!(said(&SMALL.replace("interval", "intervall"), &[]), @r#"small.toml:12: transport[0].intervall is not a key here; did you mean "interval"? Keys here: kind, interval, keep_alive, protocol, compression"#);
    insta::assert_snapshot!(said(SMALL, &["traffic.arrivals={ bursts = 3 }"]), @r#"--set traffic.arrivals={ bursts = 3 }: traffic.arrivals.bursts is not a key here; did you mean "burst"? Keys here: burst"#);
}

#[test]
fn keys_that_are_missing() {
    insta::assert_snapshot!(said(&SMALL.replace("clients = 100", ""), &[]), @"small.toml:4: swarm.clients is missing; write clients = …");
    insta::assert_snapshot!(said(&SMALL.replace("name = \"small\"", ""), &[]), @"small.toml: name is missing; write name = …");
    insta::assert_snapshot!(said(&SMALL.replace("kind = \"websocket\"", ""), &[]), @"small.toml:14: transport[1].kind is missing; write kind = …");
}

#[test]
fn values_of_the_wrong_kind() {
    insta::assert_snapshot!(said(&SMALL.replace("100", "\"lots\""), &[]), @r#"small.toml:5: swarm.clients is "lots" where a whole number belongs"#);
    insta::assert_snapshot!(said(&SMALL.replace("100", "-5"), &[]), @"small.toml:5: swarm.clients is -5 where a whole number belongs");
    insta::assert_snapshot!(said(&SMALL.replace("100", "1.5"), &[]), @"small.toml:5: swarm.clients is 1.5 where a whole number belongs");
    insta::assert_snapshot!(said(&SMALL.replace("rate = 4", "measure = 10"), &[]), @r#"small.toml:8: traffic.measure is 10 where a duration such as "500ms", "2s" or "1m 30s" belongs"#);
    insta::assert_snapshot!(said(&SMALL.replace("500ms", "500 parsecs"), &[]), @r#"small.toml:12: transport[0].interval is "500 parsecs" where a duration such as "500ms", "2s" or "1m 30s" belongs"#);
    insta::assert_snapshot!(said(&SMALL.replace("500ms", "500"), &[]), @r#"small.toml:12: transport[0].interval is "500" where a duration such as "500ms", "2s" or "1m 30s" belongs"#);
    insta::assert_snapshot!(said(&SMALL.replace("\"websocket\"", "\"websockets\""), &[]), @r#"small.toml:15: transport[1].kind is "websockets"; did you mean "websocket"? Words here: short_poll, long_poll, http_stream, websocket"#);
    insta::assert_snapshot!(said(SMALL, &["transport.1.kind=carrier_pigeon"]), @r#"--set transport.1.kind=carrier_pigeon: transport[1].kind is "carrier_pigeon"; words here: short_poll, long_poll, http_stream, websocket"#);
    insta::assert_snapshot!(said(SMALL, &["traffic.arrivals=poison"]), @r#"--set traffic.arrivals=poison: traffic.arrivals is "poison"; did you mean "poisson"? Words here: constant, poisson, burst"#);
    insta::assert_snapshot!(said(SMALL, &["traffic.arrivals=burst"]), @"--set traffic.arrivals=burst: traffic.arrivals needs the size of a burst; write { burst = 20 }");
    insta::assert_snapshot!(said(SMALL, &["traffic.payload=big"]), @r#"--set traffic.payload=big: traffic.payload is "big" where a number of bytes or { min = 10, max = 500 } belongs"#);
    insta::assert_snapshot!(said(SMALL, &["traffic.payload={ min = 3 }"]), @"--set traffic.payload={ min = 3 }: traffic.payload.max is missing; write max = …");
    insta::assert_snapshot!(said(SMALL, &["swarm.presence=yes"]), @r#"--set swarm.presence=yes: swarm.presence is "yes" where true or false belongs"#);
    insta::assert_snapshot!(said(SMALL, &["swarm=5"]), @"--set swarm=5: swarm is 5 where a table belongs");
    insta::assert_snapshot!(said(SMALL, &["link.rate=fast"]), @r#"--set link.rate=fast: link.rate "fast" is no rate: write a number above zero and bit, kbit, mbit or gbit (per second), such as 2mbit"#);
    insta::assert_snapshot!(said(SMALL, &["link.buffer=lots"]), @r#"--set link.buffer=lots: link.buffer "lots" is nothing to buffer: write none, response, or an amount above zero such as 4KiB"#);
    insta::assert_snapshot!(said(SMALL, &["repeats=[1, 2]"]), @"--set repeats=[1, 2]: repeats is a list where a whole number belongs");
}

#[test]
fn protocols_over_what_they_do_not_have() {
    let spoken = |entry: &str| {
        let text = SMALL.replace("kind = \"websocket\"", entry);
        said(&text, &[])
    };
    insta::assert_snapshot!(spoken("kind = \"sse\"\nprotocol = \"socket_io\""), @"small.toml:16: transport[1].protocol: there is no Socket.IO over http_stream; Socket.IO is spoken over long_poll and websocket");
    insta::assert_snapshot!(spoken("kind = \"short_poll\"\nprotocol = \"sockjs\""), @"small.toml:16: transport[1].protocol: there is no SockJS over short_poll; SockJS is spoken over long_poll, http_stream and websocket");
    insta::assert_snapshot!(spoken("kind = \"ndjson\"\nprotocol = \"sockjs\""), @r#"small.toml:14: transport[1].framing: SockJS streams frames of its own and no ndjson; leave framing out for xhr-streaming, or write "sse" for eventsource or "iframe" for htmlfile"#);
    insta::assert_snapshot!(spoken("kind = \"long_poll\"\nprotocol = \"sockjs\"\nhold = \"9s\""), @"small.toml:17: transport[1].hold: SockJS has no hold: its server holds a poll until the next heartbeat; leave hold out: it is 25s");
    insta::assert_snapshot!(spoken("kind = \"websocket\"\nprotocol = \"mqtt\""), @r#"small.toml:16: transport[1].protocol is "mqtt"; words here: plain, socket_io, sockjs"#);
}

#[test]
fn compressions_of_what_does_not_have_them() {
    let packed = |entry: &str| {
        let text = SMALL.replace("kind = \"websocket\"", entry);
        said(&text, &[])
    };
    insta::assert_snapshot!(packed("kind = \"websocket\"\ncompression = \"gzip\""), @"small.toml:16: transport[1].compression: there is no gzip over websocket; deflate or deflate_context would work");
    insta::assert_snapshot!(packed("kind = \"sse\"\ncompression = \"deflate\""), @"small.toml:16: transport[1].compression: there is no deflate over http_stream; gzip or br would work");
    insta::assert_snapshot!(packed("kind = \"websocket\"\nprotocol = \"sockjs\"\ncompression = \"deflate\""), @"small.toml:17: transport[1].compression: the server compresses its own contract, and not SockJS; leave compression out, or protocol");
    insta::assert_snapshot!(packed("kind = \"websocket\"\ncompression = \"zstd\""), @r#"small.toml:16: transport[1].compression is "zstd"; words here: none, gzip, br, deflate, deflate_context"#);
}

#[test]
fn framings_that_a_transport_does_not_have() {
    let framed = |entry: &str| said(&SMALL.replace("kind = \"websocket\"", entry), &[]);
    insta::assert_snapshot!(framed("kind = \"long_poll\"\nframing = \"sse\""), @"small.toml:16: transport[1].framing: sse is a framing of http_stream, not of long_poll; words for long_poll: jsonp");
    insta::assert_snapshot!(framed("kind = \"http_stream\"\nframing = \"jsonp\""), @"small.toml:16: transport[1].framing: jsonp is a framing of long_poll, not of http_stream; words for http_stream: ndjson, sse, iframe");
    insta::assert_snapshot!(framed("kind = \"iframe\"\nframing = \"sse\""), @r#"small.toml:16: transport[1].framing contradicts kind = "iframe"; write kind = "http_stream" with the framing that is meant"#);
    insta::assert_snapshot!(framed("kind = \"jsonp\"\nprotocol = \"socket_io\""), @r#"small.toml:14: transport[1].framing: the clients of Socket.IO 4 read no scripts; leave framing out, or protocol; protocol = "sockjs" would work"#);
    insta::assert_snapshot!(framed("kind = \"iframe\"\nprotocol = \"in_page\""), @r#"small.toml:16: transport[1].protocol is "in_page"; words here: plain, socket_io, sockjs"#);
    insta::assert_snapshot!(framed("kind = \"websocket\"\nframing = \"jsonp\""), @"small.toml:16: transport[1].framing is not a key here; it belongs to long_poll and http_stream. Keys of websocket: kind, protocol, compression");
    insta::assert_snapshot!(framed("kind = \"iframe\"\ncompression = \"gzip\""), @"small.toml:16: transport[1].compression: the server compresses no script of a page; leave compression out, or framing");
}

#[test]
fn sweeps_that_cannot_be_spelled_out() {
    insta::assert_snapshot!(said(SMALL, &["swarm.clients=[]"]), @"--set swarm.clients=[]: swarm.clients is an empty list; give it at least one value");
    insta::assert_snapshot!(said(SMALL, &["swarm.clients={ from = 1, to = 9, step = 3 }"]), @r#"--set swarm.clients={ from = 1, to = 9, step = 3 }: swarm.clients.step is not a key here; did you mean "steps"? Keys here: from, to, steps, scale"#);
    insta::assert_snapshot!(said(SMALL, &["swarm.clients={ from = 0, to = 9, steps = 3, scale = \"log\" }"]), @r#"--set swarm.clients={ from = 0, to = 9, steps = 3, scale = "log" }: swarm.clients cannot be on a log scale from or to 0 or less; take a from above 0, or scale = "linear""#);
    insta::assert_snapshot!(said(SMALL, &["swarm.clients={ from = 1, to = 9, steps = 3, scale = \"logarithmic\" }"]), @r#"--set swarm.clients={ from = 1, to = 9, steps = 3, scale = "logarithmic" }: swarm.clients.scale is "logarithmic"; did you mean "log"? Words here: linear, log"#);
    insta::assert_snapshot!(said(SMALL, &["swarm.clients={ from = 1, to = \"1s\", steps = 3 }"]), @r#"--set swarm.clients={ from = 1, to = "1s", steps = 3 }: swarm.clients needs two numbers, or two durations such as "10ms", as from and to"#);
    insta::assert_snapshot!(said(SMALL, &["swarm.clients=[10, 0]"]), @"--set swarm.clients=[10, 0]: swarm.clients (cell clients=0): 0 leaves nobody to hear anything; 1 is the least");
    insta::assert_snapshot!(said(SMALL, &["traffic.rate={ from = 1.0, to = 9.0, steps = 1000 }", "traffic.payload={ from = 1, to = 999, steps = 900 }"]), @"--set traffic.payload={ from = 1, to = 999, steps = 900 }: traffic.payload makes more than 10000 cells; sweep fewer values");
}

#[test]
fn texts_and_overrides_that_cannot_be_read() {
    insta::assert_snapshot!(said(&SMALL.replace("= 4", "= "), &[]), @"small.toml:8: not TOML: string values must be quoted, expected literal string");
    insta::assert_snapshot!(said(&format!("{SMALL}kind = \"long_poll\"\n"), &[]), @"small.toml:16: not TOML: duplicate key");
    insta::assert_snapshot!(said(SMALL, &["swarm.clients"]), @r#"--set swarm.clients: no "=" in it; write key=value, such as swarm.clients=500"#);
    insta::assert_snapshot!(said(SMALL, &["swarm..clients=5"]), @"--set swarm..clients=5: the key has an empty part; write it as in swarm.clients=500");
    insta::assert_snapshot!(said(SMALL, &["swarm.clients.number=5"]), @"--set swarm.clients.number=5: swarm.clients is a value and has no keys in it");
    insta::assert_snapshot!(said(SMALL, &["transport.kind=websocket"]), @"--set transport.kind=websocket: transport is a list of 2; its first is transport.0");
    insta::assert_snapshot!(said(SMALL, &["transport.7.kind=websocket"]), @"--set transport.7.kind=websocket: transport is a list of 2; its first is transport.0");
}

#[test]
fn what_cannot_work() {
    insta::assert_snapshot!(said(SMALL, &["swarm.clients=0"]), @"--set swarm.clients=0: swarm.clients: 0 leaves nobody to hear anything; 1 is the least");
    insta::assert_snapshot!(said(SMALL, &["server.threads=4000"]), @"--set server.threads=4000: server.threads: 4000 threads are more than the 256 allowed; one for each processor is the most that helps");
    insta::assert_snapshot!(said(SMALL, &["swarm.shards=257"]), @"--set swarm.shards=257: swarm.shards: 257 threads are more than the 256 allowed; one for each processor is the most that helps");
    insta::assert_snapshot!(said(SMALL, &["repeats=0"]), @"--set repeats=0: repeats: 0 runs nothing; 1 is a look, 5 carry a verdict");
    insta::assert_snapshot!(said(SMALL, &["server.threads=0"]), @"--set server.threads=0: server.threads: 0 leaves no thread that serves; 1 is the least");
    insta::assert_snapshot!(said(SMALL, &["swarm.connect_within=0s"]), @"--set swarm.connect_within=0s: swarm.connect_within: nobody is connected in 0s; 30s is the default");
    insta::assert_snapshot!(said(SMALL, &["traffic.measure=0s"]), @"--set traffic.measure=0s: traffic.measure: nothing counts in a measure of 0s; 10s is the default");
    insta::assert_snapshot!(said(SMALL, &["swarm.rooms=4", "swarm.readers_per_room=25"]), @"--set swarm.readers_per_room=25: swarm.readers_per_room: rooms and readers_per_room both say how many rooms there are; keep one of them");
    insta::assert_snapshot!(said(SMALL, &["swarm.rooms=101"]), @"--set swarm.rooms=101: swarm.rooms: 101 rooms for 100 clients leave rooms empty; rooms = 100 would work");
    insta::assert_snapshot!(said(SMALL, &["swarm.readers_per_room=30"]), @"--set swarm.readers_per_room=30: swarm.readers_per_room: 100 clients do not fill rooms of 30; clients = 90 would work");
    insta::assert_snapshot!(said(SMALL, &["swarm.readers_per_room=300"]), @"--set swarm.readers_per_room=300: swarm.readers_per_room: 100 clients do not fill rooms of 300; clients = 300 would work");
    insta::assert_snapshot!(said(SMALL, &["swarm.readers_per_room=0"]), @"--set swarm.readers_per_room=0: swarm.readers_per_room: 0 leaves nobody to hear anything; 1 is the least");
    insta::assert_snapshot!(said(SMALL, &["swarm.room_sizes=[2, 5]"]), @"--set swarm.room_sizes=[2, 5]: swarm.room_sizes: 100 clients do not fill rooms of 7 people together; clients = 105 would work");
    insta::assert_snapshot!(said(SMALL, &["swarm.room_sizes=[2, 0]"]), @"--set swarm.room_sizes=[2, 0]: swarm.room_sizes: a room without people; [2, 5] would work");
    insta::assert_snapshot!(said(SMALL, &["swarm.room_sizes=[]"]), @"--set swarm.room_sizes=[]: swarm.room_sizes: a room without people; [2, 5] would work");
    insta::assert_snapshot!(said(SMALL, &["swarm.room_sizes=[2, 8]", "swarm.rooms=4"]), @"--set swarm.room_sizes=[2, 8]: swarm.room_sizes: another key says how many rooms there are too; leave out rooms and readers_per_room");
    insta::assert_snapshot!(said(SMALL, &["swarm.room_sizes=[2, 8]", "traffic.speak=\"same\"", "traffic.publishers=3"]), @r#"--set traffic.publishers=3: traffic.publishers: 3 publishers in a room of 2 people; publishers = 2 would work: a publisher is one of the room's people, unless speak = "post""#);
    insta::assert_snapshot!(said(SMALL, &["traffic.payload=0"]), @"--set traffic.payload=0: traffic.payload: a draft has 1 to 65536 bytes of text; 1 would work");
    insta::assert_snapshot!(said(SMALL, &["traffic.payload=65537"]), @"--set traffic.payload=65537: traffic.payload: a draft has 1 to 65536 bytes of text; 65536 would work");
    insta::assert_snapshot!(said(SMALL, &["traffic.payload={ min = 9, max = 1 }"]), @"--set traffic.payload={ min = 9, max = 1 }: traffic.payload: min = 9 is more than max = 1; swap them");
    insta::assert_snapshot!(said(SMALL, &["traffic.rate=0"]), @"--set traffic.rate=0: traffic.rate: 0 with publishers who never speak; for silence set publishers = 0");
    insta::assert_snapshot!(said(SMALL, &["traffic.rate=inf"]), @"--set traffic.rate=inf: traffic.rate: inf is no number of drafts a second; 1 is the default");
    insta::assert_snapshot!(said(SMALL, &["traffic.publishers=101"]), @r#"--set traffic.publishers=101: traffic.publishers: 101 publishers in a room of 100 people; publishers = 100 would work: a publisher is one of the room's people, unless speak = "post""#);
    insta::assert_snapshot!(said(SMALL, &["traffic.rate=0.01"]), @r#"small.toml:7: traffic.measure: at rate 0.01 the next draft is due every 100.0 s, so none may be due in it; measure = "100s" would work"#);
    insta::assert_snapshot!(said(SMALL, &["traffic.arrivals={ burst = 100 }"]), @r#"small.toml:7: traffic.measure: at rate 4 the next draft is due every 25.0 s, so none may be due in it; measure = "25s" would work"#);
    insta::assert_snapshot!(said(SMALL, &["headers.profile=brwser"]), @r#"--set headers.profile=brwser: headers.profile: no header profile is called "brwser"; did you mean "browser"? Profiles: browser, firefox-lean, kaazing-2009, minimal; or a path such as "./mine.toml""#);
    insta::assert_snapshot!(said(SMALL, &["headers.profile=./none.toml"]), @"--set headers.profile=./none.toml: headers.profile: cannot read ./none.toml: No such file or directory (os error 2); a path is taken from the scenario's own folder");
    insta::assert_snapshot!(said(SMALL, &["headers.lines=[\"Host: a\"]"]), @r#"--set headers.lines=["Host: a"]: headers.lines: Host is written by the client itself; take the line away"#);
    insta::assert_snapshot!(said(SMALL, &["headers.lines=[\"no colon\"]"]), @r#"--set headers.lines=["no colon"]: headers.lines: "no colon" has no colon; write it as "Name: value"; "X-Token: 1234" would work"#);
    insta::assert_snapshot!(said(SMALL, &["headers.cookie=3"]), @"--set headers.cookie=3: headers.cookie: 3 bytes cannot be made; 0 for none, or 9 to 32768");
    insta::assert_snapshot!(said(SMALL, &["link.jitter=5ms"]), @r#"--set link.jitter=5ms: link.jitter: more jitter than delay would have bytes arrive before they left; jitter = "0s" would work"#);
    insta::assert_snapshot!(said(SMALL, &["link.stall_for=1s"]), @"small.toml: link.stall_every: stall_every and stall_for go together; give both or neither");
    insta::assert_snapshot!(said(SMALL, &["transport=[]"]), @r#"--set transport=[]: transport: no transport to compare; add a table [[transport]] with kind = "websocket", for one"#);
    insta::assert_snapshot!(said(SMALL, &["transport.0={ kind = \"websocket\" }"]), @"small.toml:14: transport[1]: websocket with the same parameters is there twice; take one away; for more runs of it set repeats");
    insta::assert_snapshot!(said(SMALL, &["transport.0.interval=0s"]), @"--set transport.0.interval=0s: transport[0].interval: 0s asks without a pause; 1s is the default");
    insta::assert_snapshot!(said(SMALL, &["transport.0.interval=30s"]), @r#"--set transport.0.interval=30s: transport[0].interval: who asks every 30s cannot hear the last drafts within a drain of 10s; traffic.drain = "35s" would work"#);
    insta::assert_snapshot!(said(SMALL, &["traffic.rate=1000"]), @"small.toml:12: transport[0].interval: 500 events between two questions are more than the log of 200 keeps; server.log = 1000 would work");
    insta::assert_snapshot!(said(SMALL, &["transport.1={ kind = \"long_poll\", hold = \"5m\" }"]), @r#"--set transport.1={ kind = "long_poll", hold = "5m" }: transport[1].hold: 5m is no hold that the server grants; whole seconds from 1s to 2m work"#);
}

#[test]
fn what_lasts_too_long() {
    insta::assert_snapshot!(said(SMALL, &["traffic.measure=4h"]), @"--set traffic.measure=4h: traffic.measure: with ramp, settle and drain a run would last 4h 13s; up to 4h a draft's tag can tell its times");
    insta::assert_snapshot!(said(SMALL, &["traffic.settle=25h"]), @"--set traffic.settle=25h: traffic.settle: nothing here lasts longer than a day; seconds or minutes would work");
    insta::assert_snapshot!(said(SMALL, &["traffic.coherent_within=584years"]), @"--set traffic.coherent_within=584years: traffic.coherent_within: nothing here lasts longer than a day; seconds or minutes would work");
    insta::assert_snapshot!(said(SMALL, &["transport.0.interval=500years", "traffic.publishers=0"]), @"--set transport.0.interval=500years: transport[0].interval: nothing here lasts longer than a day; seconds or minutes would work");
    insta::assert_snapshot!(said(SMALL, &["link.delay=500000000000years"]), @"--set link.delay=500000000000years: link.delay: nothing here lasts longer than a day; seconds or minutes would work");
    insta::assert_snapshot!(said(SMALL, &["link.idle_cut=2days"]), @"--set link.idle_cut=2days: link.idle_cut: nothing here lasts longer than a day; seconds or minutes would work");
}

#[test]
fn ways_to_speak_that_are_none() {
    insta::assert_snapshot!(said(SMALL, &["traffic.speak=posts"]), @r#"--set traffic.speak=posts: traffic.speak is "posts"; did you mean "post"? Words here: same, post, post_close"#);
    insta::assert_snapshot!(said(SMALL, &["traffic.speak=5"]), @"--set traffic.speak=5: traffic.speak is no text where a text in quotes belongs");
    insta::assert_snapshot!(said(SMALL, &["traffic.pacing=close"]), @r#"--set traffic.pacing=close: traffic.pacing is "close"; did you mean "closed"? Words here: open, closed, in_flight"#);
    insta::assert_snapshot!(said(SMALL, &["traffic.pacing=in_flight"]), @"--set traffic.pacing=in_flight: traffic.pacing needs a number; write { in_flight = 4 }");
    insta::assert_snapshot!(said(SMALL, &["traffic.pacing=4"]), @r#"--set traffic.pacing=4: traffic.pacing is 4 where "open", "closed" or { in_flight = 4 } belongs"#);
    insta::assert_snapshot!(said(SMALL, &["traffic.pacing={ flying = 4 }"]), @"--set traffic.pacing={ flying = 4 }: traffic.pacing.flying is not a key here; keys here: in_flight, back");
    insta::assert_snapshot!(said(SMALL, &["traffic.pacing={ in_flight = 0 }"]), @"--set traffic.pacing={ in_flight = 0 }: traffic.pacing: 0 in flight is silence; { in_flight = 4 } would work");
    insta::assert_snapshot!(said(SMALL, &["traffic.pacing={ in_flight = 4 }", "traffic.speak=post"]), @r#"--set traffic.pacing={ in_flight = 4 }: traffic.pacing: a draft in flight comes back to its speaker, and who only posts does not listen; speak = "same" would work, or pacing = "closed""#);
    insta::assert_snapshot!(said(SMALL, &["link.delay=50ms", "link.side=readers"]), @r#"--set link.side=readers: link.side: readers and speakers share their connections; traffic.speak = "post" would work: speakers then have connections of their own"#);
    insta::assert_snapshot!(said(SMALL, &["link.delay=50ms", "link.side=reader"]), @r#"--set link.side=reader: link.side is "reader"; did you mean "readers"? Words here: both, readers, speakers"#);
    insta::assert_snapshot!(said(SMALL, &["traffic.coherent_within=0"]), @r#"--set traffic.coherent_within=0: traffic.coherent_within is 0 where a duration such as "500ms", "2s" or "1m 30s" belongs"#);
}

#[test]
fn stalls_that_cannot_be() {
    insta::assert_snapshot!(said(SMALL, &["server.stall=1s"]), @r#"--set server.stall=1s: server.stall is "1s" where a table belongs"#);
    insta::assert_snapshot!(said(SMALL, &["server.stall={ after = \"1s\" }"]), @r#"--set server.stall={ after = "1s" }: server.stall.for is missing; write for = …"#);
    insta::assert_snapshot!(said(SMALL, &["server.stall={ after = \"1s\", fore = \"1s\" }"]), @r#"--set server.stall={ after = "1s", fore = "1s" }: server.stall.fore is not a key here; did you mean "for"? Keys here: after, for"#);
    insta::assert_snapshot!(said(SMALL, &["server.stall={ after = \"1s\", for = \"0s\" }"]), @r#"--set server.stall={ after = "1s", for = "0s" }: server.stall.for: 0s stops nothing; "1400ms" would work, or no stall at all"#);
    insta::assert_snapshot!(said(SMALL, &["server.stall={ after = \"10s\", for = \"1400ms\" }"]), @r#"--set server.stall={ after = "10s", for = "1400ms" }: server.stall.after: 10s after the beginning of a measure of 10s it is over; traffic.measure = "30s" would work"#);
    insta::assert_snapshot!(said(SMALL, &["server.stall={ after = \"5s\", for = \"15s\" }"]), @r#"--set server.stall={ after = "5s", for = "15s" }: server.stall.for: 15s is as long as all that is left of measure and drain; for = "7s 500ms" would work"#);
    insta::assert_snapshot!(said(SMALL, &["server.coalesce=no"]), @r#"--set server.coalesce=no: server.coalesce is "no" where true or false belongs"#);
}

#[test]
fn a_way_to_write_that_is_none() {
    insta::assert_snapshot!(said(SMALL, &["swarm.io=ring"]), @r#"--set swarm.io=ring: swarm.io is "ring"; did you mean "uring"? Words here: auto, epoll, uring"#);
    insta::assert_snapshot!(said(SMALL, &["server.io=ring"]), @r#"--set server.io=ring: server.io is "ring"; did you mean "uring"? Words here: auto, epoll, uring"#);
}

#[test]
fn versions_of_tls_that_are_none() {
    insta::assert_snapshot!(said(SMALL, &["server.tls=true"]), @r#"--set server.tls=true: server.tls is true, which is no version of TLS; "1.3" or "1.2" would work"#);
    insta::assert_snapshot!(said(SMALL, &["server.tls=1.1"]), @r#"--set server.tls=1.1: server.tls is "1.1", a version that is not spoken here; "1.2" or "1.3" would work"#);
    insta::assert_snapshot!(said(SMALL, &["server.tls=13"]), @r#"--set server.tls=13: server.tls is 13 where false, "1.2" or "1.3" belongs"#);
    insta::assert_snapshot!(said(SMALL, &["server.tls=1.3", "link.buffer=4KiB"]), @"--set link.buffer=4KiB: link.buffer: under TLS the link cannot tell where a response ends, and would keep back nothing; server.tls = false would work, or no buffer");
}

#[test]
fn what_does_not_go_over_http_2() {
    let long_poll = "transport=[{ kind = \"long_poll\" }]";
    let refused = |overrides: &[&str]| {
        let text = said(SMALL, overrides);
        text.split_once(": ").expect("where, and why").1.to_owned()
    };
    for (overrides, why) in [
        (
            &["server.http=3"][..],
            "server.http is \"3\", a version that is not spoken here; \"1.1\" or \"2\" would work",
        ),
        (
            &["server.http=true"],
            "server.http is true where \"1.1\" or \"2\" belongs",
        ),
        (
            &[long_poll, "traffic.speak=post_close", "server.http=2"],
            "server.http: one connection of HTTP/2 carries all drafts of a speaker; traffic.speak = \"post\" would work, or http = \"1.1\"",
        ),
        (
            &[long_poll, "server.http=2", "link.buffer=4KiB"],
            "link.buffer: the link cannot tell where a response of HTTP/2 ends, and would keep back nothing; server.http = \"1.1\" would work, or none of buffer, workers and cut",
        ),
        (
            &[long_poll, "server.http=2", "proxy={ kind = \"nginx\" }"],
            "server.http: the proxy and the server are reached in HTTP/1.1; http = \"1.1\" would work",
        ),
        (
            &["swarm.tabs=0"],
            "swarm.tabs: a browser without a tab reads nothing; 1 is the default",
        ),
        (
            &[long_poll, "server.http=2", "swarm.tabs=91"],
            "swarm.tabs: servers take about a hundred requests at a time on one connection; tabs = 90 would work",
        ),
        (
            &[
                long_poll,
                "server.http=2",
                "swarm.accounting={ sample = 3 }",
                "swarm.tabs=2",
            ],
            "swarm.accounting: the connection of one person is that of several tabs; \"all\" would work, or tabs = 1",
        ),
    ] {
        assert!(refused(overrides).ends_with(why), "{}", refused(overrides));
    }
    // Of these, only what is run is refused.
    let ways = "transport=[{ kind = \"websocket\" }, { kind = \"long_poll\", keep_alive = [true, false] }]";
    let study = study(SMALL, &[ways, "server.http=2"]).expect("a scenario");
    let checked =
        |plans: &[crate::plan::Plan]| study.check_plans(plans).map_err(|error| error.to_string());
    let plans = study.plans();
    assert_eq!(checked(&plans[..2]), Ok(()));
    insta::assert_snapshot!(checked(&plans[1..]).expect_err("connections that close"), @r#"--set server.http=2: server.http: one connection of HTTP/2 carries all questions of a reader; keep_alive = true would work, or http = "1.1""#);
}

#[test]
fn more_people_than_files() {
    let said = |overrides: &[&str], limit: u64| {
        let study = study(SMALL, overrides).expect("a scenario");
        study.check(limit).map_err(|error| error.to_string())
    };
    assert_eq!(said(&[], 1024), Ok(()));
    assert_eq!(said(&["transport=[{ kind = \"websocket\" }]"], 164), Ok(()));
    let error = said(&[], 164).expect_err("the speaker over HTTP needs one more");
    insta::assert_snapshot!(error, @"small.toml:5: swarm.clients: 100 readers and 1 more for who speaks over HTTP need 165 open files, and 164 are allowed; clients = 99 would work, or a higher hard limit (ulimit -Hn)");
    let crowd = [
        "traffic.speak=post",
        "traffic.publishers=9223372036854775807",
        "swarm.rooms=100",
    ];
    let error = said(&crowd, 20_000).expect_err("more than can be counted");
    insta::assert_snapshot!(error, @"small.toml:5: swarm.clients: 100 readers and 18446744073709551615 more for who speaks over HTTP need 18446744073709551615 open files, and 20000 are allowed; not even one reader would fit: fewer publishers or rooms, or a hard limit (ulimit -Hn) of 18446744073709551615 would work");
    let error = said(&["swarm.clients=[100, 30000]"], 20_000).expect_err("too many");
    insta::assert_snapshot!(error, @"--set swarm.clients=[100, 30000]: swarm.clients (cell clients=30000): 30000 readers and 1 more for who speaks over HTTP need 30065 open files, and 20000 are allowed; clients = 19935 would work, or a higher hard limit (ulimit -Hn)");
}

/// Checks that the number of clients that is advised for few open files fills the rooms, and that none
/// is advised where each would leave rooms empty.
#[test]
fn fewer_clients_that_are_advised_would_work() {
    for (overrides, limit, advised) in [
        (
            &["swarm.clients=140", "swarm.room_sizes=[2, 5]"][..],
            150,
            Some(42),
        ),
        (
            &[
                "swarm.clients=200",
                "swarm.readers_per_room=2",
                "traffic.speak=post",
            ],
            341,
            Some(176),
        ),
        (
            &[
                "swarm.clients=200",
                "swarm.rooms=100",
                "traffic.speak=post_close",
            ],
            240,
            None,
        ),
    ] {
        let check = |overrides: &[&str]| {
            let study = study(SMALL, overrides).expect("a scenario");
            study.check(limit).map_err(|error| error.to_string())
        };
        let said = check(overrides).expect_err("too few open files");
        let Some(clients) = advised else {
            assert!(!said.contains("clients = "), "{said}");
            continue;
        };
        let advice = format!("clients = {clients} would work");
        assert!(said.contains(&advice), "{said}");
        let clients = format!("swarm.clients={clients}");
        let followed = [overrides, &[clients.as_str()][..]].concat();
        assert_eq!(check(&followed), Ok(()));
    }
}

#[test]
fn a_file_that_is_not_there() {
    let error = super::super::Study::load(std::path::Path::new("none.toml"), &[])
        .expect_err("no such file");
    assert!(matches!(error, ScenarioError::Unreadable { .. }), "{error}");
}

#[test]
fn a_file_without_an_end() {
    let error =
        super::super::Study::load(std::path::Path::new("/dev/zero"), &[]).expect_err("no scenario");
    assert!(error.to_string().contains("more than 4 MiB"), "{error}");
}
