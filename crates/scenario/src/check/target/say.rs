//! The checks of `[target.say]`.

use super::{
    super::{Checked, ensure},
    lines, one_room, path, session, status_is_one, template,
};
use crate::{
    Scenario, TargetSettings,
    plan::{Method, Reading, within_body},
    template::{Template, Value, Within},
};

/// Holes of a request or frame that says something.
const HOLES: &str = "{room}, {person}, {number} and {session …} would work";

pub(super) fn check(scenario: &Scenario, target: &TargetSettings) -> Checked {
    let say = &target.say;
    ensure(say.method != Method::Get, "target.say.method", || {
        (
            "a GET says nothing".to_owned(),
            "POST, PUT or PATCH would work".to_owned(),
        )
    })?;
    let mut request = said(
        target,
        "target.say.body",
        &say.body,
        within_body(&say.headers),
    )?;
    if let Some(frame) = &say.frame {
        let reading = target.websocket.as_ref();
        let within = reading.map_or(Within::Body, Reading::within_frames);
        let frame = said(target, "target.say.frame", frame, within)?;
        drop(frame);
    }
    for status in &say.taken {
        status_is_one("target.say.taken", *status)?;
    }
    request.extend(lines("target.say.headers", &say.headers)?);
    if let Some(text) = &say.path {
        request.push(path("target.say.path", text)?);
    }
    let fits =
        |value: &Value| matches!(value, Value::Draft | Value::DraftText) || is_known(target, value);
    let values = || request.iter().flat_map(Template::values);
    ensure(values().all(fits), "target.say.path", || {
        (
            "a draft goes to a room, whatever its speaker has read".to_owned(),
            HOLES.to_owned(),
        )
    })?;
    if say.path.is_none() {
        return Ok(());
    }
    // A session may be in a room already.
    let mut then = Vec::new();
    for further in target.session.iter().flat_map(|opening| &opening.then) {
        then.extend(session::templates("target.session.then", further)?);
    }
    let entered = then.iter().flat_map(Template::values);
    one_room(scenario, "target.say.path", values().chain(entered))
}

/// Checks a text in which a draft is sent.
fn said(
    target: &TargetSettings,
    key: &str,
    written: &str,
    within: Within,
) -> Result<Vec<Template>, super::Problem> {
    let text = template(key, written, within)?;
    let is_draft = |value: &Value| matches!(value, Value::Draft | Value::DraftText);
    ensure(text.values().any(is_draft), key, || {
        (
            "what is said is not in it".to_owned(),
            "\"{draft}\" would work, or {draft_text} within JSON of the server's own".to_owned(),
        )
    })?;
    ensure(!(within == Within::Body && is_quoted(written)), key, || {
        (
            "what is said is JSON, or a JSON string with quotes of its own, and cannot stand within \
             quotes"
                .to_owned(),
            "'{\"text\":{draft_text}}' would work".to_owned(),
        )
    })?;
    let fits = |value: &Value| is_draft(value) || is_known(target, value);
    ensure(text.values().all(fits), key, || {
        (
            "it has a hole that nothing fills for who speaks".to_owned(),
            HOLES.to_owned(),
        )
    })?;
    Ok(vec![text])
}

/// Returns whether a draft stands within the quotes of JSON, which its own would end.
fn is_quoted(body: &str) -> bool {
    let is_json = body.trim_start().starts_with(['{', '[']);
    let quoted = ["\"{draft}\"", "\"{draft:json}\"", "\"{draft_text}\""];
    is_json && quoted.iter().any(|quoted| body.contains(quoted))
}

/// Returns whether a speaker knows the value, whatever was read.
fn is_known(target: &TargetSettings, value: &Value) -> bool {
    match value {
        Value::Room | Value::Person | Value::Number | Value::Length => true,
        Value::Session(_) | Value::SessionHeader(_) | Value::SessionCookie(_) => {
            target.session.is_some()
        }
        _ => false,
    }
}
