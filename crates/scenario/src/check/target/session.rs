//! The checks of `[target.session]`.

use super::{
    super::{Checked, ensure},
    lines, path, template,
};
use crate::{
    plan::{Method, Opening, within_body},
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
    let has_body = !opening.body.is_empty();
    ensure(
        !has_body || opening.method != Method::Get,
        "target.session",
        || {
            (
                "a GET has no body".to_owned(),
                "method = \"POST\" would work".to_owned(),
            )
        },
    )
}
