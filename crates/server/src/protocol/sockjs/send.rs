//! The messages of clients that use requests: by XHR, or by the form of a JSONP client.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use hyper::{Request, Response, StatusCode, header};

use crate::{
    http::{
        body::Body,
        refusal::Refusal,
        reply,
        request_body::{self, Upload},
    },
    protocol::{
        Host,
        sockjs::{frame::Sent, pages, pages::set},
    },
    transport::Answer,
};

/// Takes messages for the session with this id.
pub(super) async fn answer(
    host: &Arc<Host>,
    id: &str,
    request: Request<Upload<'_>>,
    by_form: bool,
) -> Result<Answer, Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_form = kind.is_some_and(|kind| is_form(kind.as_bytes()));
    // A quote inside a string inside a string takes two bytes.
    let limit = host.settings.draft_limit().saturating_mul(2);
    let body = request_body::take(request, limit, host.settings.body_timeout).await?;
    let Some(session) = host.sockjs.find(id).filter(|session| !session.has_ended()) else {
        return Ok(Answer::Http(reply::empty(StatusCode::NOT_FOUND)));
    };
    let payload = if by_form && is_form {
        let mut pairs = form_urlencoded::parse(&body);
        let value = pairs.find(|(key, _)| key == "d");
        value.map_or(Cow::Borrowed(&b""[..]), |(_, value)| {
            Cow::Owned(value.into_owned().into_bytes())
        })
    } else {
        Cow::Borrowed(&body[..])
    };
    match Sent::parse(&payload) {
        Sent::NoPayload => return Ok(pages::error("Payload expected.")),
        Sent::Broken => return Ok(pages::error("Broken JSON encoding.")),
        Sent::Messages(messages) => session.hear(&messages).await,
    }
    let mut reply = if by_form {
        Response::new(Body::whole(Bytes::from_static(b"ok")))
    } else {
        reply::empty(StatusCode::NO_CONTENT)
    };
    set(
        &mut reply,
        header::CONTENT_TYPE,
        "text/plain; charset=UTF-8",
    );
    set(&mut reply, header::CACHE_CONTROL, "no-store");
    Ok(Answer::Http(reply))
}

/// Returns whether a content type is that of a form, in capitals or not (RFC 9110, section 8.3.1).
fn is_form(kind: &[u8]) -> bool {
    const FORM: &[u8] = b"application/x-www-form-urlencoded";
    kind.get(..FORM.len())
        .is_some_and(|kind| kind.eq_ignore_ascii_case(FORM))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_one_in_capitals_too() {
        assert!(is_form(b"application/x-www-form-urlencoded"));
        assert!(is_form(b"Application/X-WWW-Form-URLencoded; charset=UTF-8"));
        assert!(!is_form(b"text/plain") && !is_form(b""));
    }
}
