//! The checks of `[target]`.

mod frames;
mod say;
mod session;

use wire::{Exchange, Way};

use super::{Checked, ensure};
use crate::{
    Scenario, TargetSettings, TransportEntry,
    error::Problem,
    plan::{Message, Method, Pacing, Reading, Speak, within_body},
    profile::split,
    template::{Template, Value, Within},
};

pub(super) fn check(scenario: &Scenario) -> Checked {
    let Some(target) = scenario.target.as_ref().filter(|target| target.describes()) else {
        return Ok(());
    };
    if let Some(opening) = &target.session {
        session::check(opening)?;
    }
    for (way, reading) in target.readings() {
        self::reading(scenario, target, way, reading)?;
        frames::check(scenario, target, way, reading)?;
    }
    say::check(scenario, target)?;
    ensure(!scenario.swarm.presence, "swarm.presence", || {
        (
            "names and presence are part of our own contract, and [target] describes another"
                .to_owned(),
            "presence = false would work; {person} in a path gives each reader a name".to_owned(),
        )
    })?;
    for (index, entry) in scenario.transport.iter().enumerate() {
        transport(scenario, target, &format!("transport[{index}]"), entry)?;
    }
    Ok(())
}

/// Checks that the description is enough for a transport that is to be run.
fn transport(
    scenario: &Scenario,
    target: &TargetSettings,
    key: &str,
    entry: &TransportEntry,
) -> Checked {
    let variant = entry.variant();
    let traffic = &scenario.traffic;
    let way = variant.way();
    let table = way.key();
    ensure(target.reading(way).is_some(), key, || {
        (
            format!("[target] does not say how to read over {table}"),
            format!("add [target.{table}] with a path, or take this transport away"),
        )
    })?;
    let on_socket = way.carries_drafts() && traffic.speak == Speak::Same && target.say.on_socket;
    let silent = traffic.publishers == 0;
    ensure(
        silent || on_socket || target.say.path.is_some(),
        key,
        || {
            (
                format!("[target] does not say how to publish beside {table}"),
                "add [target.say] with the path to POST to, or run the WebSocket alone with speak = \"same\"".to_owned(),
            )
        },
    )?;
    ensure(
        !(on_socket && traffic.pacing == Pacing::Closed),
        "traffic.pacing",
        || {
            (
                "only our own server answers a draft on a WebSocket".to_owned(),
                "pacing = \"open\" would work, or speak = \"post\" with a path in [target.say]"
                    .to_owned(),
            )
        },
    )
}

fn reading(scenario: &Scenario, target: &TargetSettings, way: Way, reading: &Reading) -> Checked {
    let key = format!("target.{}", way.key());
    let path_key = format!("{key}.path");
    let mut texts = vec![path(&path_key, &reading.path)?];
    texts.extend(lines(&format!("{key}.headers"), &reading.headers)?);
    let within = within_body(&reading.headers);
    texts.push(template(&format!("{key}.body"), &reading.body, within)?);
    for status in &reading.empty {
        status_is_one(&format!("{key}.empty"), *status)?;
    }
    for value in texts.iter().flat_map(Template::values) {
        filled(target, way, &key, value)?;
    }
    let has_body = !reading.body.is_empty();
    ensure(!has_body || reading.method != Method::Get, &key, || {
        (
            "a GET has no body".to_owned(),
            "method = \"POST\" would work".to_owned(),
        )
    })?;
    // A frame that is sent first may name the room as well.
    if reading.first.0.is_empty() {
        // So may a request that follows the opening of a session.
        for further in target.session.iter().flat_map(|opening| &opening.then) {
            texts.extend(session::templates(&key, further)?);
        }
        one_room(scenario, &path_key, texts.iter().flat_map(Template::values))?;
    }
    Ok(())
}

/// Checks that something in an answer over this transport fills the hole.
fn filled(target: &TargetSettings, way: Way, key: &str, value: &Value) -> Checked {
    let message = target.message;
    let (holds, where_it_does) = match value {
        Value::Room | Value::Person | Value::Header(_) | Value::Length => (true, ""),
        Value::Hold => (
            way.exchange() == Exchange::Held,
            "{hold} belongs to long_poll",
        ),
        Value::Seq => (
            message == Message::Event,
            "{seq} goes with message = \"event\"; a draft has no number",
        ),
        Value::Json(_) => (way.polls(), "{json …} belongs to the answers of polls"),
        Value::Id => (
            way == Way::Sse && message == Message::Draft,
            "{id} belongs to sse, with message = \"draft\"",
        ),
        Value::Session(_) | Value::SessionHeader(_) | Value::SessionCookie(_) => (
            target.session.is_some(),
            "{session …} is filled by the answer to [target.session], which is not there",
        ),
        Value::Draft | Value::DraftText | Value::Number => {
            (false, "{draft} and {number} belong to [target.say]")
        }
    };
    ensure(holds, key, || {
        (
            "it has a hole that nothing fills".to_owned(),
            where_it_does.to_owned(),
        )
    })
}

fn one_room<'a>(
    scenario: &Scenario,
    key: &str,
    mut values: impl Iterator<Item = &'a Value>,
) -> Checked {
    let rooms = scenario.swarm.room_count();
    let told = values.any(|value| *value == Value::Room);
    ensure(rooms == 1 || told, key, || {
        (
            format!("{rooms} rooms, and nothing tells the server which"),
            "put {room} into it, or set swarm.rooms = 1".to_owned(),
        )
    })
}

/// Reads a path. It must be one where its holes are filled, and with what stands there as long as they are
/// not.
fn path(key: &str, text: &str) -> Result<Template, Problem> {
    let template = template(key, text, Within::Url)?;
    for known in [Some("0"), None] {
        let (filled, _) = template.fill(|_| known.map(str::to_owned));
        check_path(key, text, &filled)?;
    }
    Ok(template)
}

/// Checks that a text is a path once its holes are filled.
fn check_path(key: &str, text: &str, filled: &str) -> Checked {
    ensure(!filled.contains('#'), key, || {
        (
            format!(
                "{text:?} has a #, and what follows one is never sent (RFC 9110, section 4.2.5)"
            ),
            "leave it out, or write it as %23".to_owned(),
        )
    })?;
    let is_path = filled.starts_with('/') && filled.parse::<http::Uri>().is_ok();
    ensure(is_path, key, || {
        (
            format!("{text:?} is no path"),
            "it begins with a slash and has no blanks, such as \"/sub/{room}\"".to_owned(),
        )
    })
}

fn lines(key: &str, lines: &[String]) -> Result<Vec<Template>, Problem> {
    let read = |line: &String| {
        let (name, value) = split(line)
            .map_err(|wrong| Problem::new(key, wrong, "\"X-Token: 1234\" would work"))?;
        ensure(!is_of_the_message(&name), key, || {
            (
                format!("{name} is written by the client itself"),
                "take the line away".to_owned(),
            )
        })?;
        template(key, &value, Within::Header)
    };
    lines.iter().map(read).collect()
}

/// Returns whether a line says where a message ends, or belongs to the opening of a WebSocket: with
/// another value the request would be another one.
fn is_of_the_message(name: &str) -> bool {
    [
        "content-length",
        "transfer-encoding",
        "upgrade",
        "sec-websocket-key",
        "sec-websocket-version",
        "sec-websocket-extensions",
    ]
    .iter()
    .any(|known| name.eq_ignore_ascii_case(known))
}

fn template(key: &str, text: &str, within: Within) -> Result<Template, Problem> {
    let example = match within {
        Within::Url => "\"/sub/{room}\" would work",
        Within::Header => "\"X-Reader: {person}\" would work",
        Within::Body => r#"'{"room":"{room}"}' would work"#,
        Within::Form => "'room={room}' would work",
        Within::Bytes => r#""\u0010{length}{room:sized}" would work"#,
    };
    Template::parse(text, within).map_err(|error| Problem::new(key, error.to_string(), example))
}

fn status_is_one(key: &str, status: u16) -> Checked {
    ensure((200..600).contains(&status), key, || {
        (
            format!("{status} is no status of an answer"),
            "200 to 599 are".to_owned(),
        )
    })
}
