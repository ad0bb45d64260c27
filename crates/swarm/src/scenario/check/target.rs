//! What cannot work in `[target]`.

use super::{Checked, ensure};
use crate::{
    plan::{Message, Pacing, Reading, Speak, Variant},
    scenario::{Scenario, TargetSettings, TransportEntry, error::Problem, profile::split},
    template::{Template, Value},
};

pub(super) fn check(scenario: &Scenario) -> Checked {
    let Some(target) = scenario.target.as_ref().filter(|target| target.describes()) else {
        return Ok(());
    };
    for (name, reading) in target.readings() {
        if let Some(reading) = reading {
            self::reading(scenario, target, name, reading)?;
        }
    }
    say(scenario, target)?;
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

/// Whether the description is enough for a transport that is to be run.
fn transport(
    scenario: &Scenario,
    target: &TargetSettings,
    key: &str,
    entry: &TransportEntry,
) -> Checked {
    let variant = entry.variant();
    let traffic = &scenario.traffic;
    let (table, reading) = target.reading(&variant);
    ensure(reading.is_some(), key, || {
        (
            format!("[target] does not say how to read over {table}"),
            format!("add [target.{table}] with a path, or take this transport away"),
        )
    })?;
    let on_socket =
        variant == Variant::Websocket && traffic.speak == Speak::Same && target.say.on_socket;
    let silent = traffic.publishers == 0;
    ensure(
        silent || on_socket || target.say.path.is_some(),
        key,
        || {
            (
                format!("[target] does not say how to publish beside {table}"),
                "add [target.say] with the path to POST to".to_owned(),
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

fn reading(scenario: &Scenario, target: &TargetSettings, name: &str, reading: &Reading) -> Checked {
    let key = format!("target.{name}");
    let path_key = format!("{key}.path");
    let path = path(&path_key, &reading.path)?;
    let lines = lines(&format!("{key}.headers"), &reading.headers)?;
    for status in &reading.empty {
        status_is_one(&format!("{key}.empty"), *status)?;
    }
    for value in path.values().chain(lines.iter().flat_map(Template::values)) {
        filled(target.message, name, &key, value)?;
    }
    one_room(
        scenario,
        &path_key,
        path.values().chain(lines.iter().flat_map(Template::values)),
    )
}

fn say(scenario: &Scenario, target: &TargetSettings) -> Checked {
    let say = &target.say;
    let has_draft = say.body.contains("{draft}") || say.body.contains("{draft_text}");
    ensure(has_draft, "target.say.body", || {
        (
            "what is said is not in it".to_owned(),
            "\"{draft}\" would work, or {draft_text} within JSON of the server's own".to_owned(),
        )
    })?;
    for status in &say.taken {
        status_is_one("target.say.taken", *status)?;
    }
    let lines = lines("target.say.headers", &say.headers)?;
    let Some(text) = &say.path else {
        return Ok(());
    };
    let path = path("target.say.path", text)?;
    let values = || path.values().chain(lines.iter().flat_map(Template::values));
    let fixed = |value: &Value| matches!(value, Value::Room | Value::Person);
    ensure(values().all(fixed), "target.say.path", || {
        (
            "a draft goes to a room, whatever its speaker has read".to_owned(),
            "{room} and {person} would work".to_owned(),
        )
    })?;
    one_room(scenario, "target.say.path", values())
}

/// Whether anything of an answer over this transport fills the hole.
fn filled(message: Message, name: &str, key: &str, value: &Value) -> Checked {
    let is_poll = name == "short_poll" || name == "long_poll";
    let (holds, where_it_does) = match value {
        Value::Room | Value::Person | Value::Header(_) => (true, ""),
        Value::Hold => (name == "long_poll", "{hold} belongs to long_poll"),
        Value::Seq => (
            message == Message::Event,
            "{seq} goes with message = \"event\"; a draft has no number",
        ),
        Value::Json(_) => (is_poll, "{json …} belongs to the answers of polls"),
        Value::Id => (
            name == "sse" && message == Message::Draft,
            "{id} belongs to sse, with message = \"draft\"",
        ),
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

fn path(key: &str, text: &str) -> Result<Template, Problem> {
    let template = template(key, text)?;
    let (filled, _) = template.fill(|_| Some("0".to_owned()));
    let is_path = filled.starts_with('/') && filled.parse::<hyper::Uri>().is_ok();
    ensure(is_path, key, || {
        (
            format!("{text:?} is no path"),
            "it begins with a slash and has no blanks, such as \"/sub/{room}\"".to_owned(),
        )
    })?;
    Ok(template)
}

fn lines(key: &str, lines: &[String]) -> Result<Vec<Template>, Problem> {
    let read = |line: &String| {
        let (_, value) = split(line)
            .map_err(|wrong| Problem::new(key, wrong, "\"X-Token: 1234\" would work"))?;
        template(key, &value)
    };
    lines.iter().map(read).collect()
}

fn template(key: &str, text: &str) -> Result<Template, Problem> {
    Template::parse(text)
        .map_err(|error| Problem::new(key, error.to_string(), "\"/sub/{room}\" would work"))
}

fn status_is_one(key: &str, status: u16) -> Checked {
    ensure((200..600).contains(&status), key, || {
        (
            format!("{status} is no status of an answer"),
            "200 to 599 are".to_owned(),
        )
    })
}
