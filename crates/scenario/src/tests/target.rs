//! `[target]`: what a run gets of it, and every mistake in it.

use super::{super::Study, SMALL, study};
use crate::plan::{Message, Plan};

const DESCRIBED: &str = r#"
[target]
url = "http://127.0.0.1:9000"

[target.say]
path = "/say/{room}"
taken = [202]

[target.short_poll]
path = "/now/{room}?from={json page.next|0}"

[target.websocket]
path = "/socket/{room}"
headers = ["X-Me: {person}"]
"#;

fn text() -> String {
    format!("{SMALL}{DESCRIBED}")
}

fn plans(text: &str) -> Vec<Plan> {
    study(text, &[])
        .as_ref()
        .map(Study::plans)
        .expect("a scenario")
}

fn said(text: &str, overrides: &[&str]) -> String {
    match study(text, overrides) {
        Ok(_) => "no error".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn each_run_gets_its_transport_s_part_of_it() {
    let plans = plans(&text());
    let [poll, socket] = &plans[..] else {
        panic!("{} plans", plans.len());
    };
    let foreign = poll.foreign.as_ref().expect("a description");
    assert_eq!(foreign.read.path, "/now/{room}?from={json page.next|0}");
    assert_eq!(foreign.read.empty, [204, 304]);
    assert_eq!(
        (foreign.message, foreign.say.on_socket),
        (Message::Draft, true)
    );
    let foreign = socket.foreign.as_ref().expect("a description");
    assert_eq!(foreign.read.headers, ["X-Me: {person}"]);
    assert_eq!(foreign.say.taken, [202]);
}

#[test]
fn it_reads_back_the_same() {
    let first = study(&text(), &[]).expect("a scenario");
    let written = toml::to_string(&first.cells[0].scenario).expect("every value has a TOML form");
    let again = study(&written, &[]).expect("the same scenario");
    assert_eq!(first.cells[0].scenario, again.cells[0].scenario);
}

#[test]
fn a_url_alone_is_a_server_with_our_contract() {
    let plans = plans(&format!(
        "{SMALL}\n[target]\nurl = \"http://127.0.0.1:9000\"\n"
    ));
    assert!(plans.iter().all(|plan| plan.foreign.is_none()));
    // Then nothing of our contract is out of reach.
    let text = format!("{SMALL}\n[target]\nurl = \"http://127.0.0.1:9000\"\n");
    assert_eq!(said(&text, &["swarm.presence=true"]), "no error");
}

#[test]
fn a_transport_that_it_does_not_describe_is_refused() {
    let long_poll = format!("{}\n[[transport]]\nkind = \"long_poll\"\n", text());
    insta::assert_snapshot!(said(&long_poll, &[]), @"small.toml:31: transport[2]: [target] does not say how to read over long_poll; add [target.long_poll] with a path, or take this transport away");
    let silent = text().replace("path = \"/say/{room}\"", "");
    insta::assert_snapshot!(said(&silent, &[]), @"small.toml:10: transport[0]: [target] does not say how to publish beside short_poll; add [target.say] with the path to POST to, or run the WebSocket alone with speak = \"same\"");
    // Where nobody speaks there is nothing to say.
    assert_eq!(said(&silent, &["traffic.publishers=0"]), "no error");
}

#[test]
fn what_only_our_own_server_does_is_refused() {
    insta::assert_snapshot!(said(&text(), &["swarm.presence=true"]), @"--set swarm.presence=true: swarm.presence: names and presence are part of our own contract, and [target] describes another; presence = false would work; {person} in a path gives each reader a name");
    insta::assert_snapshot!(said(&text(), &["traffic.pacing=closed"]), @r#"--set traffic.pacing=closed: traffic.pacing: only our own server answers a draft on a WebSocket; pacing = "open" would work, or speak = "post" with a path in [target.say]"#);
    assert_eq!(
        said(&text(), &["traffic.pacing=closed", "traffic.speak=post"]),
        "no error"
    );
}

#[test]
fn holes_that_nothing_fills() {
    let path = |path: &str| said(&text(), &[&format!("target.websocket.path={path}")]);
    insta::assert_snapshot!(path("/socket/{rom}"), @r#"--set target.websocket.path=/socket/{rom}: target.websocket.path: {rom} is no hole; did you mean {room}? there are {room}, {person}, {hold}, {seq}, {header NAME}, {json KEY.KEY}, {id}, {session KEY}, {draft}, {draft_text}, {number}, {length}; {{ is a brace; "/sub/{room}" would work"#);
    assert!(path("/socket/{room").contains("a { without its }"));
    assert!(path("/{seq}").contains("{seq} goes with message = \"event\""));
    assert!(path("/{id}").contains("{id} belongs to sse"));
    assert!(path("/{hold}").contains("{hold} belongs to long_poll"));
    assert!(path("/{json next}").contains("belongs to the answers of polls"));
    assert!(path("socket").contains("\"socket\" is no path; it begins with a slash"));
    assert!(path("/a b").contains("is no path"));
    assert!(path("/a#{room}").contains("has a #"));
    assert_eq!(path("/a%23{room}"), "no error");
    // The path as it is before anything is known must be one as well.
    assert!(path("/{room}?after={header X|not yet}").contains("is no path"));
    assert!(path("/{room}?after={header X|#1}").contains("has a #"));
    assert_eq!(path("/{room}?after={header X|not%20yet}"), "no error");
    assert_eq!(path("/{room}?after={header X}"), "no error");
}

#[test]
fn rooms_must_be_told_and_drafts_be_sent() {
    let rooms = "swarm.rooms=2";
    insta::assert_snapshot!(said(&text(), &[rooms, "target.websocket.path=/socket"]), @"--set target.websocket.path=/socket: target.websocket.path: 2 rooms, and nothing tells the server which; put {room} into it, or set swarm.rooms = 1");
    assert!(said(&text(), &[rooms, "target.say.path=/say"]).contains("nothing tells the server"));
    assert_eq!(said(&text(), &["target.say.path=/say"]), "no error");
    assert!(said(&text(), &["target.say.path=/{id}"]).contains("{room}, {person}, {number}"));
    assert!(said(&text(), &["target.say.body=hello"]).contains("what is said is not in it"));
}

#[test]
fn bodies_and_frames_have_the_same_holes() {
    let set = |set: &str| said(&text(), &[set]);
    let frame = |frame: &str| set(&format!("target.websocket.first='{frame}'"));
    assert_eq!(frame(r#"{"type":"subscribe","room":"{room}"}"#), "no error");
    assert!(frame(r#"{"room":"{rom}"}"#).contains("did you mean {room}?"));
    assert!(frame("{session id}").contains("[target.session], which is not there"));
    let wait = r#"target.websocket.first=["a", { wait = "b" }, "c"]"#;
    assert_eq!(set(wait), "no error");
    assert!(set("target.websocket.first=5").contains("a list of them"));
    assert!(set("target.websocket.method=POST").contains("opened by GET"));
    assert!(set("target.short_poll.first='a'").contains("frames of a WebSocket"));
    assert!(set("target.short_poll.body='a'").contains("a GET has no body"));
    let posts = [
        "target.short_poll.method=POST",
        "target.short_poll.body={\"a\":{json page.next+1}}",
    ];
    assert_eq!(said(&text(), &posts), "no error");
    assert!(set("target.say.method=GET").contains("a GET says nothing"));
    assert_eq!(set("target.say.method=PATCH"), "no error");
    assert!(set("target.say.body={draft}{romm}").contains("did you mean {room}?"));
    assert!(set("target.say.body={draft}{id}").contains("nothing fills for who speaks"));
    assert!(set("target.say.frame=hello").contains("what is said is not in it"));
    let bytes = |sets: &[&str]| {
        said(
            &text(),
            &[&["target.websocket.binary=true"][..], sets].concat(),
        )
    };
    let packet = "target.websocket.first='0{length}{room:sized}'";
    assert_eq!(bytes(&[packet]), "no error");
    assert_eq!(
        bytes(&["target.say.frame='{length}{draft:sized}'"]),
        "no error"
    );
    assert!(set(packet).contains("belongs to frames of bytes"));
    assert!(set("target.short_poll.binary=true").contains("about frames of a WebSocket"));
    let answer = r#"target.websocket.answer=[{ when = "a", send = "b" }]"#;
    assert!(bytes(&[answer]).contains("cannot be answered"));
    for quoted in ["{draft}", "{draft:json}", "{draft_text}"] {
        let body = |body: &str| set(&format!("target.say.body='{body}'"));
        let told = body(&format!(r#"{{"text":"{quoted}"}}"#));
        assert!(told.contains("cannot stand within quotes"), "{told}");
        assert_eq!(body(&format!(r#"{{"text":{quoted}}}"#)), "no error");
    }
}

#[test]
fn requests_that_follow_the_opening_of_a_session() {
    let with = |then: &str| {
        let session =
            format!("[target.session]\npath = \"/session\"\nthen = [{then}]\n\n[target.say]");
        text().replace("[target.say]", &session)
    };
    let enters = with(r#"{ path = "/enter?sid={session sid}", body = '{"room":"{room}"}' }"#);
    assert_eq!(said(&enters, &[]), "no error");
    // Who entered a room need not name it again.
    let bare = [
        "swarm.rooms=2",
        "target.say.path=/say",
        "target.websocket.path=/socket",
    ];
    let polls = "target.short_poll.path=/now?from={json next|0}";
    assert_eq!(said(&enters, &[&bare[..], &[polls]].concat()), "no error");
    let nowhere = enters.replace("{room}\"}'", "lobby\"}'");
    assert!(said(&nowhere, &bare).contains("nothing tells the server which"));
    let mistake = |then: &str| said(&with(then), &[]);
    assert!(
        mistake(r#"{ path = "/x", method = "GET", body = "40" }"#).contains("a GET has no body")
    );
    assert!(mistake(r#"{ path = "/x?{json a}" }"#).contains("nobody has read anything"));
    assert!(mistake(r#"{ body = "40" }"#).contains("path"));
    assert!(mistake(r#"{ path = "x" }"#).contains("is no path"));
    let answer = "target.short_poll.answer=[{ when = \"2\", send = \"3\" }]";
    assert!(said(&text(), &[answer]).contains("a long poll may have answer"));
}

#[test]
fn other_mistakes() {
    insta::assert_snapshot!(said(&text(), &["target.websoket.path=/x"]), @r#"small.toml:17: target.websoket is not a key here; did you mean "websocket"? Keys here: url, message, transforms, session, say, short_poll, long_poll, ndjson, sse, websocket"#);
    assert!(said(&text(), &["target.message=text"]).contains("draft, event"));
    assert!(said(&text(), &["target.say.taken=[99]"]).contains("99 is no status"));
    let line = |line: &str| {
        let set = |key: &str| format!("target.{key}.headers=[\"{line}\"]");
        let told = ["short_poll", "say", "websocket"].map(|key| said(&text(), &[&set(key)]));
        assert!(
            told.iter()
                .all(|one| (one == "no error") == (told[0] == "no error"))
        );
        told[0].clone()
    };
    assert!(line("X").contains("has no colon"));
    for of_the_message in [
        "Content-Length: 3",
        "transfer-encoding: chunked",
        "Upgrade: h2c",
    ] {
        let told = line(of_the_message);
        assert!(told.contains("is written by the client itself"), "{told}");
    }
    assert_eq!(line("Host: other"), "no error");
    assert_eq!(line("Sec-WebSocket-Protocol: a"), "no error");
}
