//! The checks of `[target.session]`.

use super::{
    super::{Checked, ensure},
    lines, path, template,
};
use crate::{
    plan::{Further, Method, Opening, within_body},
    template::{Template, Value},
};

pub(super) fn check(opening: &Opening) -> Checked {
    let mut texts = vec![path("target.session.path", &opening.path)?];
    texts.extend(lines("target.session.headers", &opening.headers)?);
    let within = within_body(&opening.headers);
    texts.push(template("target.session.body", &opening.body, within)?);
    let is_known = |value: &Value| matches!(value, Value::Room | Value::Person);
    let all_known = texts.iter().flat_map(Template::values).all(is_known);
    ensure(all_known, "target.session", || {
        (
            "nothing was answered before a session is opened".to_owned(),
            "{room} and {person} would work".to_owned(),
        )
    })?;
    no_body_of_a_get("target.session", &opening.body, opening.method)?;
    for (at, further) in opening.then.iter().enumerate() {
        let key = format!("target.session.then[{at}]");
        let all_known = templates(&key, further)?;
        let all_known = all_known.iter().flat_map(Template::values).all(|value| {
            is_known(value)
                || matches!(
                    value,
                    Value::Session(_) | Value::SessionHeader(_) | Value::SessionCookie(_)
                )
        });
        ensure(all_known, &key, || {
            (
                "nobody has read anything before a session is open".to_owned(),
                "{room}, {person} and {session …} would work".to_owned(),
            )
        })?;
        no_body_of_a_get(&key, &further.body, further.method)?;
    }
    Ok(())
}

/// Returns the texts of a request that follows the one that opens a session.
pub(super) fn templates(key: &str, further: &Further) -> Result<Vec<Template>, super::Problem> {
    let mut texts = vec![path(&format!("{key}.path"), &further.path)?];
    texts.extend(lines(&format!("{key}.headers"), &further.headers)?);
    let within = within_body(&further.headers);
    texts.push(template(&format!("{key}.body"), &further.body, within)?);
    Ok(texts)
}

fn no_body_of_a_get(key: &str, body: &str, method: Method) -> Checked {
    ensure(body.is_empty() || method != Method::Get, key, || {
        (
            "a GET has no body".to_owned(),
            "method = \"POST\" would work".to_owned(),
        )
    })
}
