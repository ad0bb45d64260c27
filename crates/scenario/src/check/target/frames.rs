//! The checks of the frames of `[target.websocket]`.

use wire::{Carrier, Exchange, Way};

use super::{
    super::{Checked, ensure},
    filled, one_room, path, template,
};
use crate::{
    Scenario, TargetSettings,
    plan::{Message, Method, Reading, Step},
    template::{Template, Value, Within},
};

pub(super) fn check(
    scenario: &Scenario,
    target: &TargetSettings,
    way: Way,
    reading: &Reading,
) -> Checked {
    let key = format!("target.{}", way.key());
    let frames = !reading.first.0.is_empty() || !reading.answer.is_empty();
    binary(way, &key, reading)?;
    let is_held = way.exchange() == Exchange::Held;
    if is_held && reading.first.0.is_empty() && target.say.path.is_some() {
        return answers(target, way, &key, reading);
    }
    if way.carrier() != Carrier::Frame {
        return ensure(!frames, &key, || {
            (
                "first and answer are frames of a WebSocket".to_owned(),
                "method and body would work, or a [target.session]; a long poll may have answer, \
                 with a path in [target.say]"
                    .to_owned(),
            )
        });
    }
    ensure(reading.method == Method::Get, &key, || {
        (
            "a WebSocket is opened by GET (RFC 6455, section 4.1)".to_owned(),
            "first = '…' sends a frame once it is open".to_owned(),
        )
    })?;
    ensure(!frames || target.message == Message::Draft, &key, || {
        (
            "frames beside messages are no events of our contract".to_owned(),
            "message = \"draft\" would work".to_owned(),
        )
    })?;
    let first = first(target, &key, reading)?;
    answers(target, way, &key, reading)?;
    if reading.first.0.is_empty() {
        return Ok(());
    }
    let path = path(&format!("{key}.path"), &reading.path)?;
    let texts = || first.iter().chain([&path]);
    one_room(
        scenario,
        &format!("{key}.first"),
        texts().flat_map(Template::values),
    )
}

/// Checks that frames of bytes are those of a WebSocket, and that none of them is answered.
fn binary(way: Way, key: &str, reading: &Reading) -> Checked {
    let is_frame = way.carrier() == Carrier::Frame;
    ensure(!reading.binary || is_frame, key, || {
        (
            "binary is about frames of a WebSocket".to_owned(),
            "leave it out".to_owned(),
        )
    })?;
    let is_answered = !reading.answer.is_empty();
    ensure(!reading.binary || !is_answered, key, || {
        (
            "frames of bytes cannot be answered".to_owned(),
            "leave answer out; many protocols can be told to expect none, as MQTT by a keep-alive \
             of 0"
                .to_owned(),
        )
    })
}

fn answers(target: &TargetSettings, way: Way, key: &str, reading: &Reading) -> Checked {
    let key = format!("{key}.answer");
    for reply in &reading.answer {
        for value in template(&key, &reply.send, Within::Body)?.values() {
            // Filled by the frame that is answered.
            if !matches!(value, Value::Json(_)) {
                filled(target, way, &key, value)?;
            }
        }
    }
    Ok(())
}

fn first(
    target: &TargetSettings,
    key: &str,
    reading: &Reading,
) -> Result<Vec<Template>, super::Problem> {
    let key = format!("{key}.first");
    let mut texts = Vec::new();
    for step in &reading.first.0 {
        let Step::Send(text) = step else { continue };
        let text = template(&key, text, reading.within_frames())?;
        for value in text.values() {
            filled(target, Way::Websocket, &key, value)?;
            ensure(!matches!(value, Value::Header(_)), &key, || {
                (
                    "the head of the handshake is not kept for frames".to_owned(),
                    "{session header NAME} would work, with a [target.session]".to_owned(),
                )
            })?;
        }
        texts.push(text);
    }
    Ok(texts)
}
